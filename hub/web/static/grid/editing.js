// Typing into a cell. One text box stands, empty and unseen, in the active cell and has the focus before the first key comes: so an
// input method composes there from its first letter on, and nothing of the old value is in its way. With the first letter it shows.
// Enter, Tab or leaving make one edit of it; Escape none.

import { make, say } from "./words.js";
import { nameOf } from "./sheet.js";
import { change } from "./history.js";
import { choicesOf, hold, release, shownIn, versionOf } from "./values.js";
import * as choosing from "./choosing.js";
import { doubt } from "./doubts.js";
import * as notes from "./notes.js";

export const editor = make("textarea", { className: "editor", rows: 1, spellcheck: false, autocomplete: "off", maxLength: 10000 });
editor.setAttribute("autocapitalize", "none");

let cell = null; // where the text box stands
let editing = false;
let composing = false;
let version = ""; // of the cell as its author saw it
let before = "";

export const isEditing = () => editing;
export const isComposing = (event) => event.isComposing || event.keyCode === 229 || composing;
export const activeCell = () => cell;

// Stand in a cell that may be typed into, with the focus.
export function stand(target, focus = true) {
  if (cell !== target) {
    leave();
    cell = target;
    target.tabIndex = -1;
    target.append(editor);
  }
  editor.value = "";
  const { text, state } = shownIn(target);
  editor.setAttribute("aria-label", `${nameOf(target)} ${text || say(`state_${state}`)}`);
  editor.setAttribute("aria-describedby", target.dataset.note);
  if (focus) editor.focus({ preventScroll: true });
}

export function leave() {
  finish();
  if (cell) editor.remove();
  cell = null;
}

// Begin with the text that stands there (F2, a double click), or with none (typing).
export function begin(withText) {
  if (!cell || editing) return;
  editing = true;
  hold(cell);
  version = versionOf(cell);
  before = shownIn(cell).text;
  cell.classList.add("editing");
  if (withText) {
    editor.value = before;
    editor.setSelectionRange(before.length, before.length);
  }
  grow();
  notes.hide();
  if (withText) choosing.open(editor, optionsOf(cell), "");
}

function optionsOf(target) {
  if (target.dataset.kind === "boolean") return [say("yes"), say("no")].map((text) => ({ value: text, text }));
  return choicesOf(target).map((option) => ({ value: option.value, text: option.textContent }));
}

// End with one edit, if anything is other than before.
export function finish() {
  if (!editing) return;
  const text = editor.value;
  const target = cell;
  const seen = version;
  end();
  if (text !== before && !(text.trim() === "" && before === "")) write(target, text, seen);
}

export function cancel() {
  if (editing) end();
}

function end() {
  editing = false;
  composing = false;
  choosing.close();
  cell.classList.remove("editing", "doubt");
  editor.value = "";
  editor.style.height = "";
  release();
  notes.hide();
}

function write(target, text, seen) {
  change([[target, text.trim() === "" ? cleared() : entered(target, text), seen]]);
}

export const cleared = () => ({ kind: "clear", text: "", shown: { text: "", state: "to_enter" } });
export const entered = (target, text) => ({ kind: "enter", text, shown: { text, state: "entered", numeric: target.dataset.kind === "number" } });

function grow() {
  editor.style.height = "";
  if (editor.scrollHeight > editor.clientHeight) editor.style.height = `${editor.scrollHeight + 2}px`;
}

editor.addEventListener("compositionstart", () => {
  composing = true;
  begin(false);
});
editor.addEventListener("compositionend", () => {
  composing = false;
});
editor.addEventListener("input", () => {
  begin(false);
  grow();
  if (composing) return;
  choosing.open(editor, optionsOf(cell), editor.value);
  const found = doubt(cell.dataset.kind, editor.value);
  cell.classList.toggle("doubt", Boolean(found));
  if (found) notes.hint(cell, say(found));
  else notes.hide();
});
// Leaving by mouse ends a composition first, and then comes here; a window that is only put behind another leaves nothing.
editor.addEventListener("blur", () => {
  if (document.activeElement !== editor) finish();
});
window.addEventListener("pagehide", finish);

