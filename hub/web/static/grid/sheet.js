// Where the cells are: tables of lines, and tables that show one line's fields below each other. Rows are real rows of the document,
// so that the browser's own search, a printer and a screen reader see them; a hidden row is no row for a key or a paste.

export const tables = [...document.querySelectorAll("table.grid")];

export const tableOf = (cell) => cell.closest("table.grid");
export const lineOf = (cell) => cell.closest("[data-line]"); // the row, or the table where one line has a table of its own
export const cellsOf = (row) => [...row.querySelectorAll("td.cell")];

const isShown = (row) => row.getClientRects().length > 0;

export const rowsOf = (table) => [...table.tBodies[0].rows].filter(isShown);

export function addressOf(cell) {
  const { unit, line } = lineOf(cell).dataset;
  return { unit, line, field: cell.dataset.field };
}

// The cell of an address, if it is on the page.
export const cellAt = ({ line, field }) => document.getElementById(`c-${line}-${field}`);

export const isTotal = (cell) => lineOf(cell).classList.contains("total");
export const mayType = (cell) => cell.dataset.version !== undefined;
export const isFilled = (cell) => !mayType(cell) && !isTotal(cell) && cell.dataset.by === "department";


// Where one objects to a department's value.
export function objectionTo(cell) {
  const { line, field } = addressOf(cell);
  return `${location.pathname}/object?line=${encodeURIComponent(line)}&field=${encodeURIComponent(field)}`;
}

// How a person names a cell: what stands at the head of its line and of its column.
export const nameOf = (cell) => [lineName(lineOf(cell)), columnName(cell)].filter(Boolean).join(" · ");

export function columnName(cell) {
  const table = tableOf(cell);
  const head = table.tHead ? table.querySelector(`thead th[data-field="${cell.dataset.field}"]`) : cell.parentElement.querySelector("th");
  return head ? head.firstChild.textContent.trim() : cell.dataset.field;
}

export const lineName = (line) => line.dataset.name || "";

// The next visible row above (-1) or below (1).
function nextRow(row, step) {
  let next = row;
  do next = step < 0 ? next.previousElementSibling : next.nextElementSibling;
  while (next && !isShown(next));
  return next;
}

// The cell so many rows and columns away, as far as there are any; null where there is none in that direction.
export function away(cell, rows, columns) {
  let row = cell.parentElement;
  for (let left = Math.abs(rows); left > 0; left -= 1) {
    const next = nextRow(row, Math.sign(rows));
    if (!next) break;
    row = next;
  }
  const cells = cellsOf(row);
  const place = cellsOf(cell.parentElement).indexOf(cell) + columns;
  const found = cells[Math.max(0, Math.min(cells.length - 1, place))];
  return found === cell ? null : found;
}

// The cells of the rectangle between two cells of one table, by rows.
export function between(from, to) {
  if (from === to) return [[from]];
  const rows = rowsOf(tableOf(from));
  const ends = [rows.indexOf(from.parentElement), rows.indexOf(to.parentElement)];
  const sides = [cellsOf(from.parentElement).indexOf(from), cellsOf(to.parentElement).indexOf(to)];
  const chosen = rows.slice(Math.min(...ends), Math.max(...ends) + 1);
  return chosen.map((row) => cellsOf(row).slice(Math.min(...sides), Math.max(...sides) + 1));
}
