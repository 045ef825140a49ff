// The fields of a form: what they showed at first, what they have now, and how to fill them in.
const NEVER = /^(csrfmiddlewaretoken|seen|kept_windows|_.*|.*__prefix__.*)$|-(seen|open|decide|INITIAL_FORMS|MIN_NUM_FORMS|MAX_NUM_FORMS)$/;
const TYPES = new Set(["password", "file", "submit", "button", "image", "reset"]);
const MAX_ROWS = 60;
const CONTEXT = 60; // characters at either side of a change, by which its place is found

const isKept = (field) => field.name && !field.disabled && !TYPES.has(field.type) && !NEVER.test(field.name);
const isTicked = (field) => field.type === "checkbox" || field.type === "radio";
// Django's box of chosen ones: all of them count, whatever is highlighted.
const isChosenBox = (field) => field.matches?.("select.filtered[id$=_to]");
const same = (one, other) => one.length === other.length && one.every((value, i) => value === other[i]);

function valuesOf(field, isAtFirst) {
  if (field.options) {
    const all = [...field.options];
    const chosen = isAtFirst
      ? all.filter((option) => option.defaultSelected)
      : all.filter((option) => option.selected || isChosenBox(field));
    const shown = !chosen.length && isAtFirst && !field.multiple ? all.slice(0, 1) : chosen;
    return shown.map((option) => option.value);
  }
  if (isTicked(field)) return (isAtFirst ? field.defaultChecked : field.checked) ? [field.value] : [];
  return [isAtFirst ? field.defaultValue : field.value];
}

function read(form, isAtFirst) {
  const found = new Map();
  for (const field of form.elements) {
    if (!isKept(field)) continue;
    const values = [...(found.get(field.name) ?? []), ...valuesOf(field, isAtFirst)];
    found.set(field.name, field.multiple ? values.sort() : values);
  }
  return found;
}

// A text with the change from `sent` to `now` made in it; null where the place is not there any more.
export function rebased(sent, now, text) {
  if (sent === undefined) return null;
  let [from, to] = [0, 0];
  const most = Math.min(sent.length, now.length);
  while (from < most && sent[from] === now[from]) from += 1;
  while (to < most - from && sent[sent.length - 1 - to] === now[now.length - 1 - to]) to += 1;
  const begin = Math.max(0, from - CONTEXT);
  const end = Math.min(sent.length, sent.length - to + CONTEXT);
  const around = sent.slice(begin, end);
  const at = text.indexOf(around);
  if (!around || at < 0 || text.indexOf(around, at + 1) >= 0) return null;
  return text.slice(0, at) + now.slice(begin, now.length - to + (end - (sent.length - to))) + text.slice(at + around.length);
}

const editorOf = (field) => field.closest?.(".prose-editor")?.querySelector("[contenteditable]")?.editor;

// An editor writes the same text in its own way: that is no change.
const EMPTY = /^<(\w+)(\s[^>]*)?><\/\1>$/;
const written = (editor) => editor.getHTML().replace(EMPTY, "");

export class Fields {
  constructor(form, { isReturned }) {
    this.form = form;
    this.base = read(form, true);
    // Of a form that was refused and is shown again, everything is still to be saved.
    this.forced = new Set(isReturned ? this.base.keys() : []);
    this.alike = new Map(); // by name: how an editor writes what was there
    document.addEventListener("prose-editor:ready", ({ target, detail }) => this.#adopt(target, detail.editor));
    for (const field of form.querySelectorAll(".prose-editor textarea")) {
      if (editorOf(field)) this.#adopt(field, editorOf(field));
    }
  }

  #adopt(field, editor) {
    if (field.form === this.form && field.value === field.defaultValue) this.alike.set(field.name, written(editor));
  }

  #isChanged(name, values) {
    const base = this.base.get(name);
    if (!base) return values.some((value) => value !== "");
    if (this.forced.has(name)) return true;
    return !same(values, base) && !(values.length === 1 && this.alike.get(name) === values[0]);
  }

  now() {
    return read(this.form, false);
  }

  // What is not as the page showed it, and the names of what was chosen from elsewhere.
  changes() {
    const now = this.now();
    const [fields, labels] = [{}, {}];
    for (const name of new Set([...this.base.keys(), ...now.keys()])) {
      const values = now.get(name) ?? [];
      if (this.#isChanged(name, values)) fields[name] = values;
    }
    for (const select of this.form.querySelectorAll("select.admin-autocomplete")) {
      if (!fields[select.name]) continue;
      labels[select.name] = Object.fromEntries([...select.selectedOptions].map((one) => [one.value, one.text]));
    }
    return { fields, labels };
  }

  // The row has these values now, and the page knows it.
  settle(name, values) {
    this.base.set(name, values);
    this.alike.delete(name);
    this.forced.delete(name);
  }

  isUntouched(name) {
    return !this.#isChanged(name, this.now().get(name) ?? []);
  }

  fill(fields, labels = {}) {
    for (const [name, [count]] of Object.entries(fields)) {
      if (name.endsWith("-TOTAL_FORMS")) this.#addRows(name, Number(count));
    }
    for (const [name, values] of Object.entries(fields)) {
      if (!name.endsWith("_FORMS")) this.set(name, values, labels[name]);
    }
  }

  #addRows(name, wanted) {
    const total = this.form.elements[name];
    for (let i = 0; total && Number(total.value) < wanted && i < MAX_ROWS; i += 1) {
      const before = total.value;
      this.form.querySelector(`#${CSS.escape(name.replace("-TOTAL_FORMS", "-group"))} .add-row a`)?.click();
      if (total.value === before) return;
    }
  }

  set(name, values, labels = {}) {
    const fields = [...this.form.elements].filter((field) => field.name === name && isKept(field));
    fields.forEach((field, i) => {
      if (field.options) choose(field, values, labels);
      else if (isTicked(field)) field.checked = values.includes(field.value);
      else write(field, values[i] ?? "");
      field.dispatchEvent(new Event("input", { bubbles: true }));
      field.dispatchEvent(new Event("change", { bubbles: true }));
    });
  }

  // As a person knows the field.
  label(name) {
    const field = [...this.form.elements].find((one) => one.name === name);
    const row = field?.closest("fieldset.module, .inline-related, tr");
    const label = field?.labels?.[0] ?? (field && document.querySelector(`label[for="${CSS.escape(field.id)}"]`));
    const group = isTicked(field ?? {}) && field.closest("fieldset, [role=group]");
    const legend = group && (group.matches("fieldset") ? group.querySelector("legend, label") : group.firstElementChild);
    const column = row?.matches("tr") && field.closest("td")?.dataset.label;
    const text = (legend || label)?.textContent || column || field?.ariaLabel;
    return (text ?? name.replace(/_\d$/, "").replace(/^.*-/, "").replaceAll("_", " ")).trim().replace(/:$/, "");
  }

  isProse(name) {
    return Boolean([...this.form.elements].find((field) => field.name === name && field.closest(".prose-editor")));
  }

  // What a choice is called; any other value is its own name.
  say(name, values, labels = {}) {
    const fields = [...this.form.elements].filter((field) => field.name === name);
    const names = values.map((value) => {
      const option = fields.flatMap((field) => [...(field.options ?? [])]).find((one) => one.value === value);
      const ticked = fields.find((field) => isTicked(field) && field.value === value);
      return labels[value] ?? option?.text ?? (ticked && fields.length > 1 ? ticked.labels[0]?.textContent.trim() : ticked ? "Yes" : value);
    });
    return names.join(", ");
  }
}

function write(field, value) {
  field.value = value;
  // The editor has its own idea of the text; what is in the field counts, and the caret stays.
  const editor = editorOf(field);
  if (!editor) return;
  const { from, to } = editor.state.selection;
  editor.chain().setContent(value, { emitUpdate: false }).run();
  const last = editor.state.doc.content.size;
  editor.commands.setTextSelection({ from: Math.min(from, last), to: Math.min(to, last) });
}

function choose(select, values, labels) {
  const from = isChosenBox(select) && document.getElementById(select.id.replace(/_to$/, "_from"));
  if (from) return move(from, select, values);
  for (const value of values) {
    const isThere = [...select.options].some((option) => option.value === value);
    if (!isThere && labels[value]) select.add(new Option(labels[value], value));
  }
  for (const option of select.options) option.selected = values.includes(option.value);
  if (select.matches(".admin-autocomplete")) window.django?.jQuery(select).trigger("change");
}

function move(from, to, values) {
  for (const option of [...from.options, ...to.options]) (values.includes(option.value) ? to : from).add(option);
  for (const box of [from, to]) window.SelectBox?.init(box.id);
}
