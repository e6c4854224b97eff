// The grid of a report's page. This module only puts the others to work; what each does is said at its head.

import * as attention from "./attention.js";
import * as bar from "./bar.js";
import * as clipboard from "./clipboard.js";
import * as confirming from "./confirming.js";
import * as keys from "./keys.js";
import * as panel from "./panel.js";
import * as queue from "./queue.js";
import * as refreshing from "./refreshing.js";
import * as search from "./search.js";
import * as selection from "./selection.js";
import * as sender from "./sender.js";
import { isFilled, objectionTo } from "./sheet.js";
import * as ticks from "./ticks.js";

document.addEventListener("keydown", (event) => {
  if (!event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return;
  const act = { KeyH: panel.open, KeyS: search.open, KeyJ: attention.open, KeyN: sender.now, KeyO: object }[event.code];
  if (!act) return;
  event.preventDefault();
  act();
});

// To the page where one objects: to the cell, or, from a line's head, to the line.
function object() {
  const row = document.activeElement.matches("button.confirm") ? document.activeElement.closest("tr") : null;
  const link = row && row.querySelector("a.object");
  if (link) {
    location.assign(link.href);
    return;
  }
  const cell = selection.activeCell();
  if (cell && isFilled(cell)) location.assign(objectionTo(cell));
}

async function begin() {
  keys.begin();
  clipboard.begin();
  confirming.begin();
  search.begin();
  attention.begin();
  ticks.begin();
  queue.onChange(confirming.show);
  sender.onSaved(confirming.settled);
  if (document.getElementById("work").dataset.fills !== "1") return;
  bar.begin(await queue.begin());
  refreshing.begin();
  sender.soon();
}

begin();
