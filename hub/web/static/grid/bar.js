// The bar at the foot: whether all is saved, how many edits are unsent, and what can be done about it.

import { make, say } from "./words.js";
import { askForm } from "./dialogs.js";
import * as attention from "./attention.js";
import * as files from "./files.js";
import * as panel from "./panel.js";
import * as queue from "./queue.js";
import * as selection from "./selection.js";
import * as sender from "./sender.js";
import { tell } from "./telling.js";

const bar = document.getElementById("bar");
const shapes = { idle: "✓", sending: "◌", offline: "⧗", "signed-out": "▲", foreign: "▲" };
const state = make("p", { className: "saving", id: "saving" });
const send = make("button", { type: "button", className: "quiet", onclick: sender.now }, say("send_now"));
const enter = make("button", { type: "button", onclick: signIn }, say("sign_in"));
const elsewhere = make("a", { href: "/sign-in", target: "_blank", rel: "noopener" }, say("sign_in_elsewhere"));
const checked = make("button", { type: "button", className: "quiet", onclick: () => sender.signedInAs() }, say("signed_in_go_on"));
const open = make("button", { type: "button", className: "quiet", onclick: attention.toggle });
const about = make("button", { type: "button", className: "quiet", onclick: () => panel.open(), title: "Alt+H" }, say("about_cell"));
const save = make("button", { type: "button", className: "quiet", onclick: files.save }, say("file_save"));
const file = make("input", { type: "file", accept: "application/json,.json", id: "edits-file", className: "out", tabIndex: -1, onchange: files.chosen });
file.setAttribute("aria-label", say("file_load"));
const load = make("button", { type: "button", className: "quiet", onclick: () => file.click() }, say("file_load"));
let kept = true;

export function begin(isKept) {
  kept = isKept;
  bar.prepend(state, send, enter, elsewhere, checked, open);
  bar.append(about, save, load, file);
  bar.hidden = false;
  document.body.classList.add("barred");
  queue.onChange(paint);
  sender.onState(paint);
  setInterval(() => sender.standing().state === "offline" && paint(), 1000);
  window.addEventListener("online", sender.now);
  window.addEventListener("focus", () => sender.standing().state === "signed-out" && sender.signedInAs()); // back from signing in elsewhere
  window.addEventListener("beforeunload", (event) => {
    if (!(kept && queue.isKept()) && queue.unsent().length) event.preventDefault();
  });
  paint();
}

function paint() {
  const { state: now, nextAt } = sender.standing();
  const count = queue.unsent().length;
  const open_ = queue.unsettled().length;
  const stopped = now === "signed-out" || now === "foreign";
  const shown = now === "idle" && count ? "sending" : now;
  const words = { count: count || open_, seconds: Math.max(0, Math.ceil((nextAt - Date.now()) / 1000)), who: queue.who };
  const text = say(shown !== "idle" ? `bar_${shown.replace("-", "_")}` : open_ ? "bar_open" : "bar_saved", words) + (kept && queue.isKept() ? "" : ` ${say("bar_not_kept")}`);
  if (state.dataset.text !== text) {
    state.dataset.text = text;
    state.textContent = "";
    state.append(make("span", { "aria-hidden": "true" }, shown === "idle" && open_ ? "✕" : shapes[shown]), ` ${text}`);
  }
  state.dataset.state = shown;
  state.dataset.unsent = count;
  const focused = document.activeElement;
  send.hidden = now !== "offline";
  enter.hidden = elsewhere.hidden = checked.hidden = !stopped;
  open.hidden = open_ === 0;
  open.textContent = say("attention_open", { count: open_ });
  open.setAttribute("aria-expanded", String(attention.isOpen()));
  save.hidden = queue.all().length === 0;
  if (bar.contains(focused) && focused.hidden) selection.back(); // the focus is never lost with a button that goes
}

async function signIn() {
  const name = make("input", { name: "name", id: "in-name", autocomplete: "username", required: true, value: queue.who });
  const password = make("input", { name: "password", id: "in-password", type: "password", autocomplete: "current-password", required: true });
  const fields = [
    make("p", {}, say("sign_in_kept", { count: queue.unsent().length })),
    make("label", { htmlFor: "in-name" }, say("user_name")), name, make("label", { htmlFor: "in-password" }, say("password")), password,
  ];
  setTimeout(() => password.focus());
  await askForm(say("sign_in"), fields, say("sign_in"), say("cancel"), async (data) => {
    try {
      return (await sender.signIn(data.get("name"), data.get("password"))) ? "" : say("sign_in_wrong");
    } catch (error) {
      return say("sign_in_no_network");
    }
  });
  selection.back();
  tell(say(sender.standing().state === "foreign" ? "bar_foreign" : "told_signed_in", { who: queue.who, count: queue.unsent().length }));
}
