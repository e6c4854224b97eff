// Saying that what departments filled in is right, line by line or for the lines of a rectangle. A confirmation names the mark of what
// was seen: of a line that changed since, nothing is confirmed.

import { make, say } from "./words.js";
import { cellsOf, lineName, lineOf, rowsOf, tableOf, tables } from "./sheet.js";
import { changeLines } from "./history.js";
import * as queue from "./queue.js";
import * as selection from "./selection.js";
import { tell } from "./telling.js";

const typing = document.getElementById("work").dataset.fills === "1";
const buttons = new Map(); // line element -> its button

export function begin() {
  if (!typing) return;
  for (const table of tables) {
    for (const line of table.dataset.line ? [table] : rowsOf(table)) if (line.dataset.mark) addButton(line);
  }
}

// A line's head becomes a button; a table of one line has it below.
function addButton(line) {
  const button = make("button", { type: "button", className: "confirm", tabIndex: line.matches("table") ? 0 : -1, onclick: () => toggle([line]) });
  buttons.set(line, button);
  if (line.matches("table")) line.after(button);
  else {
    const head = line.querySelector("th.pick");
    for (const node of head.querySelectorAll(".tick, .out")) node.remove();
    head.append(button);
  }
  paint(line);
}

function paint(line) {
  const button = buttons.get(line);
  if (!button) return;
  const confirmed = line.classList.contains("confirmed");
  const text = say(confirmed ? "line_confirmed" : "line_open");
  button.textContent = "";
  button.append(make("span", { "aria-hidden": "true" }, `${confirmed ? "✓" : "○"} `), text);
  button.setAttribute("aria-pressed", String(confirmed));
  button.setAttribute("aria-label", `${lineName(line)} ${text}`);
  if (line.dataset.saving) button.append(make("span", { className: "save" }, ` ${say("save_waiting")}`));
}

// Confirm those of the lines that are not; where all are, take it back. Cells stand for their lines.
export function toggle(given) {
  const lines = [...new Set(given.map((one) => (one.matches("td") ? lineOf(one) : one)))].filter((line) => line.dataset.mark);
  const open = lines.filter((line) => !line.classList.contains("confirmed"));
  const kind = open.length ? "confirm" : "unconfirm";
  const meant = open.length ? open : lines;
  if (meant.length === 0) return;
  const units = new Map();
  for (const line of meant) units.set(line.dataset.unit, { ...units.get(line.dataset.unit), [line.dataset.line]: line.dataset.mark });
  const label = meant.length === 1 ? lineName(meant[0]) : say("lines_many", { count: meant.length });
  changeLines([...units].map(([unit, marks]) => queue.editOfLines(unit, kind, marks, label)));
  tell(say(kind === "confirm" ? "told_confirmed" : "told_unconfirmed", { count: meant.length }));
}

const lineAt = (code) => tables.map((table) => (table.dataset.line === code ? table : table.querySelector(`tr[data-line="${code}"]:not(.total)`))).find(Boolean);

// What the edits that wait and those that were answered make of the lines.
export function show() {
  for (const [line] of buttons) {
    if (!line.dataset.saving) continue;
    delete line.dataset.saving;
    paint(line);
  }
  for (const edit of queue.unsent()) {
    if (edit.field || !queue.isHere(edit)) continue;
    for (const code of Object.keys(edit.lines)) {
      const line = lineAt(code);
      if (!line) continue;
      line.dataset.saving = "1";
      become(line, edit.kind === "confirm");
    }
  }
}

function become(line, confirmed) {
  line.classList.toggle("confirmed", confirmed);
  paint(line);
}

// Answers of the server: lines that had changed are not confirmed.
export function settled(batch) {
  for (const edit of batch) {
    if (edit.field || edit.state !== "refused") continue;
    for (const code of Object.keys(edit.lines)) if (lineAt(code)) become(lineAt(code), edit.kind !== "confirm");
  }
}

// A page that was fetched anew: which lines are confirmed, and their marks.
export function learnPage(page) {
  for (const [line] of buttons) {
    const code = line.dataset.line;
    const fresh = page.querySelector(`${line.tagName === "TABLE" ? "table" : "tr"}[data-line="${code}"]:not(.total)`);
    if (!fresh || line.dataset.saving) continue;
    line.dataset.mark = fresh.dataset.mark;
    become(line, fresh.classList.contains("confirmed"));
  }
}

// From the first cell of a row to its button. False where there is none.
export function enter(cell) {
  const button = buttons.get(lineOf(cell));
  if (!button || tableOf(cell).dataset.line || cellsOf(cell.parentElement)[0] !== cell) return false;
  button.focus();
  return true;
}

export function onKey(event) {
  const row = event.target.closest("tr");
  if (!row) return;
  const step = { ArrowUp: "previousElementSibling", ArrowDown: "nextElementSibling" }[event.key];
  if (event.key === "ArrowRight") selection.activate(cellsOf(row)[0]);
  else if (step) {
    const next = buttons.get(row[step]);
    if (next) next.focus();
  } else return;
  event.preventDefault();
}
