// The edits that are not saved yet, in the order they were made, and what becomes of each: saved and gone, in conflict until a person
// takes one of both values, or refused and listed with its reason until a person has dealt with it. What is shown in the cells follows.

import * as store from "./store.js";
import { newKey } from "./words.js";
import { addressOf, cellAt, nameOf } from "./sheet.js";
import { cover, coverOf, keyIn, learn, learnLine, versionOf } from "./values.js";

const work = document.getElementById("work");
export const here = { form: work.dataset.form, period: work.dataset.period, title: work.dataset.title };
export const who = work.dataset.who;

let edits = [];
let keptAll = true;
const mine = new Set(); // keys of the edits of this page
const listeners = [];
const others = "BroadcastChannel" in window ? new BroadcastChannel("yibiao-edits") : null; // other tabs of this browser

export const onChange = (listener) => listeners.push(listener);
const told = () => listeners.forEach((listener) => listener());

export const isKept = () => keptAll; // false after the machine's store was full or failed
export const all = () => edits;
export const unsent = () => edits.filter((edit) => edit.state === "waiting");
export const unsettled = () => edits.filter((edit) => edit.state !== "waiting");
export const isMine = (key) => mine.has(key);
export const isHere = (edit) => edit.form === here.form && edit.period === here.period;

const cellOf = (edit) => (isHere(edit) && edit.line && edit.field ? cellAt(edit) : null);
const isOf = (edit, { form, period, line, field }) => edit.form === form && edit.period === period && edit.line === line && edit.field === field;

// Take up what this person left unsent, here or in a tab that is gone. False where nothing can be kept.
export async function begin() {
  const kept = await store.open();
  await takeUp();
  setInterval(takeUp, 30000);
  return kept;
}

async function takeUp() {
  const known = new Set(edits.map((edit) => edit.key));
  const found = (await store.own(who)).filter((edit) => !known.has(edit.key));
  if (found.length === 0) return;
  edits = [...edits, ...found].sort((one, other) => one.seq - other.seq);
  for (const edit of found) show(edit);
  told();
}

function show(edit) {
  const cell = cellOf(edit);
  if (cell) cover(cell, edit, edit.state === "waiting" ? (edit.sent ? "saving" : "waiting") : edit.state);
}

// An edit of a cell: `change` is {kind, text, shown}; `version`: the one that was seen, if it is not the cell's own.
export function editOf(cell, change, version) {
  const { kind, text, shown } = change;
  return { ...here, ...addressOf(cell), who, key: newKey(), kind, text, shown, version: version || versionOf(cell), label: nameOf(cell), lines: {} };
}

// An edit of lines: confirm or unconfirm, with the mark of each line that was seen.
export const editOfLines = (unit, kind, lines, label) => ({ ...here, who, key: newKey(), unit, kind, line: "", field: "", text: "", version: null, lines, label });

// Keep edits and send them. What a person types anew into a cell settles what was refused there before.
export async function put(made) {
  const settled = [];
  for (const edit of made) {
    Object.assign(edit, { state: "waiting", at: Date.now() });
    mine.add(edit.key);
    const open = edit.field ? edits.find((one) => one.state !== "waiting" && isOf(one, edit)) : null;
    if (open && open.state === "refused") settled.push(open);
    if (open && open.state === "conflict") { // it is still to be asked about, with what was typed now
      settled.push(open);
      Object.assign(edit, { state: "conflict", detail: open.detail, theirs: open.theirs });
    }
  }
  edits = edits.filter((edit) => !settled.includes(edit));
  edits.push(...made);
  for (const edit of made) show(edit);
  told();
  await keep(made);
  await store.remove(settled);
  told();
}

async function keep(made) {
  try {
    await store.add(made);
  } catch (error) {
    keptAll = false; // they are sent from memory all the same
  }
}

// What goes into the next request: edits of one form and period in order, as far as no cell comes twice, so that each edit of a cell
// is made on what became of the one before.
export function next(most) {
  const waiting = unsent();
  const batch = [];
  const cells = new Set();
  for (const edit of waiting) {
    const first = batch[0] || edit;
    const place = `${edit.line} ${edit.field}`;
    if (edit.form !== first.form || edit.period !== first.period || (edit.field && cells.has(place)) || batch.length === most) break;
    cells.add(place);
    batch.push(edit);
  }
  return batch;
}

export function sending(batch, now) {
  for (const edit of batch) {
    edit.sent = now;
    const cell = cellOf(edit);
    if (cell && coverOf(cell) === edit) cover(cell, edit, now ? "saving" : "waiting");
  }
}

// Apply what the server answered to a batch; gives the saved edits.
export async function settle(batch, outcomes) {
  const gone = [];
  const changed = [];
  const saved = [];
  for (const [place, edit] of batch.entries()) {
    const outcome = outcomes[place];
    edit.sent = false;
    if (outcome.fate === "saved") {
      saved.push(edit);
      gone.push(edit);
      onSaved(edit, outcome);
    } else if (outcome.fate === "conflict" && outcome.cell) gone.push(...onConflict(edit, outcome, changed));
    else changed.push(...onRefused(edit, outcome));
  }
  edits = edits.filter((edit) => !gone.includes(edit));
  await store.remove(gone);
  await store.change(changed);
  if (others) others.postMessage(batch.map((edit, place) => ({ form: edit.form, period: edit.period, line: edit.line, field: edit.field, outcome: outcomes[place] })));
  told();
  return saved;
}

function onSaved(edit, outcome) {
  const cell = cellOf(edit);
  if (!cell) return;
  const last = coverOf(cell) === edit;
  learn(cell, outcome.cell, outcome.version);
  if (outcome.line) learnLine(edit.line, outcome.line, edit.field);
  if (last) cover(cell, null, "saved");
}

// Somebody else was there first: this edit, with what was typed after it into the same cell, waits for a person.
function onConflict(edit, outcome, changed) {
  const later = edits.filter((one) => one !== edit && one.state === "waiting" && isOf(one, edit));
  const last = later[later.length - 1] || edit;
  Object.assign(edit, { kind: last.kind, text: last.text, shown: last.shown, state: "conflict", detail: outcome.detail });
  edit.theirs = { text: outcome.cell.text, state: outcome.cell.state, version: outcome.version };
  changed.push(edit);
  const cell = cellOf(edit);
  if (cell) {
    learn(cell, outcome.cell, outcome.version);
    cover(cell, edit, "conflict");
  }
  return later;
}

// Refused for good. What was typed after it into the same cell is made on what stood there before.
function onRefused(edit, outcome) {
  const reasons = (outcome.errors || []).map((one) => one.detail);
  Object.assign(edit, { state: "refused", detail: [outcome.detail, ...reasons].join(" "), code: outcome.code });
  const later = edits.find((one) => one.state === "waiting" && isOf(one, edit) && one.version && keyIn(one.version) === edit.key);
  if (later) later.version = edit.version;
  const cell = cellOf(edit);
  if (cell && coverOf(cell) === edit) cover(cell, edit, "refused");
  return later ? [edit, later] : [edit];
}

// Send an edit that was refused, or that conflicted and whose author wants it, once more: as a new edit on what stands there now.
export async function again(edit) {
  const fresh = { ...edit, key: newKey(), version: edit.theirs ? edit.theirs.version : edit.version, theirs: undefined, detail: "", code: "" };
  delete fresh.seq;
  edits = edits.filter((one) => one !== edit);
  await store.remove([edit]);
  await put([fresh]);
  return fresh;
}

// Give edits up: what stands on the server is shown again.
export async function discard(given) {
  edits = edits.filter((edit) => !given.includes(edit));
  for (const edit of given) {
    const cell = cellOf(edit);
    if (cell && coverOf(cell) === edit) cover(cell, null, "");
  }
  told();
  await store.remove(given);
}

// Edits from a file that a person saved: those that are not here already, in their order.
export async function load(found) {
  const known = new Set(edits.map((edit) => edit.key));
  const fresh = found.filter((edit) => !known.has(edit.key));
  for (const edit of fresh) {
    delete edit.seq;
    Object.assign(edit, { state: "waiting", sent: false, detail: "", theirs: undefined });
  }
  await keep(fresh);
  edits.push(...fresh);
  for (const edit of fresh) show(edit);
  told();
  return fresh.length;
}

// What another tab saved is true here too; a cell with an edit over it keeps the version that this edit was made on.
if (others) {
  others.onmessage = ({ data }) => {
    for (const { outcome, ...place } of data) {
      const cell = cellOf(place);
      if (!cell || outcome.fate !== "saved" || coverOf(cell)) continue;
      learn(cell, outcome.cell, outcome.version);
      if (outcome.line) learnLine(place.line, outcome.line, place.field);
    }
  };
}

