// The rest of the page after a save: sums, formulas of other lines, problems, notes. The page is fetched anew and what changed is put in
// place; the cell that is being edited, fields of forms and open dialogs are left alone.

import * as confirming from "./confirming.js";
import * as editing from "./editing.js";
import * as queue from "./queue.js";
import { fetchPage, onSaved, standing } from "./sender.js";
import { learnPage } from "./values.js";

const calm = 3000; // after a save
const between = 10000; // and no more often: the server makes the whole page for this
const often = 120000; // somebody else's changes, and what departments send
const parts = ["dl.facts", "section.problems", "section[aria-labelledby=rules]"];
let timer = 0;
let last = Date.now();
let asked = 0; // when a save last led to it

export function begin() {
  onSaved((batch, saved) => saved.length && later());
  setInterval(() => document.visibilityState === "visible" && Date.now() - last > often && refresh(), often / 4);
}

function later() {
  clearTimeout(timer);
  timer = setTimeout(refresh, Math.max(calm, asked + between - Date.now()));
}

export async function refresh() {
  if (queue.unsent().length || standing().state !== "idle") return; // an answer is under way that would be overtaken
  last = asked = Date.now();
  const page = await fetchPage();
  const work = page && page.getElementById("work");
  if (!work || work.dataset.who !== queue.who || queue.unsent().length) return;
  learnPage(page);
  confirming.learnPage(page);
  takeNotes(page);
  for (const part of parts) replace(part, page);
}

// Notes are numbered anew on every page. A cell that is not on the fetched page keeps its own.
function takeNotes(page) {
  const old = document.querySelector(".notes");
  const fresh = page.querySelector(".notes");
  const kept = [];
  for (const cell of document.querySelectorAll("table.grid td.cell")) {
    const there = page.getElementById(cell.id);
    let name = there && there.dataset.note;
    if (!name) {
      const note = document.getElementById(cell.dataset.note);
      name = `kept-${cell.id}`;
      if (note && note.id !== name) kept.push(Object.assign(note.cloneNode(true), { id: name }));
      else if (note) kept.push(note);
    }
    cell.dataset.note = name;
    cell.setAttribute("aria-describedby", name);
  }
  if (editing.activeCell()) editing.editor.setAttribute("aria-describedby", editing.activeCell().dataset.note);
  old.textContent = "";
  old.append(...[...fresh.childNodes].map((node) => document.importNode(node, true)), ...kept);
}

// A part of the page that holds no field; the focus in it goes to the part as a whole.
function replace(part, page) {
  const old = document.querySelector(part);
  const fresh = page.querySelector(part);
  if (part === "section.problems" && !old !== !fresh) {
    if (old) old.remove();
    else document.querySelector("form.work").after(document.importNode(fresh, true));
    return;
  }
  if (!old || !fresh || old.innerHTML === fresh.innerHTML || old.contains(document.activeElement)) return;
  old.replaceWith(document.importNode(fresh, true));
}
