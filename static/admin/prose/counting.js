// The words of the text and of what is selected, told to the form; and the text as HTML after each
// key. A block that did not change is neither counted nor written again: ten thousand words cost as
// little as ten.
import { Extension, pm } from "django-prose-editor/editor";

const WORDS_A_MINUTE = 238; // as in prose/rendering.py
const PAUSE = 150; // ms

const wordsIn = (text) => text.match(/\S+/g)?.length ?? 0;

// Of each block of a document what `work` makes of it, once.
const remembering = (work) => {
  const known = new WeakMap();
  return (block) => {
    if (!known.has(block)) known.set(block, work(block));
    return known.get(block);
  };
};

const written = (schema) => {
  const serializer = pm.model.DOMSerializer.fromSchema(schema);
  const foreignDocument = document.implementation.createHTMLDocument();
  return remembering((block) => {
    const holder = foreignDocument.createElement("div");
    holder.append(serializer.serializeNode(block, { document: foreignDocument }));
    return holder.innerHTML;
  });
};

export const Counting = Extension.create({
  name: "counting",

  addStorage() {
    return { later: null, last: "" };
  },

  onBeforeCreate() {
    const { editor, storage } = this;
    const wordsOf = remembering((block) => wordsIn(block.textBetween(0, block.content.size, " ", " ")));
    let htmlOf = null;
    editor.getHTML = () => {
      htmlOf ??= written(editor.schema);
      const parts = [];
      editor.state.doc.forEach((block) => parts.push(htmlOf(block)));
      return parts.join("");
    };
    const count = () => {
      const { doc, selection } = editor.state;
      let words = 0;
      doc.forEach((block) => { words += wordsOf(block); });
      const selected = selection.empty ? 0 : wordsIn(doc.textBetween(selection.from, selection.to, " ", " "));
      return { words, minutes: Math.max(1, Math.ceil(words / WORDS_A_MINUTE)), selected };
    };
    storage.tell = () => {
      storage.later = null;
      if (editor.isDestroyed) return;
      const field = editor.view.dom.closest(".prose-editor")?.querySelector("textarea");
      const detail = { ...count(), field: field?.name };
      if (JSON.stringify(detail) === storage.last) return;
      storage.last = JSON.stringify(detail);
      field?.form?.dispatchEvent(new CustomEvent("prose:counted", { bubbles: true, detail }));
    };
  },

  onCreate() {
    this.storage.tell();
  },

  onTransaction() {
    this.storage.later ??= setTimeout(this.storage.tell, PAUSE);
  },

  onDestroy() {
    clearTimeout(this.storage.later);
  },
});
