// The menu of blocks: "/" at the beginning of a paragraph or after a space opens it, typing narrows it,
// arrows and Enter choose, Esc closes it and leaves the "/". While it is open the text is a combobox as
// WAI-ARIA describes it: it keeps the focus, and says which option is chosen.
import { Extension, Plugin, pm } from "django-prose-editor/editor";
import { matching } from "prose/blocks";
import { icon } from "prose/icons";
import { around, element, floatAt, newId } from "prose/parts";

const KEY = new pm.state.PluginKey("slash");
const TYPED = /^\/([^/\n]{0,30})$/;

const mayBegin = ({ $from, empty }) => {
  if (!empty || $from.parent.type.name !== "paragraph") return false;
  const before = $from.parent.textBetween(0, $from.parentOffset, " ", " ");
  return before === "" || /\s$/.test(before);
};

// What was typed behind the "/", or null where the menu has no place any more.
const typedAfter = (from, { selection }) => {
  const { $from, empty } = selection;
  if (from === null || !empty || $from.pos <= from || from < $from.start()) return null;
  const found = TYPED.exec($from.parent.textBetween(from - $from.start(), $from.parentOffset, "\n", "\n"));
  if (!found || /^\s|\s\s/.test(found[1])) return null;
  return found[1].includes(" ") && !matching(found[1]).length ? null : found[1];
};

class Menu {
  constructor(editor) {
    this.editor = editor;
    this.typed = null;
    this.list = element("div", { id: newId("prose-blocks"), className: "menu__options", role: "listbox", "aria-label": "Insert a block" });
    this.status = element("p", { className: "menu__said", role: "status" });
    this.dom = element("div", { className: "menu menu--blocks", hidden: true }, this.list, this.status);
    this.dom.addEventListener("mousedown", (event) => event.preventDefault()); // the text keeps the focus
    this.dom.addEventListener("mousemove", ({ target }) => this.mark(this.options.indexOf(target.closest("[role=option]"))));
    this.dom.addEventListener("click", ({ target }) => {
      const option = target.closest("[role=option]");
      if (option) this.choose(this.options.indexOf(option));
    });
    this.options = [];
  }

  get isOpen() {
    return !this.dom.hidden;
  }

  update(view) {
    const { from } = KEY.getState(view.state);
    const typed = typedAfter(from, view.state);
    if (typed === null) return this.close();
    if (!this.dom.isConnected) around(this.editor).append(this.dom);
    if (typed !== this.typed || !this.isOpen) this.draw(typed);
    this.dom.hidden = false;
    floatAt(this.editor, this.dom, from);
    this.say();
  }

  draw(typed) {
    this.typed = typed;
    this.found = matching(typed);
    this.options = this.found.map((block) => element(
      "div",
      { id: newId("prose-block"), role: "option", "aria-selected": "false" },
      icon(block.icon), element("span", { textContent: block.name }), element("span", { textContent: block.sign, "aria-hidden": "true" }),
    ));
    this.list.replaceChildren(...this.options);
    this.status.textContent = this.options.length ? "" : `No block is called “${typed}”.`;
    this.mark(0);
  }

  mark(at) {
    if (at < 0) return;
    this.at = at;
    this.options.forEach((option, index) => option.setAttribute("aria-selected", String(index === at)));
    this.options[at]?.scrollIntoView({ block: "nearest" });
    this.say();
  }

  say() {
    const { dom } = this.editor.view;
    if (!this.isOpen) return;
    const said = { role: "combobox", "aria-expanded": "true", "aria-autocomplete": "list", "aria-haspopup": "listbox", "aria-controls": this.list.id };
    for (const [name, value] of Object.entries(said)) dom.setAttribute(name, value);
    if (this.options[this.at]) dom.setAttribute("aria-activedescendant", this.options[this.at].id);
    else dom.removeAttribute("aria-activedescendant");
  }

  close() {
    if (!this.isOpen) return;
    this.dom.hidden = true;
    this.typed = null;
    const { dom } = this.editor.view;
    dom.setAttribute("role", "textbox");
    for (const name of ["expanded", "autocomplete", "haspopup", "controls", "activedescendant"]) dom.removeAttribute(`aria-${name}`);
  }

  pressed(event) {
    if (!this.isOpen || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return false;
    const { length } = this.options;
    if (event.key === "Escape") forget(this.editor.view);
    else if (!length) return false;
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") this.mark((this.at + (event.key === "ArrowDown" ? 1 : -1) + length) % length);
    else if (event.key === "Enter" || (event.key === "Tab" && !event.shiftKey)) this.choose(this.at);
    else return false;
    event.preventDefault();
    event.stopPropagation(); // Esc would close what is around the text
    return true;
  }

  choose(at) {
    const block = this.found[at];
    const { view } = this.editor;
    const { from } = KEY.getState(view.state);
    view.dispatch(view.state.tr.delete(from, view.state.selection.from).setMeta(KEY, { from: null }));
    block.run(this.editor);
  }

  destroy() {
    this.dom.remove();
  }
}

const forget = (view) => view.dispatch(view.state.tr.setMeta(KEY, { from: null }));

const begin = (view, tr, from) => view.dispatch(tr.insertText("/", from).setMeta(KEY, { from }).scrollIntoView());

// The + of the bar: in an empty paragraph, or in a new one below the block.
export const openBlocks = (editor) => {
  const { view } = editor;
  const { state } = view;
  const { tr, selection } = state;
  view.focus();
  if (mayBegin(selection) && !selection.$from.parent.content.size) return begin(view, tr, selection.from);
  const after = selection.$to.depth ? selection.$to.after(1) : selection.to;
  tr.insert(after, state.schema.nodes.paragraph.create());
  tr.setSelection(pm.state.TextSelection.create(tr.doc, after + 1));
  return begin(view, tr, after + 1);
};

export const SlashMenu = Extension.create({
  name: "slashMenu",
  priority: 1100, // its keys before all others

  addProseMirrorPlugins() {
    const { editor } = this;
    const menu = new Menu(editor);
    return [
      new Plugin({
        key: KEY,
        state: {
          init: () => ({ from: null }),
          apply(tr, { from }, _, state) {
            const told = tr.getMeta(KEY);
            if (told) return told;
            if (from === null) return { from };
            const moved = tr.mapping.map(from, -1);
            return { from: typedAfter(moved, state) === null ? null : moved };
          },
        },
        view: () => menu,
        props: {
          handleTextInput(view, from, to, text) {
            if (text !== "/" || from !== to || !mayBegin(view.state.selection)) return false;
            begin(view, view.state.tr, from);
            return true;
          },
          handleKeyDown: (view, event) => menu.pressed(event),
          handleDOMEvents: {
            blur(view) {
              if (menu.isOpen) forget(view);
              return false;
            },
          },
        },
      }),
    ];
  },
});
