// What a check found leads to its place in the form: a field, words in it, an element of a text. Without
// this the link leads to the field.
const FOUND_FOR = 4_000; // ms that a place is framed
const kept = document.querySelector("script[data-keeping]")?.dataset.form;
const form = kept && document.getElementById(`${kept.split(" ")[0].split(".")[1]}_form`);

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
  if (element?.matches("img") && root.editor) { // as if it were clicked: what it shows can be described then
    root.editor.commands.setNodeSelection(root.editor.view.posAtDOM(element, 0));
    element.scrollIntoView({ block: "center" });
    const show = () => frame(element);
    if (element.complete) requestAnimationFrame(show);
    else element.addEventListener("load", show, { once: true });
    return;
  }
  let range = element ? null : quote && rangeOf(root, quote, nth);
  if (element) {
    range = document.createRange();
    range.selectNodeContents(element);
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
  requestAnimationFrame(() => frame(element ?? range));
}

function inField(field, { quote }) {
  field.focus({ preventScroll: true });
  const at = quote && field.setSelectionRange ? field.value.indexOf(quote) : -1;
  if (at >= 0) field.setSelectionRange(at, at + quote.length);
  field.scrollIntoView({ block: "center" });
  if (document.activeElement !== field) frame(field); // what has the focus is framed by that
}

function go({ field: name, tag, nth, quote }) {
  const place = { tag, nth: Number(nth) || 0, quote };
  const group = document.getElementById(`${name}-group`);
  const field = form.elements[name] ?? group?.querySelector("select, input:not([type=hidden]), a");
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

if (form) {
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
