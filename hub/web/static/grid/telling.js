// What happened, in words: read out by a screen reader and seen in the bar at the foot.

import { make, say } from "./words.js";

const line = document.getElementById("said");

// `objection`: the address of the page where one objects to what was meant, if one can.
export function tell(text, objection = null) {
  line.textContent = text;
  if (objection) line.append(" ", make("a", { href: objection }, say("object_cell")));
}
