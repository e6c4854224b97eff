// Where edits wait on this machine: IndexedDB, so that neither a closed page nor a power cut loses them. One record an edit, numbered
// in the order typed. Each tab sends its own; those of a tab that is gone are taken over by the next one. An edit is applied once
// however often it is sent, so two tabs that both send one do no harm.

const name = "yibiao-edits";
const beat = 20000;
const gone = 95000; // a page in the background may be called as seldom as once a minute
const memory = []; // what is kept where the browser gives no database
let database = null;

// A page that is loaded again is the same tab.
function tabName() {
  const made = sessionStorage.getItem("yibiao-tab") || String(Math.random()).slice(2);
  sessionStorage.setItem("yibiao-tab", made);
  return made;
}

const tab = tabName();

const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

const ended = (transaction) =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
    transaction.onerror = () => reject(transaction.error);
  });

// False where nothing can be kept beyond this page.
export async function open() {
  try {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("edits", { keyPath: "seq", autoIncrement: true }).createIndex("who", "who");
      request.result.createObjectStore("tabs", { keyPath: "tab" });
    };
    database = await done(request);
    database.onversionchange = () => database.close();
  } catch (error) {
    return false;
  }
  await live();
  setInterval(live, beat);
  window.addEventListener("pageshow", (event) => event.persisted && live());
  window.addEventListener("pagehide", leave);
  return true;
}

// What this tab leaves is the next one's at once. The browser ends a transaction of a page that is going only where it was told to
// commit; without that the record outlives the page often enough, and the next tab waits until it has not been seen for long.
function leave() {
  const transaction = database.transaction("tabs", "readwrite");
  transaction.objectStore("tabs").delete(tab);
  transaction.commit();
}

const live = () => done(database.transaction("tabs", "readwrite").objectStore("tabs").put({ tab, seen: Date.now() }));

// Keep edits, in their order, all or none; each is given its number.
export async function add(edits) {
  for (const edit of edits) edit.owner = tab;
  if (!database) {
    for (const edit of edits) edit.seq = memory.push(edit);
    return;
  }
  const transaction = database.transaction("edits", "readwrite", { durability: "strict" });
  const table = transaction.objectStore("edits");
  for (const edit of edits) {
    const request = table.add(edit);
    request.onsuccess = () => (edit.seq = request.result);
  }
  await ended(transaction);
}

export async function change(edits) {
  if (!database || edits.length === 0) return;
  const transaction = database.transaction("edits", "readwrite");
  for (const edit of edits) if (edit.seq) transaction.objectStore("edits").put(edit);
  await ended(transaction);
}

export async function remove(edits) {
  if (!database || edits.length === 0) return;
  const transaction = database.transaction("edits", "readwrite");
  for (const edit of edits) if (edit.seq) transaction.objectStore("edits").delete(edit.seq);
  await ended(transaction);
}

// The edits of one person that this tab sends, in order; those of tabs that are gone are taken over.
export async function own(who) {
  if (!database) return [];
  const transaction = database.transaction(["edits", "tabs"], "readwrite");
  const seen = new Map((await done(transaction.objectStore("tabs").getAll())).map((one) => [one.tab, one.seen]));
  const all = await done(transaction.objectStore("edits").index("who").getAll(who));
  const found = all.filter((edit) => edit.owner === tab || !(Date.now() - (seen.get(edit.owner) || 0) < gone));
  for (const edit of found.filter((one) => one.owner !== tab)) transaction.objectStore("edits").put({ ...edit, owner: tab });
  await ended(transaction);
  return found.map((edit) => ({ ...edit, owner: tab })).sort((one, other) => one.seq - other.seq);
}
