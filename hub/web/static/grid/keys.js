// Keys and pointer on the grid. While an input method composes no key is ours (F01, F04, F06).

import { say } from "./words.js";
import { isFilled, mayType, objectionTo, tableOf, tables } from "./sheet.js";
import * as choosing from "./choosing.js";
import * as confirming from "./confirming.js";
import * as editing from "./editing.js";
import { redo, undo } from "./history.js";
import * as clipboard from "./clipboard.js";
import * as notes from "./notes.js";
import * as selection from "./selection.js";
import { tell } from "./telling.js";

const arrows = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

export function begin() {
  for (const table of tables) {
    table.addEventListener("keydown", onKey);
    table.addEventListener("focusin", onFocus);
    table.addEventListener("focusout", notes.hide);
    table.addEventListener("mousedown", onMouseDown);
    table.addEventListener("mouseover", onMouseOver);
    table.addEventListener("mouseleave", notes.hide);
    table.addEventListener("dblclick", (event) => cellOf(event) && editing.activeCell() === cellOf(event) && editing.begin(true));
  }
  document.addEventListener("keydown", onAnywhere);
}

const cellOf = (event) => event.target.closest("td.cell");

function onFocus(event) {
  if (event.target.matches("td.cell") && event.target !== selection.activeCell()) selection.activate(event.target);
  else if (cellOf(event) && !editing.isEditing()) notes.show(cellOf(event));
}

function onKey(event) {
  const cell = cellOf(event);
  if (editing.isComposing(event)) {
    if (cell && event.target === cell) refuse(event, cell);
    return;
  }
  if (event.target.matches("button.confirm")) confirming.onKey(event);
  else if (cell) (editing.isEditing() ? whileEditing : whileMoving)(event, cell);
}

function whileEditing(event) {
  const { key } = event;
  if (key === "Escape") {
    if (choosing.isOpen()) choosing.close();
    else editing.cancel();
  } else if ((key === "ArrowDown" || key === "ArrowUp") && choosing.isOpen()) choosing.move(key === "ArrowDown" ? 1 : -1);
  else if (key === "Enter" && event.altKey) editing.editor.setRangeText("\n", editing.editor.selectionStart, editing.editor.selectionEnd, "end");
  else if (key === "Enter") {
    choosing.pick();
    editing.finish();
    if (!selection.move(event.shiftKey ? -1 : 1, 0)) selection.back();
  } else if (key === "Tab") {
    choosing.pick();
    editing.finish();
    const next = selection.nextTyped(event.shiftKey ? -1 : 1);
    if (next) selection.activate(next);
    else if (!selection.move(0, event.shiftKey ? -1 : 1)) selection.back();
  } else return;
  event.preventDefault();
}

function whileMoving(event, cell) {
  const { key, shiftKey } = event;
  const control = event.ctrlKey || event.metaKey;
  let taken = true;
  if (event.altKey) taken = false;
  else if (arrows[key] && control) selection.ends(key === "ArrowRight" || key === "ArrowDown", false, shiftKey);
  else if (key === "ArrowLeft" && !shiftKey && confirming.enter(cell)) taken = true;
  else if (arrows[key]) taken = selection.move(...arrows[key], shiftKey) || shiftKey;
  else if (key === "Home" || key === "End") selection.ends(key === "End", control, shiftKey);
  else if (key === "PageUp" || key === "PageDown") taken = selection.move((key === "PageUp" ? -1 : 1) * selection.pageOf(cell), 0, shiftKey);
  else if (key === "Enter" && control) confirming.toggle(selection.range().map((row) => row[0]));
  else if (key === "Enter") taken = selection.move(shiftKey ? -1 : 1, 0) || true;
  else if (key === "Tab") taken = tab(shiftKey);
  else if (key === "F2") taken = edit(cell);
  else if (key === "Delete" || key === "Backspace") clipboard.clear();
  else if (key === "Escape") {
    notes.hide();
    selection.activate(cell);
    notes.hide();
  } else if (control && key.toLowerCase() === "a") taken = true; // the page is not what is meant, nor all cells (F24)
  else taken = false;
  if (taken) event.preventDefault();
  else if (key.length === 1 && !control && !event.altKey) refuse(event, cell);
}

function tab(backwards) {
  const next = selection.nextTyped(backwards ? -1 : 1);
  if (next) selection.activate(next);
  return next !== null;
}

function edit(cell) {
  if (selection.isTyped(cell)) editing.begin(true);
  else explain(cell);
  return true;
}

// Typing on a cell that is not typed: nothing enters, and the page says what can be done instead (F12).
function refuse(event, cell) {
  if (selection.isTyped(cell)) return;
  event.preventDefault();
  explain(cell);
}

function explain(cell) {
  const text = say(isFilled(cell) ? "told_filled" : mayType(cell) ? "told_typed" : "told_computed");
  tell(text, isFilled(cell) ? objectionTo(cell) : null);
  notes.hint(cell, text);
}

// Taking back and doing again, wherever the focus is, unless a text box has its own.
function onAnywhere(event) {
  const control = event.ctrlKey || event.metaKey;
  if (!control || event.altKey || editing.isComposing(event) || editing.isEditing()) return;
  if (event.target !== editing.editor && event.target.matches("input, textarea, select")) return;
  const key = event.key.toLowerCase();
  const back = key === "z" && !event.shiftKey;
  if (!back && key !== "y" && !(key === "z" && event.shiftKey)) return;
  event.preventDefault();
  const found = back ? undo() : redo();
  if (found) tell(say(back ? "told_undone" : "told_redone", { count: found.cells + found.lines }));
  else tell(say(back ? "told_nothing_to_undo" : "told_nothing_to_redo"));
}

function onMouseDown(event) {
  const cell = cellOf(event);
  if (!cell || event.button !== 0) return;
  const inEditor = event.target === editing.editor && editing.isEditing();
  if (inEditor) return;
  event.preventDefault();
  if (editing.isEditing()) editing.editor.blur(); // ends a composition, and then the edit
  if (event.shiftKey && selection.activeCell() && tableOf(cell) === tableOf(selection.activeCell())) selection.extendTo(cell);
  else if (cell === selection.activeCell() && matchMedia("(pointer: coarse)").matches && selection.isTyped(cell)) {
    selection.activate(cell);
    editing.begin(true); // a second tap, where there is no F2
  } else selection.activate(cell);
}

function onMouseOver(event) {
  const cell = cellOf(event);
  if (!cell) return;
  if (event.buttons === 1 && selection.activeCell() && cell !== selection.activeCell() && !editing.isEditing()) selection.extendTo(cell);
  else if (!editing.isEditing()) notes.show(cell);
}
