// Which cell is the active one, and the rectangle around it that keys, copying and pasting act on. Each table is one tab stop.

import { away, between, cellsOf, mayType, rowsOf, tableOf, tables } from "./sheet.js";
import * as editing from "./editing.js";
import * as notes from "./notes.js";

const typing = document.getElementById("work").dataset.fills === "1";
let active = null;
let head = null; // the corner of the rectangle that Shift moves
let chosen = [];

export const activeCell = () => active;
export const isTyped = (cell) => typing && mayType(cell);

// The cells of the rectangle, by rows.
export const range = () => (active ? between(active, head || active) : []);
export const flat = () => range().reduce((all, row) => all.concat(row), []);

export function activate(cell, { focus = true } = {}) {
  head = null;
  stand(cell, focus);
  paint();
}

function stand(cell, focus) {
  const table = tableOf(cell);
  for (const other of table.querySelectorAll('[tabindex="0"]')) if (other !== editing.editor) other.tabIndex = -1;
  active = cell;
  if (isTyped(cell)) editing.stand(cell, focus);
  else {
    editing.leave();
    cell.tabIndex = 0;
    if (focus) cell.focus({ preventScroll: true });
  }
  reveal(cell);
  if (focus) notes.show(cell);
}

// Give the focus back to the grid, after a dialog or a list.
export function back() {
  const cell = active && active.isConnected ? active : tables.length && rowsOf(tables[0]).length ? cellsOf(rowsOf(tables[0])[0])[0] : null;
  if (cell) activate(cell);
  else document.getElementById("content").focus();
}

// Into view within the table's own scrolling, clear of the rows and columns that stay.
function reveal(cell) {
  cell.scrollIntoView({ block: "nearest", inline: "nearest" });
  const sheet = cell.closest(".sheet");
  if (!sheet) return;
  const headed = tableOf(cell).tHead ? tableOf(cell).tHead.offsetHeight : 0;
  const at = cell.getBoundingClientRect();
  const frame = sheet.getBoundingClientRect();
  if (at.top < frame.top + headed) sheet.scrollTop -= frame.top + headed - at.top;
  for (const side of cell.parentElement.querySelectorAll("th.pick, td.named")) uncover(cell, side, sheet);
}

// Out from under a column that stays in view.
function uncover(cell, side, sheet) {
  if (side === cell || getComputedStyle(side).position !== "sticky") return;
  const at = cell.getBoundingClientRect();
  const over = side.getBoundingClientRect();
  if (side.cellIndex < cell.cellIndex && at.left < over.right) sheet.scrollLeft -= over.right - at.left;
  else if (side.cellIndex > cell.cellIndex && at.right > over.left) sheet.scrollLeft += at.right - over.left;
}

// Move by rows and columns; `extend`: the far corner only. False where there is nothing further.
export function move(rows, columns, extend = false) {
  const from = extend ? head || active : active;
  const to = from && away(from, rows, columns);
  if (!to) return false;
  if (extend) extendTo(to);
  else activate(to);
  return true;
}

export function extendTo(cell) {
  if (!active || tableOf(cell) !== tableOf(active)) return;
  head = cell;
  reveal(cell);
  notes.hide();
  paint();
}

// To the first or last cell of the row; with `far`, of the table.
export function ends(last, far, extend) {
  const rows = rowsOf(tableOf(active));
  const row = far ? rows[last ? rows.length - 1 : 0] : active.parentElement;
  const cells = cellsOf(row);
  const to = cells[last ? cells.length - 1 : 0];
  if (extend) extendTo(to);
  else activate(to);
}

// The next cell of the row that can be typed into; null where there is none.
export function nextTyped(step) {
  const cells = cellsOf(active.parentElement);
  for (let place = cells.indexOf(active) + step; cells[place]; place += step) if (isTyped(cells[place])) return cells[place];
  return null;
}

function paint() {
  const now = head && head !== active ? flat() : [];
  for (const cell of chosen) cell.classList.remove("chosen");
  for (const cell of now) cell.classList.add("chosen");
  chosen = now;
}

// How many rows a table shows at once.
export function pageOf(cell) {
  const sheet = cell.closest(".sheet");
  return sheet ? Math.max(1, Math.floor(sheet.clientHeight / cell.offsetHeight) - 2) : 10;
}
