// The search box: a line on this page is found at once; the others by the server, which opens the page that has it.

import { say } from "./words.js";
import { cellsOf, rowsOf, tables } from "./sheet.js";
import * as selection from "./selection.js";
import { standing } from "./sender.js";
import { tell } from "./telling.js";
import { shownIn } from "./values.js";

const form = document.getElementById("find");
const found = document.getElementById("work").dataset.found;

export function begin() {
  if (found) {
    const row = document.getElementById(`c-${found}`);
    if (row) jump(row);
  }
  document.addEventListener("click", onLink);
  if (!form) return;
  form.addEventListener("submit", (event) => {
    const wanted = form.elements.find.value.trim();
    const rows = wanted ? here(wanted) : [];
    const whole = !document.querySelector("nav.pager") || standing().state === "offline";
    if (!whole || rows.length !== 1) return; // none or several, or other pages: the server tells
    event.preventDefault();
    jump(rows[0]);
    tell(say("told_found", { line: rows[0].dataset.name || "" }));
  });
}

// A link to a cell or a line of this report, of a problem for example: it becomes the active one; one on another page is looked for.
function onLink(event) {
  const link = event.target.closest('a[href^="#c-"]');
  if (!link) return;
  event.preventDefault();
  const name = decodeURIComponent(link.hash.slice(1));
  const there = document.getElementById(name);
  if (!there) location.search = `?find=${encodeURIComponent(name.split("-")[1])}`;
  else if (there.matches("td.cell")) selection.activate(there);
  else jump(there);
}

// The key of the search box: Alt+S, beside the browser's own search.
export function open() {
  if (!form) return;
  form.elements.find.focus();
  form.elements.find.select();
}

function here(wanted) {
  const all = tables.filter((table) => !table.dataset.line).map(rowsOf);
  return [].concat(...all).filter((row) => cellsOf(row).some((cell) => holds(shownIn(cell).text, wanted)));
}

const holds = (text, wanted) => (/^[0-9]{3,}[0-9Xx]?$/.test(wanted) ? text.toUpperCase().endsWith(wanted.toUpperCase()) : /^[\x20-\x7f]*$/.test(wanted) ? false : text.includes(wanted));

function jump(row) {
  for (const other of document.querySelectorAll("tr.found")) other.classList.remove("found");
  row.classList.add("found");
  selection.activate(cellsOf(row)[0]);
  row.scrollIntoView({ block: "center" });
}

