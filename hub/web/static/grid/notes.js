// The note of the cell that has the focus or the pointer: state, source and date, and why an edit of it was refused. Without scripts a
// screen reader still has each cell's description, and everybody the table of sources below.

import { tableOf } from "./sheet.js";
import { make, say } from "./words.js";
import { coverOf, shownIn } from "./values.js";

const note = document.getElementById("note");
let shownFor = null;

export function show(cell) {
  const text = document.getElementById(cell.dataset.note);
  if (!text) return;
  note.textContent = "";
  note.append(...[...text.childNodes].map((node) => node.cloneNode(true)));
  if (note.firstElementChild) note.firstElementChild.textContent = say("cell_state", { state: say(`state_${shownIn(cell).state}`) }); // as it is now
  const edit = coverOf(cell);
  if (edit && edit.detail) note.append(make("p", { className: "why" }, edit.detail));
  place(cell);
}

// A word on what is being typed: a hint only, the server decides.
export function hint(cell, text) {
  note.textContent = "";
  note.append(make("p", {}, text));
  place(cell);
}

function place(cell) {
  note.hidden = false;
  shownFor = cell;
  const at = cell.getBoundingClientRect();
  const size = note.getBoundingClientRect();
  const left = Math.max(8, Math.min(at.left, document.documentElement.clientWidth - size.width - 8));
  // Above, over what is done: Enter goes on to the cell below. But never over the heads.
  const heads = tableOf(cell).tHead;
  const above = at.top - size.height - 4;
  const top = above > (heads ? heads.getBoundingClientRect().bottom : 0) ? above : Math.min(at.bottom + 4, window.innerHeight - size.height - 8);
  note.style.left = `${left}px`;
  note.style.top = `${Math.max(8, top)}px`;
}

export function hide() {
  note.hidden = true;
  shownFor = null;
}

window.addEventListener("scroll", () => shownFor && !note.hidden && place(shownFor), { passive: true, capture: true });
