// Copying a rectangle as a spreadsheet takes it, pasting a block after a look at what it would do, and clearing.

import { make, say } from "./words.js";
import { cellsOf, isFilled, isTotal, nameOf, objectionTo, rowsOf, tableOf } from "./sheet.js";
import { ask } from "./dialogs.js";
import * as editing from "./editing.js";
import { change } from "./history.js";
import * as selection from "./selection.js";
import { tell } from "./telling.js";
import { format, parse } from "./tsv.js";
import { shownIn } from "./values.js";

const listed = 100; // lines of the preview; the counts are of all

export function begin() {
  document.addEventListener("copy", onCopy);
  document.addEventListener("paste", onPaste);
}

const inGrid = () => selection.activeCell() && selection.activeCell().contains(document.activeElement) && !editing.isEditing();

function onCopy(event) {
  if (!inGrid() || String(getSelection()) !== "" && document.activeElement !== editing.editor) return;
  const rows = selection.range().map((row) => row.map((cell) => shownIn(cell).text));
  event.clipboardData.setData("text/plain", format(rows));
  event.preventDefault();
  tell(say("told_copied", { count: rows.length * rows[0].length }));
}

async function onPaste(event) {
  if (!inGrid()) return;
  event.preventDefault();
  const block = parse(event.clipboardData.getData("text/plain"));
  const first = selection.range()[0][0];
  const single = block.length === 1 && block[0].length === 1;
  const plan = single ? planOfOne(selection.flat(), block[0][0]) : planOf(first, block);
  if (single && plan.typed.length === 1 && plan.refused.length + plan.filled.length === 0) {
    tell(say("told_pasted", { count: 1 }));
    await change(plan.typed);
    return;
  }
  if (plan.typed.length === 0 && plan.filled.length === 0 && plan.refused.length === 0) {
    tell(say("told_same"));
    return;
  }
  const agreed = await ask(say("paste_title"), preview(plan), plan.typed.length ? say("paste_do", { count: plan.typed.length }) : "", say("cancel"));
  selection.back();
  if (!agreed) {
    tell(say("told_not_pasted"));
    return;
  }
  await change(plan.typed);
  tell(say("told_pasted", { count: plan.typed.length }));
}

// What a block would do from a cell on: it goes down the visible lines and along the columns as they are; what cannot be entered stays
// out, and nothing takes another column's place (F16, F18).
function planOf(first, block) {
  const rows = rowsOf(tableOf(first));
  const top = rows.indexOf(first.parentElement);
  const left = cellsOf(first.parentElement).indexOf(first);
  const plan = { typed: [], filled: [], refused: [], cleared: 0, same: 0 };
  for (const [down, texts] of block.entries()) {
    const cells = rows[top + down] ? cellsOf(rows[top + down]) : [];
    for (const [along, text] of texts.entries()) add(plan, cells[left + along], text);
  }
  return plan;
}

function planOfOne(cells, text) {
  const plan = { typed: [], filled: [], refused: [], cleared: 0, same: 0 };
  for (const cell of cells) add(plan, cell, text);
  return plan;
}

function add(plan, cell, text) {
  if (!cell) {
    if (text.trim() !== "") plan.refused.push({ text, name: say("paste_outside") });
    return;
  }
  const now = shownIn(cell).text;
  if (text.trim() === now.trim()) plan.same += 1;
  else if (selection.isTyped(cell)) {
    plan.cleared += text.trim() === "";
    plan.typed.push([cell, text.trim() === "" ? editing.cleared() : editing.entered(cell, text)]);
  } else if (text.trim() === "") plan.same += 1;
  else if (isFilled(cell)) plan.filled.push({ cell, text, now, name: nameOf(cell) });
  else plan.refused.push({ text, name: `${nameOf(cell)}: ${say(isTotal(cell) ? "paste_total" : "paste_computed")}` });
}

function preview(plan) {
  const counts = make("ul", { className: "counted" }, make("li", {}, say("paste_typed", { count: plan.typed.length, cleared: plan.cleared })));
  counts.append(make("li", {}, say("paste_filled", { count: plan.filled.length })), make("li", {}, say("paste_refused", { count: plan.refused.length })));
  if (plan.same) counts.append(make("li", {}, say("paste_same", { count: plan.same })));
  const parts = [counts];
  const list = (title, items) => {
    if (items.length === 0) return;
    const more = items.length > listed ? [make("li", {}, say("paste_more", { count: items.length - listed }))] : [];
    parts.push(make("details", { open: items.length <= 12 }, make("summary", {}, title), make("ul", {}, ...items.slice(0, listed).map((item) => make("li", {}, item)), ...more)));
  };
  list(say("paste_typed_list"), plan.typed.map(([cell, after]) => `${nameOf(cell)}${say("colon")}${shownIn(cell).text || "—"} → ${after.text || "—"}`));
  list(say("paste_filled_list"), plan.filled.map((one) => make("a", { href: objectionTo(one.cell), target: "_blank" }, `${one.name}${say("colon")}${one.now || "—"} → ${one.text}`)));
  list(say("paste_refused_list"), plan.refused.map((one) => `${one.name}${say("bracketed", { what: one.text })}`));
  return parts;
}

// Clear what can be cleared of the rectangle, as one step.
export function clear() {
  const cells = selection.flat();
  const changes = cells.filter((cell) => selection.isTyped(cell) && (shownIn(cell).text !== "" || shownIn(cell).state === "not_applicable"));
  if (changes.length) change(changes.map((cell) => [cell, editing.cleared()]));
  const left = cells.filter((cell) => !selection.isTyped(cell)).length;
  tell(say("told_cleared", { count: changes.length, left }));
}

