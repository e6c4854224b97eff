// About one cell: what stands there, who typed what and when, and what else can be done with it.

import { fill, make, newKey, say } from "./words.js";
import { addressOf, isFilled, nameOf, objectionTo } from "./sheet.js";
import * as editing from "./editing.js";
import { change } from "./history.js";
import { here } from "./queue.js";
import * as selection from "./selection.js";
import { send } from "./sender.js";
import { keyIn, shownIn, versionOf } from "./values.js";

let dialog = null;

export async function open() {
  const cell = selection.activeCell();
  if (!cell || dialog) return;
  const { unit, line, field } = addressOf(cell);
  const note = document.getElementById(cell.dataset.note);
  const log = make("div", { className: "log" }, say("history_coming"));
  const remarks = make("div", { className: "log" });
  const buttons = make("div", { className: "actions" });
  const act = (name, after) => buttons.append(make("button", { type: "button", className: "quiet", onclick: () => close(() => change([[cell, after]])) }, say(name)));
  if (selection.isTyped(cell)) {
    act("mark_not_applicable", { kind: "not_applicable", text: "", shown: { text: "", state: "not_applicable" } });
    if (shownIn(cell).text) act("clear_cell", editing.cleared());
    if (keyIn(versionOf(cell)) !== "") act("restore_cell", { kind: "restore", text: "", shown: { text: "…", state: "filled" } });
  }
  if (isFilled(cell)) buttons.append(make("a", { className: "button quiet", href: objectionTo(cell) }, say("object_cell")));
  buttons.append(make("button", { type: "button", onclick: () => close() }, say("close")));
  dialog = make("dialog", { className: "ask", "aria-labelledby": "about-title" }, make("h2", { id: "about-title" }, nameOf(cell)));
  dialog.append(make("p", {}, make("strong", {}, shownIn(cell).text || say(`state_${shownIn(cell).state}`))), ...(note ? [...note.cloneNode(true).childNodes] : []), make("h3", {}, say("history")), log, make("h3", {}, say("comments")), remarks, ...commenting(cell, remarks), buttons);
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    close();
  });
  document.body.append(dialog);
  dialog.showModal();
  buttons.lastChild.focus();
  const found = await read(unit, line, field);
  if (found === null) fill(log, say("history_unknown"));
  else if (found.history.length === 0) fill(log, say("history_none"));
  else fill(log, list(found.history, (one) => (one.text ? `“${one.text}”` : say(`history_${one.kind}`))));
  if (found) showRemarks(remarks, found.comments);
}

const list = (found, told) => make("ol", {}, ...found.map((one) => make("li", {}, say("history_line", { at: new Date(one.at).toLocaleString(), by: one.by }), " ", told(one))));
const showRemarks = (remarks, comments) => comments.length && fill(remarks, list(comments, (one) => one.text));

// A box for a comment. What could not be kept stays in it; sent again it is kept once.
function commenting(cell, remarks) {
  const { unit, line, field } = addressOf(cell);
  const text = make("textarea", { className: "comment", id: "comment", maxLength: 1000 });
  const wrong = make("p", { className: "wrong", role: "alert" });
  let key = newKey();
  const add = async () => {
    if (!text.value.trim()) return text.focus();
    const answer = await send(address(unit, line, field) + "/comments", { text: text.value }, key);
    if (answer.comments) {
      key = newKey();
      text.value = "";
      wrong.textContent = "";
      showRemarks(remarks, answer.comments);
      cell.classList.add("commented");
    } else wrong.textContent = answer.detail || say("comment_failed");
    text.focus();
  };
  return [make("label", { htmlFor: "comment" }, say("comment_write")), text, wrong, make("button", { type: "button", className: "quiet", onclick: add }, say("comment_add"))];
}

const address = (unit, line, field) => `/api/v1/${["forms", here.form, "reports", unit, here.period, "cells", line, field].map(encodeURIComponent).join("/")}`;

function close(then) {
  dialog.close();
  dialog.remove();
  dialog = null;
  if (then) then();
  selection.back();
}

async function read(unit, line, field) {
  try {
    const response = await fetch(address(unit, line, field), { headers: { Accept: "application/json" } });
    return response.ok ? await response.json() : null;
  } catch (error) {
    return null;
  }
}

