// What the editor does in our way: how it takes what is pasted or dropped, and what it makes of links.
import { Extension, Plugin } from "django-prose-editor/editor";
import { linkAddress } from "prose/addresses";
import { anchorsOf, cleaned } from "prose/pasted";
import { notify, upload } from "prose/uploading";

const picturesOf = (data) => [...(data?.files ?? [])].filter((file) => /^image\//.test(file.type) || /\.hei[cf]$/i.test(file.name));

const hasWords = (html) => new DOMParser().parseFromString(html.replace(/<(style|title)\b[^]*?<\/\1>/gi, "").replace(/\sstyle=/gi, " data-style="), "text/html").body.textContent.trim() !== "";

const foreign = (doc) => {
  let count = 0;
  doc.descendants((node) => {
    if (node.type.name === "image" && !node.attrs.file) count += 1;
  });
  return count;
};

const left = (count) =>
  count === 1
    ? "1 picture was not copied, because readers could not see it. Save it as a file, then drop it into the text."
    : `${count} pictures were not copied, because readers could not see them. Save them as files, then drop them into the text.`;

export const Pasting = Extension.create({
  name: "pasting",

  addOptions() {
    return { uploadUrl: "" };
  },

  addProseMirrorPlugins() {
    const { editor, options } = this;
    return [
      new Plugin({
        // By whatever way it came: an address in the dialog, HTML, Markdown.
        view: () => ({
          update({ state }, before) {
            if (state.doc.eq(before.doc) || foreign(state.doc) <= foreign(before.doc)) return;
            notify(editor, "This picture is not in the library, so readers would not see it. Add its file instead.");
          },
        }),
        props: {
          transformPastedHTML(html, view) {
            const texts = [];
            view.state.doc.descendants((node) => {
              if (node.type.name === "heading") texts.push(node.textContent);
            });
            const found = cleaned(html, anchorsOf(texts));
            if (found.left) notify(editor, left(found.left));
            // Once the text is in.
            if (found.pictures.length) setTimeout(() => upload(editor, options.uploadUrl, found.pictures));
            return found.html;
          },
          handlePaste(view, { clipboardData }) {
            const files = picturesOf(clipboardData);
            // Word adds a picture of the text itself, a browser the address of the picture.
            if (!files.length || clipboardData.getData("text/plain").trim() || hasWords(clipboardData.getData("text/html"))) return false;
            upload(editor, options.uploadUrl, files);
            return true;
          },
          handleDrop(view, event, slice, isMoved) {
            if (isMoved || !event.dataTransfer?.files.length) return false;
            event.preventDefault(); // or the browser would leave the form for the file
            const files = picturesOf(event.dataTransfer);
            const place = view.posAtCoords({ left: event.clientX, top: event.clientY });
            if (place) editor.commands.setTextSelection(place.pos);
            if (files.length) upload(editor, options.uploadUrl, files);
            else notify(editor, "Only pictures can be dropped here. Copy the text out of the file and paste it.");
            return true;
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
