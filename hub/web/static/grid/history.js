// Taking back and doing again: each edit, paste or confirmation is one step. Both are new edits, so that the history on the server
// tells all; where somebody else changed a cell meanwhile, the server answers that and the person is asked.

import * as queue from "./queue.js";
import { soon } from "./sender.js";
import { cellAt } from "./sheet.js";
import { coverOf, keyIn, serverOf, standing, versionAfter, versionOf } from "./values.js";

const undone = [];
const done = [];
const most = 200;

// Make a change of many cells, as one step. `changes`: [cell, {kind, text, shown}, version].
export function change(changes) {
  const step = { cells: [], lines: [] };
  const edits = changes.map(([cell, after, version]) => {
    const before = standing(cell);
    const edit = queue.editOf(cell, after, version);
    step.cells.push({ place: { line: edit.line, field: edit.field }, before, after, last: edit });
    return edit;
  });
  return begin(step, edits);
}

// Confirm lines, or take it back, as one step. `edits`: of lines, see queue.editOfLines.
export const changeLines = (edits) => begin({ cells: [], lines: edits.map(({ unit, kind, lines, label }) => ({ unit, kind, lines, label })) }, edits);

function begin(step, edits) {
  done.push(step);
  if (done.length > most) done.shift();
  undone.length = 0;
  return send(edits);
}

async function send(edits) {
  const kept = queue.put(edits);
  await kept;
  soon();
  return edits;
}

export const undo = () => replay(done, undone, "before", (kind) => (kind === "confirm" ? "unconfirm" : "confirm"));
export const redo = () => replay(undone, done, "after", (kind) => kind);

// The step that was replayed, with how many cells and lines; null where there is none.
function replay(from, to, side, kindOf) {
  const step = from.pop();
  if (!step) return null;
  to.push(step);
  const dropped = [];
  const edits = [];
  for (const one of step.cells) {
    const cell = cellAt(one.place);
    if (!cell) continue;
    const over = coverOf(cell);
    if (over && over.state === "refused" && over.key === one.last.key) dropped.push(over); // it was never saved
    else edits.push((one.last = queue.editOf(cell, one[side], versionFor(cell, one.last))));
  }
  for (const { unit, kind, lines, label } of step.lines) edits.push(queue.editOfLines(unit, kindOf(kind), lines, label));
  if (dropped.length) queue.discard(dropped);
  send(edits);
  return { cells: edits.filter((edit) => edit.field).length + dropped.length, lines: step.lines.reduce((sum, one) => sum + Object.keys(one.lines).length, 0), step };
}

// What an edit that takes another back was made on: the cell as it is, if that is this page's own doing; else as the other left it.
function versionFor(cell, last) {
  const version = coverOf(cell) ? versionOf(cell) : serverOf(cell).version;
  return queue.isMine(keyIn(version)) ? version : versionAfter(last);
}
