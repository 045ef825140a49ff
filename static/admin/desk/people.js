/* Who else has this form open. The page says three times a minute that it is there, and is told of the
   others. Whoever takes over makes the other pages ones to read: their last words are saved first, and
   the way back is a button. A form that is empty yet has nobody else in it. */
const EVERY = 20_000;
const SOON = 3_000; // somebody who types learns of it with their next words
const READ_ONLY = "button[type=submit], input[type=submit], button:not([type], [form=guide-form]), select, .select2-container, .add-row, "
  + "[role=toolbar], .prose-menubar, input:is([type=checkbox], [type=radio], [type=file], [type=date], [type=time])";

const kept = document.querySelector("script[data-keeping]")?.dataset.form;
const form = kept && document.getElementById(`${kept.split(" ")[0].split(".")[1]}_form`);
let timer = 0;
let toldAt = 0;
let takenBy = "";

function address() {
  const { pathname } = new URL(form.action);
  return pathname.endsWith("/change/") ? new URL("../presence/", form.action) : null;
}

async function tell(is, { keepalive = false } = {}) {
  const url = address();
  if (!url) return null;
  toldAt = Date.now();
  const body = new URLSearchParams({ csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken?.value ?? "", is });
  try {
    const answer = await fetch(url, { method: "POST", body, keepalive, redirect: "manual" });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null; // it is told again in a moment
  }
}

async function beHere() {
  clearTimeout(timer);
  timer = setTimeout(beHere, EVERY);
  const said = await tell("here");
  if (said) show(said);
}

function show({ people, taken_by: by }) {
  for (const place of document.querySelectorAll("[data-people]")) {
    const isOpen = place.querySelector("details")?.open;
    if (place.dataset.shown === people) continue;
    place.dataset.shown = people;
    place.innerHTML = people;
    if (isOpen && place.firstElementChild) place.firstElementChild.open = true;
  }
  if (by && by !== takenBy) becomeReadOnly(by);
  else if (!by && takenBy) offerToGoOn();
}

function becomeReadOnly(by) {
  // What was typed until now is taken down first: `keeping.js` does so at once.
  const taken = { by };
  form.dispatchEvent(new CustomEvent("people:taken", { detail: taken }));
  if (!takenBy) freeze();
  document.querySelector("details.people[open]")?.removeAttribute("open"); // it would cover the note
  takenBy = by;
  const say = (more) => notice(`${by} has taken over.${more}`, "Take it back", () => takeOver());
  say("");
  const first = note;
  Promise.resolve(taken.saved).then((isSaved) => {
    if (note !== first) return; // they have left again
    say(isSaved === false ? " Your last words are not saved yet: keep this page open until they are." : " What you typed is saved.");
  });
}

function offerToGoOn() {
  notice(`${takenBy} has left. You can go on.`, "Go on", () => reload());
}

function freeze() {
  for (const one of document.querySelectorAll("[contenteditable=true]")) {
    if (one.editor) one.editor.setEditable(false);
    else one.contentEditable = "false";
  }
  for (const one of form.querySelectorAll("input, textarea")) one.readOnly = true;
  for (const one of form.querySelectorAll(READ_ONLY)) one.inert = true;
  for (const one of document.querySelectorAll(`[form="${form.id}"]:is(button, input)`)) one.inert = true;
  document.documentElement.classList.add("is-read-only");
}

let note = null;

function notice(words, verb, act) {
  if (note?.dataset.words === words) return;
  note?.remove();
  note = document.createElement("p");
  note.className = "notice people__note";
  note.setAttribute("role", "alert");
  note.dataset.words = words;
  const button = Object.assign(document.createElement("button"), { type: "button", className: "button", textContent: verb });
  button.addEventListener("click", act);
  note.append(`${words} `, button);
  const place = document.querySelector("[data-notices]");
  if (place) place.prepend(note);
  else form.before(note);
}

// The page is drawn again with every word that there is. First its own are saved.
async function takeOver() {
  const flush = { saved: Promise.resolve(true) };
  form.dispatchEvent(new CustomEvent("keeping:flush", { detail: flush }));
  if (!(await flush.saved)) return;
  if (await tell("taking over")) reload();
}

function reload() {
  // Same address, same state: but the page that comes shows more than this one did (`seen.js`).
  history.replaceState({ ...history.state, seen: {} }, "");
  location.assign(location.pathname + location.search); // a real reload would bring old words back
}

if (form) {
  addEventListener("click", ({ target }) => {
    if (target.closest?.("[data-take-over]")) takeOver();
    const open = document.querySelector("details.people[open]");
    if (open && !open.contains(target)) open.open = false;
  });
  addEventListener("keydown", ({ key }) => {
    const open = key === "Escape" && document.querySelector("details.people[open]");
    if (!open) return;
    open.open = false;
    open.querySelector("summary").focus();
  });
  addEventListener("pageshow", beHere);
  addEventListener("pagehide", () => {
    clearTimeout(timer);
    tell("leaving", { keepalive: true });
  });
  document.addEventListener("visibilitychange", () => document.hidden || beHere());
  form.addEventListener("keeping:saved", () => Date.now() - toldAt > SOON && beHere());
}
