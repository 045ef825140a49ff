// The editor's extensions, by the names under which prose/editor.py asks for them. Those that the
// editor has as well take their place.
import {
  Bold as BaseBold, Code as BaseCode, Extension, Italic as BaseItalic, OrderedList as BaseOrderedList, Strike as BaseStrike,
  Subscript as BaseSubscript, Superscript as BaseSuperscript, wrappingInputRule,
} from "django-prose-editor/editor";
import { Counting } from "prose/counting";
import { Describing } from "prose/describing";
import { BlockHandle } from "prose/handle";
import { Typing } from "prose/keys";
import { Pasting } from "prose/pasting";
import { Pictures } from "prose/pictures";
import { SlashMenu } from "prose/slash";
import { Toolbar } from "prose/toolbar";

export { CodeBlock } from "prose/code";
export { Link, LinkAddresses } from "prose/linking";
export { Figure, Image } from "prose/pictures";

// Signs of Markdown mean something when the whole text is Markdown: prose/pasting.
const withoutPasteRules = { addPasteRules: () => [] };
export const Bold = BaseBold.extend(withoutPasteRules);
export const Code = BaseCode.extend(withoutPasteRules);
export const Italic = BaseItalic.extend(withoutPasteRules);
export const Strike = BaseStrike.extend(withoutPasteRules);

// Ctrl , and Ctrl . are keys of the page.
const withoutKeys = { addKeyboardShortcuts: () => ({}) };
export const Subscript = BaseSubscript.extend(withoutKeys);
export const Superscript = BaseSuperscript.extend(withoutKeys);

// "1. " begins a list, and "4. " one that goes on from there.
export const OrderedList = BaseOrderedList.extend({
  addAttributes() {
    const { type, ...others } = this.parent?.() ?? {};
    return { ...others, type: { ...type, default: "decimal" } };
  },

  addInputRules() {
    const start = (match) => Number(match[1]);
    const goesOn = (match, list) => list.childCount + list.attrs.start === start(match);
    return [wrappingInputRule({ find: /^(\d{1,3})[.)]\s$/, type: this.type, getAttributes: (match) => ({ start: start(match) }), joinPredicate: goesOn })];
  },
});

export const Writing = Extension.create({
  name: "writing",

  addOptions() {
    return { uploadUrl: "", describeUrl: "" };
  },

  addExtensions() {
    const { uploadUrl, describeUrl } = this.options;
    return [
      Toolbar, SlashMenu, Counting, Typing, Pasting, Pictures.configure({ uploadUrl }), Describing.configure({ describeUrl }), BlockHandle,
    ];
  },
});
