// The bar of formatting: gray on the paper, in ink while words are selected. A toolbar as WAI-ARIA
// describes it: one stop for Tab, arrows go from tool to tool, Alt F10 leads in and Esc back.
import { Extension, Plugin } from "django-prose-editor/editor";
import { addCode } from "prose/code";
import { openBlockMenu } from "prose/handle";
import { icon } from "prose/icons";
import { openLinks } from "prose/linking";
import { addNote } from "prose/notes";
import { element, newId, notify } from "prose/parts";
import { choosePicture } from "prose/pictures";
import { openBlocks } from "prose/slash";

const KINDS = [["paragraph", "Text"], ["heading2", "Heading"], ["heading3", "Small heading"], ["codeBlock", "Code"]];

const setKind = (editor, kind) => {
  if (kind === "codeBlock") return addCode(editor);
  const chain = editor.chain().focus();
  if (kind === "paragraph") chain.setParagraph().run();
  else chain.setHeading({ level: Number(kind.at(-1)) }).run();
};

const kindOf = (editor) => {
  const { type, attrs } = editor.state.selection.$from.parent;
  return type.name === "heading" ? `heading${attrs.level}` : type.name;
};

const run = (change) => (editor) => change(editor.chain().focus()).run();

const NARROW = "only-narrow";
const WIDE = "only-wide";
const WITHOUT_MARGIN = "only-without-margin"; // where a handle has no place beside the block

// A tool: what it says, how it looks, what it does, and what it is pressed for.
const TOOLS = [
  [
    { name: "Add a block", icon: "add", run: openBlocks, where: NARROW },
    { name: "Move or change this block", icon: "grip", run: openBlockMenu, where: WITHOUT_MARGIN, opens: "menu" },
  ],
  [
    { name: "Bold", keys: "Ctrl B", letter: "b", run: run((text) => text.toggleBold()), mark: "bold" },
    { name: "Italic", keys: "Ctrl I", letter: "i", run: run((text) => text.toggleItalic()), mark: "italic" },
    { name: "Link", keys: "Ctrl K", icon: "link", run: openLinks, mark: "link" },
    { name: "Code in a line", keys: "Ctrl E", icon: "code", run: run((text) => text.toggleCode()), mark: "code", where: WIDE },
  ],
  [
    { name: "List", icon: "list", run: run((text) => text.toggleBulletList()), mark: "bulletList", where: WIDE },
    { name: "Numbered list", icon: "numbers", run: run((text) => text.toggleOrderedList()), mark: "orderedList", where: WIDE },
    { name: "Quote", icon: "quote", run: run((text) => text.toggleBlockquote()), mark: "blockquote", where: WIDE },
  ],
  [
    { name: "Picture", icon: "picture", run: choosePicture },
    { name: "Table", icon: "table", run: run((text) => text.insertTable({ rows: 3, cols: 3, withHeaderRow: true })), where: WIDE },
    {
      name: "Footnote",
      text: ["Note", "1"],
      run: (editor) => addNote(editor) || notify(editor, "A note belongs into the text: not into a heading, code or another note."),
      where: WIDE,
    },
  ],
];
const HISTORY = [
  { name: "Undo", keys: "Ctrl Z", icon: "undo", run: run((text) => text.undo()) },
  { name: "Redo", keys: "Ctrl Shift Z", icon: "redo", run: run((text) => text.redo()), where: WIDE },
];
const MORE = [
  { name: "Struck through", run: run((text) => text.toggleStrike()), mark: "strike" },
  { name: "Raised", run: run((text) => text.toggleSuperscript()), mark: "superscript" },
  { name: "Lowered", run: run((text) => text.toggleSubscript()), mark: "subscript" },
  { name: "Without formatting", run: run((text) => text.unsetAllMarks()) },
  { name: "As HTML…", run: (editor) => editor.commands.editHTML() },
];
const IN_TABLE = [
  { name: "Row below", run: run((text) => text.addRowAfter()) },
  { name: "Column right", run: run((text) => text.addColumnAfter()) },
  { name: "Delete row", run: run((text) => text.deleteRow()) },
  { name: "Delete column", run: run((text) => text.deleteColumn()) },
  { name: "Heading cell", run: run((text) => text.toggleHeaderCell()), mark: "tableHeader" },
  { name: "Merge or split", run: run((text) => text.mergeOrSplit()) },
  { name: "Delete table", run: run((text) => text.deleteTable()) },
];

class Bar {
  constructor(editor) {
    this.editor = editor;
    this.pressed = []; // the tools that can be pressed
    this.kind = element("select", { className: WIDE, "aria-label": "Kind of block" }, ...KINDS.map(([value, textContent]) => element("option", { value, textContent })));
    this.kind.addEventListener("change", () => setKind(editor, this.kind.value));
    this.inTable = element("div", { className: "tools__table", role: "group", "aria-label": "Table", hidden: true }, ...IN_TABLE.map((tool) => this.button(tool, "words")));
    const groups = TOOLS.flatMap((tools) => [element("hr", { className: WIDE }), ...tools.map((tool) => this.button(tool))]).slice(1);
    groups.splice(2, 0, this.kind);
    this.dom = element(
      "div",
      { className: "tools", role: "toolbar", "aria-label": "Formatting" },
      ...groups, element("span", { className: `tools__push ${WIDE}` }), ...HISTORY.map((tool) => this.button(tool)), ...this.more(), this.inTable,
    );
    this.listen();
  }

  button(tool, look = "") {
    const { name, keys, where = "" } = tool;
    const made = element("button", { type: "button", tabIndex: -1, className: `${where} ${look && "tools__words"}`.trim(), title: keys ? `${name}, ${keys}` : name });
    if (look) made.textContent = name;
    else if (tool.text) made.append(element("span", {}, tool.text[0], element("sup", { textContent: tool.text[1] })));
    else {
      made.ariaLabel = name;
      made.append(tool.icon ? icon(tool.icon) : element(tool.letter, { className: "tools__letter", textContent: tool.letter.toUpperCase() }));
    }
    if (keys) { // the page's list of keys has them from here
      made.dataset.keyName = name;
      made.setAttribute("aria-keyshortcuts", keys.replace("Ctrl", "Control").replaceAll(" ", "+"));
    }
    made.addEventListener("mousedown", (event) => event.preventDefault()); // the text keeps the focus
    if (tool.opens) made.setAttribute("aria-haspopup", tool.opens);
    made.addEventListener("click", () => tool.run(this.editor, made));
    if (tool.mark) this.pressed.push([made, tool.mark]);
    return made;
  }

  more() {
    const id = newId("prose-more");
    const opens = element("button", { type: "button", tabIndex: -1, className: WIDE, title: "More", "aria-label": "More formatting" }, icon("more"));
    const list = element("div", { id, className: "tools__more", popover: "auto" }, ...MORE.map((tool) => this.button(tool, "words")));
    opens.popoverTargetElement = list;
    opens.addEventListener("mousedown", (event) => event.preventDefault());
    list.addEventListener("click", () => list.hidePopover());
    list.addEventListener("toggle", ({ newState }) => {
      if (newState !== "open") return;
      const place = opens.getBoundingClientRect();
      list.style.top = `${place.bottom + 4}px`;
      list.style.left = `${Math.max(8, place.right - list.offsetWidth)}px`;
      list.querySelector("button").focus();
    });
    return [opens, list];
  }

  get tools() {
    return [...this.dom.querySelectorAll("button, select")].filter((one) => one.checkVisibility());
  }

  listen() {
    this.dom.addEventListener("keydown", (event) => this.key(event));
    this.dom.addEventListener("focusin", ({ target }) => this.stop(target));
  }

  // The one tool that Tab comes to.
  stop(tool) {
    for (const one of this.dom.querySelectorAll("button, select")) one.tabIndex = one === tool ? 0 : -1;
  }

  key(event) {
    const { tools } = this;
    const at = tools.indexOf(document.activeElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tools.length - 1 }[event.key];
    if (event.key === "Escape" && !this.dom.querySelector(":popover-open")) this.editor.commands.focus();
    else if (to === undefined || at < 0) return;
    else tools.at(to % tools.length).focus();
    event.preventDefault();
    event.stopPropagation();
  }

  focus() {
    (this.tools.find((one) => one.tabIndex === 0) ?? this.tools[0])?.focus();
  }

  later() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      if (!this.editor.isDestroyed) this.update();
    });
  }

  update() {
    const { editor } = this;
    // Only what is other than before is written: each write costs the browser as much as a change.
    for (const [button, mark] of this.pressed) {
      const isOn = String(editor.isActive(mark));
      if (button.ariaPressed !== isOn) button.ariaPressed = isOn;
    }
    const kind = kindOf(editor);
    const shown = KINDS.some(([value]) => value === kind) ? kind : "paragraph";
    if (this.kind.value !== shown) this.kind.value = shown;
    const isOutside = !editor.isActive("table");
    if (this.inTable.hidden !== isOutside) this.inTable.hidden = isOutside;
    this.dom.classList.toggle("is-awake", editor.isFocused && !editor.state.selection.empty);
    if (!this.dom.querySelector("[tabindex='0']")) this.stop(this.tools[0]);
  }
}

export const Toolbar = Extension.create({
  name: "toolbar",

  addKeyboardShortcuts() {
    return {
      "Alt-F10": () => {
        this.storage.bar.focus();
        return true;
      },
    };
  },

  addStorage() {
    return { bar: null };
  },

  // It stands there before anyone hears that the editor is ready.
  addProseMirrorPlugins() {
    const { editor, storage } = this;
    return [
      new Plugin({
        view(view) {
          const bar = new Bar(editor);
          storage.bar = bar;
          view.dom.before(bar.dom);
          bar.update();
          return { update: () => bar.later(), destroy: () => bar.dom.remove() };
        },
        props: {
          handleDOMEvents: {
            focus: () => storage.bar.later(),
            blur: () => storage.bar.later(),
          },
        },
      }),
    ];
  },
});
