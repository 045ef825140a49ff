// Pictures: dropped, pasted or chosen from the library. One that is new stands at its place at once and
// asks there what it shows; it goes into the library, and into the text, with the answer.
import { Extension, Figure as BaseFigure, Image as BaseImage, Plugin, pm } from "django-prose-editor/editor";
import { around, element, newId } from "prose/parts";

const KEY = new pm.state.PluginKey("pictures");
const { Decoration, DecorationSet } = pm.view;
const PICTURE = /^image\//;

export const picturesOf = (data) => [...(data?.files ?? [])].filter((file) => PICTURE.test(file.type) || /\.hei[cf]$/i.test(file.name));

// Pictures that pasted text brought, by the mark that stands where each belongs.
const brought = new Map();
export const bring = (source, alt) => {
  const mark = newId("picture");
  brought.set(mark, { source, alt });
  return mark;
};

// One that is not in the library is never asked for: a box says what stands there. What is in the
// text as it was stored stays in it.
export const Image = BaseImage.extend({
  addAttributes() {
    const pending = { default: null, parseHTML: (image) => image.getAttribute("data-pending"), renderHTML: () => ({}) };
    return { ...this.parent?.(), pending };
  },

  parseHTML() {
    return [...(this.parent?.() ?? []), { tag: "img[data-pending]" }];
  },

  addInputRules() {
    return []; // ![words](address) typed is words
  },

  addNodeView() {
    return ({ node }) => {
      const { src, alt, file } = node.attrs;
      if (file) return { dom: element("picture", {}, element("img", { src, alt: alt ?? "" })) }; // on its plate, as readers get it
      const says = "A picture that is not in the library stood here. Readers do not see it: add its file instead.";
      return { dom: element("span", { className: "not-ours", role: "img", "aria-label": says, textContent: says }) };
    };
  },
});

export const Figure = BaseFigure.extend({
  addExtensions() {
    return []; // what floated over a picture stands below it: prose/describing
  },

  addCommands() {
    const { toggleCaption } = this.parent?.() ?? {};
    return { toggleCaption };
  },
});

const figure = (schema, { id, url, alt, caption }) => {
  const image = schema.nodes.image.create({ src: url, alt, file: String(id) });
  const below = caption ? [schema.nodes.caption.create(null, schema.text(caption))] : [];
  return schema.nodes.figure.create(null, [image, ...below]);
};

// Below the block that holds the place, or in its stead where it is empty. The cursor goes behind it.
const putIn = (editor, picture, position) => {
  const { state, view } = editor;
  const { tr, schema } = state;
  const place = tr.doc.resolve(position);
  const block = place.depth ? place.node(1) : place.nodeBefore;
  const start = place.depth ? place.before(1) : position - (block?.nodeSize ?? 0);
  const end = place.depth ? place.after(1) : position;
  const isFree = block?.type.name === "paragraph" && !block.content.size;
  const made = figure(schema, picture);
  tr.replaceWith(isFree ? start : end, end, made);
  const behind = (isFree ? start : end) + made.nodeSize;
  if (behind >= tr.doc.content.size) tr.insert(behind, schema.nodes.paragraph.create());
  tr.setSelection(pm.state.Selection.near(tr.doc.resolve(behind + 1)));
  view.dispatch(tr.scrollIntoView());
};

// The library, in a window of its own: it hands over what is chosen as it would to CKEditor.
const waiting = new Map();
window.CKEDITOR = {
  tools: {
    callFunction(number, url, { id, alternative_text: alt, caption }) {
      waiting.get(Number(number))?.({ id, url, alt, caption });
      waiting.delete(Number(number));
    },
  },
};

export const choosePicture = (editor) => {
  const { pickerUrl } = optionsOf(editor, "figure");
  const number = waiting.size + Date.now();
  waiting.set(number, (picture) => {
    putIn(editor, picture, editor.state.selection.to);
    editor.commands.focus();
  });
  const address = new URL(pickerUrl, location);
  address.searchParams.set("CKEditorFuncNum", number);
  window.open(address, "_blank", "width=800,height=600");
  return true;
};

const optionsOf = (editor, name) => editor.extensionManager.extensions.find((one) => one.name === name).options;

// Asks for each of these files below the block that holds the place.
export const askFor = (editor, files, position = editor.state.selection.to) => {
  const place = editor.state.doc.resolve(position);
  const at = place.depth ? place.after(1) : position;
  const asked = files.map((file) => ({ id: newId("asked"), at, file, alt: "" }));
  editor.view.dispatch(editor.state.tr.setMeta(KEY, { asked }));
};

const fileOf = (source) => {
  if (source instanceof File) return source;
  const found = /^data:(image\/[\w.+-]+)[^,]*?(;base64)?,(.*)$/is.exec(source);
  if (!found) return null;
  try {
    const content = found[2] ? Uint8Array.from(atob(found[3]), (letter) => letter.charCodeAt(0)) : decodeURIComponent(found[3]);
    return new File([content], "", { type: found[1] });
  } catch {
    return null; // half of a picture
  }
};

const titleOf = (file) => {
  const name = file.name.replace(/\.[^.]*$/, "");
  // What every screenshot on a clipboard is called tells nobody anything.
  return name && name !== "image" ? name : `Pasted on ${new Date().toLocaleString("en-US", { dateStyle: "long", timeStyle: "short" })}`;
};

const send = async (editor, file, alt, isDecorative) => {
  const data = new FormData();
  data.append("csrfmiddlewaretoken", editor.view.dom.closest("form").elements.csrfmiddlewaretoken.value);
  data.append("file", file, file.name || "pasted.png");
  data.append("title", titleOf(file).slice(0, 120));
  data.append("alt", alt);
  if (isDecorative) data.append("is_decorative", "on");
  try {
    const answer = await fetch(optionsOf(editor, "pictures").uploadUrl, { method: "POST", body: data, headers: { Accept: "application/json" } });
    if (answer.status === 403) return { error: "You don’t have permission to add pictures. Ask a publisher to add it." };
    if (answer.status === 413) return { error: "The file is too large. Export it as a smaller JPEG." };
    if (answer.redirected) return { error: "You are signed out. Open another tab, sign in there, then press Keep again." };
    return await answer.json();
  } catch {
    return { error: "The site cannot be reached. Your text is safe here: try again in a moment." };
  }
};

// The picture at its place, with what is asked of it. No form: it stands in that of the article.
const question = (editor, { id, file, alt }) => {
  const shown = element("img", { className: "ask__picture", alt: "", hidden: true });
  const reader = new FileReader();
  reader.addEventListener("load", () => { shown.src = reader.result; });
  shown.addEventListener("load", () => { shown.hidden = false; });
  reader.readAsDataURL(file);
  const field = newId("ask");
  const words = element("input", { id: field, type: "text", value: alt, maxLength: 250, autocomplete: "off" });
  const isDecorative = element("input", { type: "checkbox" });
  const wrong = element("p", { className: "ask__wrong", role: "alert" });
  const keep = element("button", { type: "button", className: "button", textContent: "Keep" });
  const drop = element("button", { type: "button", className: "ask__drop", textContent: "Leave it out" });
  const dom = element(
    "div",
    { className: "ask", contentEditable: "false", role: "group", "aria-label": "New picture" },
    shown,
    element("label", { htmlFor: field }, element("b", { textContent: "What does it show?" }), " For readers who cannot see it."),
    element("div", { className: "ask__row" }, words, keep, drop),
    element("label", { className: "ask__row" }, isDecorative, "It is decoration and says nothing new"),
    wrong,
  );
  const end = () => editor.view.dispatch(editor.state.tr.setMeta(KEY, { done: id }));
  const add = async () => {
    if (keep.disabled) return;
    keep.disabled = true;
    wrong.textContent = "";
    const answer = await send(editor, file, words.value, isDecorative.checked);
    keep.disabled = false;
    wrong.textContent = answer.error ?? "";
    const place = KEY.getState(editor.state).find(undefined, undefined, (spec) => spec.key === id)[0]?.from;
    if (answer.error || place === undefined) return;
    end();
    putIn(editor, answer, place);
    const next = around(editor).querySelector(".ask input[type=text]");
    if (next) next.focus();
    else editor.commands.focus();
  };
  keep.addEventListener("click", add);
  drop.addEventListener("click", () => {
    end();
    editor.commands.focus();
  });
  dom.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target !== drop && !event.isComposing) {
      event.preventDefault(); // or the article's form would be sent
      add();
    } else if (event.key === "Escape") {
      event.stopPropagation(); // it would close what is around the text
      editor.commands.focus();
    }
  });
  return dom;
};

export const Pictures = Extension.create({
  name: "pictures",

  addOptions() {
    return { uploadUrl: "" };
  },

  addProseMirrorPlugins() {
    const { editor } = this;
    const drawn = ({ id, at, file, alt }, side) => Decoration.widget(at, () => question(editor, { id, file, alt }), {
      key: id, side: side + 1, stopEvent: () => true, ignoreSelection: true,
    });
    return [
      new Plugin({
        key: KEY,
        state: {
          init: () => DecorationSet.empty,
          apply(tr, before) {
            const { asked = [], done } = tr.getMeta(KEY) ?? {};
            const known = before.map(tr.mapping, tr.doc);
            const left = done ? known.remove(known.find(undefined, undefined, (spec) => spec.key === done)) : known;
            return asked.length ? left.add(tr.doc, asked.map(drawn)) : left;
          },
        },
        // Where pasted text had pictures that are still to be uploaded.
        appendTransaction(transactions, _, { doc, tr }) {
          if (!brought.size || !transactions.some((one) => one.docChanged)) return null;
          const found = [];
          doc.descendants((node, at, parent) => {
            if (node.type.name === "image" && node.attrs.pending) found.unshift({ node, at, parent });
          });
          if (!found.length) return null;
          const asked = [];
          for (const { node, at, parent } of found) {
            const picture = brought.get(node.attrs.pending);
            brought.delete(node.attrs.pending);
            const isIn = parent.type.name === "figure";
            const from = isIn ? at - 1 : at;
            tr.delete(from, isIn ? from + parent.nodeSize : at + node.nodeSize);
            const file = picture && fileOf(picture.source);
            if (file) asked.unshift({ id: newId("asked"), from: tr.mapping.maps.length, at: from, file, alt: picture.alt });
          }
          for (const one of asked) {
            const place = tr.doc.resolve(Math.min(tr.mapping.slice(one.from).map(one.at), tr.doc.content.size));
            one.at = place.depth ? place.after(1) : place.pos;
          }
          return tr.setMeta(KEY, { asked });
        },
        // The first of those that are new is asked for at once.
        view: () => ({
          update({ state }, before) {
            if (KEY.getState(state).find().length <= KEY.getState(before).find().length) return;
            setTimeout(() => around(editor)?.querySelector(".ask input[type=text]")?.focus());
          },
        }),
        props: {
          decorations: (state) => KEY.getState(state),
        },
      }),
    ];
  },
});
