// The room around a text: the rail folds, everything but the words can be put away, what stands in the
// rail follows what is typed. Without this the page is a form like any other.
const root = document.documentElement;
const form = document.querySelector(".writing");
const paper = form.querySelector("[data-paper]");
const isTyping = (element) => element.matches?.("input, textarea, select") || element.isContentEditable;

// Lines of text are as high as their words

const canGrow = CSS.supports("field-sizing", "content");

function grow(field) {
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}

if (!canGrow) {
  const fields = [...paper.querySelectorAll(".grows > textarea")].filter((one) => !one.closest(".paper__field--prose"));
  new ResizeObserver(() => fields.forEach(grow)).observe(paper);
  document.fonts.ready.then(() => fields.forEach(grow));
  paper.addEventListener("input", ({ target }) => fields.includes(target) && grow(target));
}

// Enter leads on from a line that has no second one
paper.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.isComposing) return;
  if (!event.target.closest(".paper__field--title")) return;
  event.preventDefault();
  const fields = [...paper.querySelectorAll("textarea, [contenteditable=true]")].filter((one) => one.checkVisibility());
  fields[fields.indexOf(event.target) + 1]?.focus();
});

const HINTS = { title: "Title", lede: "One or two sentences, for cards and search results", text: "Write or paste" };
for (const [kind, hint] of Object.entries(HINTS)) {
  for (const field of paper.querySelectorAll(`.paper__field--${kind} textarea`)) field.placeholder ||= hint;
}
if ("new" in form.dataset && !paper.querySelector(".errornote")) paper.querySelector("textarea")?.focus();

// The words are drawn by the public page's own stylesheet, and the bar of formatting is above all of them

function asRead(editor) {
  const around = editor.view.dom.closest(".prose-editor");
  const lift = () => {
    const tools = around.querySelector(":scope > .tools");
    if (tools) paper.prepend(tools);
  };
  new MutationObserver(lift).observe(around, { childList: true }); // an editor may make its bar anew
  lift();
  const { editorProps = {} } = editor.options;
  const { attributes = {} } = editorProps;
  if (typeof attributes === "function" || /\bprose\b/.test(attributes.class ?? "")) return;
  const names = [attributes.class, "prose"].filter(Boolean).join(" ");
  editor.setOptions({ editorProps: { ...editorProps, attributes: { ...attributes, class: names } } });
}

document.addEventListener("prose-editor:ready", ({ detail }) => asRead(detail.editor));
for (const writing of paper.querySelectorAll("[contenteditable]")) if (writing.editor) asRead(writing.editor);

// The rail

const fold = form.querySelector("[data-fold]");

function isFolded() {
  return root.dataset.rail === "folded";
}

function foldRail(folded) {
  if (folded) root.dataset.rail = "folded";
  else delete root.dataset.rail;
  fold.setAttribute("aria-expanded", String(!folded));
  try {
    localStorage.setItem("room.rail", folded ? "folded" : "open");
  } catch { /* it is folded for now */ }
}

fold.setAttribute("aria-expanded", String(!isFolded()));
fold.addEventListener("click", () => foldRail(!isFolded()));
// What is wrong is not folded away.
if (isFolded() && form.querySelector(".rail .errorlist")) foldRail(false);
for (const wrong of form.querySelectorAll(".rail .errorlist")) {
  for (let part = wrong.closest("details"); part; part = part.parentElement.closest("details")) part.open = true;
}

// In peace: nothing but the words, and one gray line

const foot = document.createElement("p");
foot.className = "focus__foot quiet";
foot.innerHTML = '<span data-saved-too></span><span data-count-too></span><button type="button" class="plain">Leave focus <kbd>Esc</kbd></button>';
form.append(foot);
const focusButton = form.querySelector("[data-focused]");

function focus(isOn) {
  root.classList.toggle("focused", isOn);
  focusButton.setAttribute("aria-pressed", String(isOn));
  if (isOn) copySaved();
  if (isOn && !paper.contains(document.activeElement)) (paper.querySelector(".ProseMirror") ?? paper.querySelector("textarea"))?.focus();
  if (!isOn && !isTyping(document.activeElement)) focusButton.focus();
}

function copySaved() {
  const said = form.querySelector(".bar [data-saved] .saved__words");
  foot.querySelector("[data-saved-too]").textContent = said?.textContent ?? "";
}

focusButton.addEventListener("click", () => focus(!root.classList.contains("focused")));
foot.querySelector("button").addEventListener("click", () => focus(false));
const saved = form.querySelector(".bar [data-saved]");
if (saved) new MutationObserver(copySaved).observe(saved, { subtree: true, childList: true, characterData: true });

// Esc closes what stands open first. The editor takes every Esc for its own, so what was open is asked before.
const OPEN = "dialog[open], [popover]:popover-open, .menu:not([hidden])";
let hadMenu = false;
addEventListener("keydown", ({ target }) => {
  hadMenu = Boolean(document.querySelector(OPEN) ?? target.closest?.(".ask"));
}, true);

addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  const isOn = root.classList.contains("focused");
  if (event.key === "Escape" && isOn && !hadMenu) return focus(false);
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
  if (event.shiftKey && event.code === "KeyF") {
    event.preventDefault();
    focus(!isOn);
  } else if (!event.shiftKey && event.key === "." && !isOn) {
    event.preventDefault();
    foldRail(!isFolded());
  }
});

// A box that completes names says whose it is, also while it is empty

function nameChoices() {
  for (const select of form.querySelectorAll("select.admin-autocomplete")) {
    const shown = select.nextElementSibling?.querySelector(".select2-selection__rendered");
    const name = select.ariaLabel ?? select.labels[0]?.textContent.trim() ?? "";
    const chosen = select.selectedOptions[0]?.text.trim();
    shown?.setAttribute("aria-label", chosen ? `${name}: ${chosen}` : name);
  }
}

addEventListener("load", nameChoices);
document.addEventListener("formset:added", () => setTimeout(nameChoices));

// How much it is

form.addEventListener("prose:counted", ({ detail: { words, minutes, selected } }) => {
  const much = (count) => `${count.toLocaleString("en")} word${count === 1 ? "" : "s"}`;
  const place = form.querySelector("[data-count]");
  const more = document.createElement("span");
  more.className = "only-wide";
  more.textContent = ` · ${minutes} min`;
  place.replaceChildren(selected ? `${selected.toLocaleString("en")} of ${much(words)}` : much(words), ...(selected || !words ? [] : [more]));
  foot.querySelector("[data-count-too]").textContent = place.textContent;
});

// As others show it, while it is written

const valueOf = (name) => form.elements[name]?.value?.trim() ?? "";

function mirror() {
  for (const place of form.querySelectorAll("[data-mirrors]")) {
    const text = place.dataset.mirrors.split(" ").map(valueOf).find(Boolean) ?? "";
    const most = Number(place.dataset.most);
    if (place.textContent !== text) place.textContent = text;
    place.classList.toggle("too-long", Boolean(most) && text.length > most);
  }
  const long = form.querySelectorAll("[data-hit] .too-long").length;
  const fits = form.querySelector("[data-fits]");
  if (fits) fits.textContent = !valueOf("title") ? "" : long ? "cut off" : "fits";
  const authors = form.querySelector("[data-mirrors-authors]");
  if (authors) authors.textContent = [...form.querySelectorAll("#bylines-group tr.form-row:not(.empty-form) select")].map((one) => one.selectedOptions[0]?.text.trim()).filter((name) => name && !/^-+$/.test(name)).join(", ");
}

function tick() {
  for (const many of form.querySelectorAll(".ticks")) {
    const place = many.querySelector("[data-ticked]");
    const names = [...many.querySelectorAll(":checked")].map((one) => one.labels[0]?.textContent.trim());
    place.textContent = names.join(", ") || place.dataset.none;
  }
}

// Nothing repeats the text itself, which says so with every key.
form.addEventListener("input", ({ target }) => target.closest(".prose-editor") || mirror());
form.addEventListener("change", () => {
  mirror();
  tick();
});
// Fields that complete names tell nobody but jQuery.
addEventListener("load", () => window.django?.jQuery(form).on("change", "select", () => {
  mirror();
  nameChoices();
}));
mirror();
tick(); // a browser may have brought back what was ticked
