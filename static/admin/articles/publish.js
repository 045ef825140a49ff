// Publishing from the room: what publishing would do opens as a dialog over the words, checks lead to
// their places, and the rail says what was found after each save. Without this each is a page or a link.
const room = document.getElementById("article_form");
const FOUND_FOR = 4_000; // ms that a place is framed
const CHECK_AFTER = 1_500; // from the last save

// The place that a check means

const SKIPPED = "[contenteditable=false], .ProseMirror-separator, .ProseMirror-trailingBreak";

function editorOf(field) {
  return field.closest(".prose-editor")?.querySelector(".ProseMirror") ?? field.parentElement.querySelector(".ProseMirror");
}

// All that the editor says, as the server counts it: text, and a line end for each <br>.
function said(root) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT, (node) => (
    node.nodeType === Node.ELEMENT_NODE && node.matches(SKIPPED) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT
  ));
  const pieces = [];
  let length = 0;
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const text = node.nodeType === Node.TEXT_NODE ? node.data : node.matches("br") ? "\n" : "";
    if (text) pieces.push({ node, start: length, text });
    length += text.length;
  }
  return { pieces, text: pieces.map((one) => one.text).join("") };
}

function nthOf(text, quote, nth) {
  let at = text.indexOf(quote);
  for (let number = 0; at >= 0 && number < nth; number += 1) at = text.indexOf(quote, at + quote.length);
  return at;
}

function rangeOf(root, quote, nth) {
  const { pieces, text } = said(root);
  let start = nthOf(text, quote, nth);
  if (start < 0) start = text.indexOf(quote); // some of them were changed since
  if (start < 0) return null;
  const end = start + quote.length;
  const range = document.createRange();
  const point = (at, isEnd) => {
    const piece = pieces.findLast((one) => (isEnd ? one.start < at : one.start <= at));
    return piece.node.nodeType === Node.TEXT_NODE ? [piece.node, at - piece.start] : [piece.node.parentNode, [...piece.node.parentNode.childNodes].indexOf(piece.node)];
  };
  range.setStart(...point(start, false));
  range.setEnd(...point(end, true));
  return range;
}

function frame(thing) {
  const box = thing.getBoundingClientRect();
  const mark = document.createElement("div");
  mark.className = "shown-place";
  for (const [name, value] of Object.entries({ left: box.left + scrollX - 6, top: box.top + scrollY - 4, width: box.width + 12, height: box.height + 8 })) mark.style[name] = `${value}px`;
  document.body.append(mark);
  addEventListener("resize", () => mark.remove(), { once: true }); // it would stand elsewhere
  setTimeout(() => mark.remove(), FOUND_FOR);
}

function inEditor(root, { tag, nth, quote }) {
  root.focus({ preventScroll: true });
  const element = tag ? [...root.querySelectorAll(tag)].filter((one) => !one.matches(SKIPPED))[nth] : null;
  let range = element ? null : quote && rangeOf(root, quote, nth);
  if (element) {
    range = document.createRange();
    if (element.matches("img")) range.selectNode(element);
    else range.selectNodeContents(element);
  }
  if (!range) {
    root.scrollIntoView({ block: "center" });
    return frame(root);
  }
  const selection = getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
  const near = element ?? range.startContainer.parentElement;
  near.scrollIntoView({ block: "center" });
  const show = () => frame(element ?? range);
  if (near.matches("img") && !near.complete) near.addEventListener("load", show, { once: true });
  else requestAnimationFrame(show);
}

function inField(field, { quote }) {
  field.focus({ preventScroll: true });
  const at = quote && field.setSelectionRange ? field.value.indexOf(quote) : -1;
  if (at >= 0) field.setSelectionRange(at, at + quote.length);
  field.scrollIntoView({ block: "center" });
  frame(field);
}

function go({ field: name, tag, nth, quote }) {
  const place = { tag, nth: Number(nth) || 0, quote };
  const group = document.getElementById(`${name}-group`);
  const field = room.elements[name] ?? group?.querySelector("select, input:not([type=hidden]), a");
  if (!field) return;
  delete document.documentElement.dataset.rail; // what is folded cannot be shown
  for (let part = field.closest("details"); part; part = part.parentElement.closest("details")) part.open = true;
  const editor = editorOf(field);
  if (editor && name === field.name && field.matches("textarea")) inEditor(editor, place);
  else inField(field.checkVisibility?.() === false ? field.parentElement.querySelector("a, button, [tabindex]") ?? field : field, place);
}

function placeOf({ dataset: { go: field, tag, nth, quote } }) {
  return { field, tag, nth, quote };
}

if (room) {
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-go]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    link.closest("dialog")?.close();
    go(placeOf(link));
  });
  const asked = new URLSearchParams(location.search);
  if (asked.has("go")) {
    history.replaceState(history.state, "", location.pathname);
    const [field, tag, nth, quote] = ["go", "tag", "nth", "quote"].map((name) => asked.get(name) ?? "");
    addEventListener("load", () => setTimeout(() => go({ field, tag, nth, quote })));
  }
}

// The checks in the rail

let checking;

// The address of a page about the article; none before its first words are saved.
function addressOf(name) {
  const [, before] = new URL(room.action || location.href, location.href).pathname.match(/^(.*\/\d+\/)change\/$/) ?? [];
  return before && before + name;
}

async function checkAgain() {
  const part = document.querySelector("[data-checks]"); // none where the article has just been begun
  const address = addressOf("checks/");
  if (!address || part?.checkVisibility() === false) return;
  const answer = await fetch(address).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  const template = document.createElement("template");
  template.innerHTML = await answer.text();
  const fresh = template.content.querySelector("[data-checks]");
  if (!fresh) return;
  if (!part) return room.querySelector(".rail__state")?.after(fresh);
  if (fresh.innerHTML === part.innerHTML) return;
  const had = part.contains(document.activeElement);
  part.replaceChildren(...fresh.childNodes);
  if (had) part.querySelector("summary").focus();
}

room?.addEventListener("keeping:saved", () => {
  clearTimeout(checking);
  checking = setTimeout(checkAgain, CHECK_AFTER);
});

// The hour, told for each office

function follow(sheet) {
  const part = sheet.querySelector("[data-when]");
  if (!part) return;
  const form = part.querySelector("form");
  let asked = 0;
  let waiting;
  const tell = async () => {
    const turn = ++asked;
    const query = new URLSearchParams([...new FormData(form)].filter(([name]) => name === "when" || name.startsWith("moment")));
    const answer = await fetch(`${part.dataset.when}?${query}`).catch(() => null);
    if (!answer || answer.redirected || turn !== asked) return;
    const fresh = sheetOf(await answer.text());
    if (!fresh || turn !== asked) return;
    part.querySelector("[data-when-told]").replaceChildren(...fresh.querySelector("[data-when-told]").childNodes);
    const [old, label] = [sheet, fresh].map((one) => one.querySelector("[data-label]"));
    if (old && label) old.replaceChildren(...label.childNodes);
  };
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(tell, 250);
  });
}

function sheetOf(html) {
  return new DOMParser().parseFromString(html, "text/html").querySelector("[data-sheet]");
}

// The dialog

const dialog = room && Object.assign(document.createElement("dialog"), { className: "publish" });
// Buttons that save first, by name, and the page that each leads to.
const PAGES = { _publish_dialog: "publish/", _schedule_dialog: "publish/?when=later", _ask: "review/" };

// What a page has to say, over the words; false where it can only be had as a page.
async function show(address) {
  const answer = address && await fetch(address).catch(() => null);
  const sheet = answer?.ok && !answer.redirected && sheetOf(await answer.text());
  if (!sheet) return false;
  dialog.replaceChildren(document.adoptNode(sheet));
  dialog.setAttribute("aria-labelledby", "publish-title");
  if (!dialog.isConnected) document.body.append(dialog);
  follow(sheet);
  if (!dialog.open) dialog.showModal();
  // What is meant next: the hour, who is asked, or the button where nothing is red.
  const { value: when } = sheet.querySelector("[name=when]:checked") ?? {};
  const first = when === "later" ? ".hour input" : ".ask-form :is(select, textarea)";
  (sheet.querySelector(first) ?? sheet.querySelector(".button--main")).focus();
  return true;
}

async function open(button) {
  button.setAttribute("aria-busy", "true");
  try {
    const isSettled = await room.settled?.();
    const page = addressOf("");
    const isShown = isSettled && page && await show(`${page}${PAGES[button.name]}`);
    if (!isShown) room.requestSubmit(button); // it is a page then
  } finally {
    button.removeAttribute("aria-busy");
  }
}

async function follows(link) {
  const isSettled = await room.settled?.();
  if (!isSettled || !(await show(link.href))) location.assign(link.href);
}

if (room) {
  let isPassing = false;
  room.addEventListener("submit", (event) => {
    if (isPassing || !(event.submitter?.name in PAGES)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    isPassing = true;
    open(event.submitter).finally(() => {
      isPassing = false;
    });
  }, true);
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-opens]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    follows(link);
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
    if (!event.target.closest("[data-close]")) return;
    event.preventDefault();
    dialog.close();
  });
} else {
  const sheet = document.querySelector("[data-sheet]");
  if (sheet) follow(sheet);
}
