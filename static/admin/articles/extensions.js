// What the editor does in our way: how it takes what is pasted, and what it makes of links.
import { Extension, Plugin } from "django-prose-editor/editor";
import { linkAddress } from "prose/addresses";
import { anchorsOf, cleaned } from "prose/pasted";

export const Pasting = Extension.create({
  name: "pasting",

  addProseMirrorPlugins() {
    return [
      new Plugin({
        props: {
          transformPastedHTML(html, view) {
            const texts = [];
            view.state.doc.descendants((node) => {
              if (node.type.name === "heading") texts.push(node.textContent);
            });
            return cleaned(html, anchorsOf(texts)).html;
          },
        },
      }),
    ];
  },
});

// By whatever way a link came in, dialog, typing or HTML, its address gets the scheme it lacks.
export const LinkAddresses = Extension.create({
  name: "linkAddresses",

  addProseMirrorPlugins() {
    return [
      new Plugin({
        appendTransaction(transactions, before, { doc, tr, schema }) {
          if (!transactions.some((one) => one.docChanged)) return null;
          doc.descendants((node, at) => {
            const link = node.isText && node.marks.find((mark) => mark.type === schema.marks.link);
            const href = link && linkAddress(link.attrs.href ?? "");
            if (link && href !== link.attrs.href) {
              tr.addMark(at, at + node.nodeSize, schema.marks.link.create({ ...link.attrs, href }));
            }
          });
          return tr.docChanged ? tr : null;
        },
      }),
    ];
  },
});
