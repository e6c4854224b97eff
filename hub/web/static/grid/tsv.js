// Blocks of cells as spreadsheets put them on the clipboard: tabs between cells, line breaks between rows, a cell that holds one of
// these or a quote in quotes. Pure.

// Rows of texts. The line break at the end, which Excel and WPS always write, is no further row (F13).
export function parse(text) {
  const rows = [[]];
  let cell = "";
  let at = 0;
  const next = () => rows[rows.length - 1].push(cell) && (cell = "");
  while (at < text.length) {
    if (cell === "" && text[at] === '"') {
      const end = closing(text, at);
      if (end !== -1) {
        cell = text.slice(at + 1, end).replace(/""/g, '"').replace(/\r\n?/g, "\n");
        at = end + 1;
        continue;
      }
    }
    if (text[at] === "\t") next();
    else if (text[at] === "\n" || text[at] === "\r") {
      if (text[at] === "\r" && text[at + 1] === "\n") at += 1;
      next();
      rows.push([]);
    } else cell += text[at];
    at += 1;
  }
  if (cell !== "" || rows[rows.length - 1].length > 0 || rows.length === 1) next();
  else rows.pop();
  return rows;
}

// Where the quoted cell that begins at `start` ends: its closing quote stands before a tab, a line break or the end. -1: it is not a
// quoted cell but a text that begins with a quote.
function closing(text, start) {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] !== '"') continue;
    if (text[at + 1] === '"') at += 1;
    else return at + 1 === text.length || "\t\r\n".includes(text[at + 1]) ? at : -1;
  }
  return -1;
}

export function format(rows) {
  const quoted = (text) => (/[\t\r\n"]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text);
  return rows.map((row) => row.map(quoted).join("\t")).join("\r\n");
}
