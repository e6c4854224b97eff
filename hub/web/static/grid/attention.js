// What waits for a person: refused edits with the reason, until handled, and cells that somebody else changed too, with both values. A
// list beside the grid, which takes the focus from nobody.

import { make, say } from "./words.js";
import * as files from "./files.js";
import { change } from "./history.js";
import * as queue from "./queue.js";
import * as selection from "./selection.js";
import * as sender from "./sender.js";
import { cellAt } from "./sheet.js";
import { tell } from "./telling.js";

const list = make("section", { id: "attention", className: "attention noprint", hidden: true, tabIndex: -1 });
list.setAttribute("aria-label", say("attention_title"));
const narrow = window.matchMedia("(max-width: 40rem)");
let closed = false;
let shown = "";

export const isOpen = () => !list.hidden;

export function begin() {
  document.getElementById("bar").before(list);
  list.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });
  queue.onChange(paint);
  paint();
}

export function toggle() {
  if (isOpen()) close();
  else open();
}

export function open() {
  closed = false;
  paint();
  const first = list.querySelector("button");
  if (first) first.focus();
}

function close() {
  closed = true;
  paint();
  selection.back();
}

function paint() {
  const edits = queue.unsettled();
  const now = edits.map((edit) => `${edit.key} ${edit.state} ${edit.text}`).join();
  if (now !== shown) {
    if (edits.length > shown.split(",").filter(Boolean).length) {
      closed = narrow.matches || !edits.some(queue.isHere); // it would cover a small screen, or tell of another report: the bar has it
      tell(say("told_attention", { count: edits.length }));
    }
    shown = now;
    const inside = list.contains(document.activeElement);
    list.textContent = "";
    list.append(make("h2", { className: "small" }, say("attention_title")), make("ul", {}, ...edits.map(item)));
    if (inside) (list.querySelector("button") || { focus: selection.back }).focus();
  }
  list.hidden = closed || edits.length === 0;
}

function item(edit) {
  const cell = queue.isHere(edit) ? cellAt(edit) : null;
  const label = cell ? make("button", { type: "button", className: "plain", onclick: () => selection.activate(cell) }, edit.label) : make("strong", {}, queue.isHere(edit) ? edit.label : `${edit.title || edit.form} ${edit.period} · ${edit.label}`);
  const button = (name, act, quiet = true) => make("button", { type: "button", className: quiet ? "quiet" : "", onclick: act }, say(name));
  const mine = edit.field ? say("attention_mine", { value: edit.text || say("attention_cleared") }) : "";
  if (edit.state === "conflict") {
    return make("li", { className: "conflict" }, make("span", { "aria-hidden": "true" }, "◆ "), label, make("p", {}, edit.detail),
      make("p", {}, mine), make("p", {}, say("attention_theirs", { value: edit.theirs.text || say("attention_cleared") })),
      make("div", { className: "actions" }, button("take_mine", () => takeMine(edit), false), button("take_theirs", () => queue.discard([edit]))));
  }
  return make("li", { className: "refused" }, make("span", { "aria-hidden": "true" }, "✕ "), label, make("p", {}, edit.detail), make("p", {}, mine),
    make("div", { className: "actions" }, button("try_again", () => queue.again(edit).then(sender.soon)), button("discard", () => queue.discard([edit])),
      button("file_save", () => files.saveThese([edit]))));
}

// Mine after all: a new edit on the other's value, which can be taken back like any.
async function takeMine(edit) {
  const cell = queue.isHere(edit) ? cellAt(edit) : null;
  if (!cell) {
    await queue.again(edit);
    sender.soon();
    return;
  }
  await queue.discard([edit]);
  await change([[cell, { kind: edit.kind, text: edit.text, shown: edit.shown }, edit.theirs.version]]);
}
