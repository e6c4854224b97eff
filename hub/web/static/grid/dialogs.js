// Questions in front of the page. Whoever asks gives the focus back where it belongs.

import { make } from "./words.js";

// Ask whether to go on; `yes`: the word on the button, "" where there is nothing to go on with. Gives true or false.
export function ask(title, parts, yes, no) {
  return new Promise((resolve) => {
    const dialog = make("dialog", { className: "ask", "aria-labelledby": "ask-title" });
    const answer = (value) => {
      dialog.close();
      dialog.remove();
      resolve(value);
    };
    const buttons = make("div", { className: "actions" });
    if (yes) buttons.append(make("button", { type: "button", onclick: () => answer(true) }, yes));
    buttons.append(make("button", { type: "button", className: "quiet", onclick: () => answer(false) }, no));
    dialog.append(make("h2", { id: "ask-title" }, title), ...parts, buttons);
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      answer(false);
    });
    document.body.append(dialog);
    dialog.showModal();
    buttons.firstChild.focus();
  });
}

// A dialog with a form; `onSubmit` gives a text of what is wrong, or "" when it is done. Gives whether it was done.
export function askForm(title, fields, yes, no, onSubmit) {
  return new Promise((resolve) => {
    const dialog = make("dialog", { className: "ask", "aria-labelledby": "ask-title" });
    const wrong = make("p", { className: "wrong", role: "alert" });
    const form = make("form", { className: "stack", method: "dialog" }, make("h2", { id: "ask-title" }, title), ...fields, wrong);
    const end = (value) => {
      dialog.close();
      dialog.remove();
      resolve(value);
    };
    form.append(make("div", { className: "actions" }, make("button", {}, yes), make("button", { type: "button", className: "quiet", onclick: () => end(false) }, no)));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      wrong.textContent = await onSubmit(new FormData(form));
      if (!wrong.textContent) end(true);
    });
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      end(false);
    });
    dialog.append(form);
    document.body.append(dialog);
    dialog.showModal();
  });
}
