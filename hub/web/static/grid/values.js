// What a cell shows: what the server last said of it, and over that an edit that is not yet, or will not be, saved. Only this module
// changes what stands in a cell, and never in the one that is being edited.

import { make, say } from "./words.js";
import { cellAt, mayType } from "./sheet.js";

const shapes = {
  formula: "ƒ", blank: "○", missing: "▲", to_enter: "✎", conflicting: "◆", stale: "◷", not_applicable: "—", objected: "◈", confirmed: "✓",
  entered: "■", filled: "",
};
const marks = { saving: "◌", saved: "✓", waiting: "⧗", refused: "✕", conflict: "◆" };
const empty = ["blank", "missing", "to_enter", "not_applicable"]; // states that are told by a word where there is no text

const served = new WeakMap(); // cell -> {text, state, numeric, version}
const covers = new WeakMap(); // cell -> the edit over it
let held = null; // the cell that nobody but the person at the keyboard may change
let late = false; // whether it was to be painted meanwhile

export function serverOf(cell) {
  if (!served.has(cell)) served.set(cell, read(cell));
  return served.get(cell);
}

function read(cell) {
  const texts = [...cell.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.data);
  const state = [...cell.classList].find((name) => name in shapes) || "filled";
  return { text: texts.join(""), state, numeric: cell.classList.contains("number"), version: cell.dataset.version };
}

export const coverOf = (cell) => covers.get(cell) || null;
export const shownIn = (cell) => (covers.get(cell) || { shown: serverOf(cell) }).shown;

// The version that an edit of the cell must name: of what is stored, or of the edit before it that is still on its way.
export function versionOf(cell) {
  const edit = covers.get(cell);
  if (!edit) return serverOf(cell).version;
  return edit.state === "refused" ? edit.version : versionAfter(edit);
}

// A version is the key of the last edit, a point, and a mark of what was filled in beneath, which no edit changes.
export const versionAfter = (edit) => edit.key + edit.version.slice(edit.version.lastIndexOf("."));
export const keyIn = (version) => version.slice(0, version.lastIndexOf("."));

// How what stands in the cell got there, as an edit would bring it back: {kind, text, shown}.
export function standing(cell) {
  const edit = covers.get(cell);
  if (edit && edit.state !== "refused") return { kind: edit.kind, text: edit.text, shown: edit.shown };
  const { text, state, version, numeric } = serverOf(cell);
  const shown = { text, state, numeric };
  if (keyIn(version) === "") return { kind: "restore", text: "", shown };
  if (state === "entered") return { kind: "enter", text, shown };
  return { kind: state === "not_applicable" ? "not_applicable" : text ? "restore" : "clear", text: "", shown };
}

export function hold(cell) {
  held = cell;
  late = false;
}

export function release() {
  const cell = held;
  held = null;
  if (cell && late) paint(cell);
}

export const isHeld = (cell) => cell === held;

// What the server says of a cell now; `data` is a cell of its JSON.
export function learn(cell, data, version) {
  const waits = cell.dataset.by === "person" && (data.state === "missing" || data.state === "blank");
  const titled = cell.dataset.kind === "code" ? choicesOf(cell).find((one) => one.value === String(data.value)) : null;
  keep(cell, {
    text: titled ? titled.textContent : data.text,
    state: waits ? "to_enter" : data.state,
    numeric: data.value !== null && (typeof data.value === "number" || serverOf(cell).numeric || cell.dataset.kind === "number"),
    version: version === undefined ? serverOf(cell).version : version,
  });
}

function keep(cell, now) {
  served.set(cell, now);
  if (mayType(cell)) cell.dataset.version = now.version;
  paint(cell);
}

// The codes that a cell may hold, as options.
export function choicesOf(cell) {
  const list = cell.closest("section").querySelector(`datalist[data-field="${cell.dataset.field}"]`);
  return list ? [...list.options] : [];
}

// All cells of a line, worked out again by the server after one of them was saved.
export function learnLine(line, cells, except) {
  for (const [field, data] of Object.entries(cells)) {
    const cell = cellAt({ line, field });
    if (cell && field !== except) learn(cell, data);
  }
}

// A page that was fetched anew: every cell becomes what it is there. A cell that has an edit over it keeps the version that the edit
// names, so that somebody else's change in between is asked about and not overwritten.
export function learnPage(page) {
  for (const fresh of page.querySelectorAll("table.grid td.cell")) {
    const cell = document.getElementById(fresh.id);
    if (!cell || covers.has(cell) || isHeld(cell)) continue;
    const now = read(fresh);
    const before = serverOf(cell);
    if (now.text === before.text && now.state === before.state && now.version === before.version) continue;
    if (now.version !== before.version) delete cell.dataset.save; // it was somebody else's last word
    keep(cell, now);
  }
}

// Put an edit over a cell, or take it off (null), with the save state that is shown: saving, saved, waiting, refused, conflict, "".
export function cover(cell, edit, save) {
  if (edit) covers.set(cell, edit);
  else covers.delete(cell);
  if (save) cell.dataset.save = save;
  else delete cell.dataset.save;
  paint(cell);
}

function paint(cell) {
  if (isHeld(cell)) {
    late = true;
    return;
  }
  const editor = cell.querySelector("textarea.editor");
  for (const node of [...cell.childNodes]) if (node !== editor) node.remove();
  const { text, state, numeric } = shownIn(cell);
  cell.classList.remove(...Object.keys(shapes));
  cell.classList.add(state);
  cell.classList.toggle("number", Boolean(numeric));
  const parts = [];
  if (shapes[state]) parts.push(make("span", { className: "shape", "aria-hidden": "true" }, shapes[state]));
  if (text) parts.push(text);
  else if (empty.includes(state)) parts.push(make("span", { className: "word" }, say(`state_${state}`)));
  const { save } = cell.dataset;
  if (save) {
    const why = (covers.get(cell) || {}).detail || "";
    parts.push(make("span", { className: "save", title: why }, make("span", { "aria-hidden": "true" }, marks[save]), ` ${say(`save_${save}`)}`));
  }
  cell.prepend(...parts);
}
