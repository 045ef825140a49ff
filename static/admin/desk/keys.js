/* Keys of the desk. A page says which it has: `data-key="e"` on what the key presses.

   - on a link it follows it, on a button it presses it, on a summary it opens the details and goes to
     their first field, on a box it checks it, on a field it goes there;
   - where each row of a list has the same key, it is that of the row that is open, or has the focus,
     or of the first; in a form with `data-steps`, j and k go from row to row;
   - a box that leads to another field, `data-leads-to="value"`, goes there once it is checked;
   - what says `aria-keyshortcuts` hears its keys itself, and is listed with them;
   - a capital, `data-key="E"`, is with Shift, which otherwise goes with the click of a box; `data-key-name` says in the list of keys what the key
     does where the text of the element does not;
   - Esc closes what is open, Ctrl Enter (⌘ Enter) sends the form whose text is typed, `?` lists the
     keys.

   A letter does nothing while one types, with Ctrl, Alt or ⌘, or while it is held down; with a dialog
   open, only what is in the dialog has keys. After a form is sent nothing more is pressed until the
   answer is there, so that a key struck twice acts once; `data-download` on a form says that its
   answer is a file and the page stays. */
const CLICKABLE = "a[href], button, summary, input, select, textarea";
const FIELD = "input:not([type=hidden]), select, textarea";
const BOX = "[type=checkbox], [type=radio]";
const ROW = "li, tr";
const SELECTED = ".bar__acts"; // what is done to selected rows: shown once there are some
const TYPED = "input:not([type=checkbox], [type=radio], [type=button], [type=submit]), select, textarea";
const STEPS = { j: 1, k: -1 };
const PATIENCE = 15_000; // then the answer was lost on its way

let busyUntil = 0;
const pressed = new Set(); // buttons that are disabled until the answer comes

const isBusy = () => performance.now() < busyUntil;
const isTyping = (element) => element.matches(TYPED) || element.isContentEditable;

/* The letter on the key as a Latin keyboard has it: those who write Arabic or Greek have it there. */
function letterOf(event) {
  const letter = event.code.startsWith("Key") ? event.code.slice(3).toLowerCase() : "";
  const typed = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const isLatin = /^[\x20-\x7e]$/.test(typed);
  const key = isLatin || event.key.length > 1 ? typed : letter;
  return event.shiftKey && /^[a-z]$/.test(key) ? key.toUpperCase() : key;
}

function pressable(within) {
  const all = within.querySelectorAll("[data-key]");
  return [...all].filter((one) => one.matches(CLICKABLE) && !one.disabled && one.checkVisibility());
}

/* Of several the one in the row that is meant. */
function pick(found) {
  const rowOf = (one) => one.closest(ROW);
  const isOpen = (one) => rowOf(one)?.querySelector("[aria-current=true]");
  const hasFocus = (one) => rowOf(one)?.contains(document.activeElement);
  return found.find(isOpen) ?? found.find(hasFocus) ?? found[0];
}

function findFor(key, within) {
  const all = pressable(within);
  const exact = all.filter((one) => one.dataset.key === key);
  if (exact.length || key === key.toLowerCase()) return pick(exact);
  return pick(all.filter((one) => one.matches("[type=checkbox]") && one.dataset.key === key.toLowerCase()));
}

function press(element, shiftKey) {
  const details = element.matches("summary") && element.parentElement;
  if (details) {
    details.open = true;
    (details.querySelector(FIELD) ?? element).focus();
  } else if (element.matches(BOX)) {
    element.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, shiftKey }));
    leadOn(element);
  } else if (element.matches(FIELD)) element.focus();
  else element.click();
}

/* From row to row of a list that opens none beside it. */
function step(by) {
  const links = [...document.querySelectorAll("[data-steps] tbody th a")];
  const at = links.findIndex((one) => one.closest(ROW).contains(document.activeElement));
  links.at(at < 0 ? 0 : Math.min(Math.max(at + by, 0), links.length - 1))?.focus();
}

/* With the mouse, too, one goes on in the form that was opened. */
addEventListener("click", ({ detail, target }) => {
  const details = detail && target.closest(".desk summary")?.parentElement;
  if (details) setTimeout(() => details.open && details.querySelector(`.slip :is(${FIELD})`)?.focus());
});

/* To the field that was asked for by checking a box: not with the arrow keys, which only look. */
function leadOn(box) {
  const name = box?.dataset.leadsTo;
  if (name) box.closest(".slip").querySelector(`[name="${name}"], [name$="-${name}"]`).focus();
}

addEventListener("click", ({ detail, target }) => {
  const box = target.closest("label")?.control ?? target;
  if (detail && box.dataset?.leadsTo) setTimeout(() => leadOn(box));
});

/* What stands open around that place, and is closed first. */
function close(event) {
  const open = event.target.closest?.("details[open]:not(.rail__part)") ?? document.querySelector("details[name][open]");
  if (open && document.querySelector("dialog[open], [popover]:popover-open") === null) {
    open.open = false;
    open.querySelector("summary").focus();
    event.preventDefault();
  }
}

function showKeys() {
  const dialog = document.querySelector("#keys");
  if (!dialog || dialog.open) return;
  const ofSelected = [...document.querySelectorAll(`${SELECTED} > [data-key], ${SELECTED} > details > [data-key]`)];
  const here = pressable(document).filter((one) => !one.closest(SELECTED));
  const steps = document.querySelector("[data-steps] tbody") ? [["j", "Next row"], ["k", "Previous row"]] : [];
  const together = [...document.querySelectorAll("[aria-keyshortcuts]")].filter((one) => one.checkVisibility());
  fill(dialog.querySelector("#keys-here"), [...steps, ...here.map(keyOf), ...together.map(shortcutOf)]);
  fill(dialog.querySelector("#keys-selected"), ofSelected.map(keyOf));
  document.querySelectorAll("dialog[open]").forEach((other) => other.close());
  dialog.showModal();
}

/* A list of keys, each once; without any, its heading goes as well. */
function fill(list, keys) {
  const lines = [...new Map(keys)];
  list.replaceChildren(...lines.map(([key, name]) => line(name, key)));
  list.previousElementSibling.hidden = !lines.length;
}

const keyOf = (element) => [element.dataset.key, nameOf(element)];

const shortcutOf = (element) => [element.getAttribute("aria-keyshortcuts").replace("Control", "Ctrl").replaceAll("+", " "), nameOf(element)];

function nameOf(element) {
  if (element.dataset.keyName) return element.dataset.keyName;
  const copy = element.cloneNode(true);
  copy.querySelectorAll("kbd").forEach((key) => key.remove());
  return element.ariaLabel ?? copy.textContent.trim().replace(/\s+/g, " ");
}

function line(name, key) {
  const line = document.createElement("li");
  const [text, shown] = [document.createElement("span"), document.createElement("kbd")];
  line.className = "palette__key";
  text.textContent = name;
  shown.textContent = key;
  line.append(text, " ", shown);
  return line;
}

addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.repeat) return;
  const { target } = event;
  if (event.key === "Escape") return close(event);
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && target.matches("textarea")) {
    event.preventDefault();
    if (target.form && !isBusy()) target.form.requestSubmit(target.form.querySelector("button:not([type=button])"));
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(target)) return;
  const dialog = document.querySelector("dialog[open]");
  const key = letterOf(event);
  if (key === "?" && !dialog) {
    event.preventDefault();
    return showKeys();
  }
  const found = findFor(key, dialog ?? document);
  if (!found && (dialog || !document.querySelector("[data-steps]") || !(key in STEPS))) return;
  event.preventDefault();
  if (isBusy()) return;
  if (found) press(found, event.shiftKey);
  else step(STEPS[key]);
});

document.querySelector("[data-keys]")?.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  showKeys();
});

/* Once is enough. The button is disabled only when its own name and value are on their way. */
addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.closest(".desk") || form.method !== "post" || "download" in form.dataset) return;
  if (isBusy()) return event.preventDefault();
  if (event.defaultPrevented) return;
  busyUntil = performance.now() + PATIENCE;
  const button = event.submitter;
  if (!button) return;
  setTimeout(() => {
    button.disabled = true;
    pressed.add(button);
  });
  setTimeout(release, PATIENCE);
});

function release() {
  busyUntil = 0;
  for (const button of pressed) button.disabled = false;
  pressed.clear();
}

/* Once a link is followed, the next key is meant for the page that comes; with the mail program or
   the phone, none does. */
addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-key]");
  const isElsewhere = event.ctrlKey || event.metaKey || event.shiftKey || link?.target;
  const hasPage = link?.protocol.startsWith("http") && !link.href.includes("#");
  if (!hasPage || event.defaultPrevented || isElsewhere) return;
  busyUntil = performance.now() + PATIENCE;
});

/* After Back the page may come as it was left. */
addEventListener("pageshow", release);
