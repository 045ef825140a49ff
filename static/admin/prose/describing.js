// What a picture in the text shows, for readers who cannot see it: said below the picture that is
// selected, and edited there, beside its caption. It belongs to the picture in the library, wherever
// that stands.
import { Extension, Plugin, pm } from "django-prose-editor/editor";
import { element, newId, notify } from "prose/parts";

const KEY = new pm.state.PluginKey("describing");
const { Decoration, DecorationSet } = pm.view;

// The picture that the selection is at or in: its file, and where its figure ends.
const pictureOf = ({ doc, selection }) => {
  const { $from, from, to } = selection;
  const place = $from.depth ? $from.before(1) : from;
  const block = doc.nodeAt(place);
  if (!block || to > place + block.nodeSize) return null;
  let found = block.type.name === "image" ? block : null;
  let hasCaption = false;
  if (block.type.name === "figure") {
    block.forEach((node) => {
      found ??= node.type.name === "image" ? node : null;
      hasCaption ||= node.type.name === "caption";
    });
  }
  return found?.attrs.file ? { file: found.attrs.file, alt: found.attrs.alt ?? "", end: place + block.nodeSize, hasCaption } : null;
};

const addressOf = (editor, file) => {
  const { describeUrl } = editor.extensionManager.extensions.find(({ name }) => name === "describing").options;
  return describeUrl.replace(/\/0\//, `/${file}/`);
};

const ask = async (editor, file, data) => {
  try {
    const answer = await fetch(addressOf(editor, file), { method: data ? "POST" : "GET", body: data, redirect: "manual" });
    if (answer.status === 403) return { error: "Only whoever added this picture, or a publisher, can describe it." };
    if (answer.status === 404) return { error: "This picture is not in the library any more." };
    if (!answer.ok) return { error: "You are signed out. Open another tab, sign in there, then try again." };
    return await answer.json();
  } catch {
    return { error: "The site cannot be reached. Your text is safe here: try again in a moment." };
  }
};

// Every place of the text in which the picture stands says the same.
const settle = ({ state, view }, file, alt) => {
  const { tr } = state;
  state.doc.descendants((node, at) => {
    if (node.type.name === "image" && node.attrs.file === file) tr.setNodeMarkup(at, null, { ...node.attrs, alt });
  });
  view.dispatch(tr.setMeta("addToHistory", false).setMeta(KEY, { open: null }));
};

const line = (editor, { file, alt, hasCaption }) => {
  const words = element("span", { className: "describe__words", textContent: alt || "No description, or decoration" });
  const edit = element("button", { type: "button", textContent: "Edit description" });
  edit.addEventListener("click", async () => {
    edit.disabled = true;
    const said = await ask(editor, file);
    edit.disabled = false;
    if (said.error) notify(editor, said.error);
    else editor.view.dispatch(editor.state.tr.setMeta(KEY, { open: { ...said, file } }));
  });
  const caption = element("button", { type: "button", textContent: hasCaption ? "Remove caption" : "Add caption" });
  caption.addEventListener("click", () => editor.chain().focus().toggleCaption().run());
  return element("div", { className: "describe", contentEditable: "false", role: "group", "aria-label": "Description of the picture" }, words, edit, caption);
};

const question = (editor, { file, alt, is_decorative: isDecorative }) => {
  const field = newId("describe");
  const words = element("input", { id: field, type: "text", value: alt, maxLength: 250, autocomplete: "off" });
  const decoration = element("input", { type: "checkbox", checked: isDecorative });
  const wrong = element("p", { className: "ask__wrong", role: "alert" });
  const keep = element("button", { type: "button", className: "button", textContent: "Keep" });
  const cancel = element("button", { type: "button", className: "ask__drop", textContent: "Cancel" });
  const close = () => {
    editor.view.dispatch(editor.state.tr.setMeta(KEY, { open: null }));
    editor.commands.focus();
  };
  const send = async () => {
    if (keep.disabled) return;
    keep.disabled = true;
    const data = new FormData();
    data.append("csrfmiddlewaretoken", editor.view.dom.closest("form").elements.csrfmiddlewaretoken.value);
    data.append("alt", words.value);
    data.append("was", alt);
    if (decoration.checked) data.append("is_decorative", "on");
    const said = await ask(editor, file, data);
    keep.disabled = false;
    wrong.textContent = said.error ?? "";
    if (said.error) return;
    settle(editor, file, said.alt);
    editor.commands.focus();
  };
  keep.addEventListener("click", send);
  cancel.addEventListener("click", close);
  const dom = element(
    "div",
    { className: "ask", contentEditable: "false", role: "group", "aria-label": "Description of the picture" },
    element("label", { htmlFor: field }, element("b", { textContent: "What does it show?" }), " For readers who cannot see it. It changes wherever the picture stands."),
    element("div", { className: "ask__row" }, words, keep, cancel),
    element("label", { className: "ask__row" }, decoration, "It is decoration and says nothing new"),
    wrong,
  );
  dom.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target !== cancel && !event.isComposing) {
      event.preventDefault(); // or the article's form would be sent
      send();
    } else if (event.key === "Escape") {
      event.stopPropagation(); // it would close what is around the text
      close();
    }
  });
  setTimeout(() => words.focus());
  return dom;
};

export const Describing = Extension.create({
  name: "describing",

  addOptions() {
    return { describeUrl: "" };
  },

  addProseMirrorPlugins() {
    const { editor } = this;
    return [
      new Plugin({
        key: KEY,
        state: {
          init: () => ({ open: null, at: null }),
          apply(tr, before, _, state) {
            if (!tr.docChanged && !tr.selectionSet && !tr.getMeta(KEY)) return before;
            const at = editor.isEditable ? pictureOf(state) : null;
            const { open = before.open } = tr.getMeta(KEY) ?? {};
            return { at, open: at && open?.file === at.file ? open : null };
          },
        },
        props: {
          decorations(state) {
            const { at, open } = KEY.getState(state);
            if (!at) return null;
            const key = open ? `describe ${at.file}` : `described ${at.file} ${at.hasCaption} ${at.alt}`;
            const draw = () => (open ? question(editor, open) : line(editor, at));
            return DecorationSet.create(state.doc, [Decoration.widget(at.end, draw, { key, side: -1, stopEvent: () => true, ignoreSelection: true })]);
          },
        },
      }),
    ];
  },
});
