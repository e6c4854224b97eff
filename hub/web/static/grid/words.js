// The texts of the page, Chinese or English, and the small things that every module makes pages with. The texts come with the page:
// no sentence for a person is written in a script.

const texts = document.getElementById("words").dataset;

// The text of that name with its {placeholders} filled in.
export function say(name, values = {}) {
  const text = texts[name];
  if (text === undefined) throw new Error(`no text ${name}`);
  return text.replace(/\{(\w+)\}/g, (whole, key) => (key in values ? String(values[key]) : whole));
}

// An element with properties, listeners ("onclick") and children: text is always text, never markup.
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in element && !name.startsWith("aria")) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

export function fill(element, ...children) {
  element.textContent = "";
  element.append(...children);
}

// A key for an edit, for ever. Not crypto.randomUUID: it is younger than our browsers and closed to pages without TLS.
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
