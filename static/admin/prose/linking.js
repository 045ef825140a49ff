// Links: a page of ours is found by its title and kept by what it is, anything else by its address.
import { combineTransactionSteps, Extension, getChangedRanges, Link as Base, Plugin } from "django-prose-editor/editor";
import { linkAddress } from "prose/addresses";
import { element, newId } from "prose/parts";

const MAX_WORDS = 60; // characters of the selection that are looked for
const IS_ADDRESS = /^(https?:\/\/|mailto:|tel:|[/#?])/i;

export const Link = Base.extend({
  addOptions() {
    return { ...this.parent?.(), targetsUrl: "" };
  },

  addAttributes() {
    const page = {
      default: null,
      parseHTML: (link) => link.getAttribute("data-page"),
      renderHTML: ({ page: named }) => (named ? { "data-page": named } : {}),
    };
    return { ...this.parent?.(), page };
  },

  addKeyboardShortcuts() {
    return { "Mod-k": ({ editor }) => openLinks(editor) };
  },
});

// By whatever way a link came in, dialog, typing or paste, its address gets the scheme it lacks.
export const LinkAddresses = Extension.create({
  name: "linkAddresses",

  addProseMirrorPlugins() {
    return [
      new Plugin({
        appendTransaction(transactions, before, { doc, tr, schema }) {
          if (!transactions.some((one) => one.docChanged)) return null;
          const changed = getChangedRanges(combineTransactionSteps(before.doc, [...transactions]));
          for (const { newRange } of changed) {
            const [from, to] = [newRange.from, newRange.to].map((place) => Math.max(0, Math.min(place, doc.content.size)));
            doc.nodesBetween(from, to, (node, at) => {
              const link = node.isText && node.marks.find((mark) => mark.type === schema.marks.link);
              const href = link && linkAddress(link.attrs.href ?? "");
              if (!link || href === link.attrs.href) return;
              tr.addMark(at, at + node.nodeSize, schema.marks.link.create({ ...link.attrs, href }));
            });
          }
          return tr.docChanged ? tr : null;
        },
      }),
    ];
  },
});

const putIn = (editor, attrs, title) => {
  const chain = editor.chain().focus();
  if (editor.isActive("link")) chain.extendMarkRange("link").updateAttributes("link", attrs);
  else if (!editor.state.selection.empty) chain.setMark("link", attrs);
  else chain.insertContent({ type: "text", text: title, marks: [{ type: "link", attrs }] }).unsetMark("link");
  chain.run();
};

const takeOut = (editor) => editor.chain().focus().extendMarkRange("link").unsetLink().run();

const selectedWords = ({ state: { doc, selection } }) => {
  const words = doc.textBetween(selection.from, selection.to, " ", " ").trim();
  return words.length <= MAX_WORDS ? words : "";
};

// A combobox as WAI-ARIA describes it: the field keeps the focus, and says which option is chosen.
class Finder {
  constructor(editor, url) {
    this.editor = editor;
    this.url = url;
    this.asked = null;
    this.options = [];
    this.present = editor.isActive("link") ? editor.getAttributes("link") : null;
    this.words = this.present ? "" : selectedWords(editor);
    const results = newId("prose-links");
    this.field = element("input", {
      type: "text",
      autocomplete: "off",
      spellcheck: false,
      placeholder: "Title of an article or page, or an address",
      role: "combobox",
      "aria-label": "Title of an article or page, or an address",
      "aria-expanded": "true",
      "aria-controls": results,
      "aria-autocomplete": "list",
    });
    this.list = element("div", { id: results, className: "menu__options", role: "listbox", "aria-label": "Where the link can lead" });
    this.status = element("p", { className: "menu__said", role: "status" });
    this.dialog = element("dialog", { className: "menu menu--links", "aria-label": "Link" }, this.field, this.list, this.status, ...this.foot());
    this.listen();
  }

  foot() {
    if (!this.present) return [];
    const remove = element("button", { type: "button", textContent: "Remove the link" });
    remove.addEventListener("click", () => {
      this.close();
      takeOut(this.editor);
    });
    return [element("p", { className: "menu__foot" }, element("span", { textContent: `Now: ${this.present.href}` }), remove)];
  }

  listen() {
    this.field.addEventListener("input", () => this.find());
    this.field.addEventListener("keydown", (event) => this.pressed(event));
    this.list.addEventListener("mousemove", ({ target }) => this.mark(this.options.indexOf(target.closest("[role=option]"))));
    this.list.addEventListener("click", ({ target }) => this.choose(target.closest("[role=option]")));
    this.dialog.addEventListener("click", ({ target }) => target === this.dialog && this.close());
    this.dialog.addEventListener("close", () => {
      this.asked?.abort();
      this.dialog.remove();
      this.editor.commands.focus();
    });
  }

  open() {
    document.body.append(this.dialog);
    const place = this.editor.view.coordsAtPos(this.editor.state.selection.from);
    this.dialog.style.setProperty("--left", `${Math.round(place.left)}px`);
    this.dialog.style.setProperty("--top", `${Math.round(place.bottom)}px`);
    this.dialog.showModal();
    this.field.focus();
    this.find();
  }

  close() {
    this.dialog.close();
  }

  async find() {
    this.asked?.abort();
    const { signal } = (this.asked = new AbortController());
    const typed = this.field.value.trim();
    this.draw(this.addressed(typed), typed);
    this.settled = this.ask(typed || this.words, signal).then((found) => {
      if (signal.aborted) return;
      this.draw([...this.addressed(typed), ...(found ?? [])], typed);
      this.status.textContent = this.said(found, typed || this.words);
    });
    await this.settled;
  }

  said(found, words) {
    if (!found) return "The list of articles cannot be reached. An address still works.";
    if (found.length) return words && !this.field.value ? `For “${words}”` : "";
    return words ? `No title has “${words}”. Type other words, or an address.` : "";
  }

  async ask(words, signal) {
    try {
      const answer = await fetch(`${this.url}?${new URLSearchParams({ q: words })}`, { signal, headers: { Accept: "application/json" } });
      if (!answer.ok || answer.redirected) return null;
      return (await answer.json()).found;
    } catch {
      return null;
    }
  }

  addressed(typed) {
    const path = linkAddress(typed);
    return typed && IS_ADDRESS.test(path) ? [{ path, title: `Link to ${path}`, isAddress: true }] : [];
  }

  draw(found) {
    this.options = found.map((one) => {
      const about = one.isAddress ? "" : (one.state || one.path);
      const option = element("div", { id: newId("prose-link"), role: "option", "aria-selected": "false" }, element("span", { textContent: one.title }), element("span", { textContent: about }));
      option.target = one;
      return option;
    });
    this.list.replaceChildren(...this.options);
    this.mark(this.options.length ? 0 : -1);
  }

  mark(at) {
    if (at < 0 && this.options.length) return;
    this.at = at;
    this.options.forEach((option, index) => option.setAttribute("aria-selected", String(index === at)));
    if (at < 0) this.field.removeAttribute("aria-activedescendant");
    else {
      this.field.setAttribute("aria-activedescendant", this.options[at].id);
      this.options[at].scrollIntoView({ block: "nearest" });
    }
  }

  async pressed(event) {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && this.options.length) {
      event.preventDefault();
      this.mark((this.at + step + this.options.length) % this.options.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      // Before the answer is there, Enter waits for it; an address needs none.
      if (!this.options[this.at]?.target.isAddress) await this.settled;
      this.choose(this.options[this.at]);
    }
  }

  choose(option) {
    if (!option) return;
    const { path, page, title, isAddress } = option.target;
    this.close();
    putIn(this.editor, { href: path, page: page ?? null }, isAddress ? path : title);
  }
}

export const openLinks = (editor) => {
  const { $from } = editor.state.selection;
  if ($from.parent.type.spec.code || !editor.isEditable) return false;
  const { targetsUrl } = editor.extensionManager.extensions.find((one) => one.name === "link").options;
  new Finder(editor, targetsUrl).open();
  return true;
};
