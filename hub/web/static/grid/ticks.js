// One box above the units of a township that ticks all of them, or none.

import { make, say } from "./words.js";

export function begin() {
  const boxes = [...document.querySelectorAll("table.parts tbody input[name=units]")];
  if (boxes.length < 2) return;
  const all = make("input", { type: "checkbox" });
  all.setAttribute("aria-label", say("choose_all"));
  const show = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    all.checked = ticked === boxes.length;
    all.indeterminate = ticked > 0 && !all.checked;
  };
  all.onchange = () => {
    for (const box of boxes) box.checked = all.checked;
  };
  for (const box of boxes) box.addEventListener("change", show);
  show();
  document.querySelector("table.parts thead td").append(all);
}
