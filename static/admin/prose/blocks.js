// The blocks that the menu offers: by name, by other words for them, and by what one types for them.
import { addCode } from "prose/code";
import { openLinks } from "prose/linking";
import { addNote } from "prose/notes";
import { choosePicture } from "prose/pictures";

const at = (editor) => editor.chain().focus();

export const BLOCKS = [
  { name: "Heading", sign: "##", icon: "heading", words: "h2 title chapter", run: (editor) => at(editor).setHeading({ level: 2 }).run() },
  { name: "Small heading", sign: "###", icon: "small", words: "h3 subheading", run: (editor) => at(editor).setHeading({ level: 3 }).run() },
  { name: "List", sign: "-", icon: "list", words: "bullets unordered ul", run: (editor) => at(editor).toggleBulletList().run() },
  { name: "Numbered list", sign: "1.", icon: "numbers", words: "ordered ol steps", run: (editor) => at(editor).toggleOrderedList().run() },
  { name: "Quote", sign: ">", icon: "quote", words: "blockquote citation", run: (editor) => at(editor).toggleBlockquote().run() },
  { name: "Code, in a language", sign: "```", icon: "code", words: "pre program snippet", run: addCode },
  { name: "Picture", sign: "drop it", icon: "picture", words: "image photo figure upload", run: choosePicture },
  { name: "Table", sign: "", icon: "table", words: "rows columns grid", run: (editor) => at(editor).insertTable({ rows: 3, cols: 3, withHeaderRow: true }).run() },
  { name: "Divider", sign: "---", icon: "divider", words: "line rule hr separator", run: (editor) => at(editor).setHorizontalRule().run() },
  { name: "Footnote", sign: "[1]", icon: "note", words: "note reference", run: addNote },
  { name: "Link to an article", sign: "Ctrl K", icon: "link", words: "page url", run: openLinks },
];

// Each word that was typed begins a word of the name, or another word for it.
export const matching = (typed) => {
  const asked = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const begins = (said, word) => said.toLowerCase().split(/[\s,]+/).some((one) => one.startsWith(word));
  const named = BLOCKS.filter((block) => asked.every((word) => begins(block.name, word)));
  const meant = BLOCKS.filter((block) => !named.includes(block) && asked.every((word) => begins(`${block.name} ${block.words}`, word)));
  return [...named, ...meant];
};
