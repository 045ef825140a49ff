// The handle of a block, in the margin: add one below, move it, turn it into another kind, delete it.
// It stands beside the block that the pointer or the cursor is in, and is away while one types. Where the
// paper has no margin, the bar of formatting has a button for the block of the cursor. By key: Alt Shift ↑
// and ↓ move the block, Alt Enter opens its menu.
import { Extension, Plugin, pm } from "django-prose-editor/editor";
import { addCode } from "prose/code";
import { icon } from "prose/icons";
import { around, element, newId } from "prose/parts";
import { openBlocks } from "prose/slash";

const { NodeSelection, Selection, TextSelection } = pm.state;

// The block of the text that holds a position, with its place and its number.
const blockAt = (doc, position) => {
  const place = doc.resolve(Math.min(position, doc.content.size));
  const at = place.depth ? place.before(1) : place.nodeAfter ? position : position - (place.nodeBefore?.nodeSize ?? 0);
  const node = at < 0 ? null : doc.nodeAt(at);
  return node && { node, at, end: at + node.nodeSize, index: doc.resolve(at).index(0) };
};

const chosen = ({ doc, selection }) => blockAt(doc, selection.from);

// One place up or down, with the cursor in it. False at the end of the text.
const move = (editor, block, by) => {
  const { state, view } = editor;
  const { doc, selection, tr } = state;
  const other = doc.maybeChild(block.index + by);
  if (!other) return false;
  const start = by < 0 ? block.at - other.nodeSize : block.at;
  const both = by < 0 ? [block.node, other] : [other, block.node];
  tr.replaceWith(start, start + block.node.nodeSize + other.nodeSize, both);
  const at = by < 0 ? start : start + other.nodeSize;
  const isInside = selection.from >= block.at && selection.to <= block.end;
  const shift = isInside ? at - block.at : 0;
  if (isInside && selection instanceof TextSelection) tr.setSelection(TextSelection.create(tr.doc, selection.anchor + shift, selection.head + shift));
  else if (isInside && selection instanceof NodeSelection) tr.setSelection(NodeSelection.create(tr.doc, selection.from + shift));
  else tr.setSelection(Selection.near(tr.doc.resolve(at + 1)));
  view.dispatch(tr.scrollIntoView());
  return true;
};

const remove = ({ state, view }, { at, end }) => {
  const { tr } = state;
  if (tr.doc.childCount === 1) tr.replaceWith(at, end, state.schema.nodes.paragraph.create());
  else tr.delete(at, end);
  tr.setSelection(Selection.near(tr.doc.resolve(Math.min(at, tr.doc.content.size)), 1));
  view.dispatch(tr.scrollIntoView());
};

const KINDS = [
  ["Text", "paragraph", (text) => text.setParagraph()],
  ["Heading", "heading2", (text) => text.setHeading({ level: 2 })],
  ["Small heading", "heading3", (text) => text.setHeading({ level: 3 })],
  ["List", "bulletList", (text) => text.toggleBulletList()],
  ["Numbered list", "orderedList", (text) => text.toggleOrderedList()],
  ["Quote", "blockquote", (text) => text.toggleBlockquote()],
  ["Code", "codeBlock", null],
];
const TURNED = new Set(["paragraph", "heading", "bulletList", "orderedList", "blockquote", "codeBlock"]);

const kindOf = ({ type, attrs }) => (type.name === "heading" ? `heading${attrs.level}` : type.name);

const turn = (editor, { at, end }, make) => {
  const text = editor.chain().focus().setTextSelection({ from: at + 1, to: end - 1 }).clearNodes();
  if (make) make(text).run();
  else {
    text.run();
    addCode(editor);
  }
  editor.commands.setTextSelection(editor.state.selection.to); // the next key goes on behind it
};

class Handle {
  constructor(editor) {
    this.editor = editor;
    this.block = null;
    const id = newId("prose-block-menu");
    this.list = element("div", { id, className: "tools__more block-menu", popover: "auto" });
    this.list.setAttribute("role", "menu");
    this.list.setAttribute("aria-label", "This block");
    this.add = this.button("Add a block below", "add", () => this.below());
    this.opens = this.button("Move or change this block", "grip", () => this.open());
    this.opens.setAttribute("aria-haspopup", "menu");
    this.said = element("span", { className: "unseen", role: "status" });
    this.dom = element("div", { className: "handle", hidden: true }, this.add, this.opens);
    this.list.addEventListener("click", () => this.list.hidePopover());
    this.list.addEventListener("keydown", (event) => this.key(event));
    this.list.addEventListener("toggle", ({ newState }) => newState === "closed" && this.list.contains(document.activeElement) && editor.commands.focus());
  }

  button(name, drawing, act) {
    const made = element("button", { type: "button", tabIndex: -1, title: name, "aria-label": name }, icon(drawing));
    made.addEventListener("mousedown", (event) => event.preventDefault()); // the text keeps the focus
    made.addEventListener("click", act);
    return made;
  }

  item(name, act, { keys = "", isOff = false } = {}) {
    const made = element("button", { type: "button", className: "tools__words", tabIndex: -1, disabled: isOff, role: "menuitem" }, name);
    if (keys) made.append(element("kbd", { textContent: keys }));
    made.addEventListener("click", act);
    return made;
  }

  // Beside a block; nowhere, if there is none.
  show(block) {
    if (!this.dom.isConnected) around(this.editor)?.append(this.dom, this.list, this.said);
    this.block = block;
    const drawn = block && this.editor.view.nodeDOM(block.at);
    this.dom.hidden = !(drawn instanceof HTMLElement) || !this.editor.isEditable;
    if (this.dom.hidden) return;
    const [place, frame] = [drawn.getBoundingClientRect(), around(this.editor).getBoundingClientRect()];
    const line = Number.parseFloat(getComputedStyle(drawn).lineHeight) || 24;
    this.dom.style.top = `${place.top - frame.top + Math.min(line, place.height) / 2}px`;
  }

  // What it was beside may have moved since.
  current() {
    const { doc } = this.editor.state;
    const same = this.block && this.block.at < doc.content.size && blockAt(doc, this.block.at);
    return same && same.at === this.block.at ? same : chosen(this.editor.state);
  }

  below() {
    const { end } = this.current();
    this.editor.commands.setTextSelection(Math.max(1, end - 1));
    openBlocks(this.editor);
  }

  // Beside the block; or, from the bar, beside its button. There it stays open while the block is moved:
  // a finger has no key to repeat.
  open(button = null) {
    this.block = button ? chosen(this.editor.state) : this.current();
    if (!this.fill(button)) return;
    this.show(this.block);
    this.list.showPopover();
    const place = (button ?? this.dom).getBoundingClientRect();
    const below = place.bottom + 4;
    const fits = below + this.list.offsetHeight + 8 <= innerHeight;
    const top = fits || !button ? below : place.top - this.list.offsetHeight - 4;
    this.list.style.top = `${Math.max(8, Math.min(top, innerHeight - this.list.offsetHeight - 8))}px`;
    this.list.style.left = `${Math.max(8, Math.min(place.left, innerWidth - this.list.offsetWidth - 8))}px`;
    this.list.querySelector("button:enabled").focus();
  }

  fill(button) {
    const block = this.current();
    const { doc } = this.editor.state;
    if (!block) return false;
    const again = (act) => () => {
      const now = this.current();
      if (now) act(now);
      this.editor.commands.focus();
    };
    const on = (by) => (event) => {
      event.stopPropagation(); // which would close it
      const now = this.current();
      if (now) this.move(now, by);
      this.block = chosen(this.editor.state);
      this.fill(button);
      const [up, down] = this.list.children;
      const next = by < 0 ? [up, down] : [down, up];
      next.find((one) => !one.disabled)?.focus();
    };
    const moves = [[-1, "Move up", "Alt Shift ↑"], [1, "Move down", "Alt Shift ↓"]].map(([by, name, keys]) => (
      this.item(name, button ? on(by) : again((now) => this.move(now, by)), { keys: button ? "" : keys, isOff: !doc.maybeChild(block.index + by) })
    ));
    const kinds = TURNED.has(block.node.type.name)
      ? KINDS.filter(([, kind]) => kind !== kindOf(block.node)).map(([name, , make]) => this.item(`Turn into ${name.toLowerCase()}`, again((now) => turn(this.editor, now, make))))
      : [];
    const line = () => element("hr");
    this.list.replaceChildren(...moves, ...(kinds.length ? [line(), ...kinds] : []), line(), this.item("Delete", again((now) => remove(this.editor, now))));
    return true;
  }

  key(event) {
    const items = [...this.list.querySelectorAll("button:enabled")];
    const at = items.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
    if (event.key === "Tab") this.list.hidePopover();
    else if (to === undefined) return;
    else items.at(to % items.length).focus();
    event.preventDefault();
    event.stopPropagation();
  }

  move(block, by) {
    if (!move(this.editor, block, by)) return;
    const { doc } = this.editor.state;
    this.said.textContent = `Block ${block.index + by + 1} of ${doc.childCount}`;
    this.later();
  }

  later(position) {
    this.asked = position;
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      if (this.editor.isDestroyed) return;
      const { doc } = this.editor.state;
      this.show(this.asked === undefined ? chosen(this.editor.state) : blockAt(doc, Math.min(this.asked, doc.content.size)));
    });
  }

  // Beside what the pointer is over.
  over(view, { target }) {
    let drawn = target;
    while (drawn && drawn.parentNode !== view.dom) drawn = drawn.parentNode;
    if (!drawn || drawn === this.pointed) return;
    this.pointed = drawn;
    view.state.doc.forEach((_, at) => {
      if (view.nodeDOM(at) === drawn) this.later(at);
    });
  }

  update({ state }, before) {
    if (state.doc !== before.doc) {
      this.pointed = null;
      if (!this.dom.hidden) this.dom.hidden = true; // quiet while one types
    } else if (!state.selection.eq(before.selection)) this.later();
  }

  destroy() {
    cancelAnimationFrame(this.frame);
    for (const one of [this.dom, this.list, this.said]) one.remove();
  }
}

// From the bar, whose button has the focus of a finger.
export const openBlockMenu = (editor, button) => editor.storage.blockHandle.handle.open(button);

export const BlockHandle = Extension.create({
  name: "blockHandle",

  addStorage() {
    return { handle: null };
  },

  addKeyboardShortcuts() {
    const by = (step) => () => {
      const block = chosen(this.editor.state);
      if (block) this.storage.handle.move(block, step);
      return true;
    };
    return {
      "Alt-Shift-ArrowUp": by(-1),
      "Alt-Shift-ArrowDown": by(1),
      "Alt-Enter": () => {
        this.storage.handle.block = chosen(this.editor.state);
        this.storage.handle.open();
        return true;
      },
    };
  },

  addProseMirrorPlugins() {
    const { editor, storage } = this;
    const handle = new Handle(editor);
    storage.handle = handle;
    return [
      new Plugin({
        view: () => handle,
        props: {
          handleDOMEvents: {
            mousemove: (view, event) => {
              handle.over(view, event);
              return false;
            },
            focus: () => {
              handle.later();
              return false;
            },
          },
        },
      }),
    ];
  },
});
