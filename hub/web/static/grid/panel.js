// About one cell: what stands there, who typed what and when, and what else can be done with it.

import { make, say } from "./words.js";
import { addressOf, isFilled, nameOf, objectionTo } from "./sheet.js";
import * as editing from "./editing.js";
import { change } from "./history.js";
import { here } from "./queue.js";
import * as selection from "./selection.js";
import { keyIn, shownIn, versionOf } from "./values.js";

let dialog = null;

export async function open() {
  const cell = selection.activeCell();
  if (!cell || dialog) return;
  const { unit, line, field } = addressOf(cell);
  const note = document.getElementById(cell.dataset.note);
  const log = make("div", { className: "log" }, say("history_coming"));
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
  dialog.append(make("p", {}, make("strong", {}, shownIn(cell).text || say(`state_${shownIn(cell).state}`))), ...(note ? [...note.cloneNode(true).childNodes] : []), make("h3", {}, say("history")), log, buttons);
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    close();
  });
  document.body.append(dialog);
  dialog.showModal();
  buttons.lastChild.focus();
  const found = await history(unit, line, field);
  log.textContent = "";
  if (found === null) log.append(say("history_unknown"));
  else if (found.length === 0) log.append(say("history_none"));
  else log.append(make("ol", {}, ...found.map((one) => make("li", {}, say("history_line", { at: new Date(one.at).toLocaleString(), by: one.by }), " ", one.text ? `“${one.text}”` : say(`history_${one.kind}`)))));
}

function close(then) {
  dialog.close();
  dialog.remove();
  dialog = null;
  if (then) then();
  selection.back();
}

async function history(unit, line, field) {
  try {
    const parts = [here.form, "reports", unit, here.period, "cells", line, field].map(encodeURIComponent);
    const response = await fetch(`/api/v1/forms/${parts.join("/")}`, { headers: { Accept: "application/json" } });
    return response.ok ? (await response.json()).history : null;
  } catch (error) {
    return null;
  }
}

