// Unsent edits as a file, and back: for a machine that is handed on, or a network that stays away.

import { make, say } from "./words.js";
import * as queue from "./queue.js";
import * as sender from "./sender.js";
import { tell } from "./telling.js";

const format = "yibiao-edits-1";
const kept = ["key", "form", "period", "unit", "kind", "line", "field", "text", "version", "lines", "shown", "label", "title", "at", "detail"];

export const save = () => saveThese(queue.all());

export function saveThese(edits) {
  const plain = edits.map((edit) => kept.reduce((one, name) => ({ ...one, [name]: edit[name] }), {}));
  const content = JSON.stringify({ format, who: queue.who, ...queue.here, saved: new Date().toISOString(), edits: plain }, null, 1);
  const address = URL.createObjectURL(new Blob([content], { type: "application/json" }));
  const link = make("a", { href: address, download: `yibiao-${queue.here.form}-${queue.here.period}.json` });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
  tell(say("told_file_saved", { count: edits.length }));
}

export async function chosen(event) {
  const [file] = event.target.files;
  if (!file) return;
  event.target.value = "";
  tell(await load(await new Response(file).text()));
}

async function load(text) {
  let found;
  try {
    found = JSON.parse(text);
  } catch (error) {
    return say("file_wrong");
  }
  if (!found || found.format !== format || !Array.isArray(found.edits) || !found.edits.every(isEdit)) return say("file_wrong");
  if (found.who !== queue.who) return say("file_of_other", { who: String(found.who) });
  const count = await queue.load(found.edits.map((edit) => ({ ...edit, who: queue.who })));
  sender.soon();
  return say("told_file_loaded", { count });
}

// A cell's edit must say what its author saw: without it the edit would overwrite whatever stands there.
const isEdit = (edit) => edit && (edit.field === "" ? typeof edit.lines === "object" : typeof edit.version === "string" && edit.shown) && ["key", "form", "period", "unit", "kind", "line", "field", "text"].every((name) => typeof edit[name] === "string");
