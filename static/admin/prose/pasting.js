// What is pasted or dropped, by what it is: pictures, Markdown, code, a table, text from elsewhere.
import { Extension, Plugin, pm } from "django-prose-editor/editor";
import { languageNamed } from "prose/languages";
import { fromMarkdown } from "prose/markdown";
import { notify } from "prose/parts";
import { anchorsOf, cleaned } from "prose/pasted";
import { inert } from "prose/pasted_styles";
import { askFor, picturesOf } from "prose/pictures";

// Bytes. The server takes forms of five million, and the text is sent beside what it was.
const MAX_TEXT = 2_000_000;
const MAX_PASTED = 12_000_000; // as programs write it, without its pictures
const MAX_MARKDOWN = 500_000;
const NO_LANGUAGE = ["", "text", "scminput", "search-result"];

const bytes = (text) => new Blob([text]).size;
const megabytes = (count) => `${(count / 1_000_000).toFixed(1)} MB`;

const withoutPictures = (html) => html.replace(/src\s*=\s*(["'])data:[^"']*\1/gi, "");

const hasWords = (html) => new DOMParser().parseFromString(inert(html), "text/html").body.textContent.trim() !== "";

const left = (count) =>
  count === 1
    ? "1 picture was not copied, because readers could not see it. Save it as a file, then drop it into the text."
    : `${count} pictures were not copied, because readers could not see them. Save them as files, then drop them into the text.`;

const tooLong = (size) =>
  `Nothing was pasted: that is ${megabytes(size)} of text, and this field holds ${megabytes(MAX_TEXT)}. Your clipboard still has it. Paste it in parts, into several articles.`;

const modeOf = (data) => {
  try {
    return String(JSON.parse(data.getData("vscode-editor-data"))?.mode ?? "");
  } catch {
    return ""; // from no editor, or from one that says it in another way
  }
};

const escape = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

// Rows of a spreadsheet as plain text: each line with as many tabs as the next.
const tableOf = (text) => {
  const rows = text.replace(/\r\n?/g, "\n").replace(/\n+$/, "").split("\n").map((line) => line.split("\t"));
  const [{ length: width }] = rows;
  if (rows.length < 2 || width < 2 || rows.every(([first]) => !first) || rows.length * width > 20_000 || rows.some((row) => row.length !== width)) return null;
  return `<table><tbody>${rows.map((row) => `<tr>${row.map((cell) => `<td>${escape(cell.trim())}</td>`).join("")}</tr>`).join("")}</tbody></table>`;
};

const headingsOf = (doc) => {
  const texts = [];
  doc.forEach((node) => node.type.name === "heading" && texts.push(node.textContent));
  return texts;
};

export const Pasting = Extension.create({
  name: "pasting",
  priority: 1050,

  addProseMirrorPlugins() {
    const { editor } = this;
    let rtf = "";

    const arriving = (html, { state }) => {
      const found = cleaned(html, anchorsOf(headingsOf(state.doc)), rtf);
      if (found.left) notify(editor, left(found.left));
      const size = bytes(found.html);
      if (size + bytes(editor.getHTML()) <= MAX_TEXT) return found.html;
      notify(editor, tooLong(size));
      return "";
    };

    const parsed = (html, $context, view) => {
      const template = document.createElement("template");
      template.innerHTML = arriving(html, view);
      return pm.model.DOMParser.fromSchema(view.state.schema).parseSlice(template.content, { context: $context });
    };

    // Markdown, or rows of a spreadsheet; null for words alone.
    const structured = (text, $context, view) => {
      if ($context.parent.type.spec.code) return null;
      const { html = null, isMarkdown = false } = text.length <= MAX_MARKDOWN ? fromMarkdown(text) : {};
      if (isMarkdown && html === null) notify(editor, "This is Markdown with something that articles cannot hold, such as HTML or boxes to tick. It was pasted as it is written.");
      const made = html ?? (isMarkdown ? null : tableOf(text));
      return made ? parsed(made, $context, view) : null;
    };

    const words = (view, text) => {
      const { schema, selection, tr } = view.state;
      const plain = () => {
        const lines = text.split(/(?:\r\n?|\n)+/).filter(Boolean).map((line) => schema.nodes.paragraph.create(null, schema.text(line)));
        return new pm.model.Slice(pm.model.Fragment.from(lines), 1, 1);
      };
      tr.replaceSelection(structured(text, selection.$from, view) ?? plain());
      view.dispatch(tr.setMeta("paste", true).setMeta("uiEvent", "paste").scrollIntoView());
    };

    // An editor of code says its language. A line of code is no block.
    const code = (view, text, mode) => {
      const { schema, tr } = view.state;
      const source = text.replace(/\r\n?/g, "\n");
      const language = languageNamed(mode);
      if (!source.trim().includes("\n")) tr.replaceSelectionWith(schema.text(source.trim(), [schema.marks.code.create()]), false);
      else {
        const content = schema.text(source.replace(/^\n+|\s+$/g, ""));
        tr.replaceSelectionWith(schema.nodes.codeBlock.create({ language: NO_LANGUAGE.includes(language) ? null : language }, content));
      }
      view.dispatch(tr.setMeta("paste", true).scrollIntoView());
    };

    // Whether that was all there is to do.
    const taken = (view, data) => {
      const [html, text] = ["text/html", "text/plain"].map((kind) => data.getData(kind));
      const size = html ? bytes(withoutPictures(html)) : bytes(text);
      if (size > MAX_PASTED || (!html && size + bytes(editor.getHTML()) > MAX_TEXT)) {
        notify(editor, tooLong(size));
        return true;
      }
      const files = picturesOf(data);
      // Word adds a picture of the text itself, a browser the address of the picture.
      if (files.length && !text.trim() && !hasWords(html)) {
        askFor(editor, files);
        return true;
      }
      const mode = modeOf(data);
      if (!mode || !text || view.state.selection.$from.parent.type.spec.code) return false;
      if (mode === "markdown" || mode === "plaintext") words(view, text);
      else code(view, text, mode);
      return true;
    };

    return [
      new Plugin({
        props: {
          handleDOMEvents: {
            // Before anything of it is parsed.
            paste(view, event) {
              rtf = event.clipboardData?.getData("text/rtf") ?? "";
              if (!event.clipboardData || !taken(view, event.clipboardData)) return false;
              event.preventDefault();
              return true;
            },
          },
          transformPastedHTML: arriving,
          // The end of the last line is no line.
          transformPastedText: (text, isPlain, view) => (view.state.selection.$from.parent.type.spec.code ? text : text.replace(/[\r\n]+$/, "")),
          clipboardTextParser: (text, $context, isPlain, view) => (isPlain ? null : structured(text, $context, view)),
          handleDrop(view, event, slice, isMoved) {
            if (isMoved || !event.dataTransfer?.files.length) return false;
            event.preventDefault(); // or the browser would leave the form for the file
            const files = picturesOf(event.dataTransfer);
            const place = view.posAtCoords({ left: event.clientX, top: event.clientY });
            if (files.length) askFor(editor, files, place?.pos);
            else notify(editor, "Only pictures can be dropped here. Copy the text out of the file and paste it.");
            return true;
          },
        },
      }),
    ];
  },
});
