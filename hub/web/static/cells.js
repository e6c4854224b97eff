// One report's cells: arrow keys move between them, one tab stop for the table, and the note of the cell that has the focus
// or the pointer is shown beside it. Without this script a screen reader still has each cell's description, and everybody
// has the table of sources below.

const note = document.getElementById("note");
const print = document.querySelector("[data-print]");
let shownFor = null;

function show(cell) {
  const text = document.getElementById(cell.dataset.note);
  if (!text) return;
  note.replaceChildren(...[...text.childNodes].map((node) => node.cloneNode(true)));
  note.hidden = false;
  shownFor = cell;
  const place = cell.getBoundingClientRect();
  const size = note.getBoundingClientRect();
  const left = Math.max(8, Math.min(place.left, document.documentElement.clientWidth - size.width - 8));
  const below = place.bottom + size.height + 6 < window.innerHeight;
  note.style.left = `${left}px`;
  note.style.top = `${below ? place.bottom + 4 : Math.max(8, place.top - size.height - 4)}px`;
}

function hide() {
  note.hidden = true;
  shownFor = null;
}

function move(cell, event) {
  const table = cell.closest("table");
  const rows = [...table.tBodies[0].rows].map((row) => [...row.querySelectorAll("td.cell")]);
  const row = rows.findIndex((cells) => cells.includes(cell));
  const column = rows[row].indexOf(cell);
  const ends = { Home: rows[row][0], End: rows[row].at(-1) };
  const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  const step = steps[event.key];
  const next = ends[event.key] ?? (step && rows[row + step[0]]?.[column + step[1]]);
  if (!next) return;
  event.preventDefault();
  cell.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}

for (const table of document.querySelectorAll("table.cells")) {
  table.addEventListener("focusin", (event) => event.target.matches("td.cell") && show(event.target));
  table.addEventListener("focusout", hide);
  table.addEventListener("pointerover", (event) => {
    const cell = event.target.closest("td.cell");
    if (cell) show(cell);
  });
  table.addEventListener("pointerleave", hide);
  table.addEventListener("keydown", (event) => {
    if (event.key === "Escape") hide();
    else if (event.target.matches("td.cell")) move(event.target, event);
  });
  table.addEventListener("click", (event) => {
    const cell = event.target.closest("td.cell");
    if (cell) cell.focus();
  });
}

window.addEventListener("scroll", () => shownFor && show(shownFor), { passive: true, capture: true });
if (print) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}
