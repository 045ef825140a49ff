// A block of code: its language stands on it and is asked for, Tab indents, Esc leaves.
import { CodeBlock as Base, pm } from "django-prose-editor/editor";
import { LANGUAGES, languageNamed } from "prose/languages";
import { element } from "prose/parts";

const INDENT = "    ";
const { Selection, TextSelection } = pm.state;

const inCode = ({ selection }) => selection.$from.parent.type.spec.code && selection.$from.sameParent(selection.$to);

// The starts of the lines that are touched, the last first, so that a change moves no other.
const lineStarts = ({ selection }) => {
  const { $from, $to } = selection;
  const text = $from.parent.textContent;
  const start = $from.start();
  const starts = [];
  let at = text.slice(0, $from.parentOffset).lastIndexOf("\n") + 1;
  do {
    starts.unshift([start + at, text.slice(at)]);
    at = text.indexOf("\n", at) + 1;
  } while (at && at < $to.parentOffset);
  return starts;
};

const indent = ({ state, view }) => {
  if (!inCode(state)) return false;
  const { selection, tr } = state;
  if (selection.empty) {
    const column = selection.$from.parent.textContent.slice(0, selection.$from.parentOffset).split("\n").at(-1).length;
    tr.insertText(INDENT.slice(column % INDENT.length));
  } else for (const [at] of lineStarts(state)) tr.insertText(INDENT, at);
  view.dispatch(tr.scrollIntoView());
  return true;
};

const outdent = ({ state, view }) => {
  if (!inCode(state)) return false;
  const { tr } = state;
  for (const [at, line] of lineStarts(state)) {
    const blank = /^(\t| {1,4})/.exec(line)?.[0].length ?? 0;
    if (blank) tr.delete(at, at + blank);
  }
  view.dispatch(tr.scrollIntoView());
  return true;
};

// A new line begins where this one does.
const newline = ({ state, view }) => {
  if (!inCode(state)) return false;
  const { $from } = state.selection;
  const line = $from.parent.textContent.slice(0, $from.parentOffset).split("\n").at(-1);
  const blank = line.trim() ? /^[ \t]*/.exec(line)[0] : "";
  view.dispatch(state.tr.insertText(`\n${blank}`).scrollIntoView());
  return true;
};

const leave = ({ state, view }) => {
  if (!inCode(state)) return false;
  const after = state.selection.$from.after();
  const { tr } = state;
  const next = tr.doc.resolve(after).nodeAfter;
  if (!next?.isTextblock || next.type.spec.code) tr.insert(after, state.schema.nodes.paragraph.create());
  tr.setSelection(Selection.near(tr.doc.resolve(after + 1)));
  view.dispatch(tr.scrollIntoView());
  return true;
};

const options = (chosen) => {
  const known = LANGUAGES.some(([value]) => value === chosen);
  const other = chosen && !known ? [[chosen, chosen]] : [];
  return [["", "Choose a language"], ...other, ...LANGUAGES].map(([value, textContent]) => element("option", { value, textContent }));
};

class CodeView {
  constructor({ node, editor, getPos }) {
    Object.assign(this, { node, editor, getPos });
    this.contentDOM = element("code", { spellcheck: false });
    this.select = element("select", { className: "code__language", "aria-label": "Language of this code", "aria-required": "true" });
    const head = element("div", { className: "code__head", contentEditable: "false" }, this.select);
    this.dom = element("div", { className: "code" }, head, element("pre", {}, this.contentDOM));
    this.select.addEventListener("change", () => this.choose());
    this.select.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" && event.key !== "Enter") return;
      event.preventDefault();
      event.stopPropagation();
      this.enter();
    });
    this.show();
  }

  get language() {
    return languageNamed(this.node.attrs.language);
  }

  show() {
    if (this.select.dataset.shown !== this.language) {
      this.select.replaceChildren(...options(this.language));
      this.select.dataset.shown = this.language;
    }
    this.select.value = this.language;
    this.select.setAttribute("aria-invalid", String(!this.language));
  }

  choose() {
    const { state, view } = this.editor;
    view.dispatch(state.tr.setNodeMarkup(this.getPos(), undefined, { ...this.node.attrs, language: this.select.value || null }));
  }

  // Into the code, where the cursor was in it; else to its beginning.
  enter() {
    const { state, view } = this.editor;
    const at = this.getPos();
    const isInside = state.selection.from > at && state.selection.to < at + this.node.nodeSize;
    if (!isInside) view.dispatch(state.tr.setSelection(TextSelection.create(state.doc, at + 1)));
    view.focus();
  }

  update(node) {
    if (node.type !== this.node.type) return false;
    this.node = node;
    this.show();
    return true;
  }

  stopEvent(event) {
    return this.select.contains(event.target);
  }

  ignoreMutation(mutation) {
    return mutation.type !== "selection" && !this.contentDOM.contains(mutation.target);
  }
}

export const CodeBlock = Base.extend({
  addNodeView() {
    return (given) => new CodeView(given);
  },

  addKeyboardShortcuts() {
    const { editor } = this;
    const { "Mod-Alt-c": _, ...others } = this.parent?.() ?? {}; // with AltGr it types ć
    const enter = () => others.Enter({ editor }) || newline(editor);
    return { ...others, Enter: enter, Tab: () => indent(editor), "Shift-Tab": () => outdent(editor), Escape: () => leave(editor) };
  },

  addProseMirrorPlugins() {
    return []; // code from an editor: prose/pasting
  },
});

// A block without a language is asked for it at once. `focus` would come a frame later, and take the
// focus from the question.
export const addCode = (editor) => {
  editor.chain().setCodeBlock().run();
  const { $from } = editor.state.selection;
  if (!$from.parent.type.spec.code) return false;
  if ($from.parent.attrs.language) editor.view.focus();
  else editor.view.nodeDOM($from.before())?.querySelector("select")?.focus();
  return true;
};
