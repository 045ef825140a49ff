// Notes: `[1]` in the text, and a numbered list below "Notes" that ends it (prose/notes.py makes links
// of them). A new note gets the number of its place; those behind it are counted on.
import { pm } from "django-prose-editor/editor";

const HEADINGS = /^(notes|footnotes)$/i;
const MARK = /\[(\d{1,3})\]/g;

const isEmpty = (node) => node?.type.name === "paragraph" && node.content.size === 0;

// The list of notes with its place, if there is one; and where the text ends without empty lines.
const notesOf = (doc, cursor) => {
  let end = doc.content.size;
  let index = doc.childCount - 1;
  while (index > 0 && isEmpty(doc.child(index)) && cursor < end - doc.child(index).nodeSize) {
    end -= doc.child(index).nodeSize;
    index -= 1;
  }
  const [list, heading] = [doc.child(index), index > 0 ? doc.child(index - 1) : null];
  const isNotes = list.type.name === "orderedList" && heading?.type.name === "heading" && HEADINGS.test(heading.textContent.trim());
  return { end, list: isNotes ? list : null, at: end - list.nodeSize };
};

const marksIn = (doc, before, count) => {
  const found = [];
  doc.nodesBetween(0, before, (node, at, parent) => {
    if (!node.isText) return !node.type.spec.code && node.type.name !== "heading";
    if (node.marks.some((mark) => ["code", "link"].includes(mark.type.name)) || parent.type.spec.code) return false;
    for (const mark of node.text.matchAll(MARK)) {
      const number = Number(mark[1]);
      if (number >= 1 && number <= count) found.push({ from: at + mark.index, to: at + mark.index + mark[0].length, number });
    }
    return false;
  });
  return found;
};

export const addNote = (editor) => {
  const { state, view } = editor;
  const { schema, tr, selection } = state;
  const { $to } = selection;
  const known = notesOf(state.doc, $to.pos);
  const textEnds = known.list ? known.at : state.doc.content.size;
  if ($to.pos > textEnds || $to.parent.type.spec.code || $to.parent.type.name === "heading" || !$to.parent.inlineContent) return false;

  const count = known.list?.childCount ?? 0;
  const marks = marksIn(state.doc, textEnds, count);
  const number = Math.max(0, ...marks.filter((mark) => mark.to <= $to.pos).map((mark) => mark.number)) + 1;
  const item = schema.nodes.listItem.create(null, schema.nodes.paragraph.create());

  // From the end to the beginning, so that no place moves before it is used.
  if (known.list) {
    if (known.end < state.doc.content.size) tr.delete(known.end, state.doc.content.size);
    let place = known.at + 1;
    for (let index = 0; index < number - 1; index += 1) place += known.list.child(index).nodeSize;
    tr.insert(place, item);
  } else {
    const heading = schema.nodes.heading.create({ level: 2 }, schema.text("Notes"));
    tr.replaceWith(known.end, state.doc.content.size, [heading, schema.nodes.orderedList.create(null, item)]);
  }
  for (const mark of marks.filter((one) => one.number >= number).reverse()) {
    tr.insertText(`[${mark.number + 1}]`, mark.from, mark.to);
  }
  tr.insert(tr.mapping.map($to.pos, -1), schema.text(`[${number}]`)); // in no link and no bold

  let inside = null;
  const list = tr.doc.lastChild;
  list.forEach((_, offset, index) => {
    if (index === number - 1) inside = tr.doc.content.size - list.nodeSize + 1 + offset + 2;
  });
  tr.setSelection(pm.state.TextSelection.near(tr.doc.resolve(inside)));
  view.dispatch(tr.scrollIntoView());
  view.focus();
  return true;
};
