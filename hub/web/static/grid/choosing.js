// The list of codes under a cell that takes one of a list: filtered by what is typed, chosen by arrow keys and Enter, or by the mouse.

import { make } from "./words.js";

const list = make("ul", { className: "choices", role: "listbox", id: "choices", hidden: true });
document.body.append(list);
let box = null;
let at = -1;

export const isOpen = () => !list.hidden;

export function open(editor, options, typed) {
  const wanted = typed.trim().toLowerCase();
  const found = options.filter(({ value, text }) => value.startsWith(wanted) || text.toLowerCase().includes(wanted)).slice(0, 60);
  if (found.length === 0) return close();
  box = editor;
  at = -1;
  list.textContent = "";
  for (const [place, { value, text }] of found.entries()) {
    const item = make("li", { role: "option", id: `choice-${place}`, onmousedown: (event) => take(event, item) }, value === text ? text : `${value} ${text}`);
    item.dataset.value = text;
    list.append(item);
  }
  const under = editor.getBoundingClientRect();
  list.hidden = false;
  list.style.left = `${under.left}px`;
  list.style.top = `${Math.min(under.bottom, window.innerHeight - list.offsetHeight - 8)}px`;
  editor.setAttribute("aria-controls", "choices");
}

export function close() {
  list.hidden = true;
  if (box) box.removeAttribute("aria-activedescendant");
}

export function move(step) {
  const items = [...list.children];
  at = (at + step + items.length) % items.length;
  for (const [place, item] of items.entries()) item.setAttribute("aria-selected", String(place === at));
  items[at].scrollIntoView({ block: "nearest" });
  box.setAttribute("aria-activedescendant", items[at].id);
}

// Put the chosen one into the text box; false where none is.
export function pick() {
  if (list.hidden || at === -1) return false;
  box.value = list.children[at].dataset.value;
  close();
  return true;
}

function take(event, item) {
  event.preventDefault();
  box.value = item.dataset.value;
  close();
}
