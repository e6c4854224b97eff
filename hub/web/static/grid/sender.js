// Sending what waits: one request after the other, in order. What counts is what the server answers: neither the browser's opinion of
// being online nor a page with status 200 from something in between is a save.

import * as queue from "./queue.js";

const work = document.getElementById("work");
const most = 2500; // edits in one request
const patience = 60000;
const first = 1000;
const longest = 60000;

let token = work.dataset.token;
let state = "idle"; // idle, sending, offline, signed-out, foreign (somebody else is signed in)
let timer = 0;
let pause = first;
let nextAt = 0;
let alone = 0; // how many edits are still to be sent one by one, because a request of many was refused as a whole
const listeners = [];
const afterSaving = [];

export const onState = (listener) => listeners.push(listener);
export const onSaved = (listener) => afterSaving.push(listener);
export const standing = () => ({ state, nextAt });

function become(now) {
  state = now;
  listeners.forEach((listener) => listener());
}

// Send as soon as what is being done is done.
export function soon() {
  if (state === "idle") schedule(0);
}

// A person asks for it, or the browser sees a network: now, without waiting longer.
export function now() {
  if (state === "offline" || state === "idle") {
    pause = first;
    schedule(0);
  }
}

function schedule(delay) {
  clearTimeout(timer);
  timer = setTimeout(run, delay);
}

async function run() {
  if (state === "sending" || state === "signed-out" || state === "foreign") return;
  const batch = queue.next(alone > 0 ? 1 : most);
  if (batch.length === 0) {
    become("idle");
    return;
  }
  queue.sending(batch, true);
  become("sending");
  const answer = await post(batch);
  if (answer.outcomes) {
    pause = first;
    alone = Math.max(0, alone - batch.length);
    const saved = await queue.settle(batch, answer.outcomes);
    become("idle");
    afterSaving.forEach((listener) => listener(batch, saved));
    schedule(0);
    return;
  }
  queue.sending(batch, false);
  if (answer.status === 401) {
    become("idle");
    await signedInAs();
    if (state === "idle") schedule(first); // another session of the same person: its token is taken
  } else if (answer.problem && batch.length > 1) {
    alone = batch.length;
    become("idle");
    schedule(0);
  } else if (answer.problem) {
    await queue.settle(batch, [{ fate: "refused", ...answer.problem }]);
    become("idle");
    schedule(0);
  } else {
    nextAt = Date.now() + pause;
    become("offline");
    schedule(pause);
    pause = Math.min(longest, pause * 2);
  }
}

// {outcomes}, one for each edit; or {status: 401}; or {problem} that the server gives for the request as a whole; or {}: no answer
// of ours came.
async function post(batch) {
  const { form, period } = batch[0];
  const edits = batch.map(({ key, unit, kind, line, field, text, version, lines }) => ({
    key, unit, kind, line, field, text: kind === "enter" ? text : "", version, lines,
  }));
  const giveUp = new AbortController();
  const late = setTimeout(() => giveUp.abort(), patience);
  try {
    const response = await fetch(`/api/v1/forms/${encodeURIComponent(form)}/periods/${encodeURIComponent(period)}/edits`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Form-Token": token, "Accept-Language": document.documentElement.lang },
      body: JSON.stringify({ edits }),
      signal: giveUp.signal,
      redirect: "error",
    });
    const type = response.headers.get("content-type") || "";
    const ours = type.startsWith("application/json") || type.startsWith("application/problem+json");
    if (!ours) return {};
    const body = await response.json();
    if (response.ok) return isAnswer(body, edits) ? { outcomes: body.outcomes } : {};
    if (response.status === 401 && body.code) return { status: 401 };
    const final = response.status >= 400 && response.status < 500 && response.status !== 408 && response.status !== 429;
    return final && body.code ? { problem: { code: body.code, detail: body.detail, errors: body.errors } } : {};
  } catch (error) {
    return {}; // no network, no JSON, too late
  } finally {
    clearTimeout(late);
  }
}

const isAnswer = (body, edits) =>
  body !== null && Array.isArray(body.outcomes) && body.outcomes.length === edits.length && body.outcomes.every((one, place) => one.key === edits[place].key && one.fate);

// Send something that waits for no turn, under its own key: what the server answered, or {} where no answer of ours came.
export async function send(path, body, key) {
  try {
    const headers = { "Content-Type": "application/json", "X-Form-Token": token, "Idempotency-Key": key, "Accept-Language": document.documentElement.lang };
    const response = await fetch(path, { method: "POST", headers, body: JSON.stringify(body), redirect: "error" });
    return await response.json();
  } catch (error) {
    return {};
  }
}

// Whether the person of this page is signed in, by the page as the server gives it now; its token is taken. Nobody else's session
// sends what this person typed.
export async function signedInAs() {
  const page = await fetchPage();
  if (page === null) {
    nextAt = Date.now() + pause;
    become("offline");
    schedule(pause);
    return;
  }
  const found = page.getElementById("work");
  if (!found) become("signed-out");
  else if (found.dataset.who !== queue.who) become("foreign");
  else {
    token = found.dataset.token;
    become("idle");
    schedule(0);
  }
}

// This page as it is now, as a document; null where no page of ours came. Asked by the page and by nobody: it keeps no session alive.
export async function fetchPage() {
  try {
    const response = await fetch(location.href, { headers: { Accept: "text/html", "X-By-Itself": "1" } });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    return page.querySelector('meta[name="generator"][content="yibiao"]') ? page : null;
  } catch (error) {
    return null;
  }
}

// Sign in without leaving the page. False where name and password are not right.
export async function signIn(name, password) {
  const response = await fetch("/sign-in", { method: "POST", body: new URLSearchParams({ name, password, next: "/" }), redirect: "manual" });
  if (response.type !== "opaqueredirect") return false;
  await signedInAs();
  return true;
}
