// Pictures that are pasted or dropped: each asks for its description, goes into the library, and
// stands in the text as if it had been chosen there.

const element = (name, attributes = {}, ...children) => {
  const made = Object.assign(document.createElement(name), attributes);
  made.append(...children);
  return made;
};

// Says something about the text that was just put in, until it is closed.
export const notify = (editor, text) => {
  const around = editor.view.dom.closest(".prose-editor");
  around.querySelector(".prose-notice")?.remove();
  const close = element("button", { type: "button", className: "prose-notice__close", textContent: "Close" });
  const notice = element("p", { className: "prose-notice" }, element("span", { textContent: text }), close);
  notice.setAttribute("role", "status");
  close.addEventListener("click", () => {
    notice.remove();
    editor.commands.focus();
  });
  around.append(notice);
};

// `pictures` are files, or what HTML held as a `data:` address. One after the other.
export const upload = async (editor, address, pictures) => {
  for (const [at, picture] of pictures.entries()) {
    const file = picture instanceof File ? picture : fileOf(picture.source);
    if (file) await ask(editor, address, file, picture.alt ?? "", pictures.length > 1 ? ` ${at + 1} of ${pictures.length}` : "");
  }
};

const fileOf = (source) => {
  const found = /^data:(image\/[\w.+-]+)[^,]*?(;base64)?,(.*)$/is.exec(source);
  if (!found) return null;
  try {
    const content = found[2] ? Uint8Array.from(atob(found[3]), (letter) => letter.charCodeAt(0)) : decodeURIComponent(found[3]);
    return new File([content], "", { type: found[1] });
  } catch {
    return null; // half of a picture
  }
};

const titleOf = (file) => {
  const name = file.name.replace(/\.[^.]*$/, "");
  // What every screenshot on a clipboard is called tells nobody anything.
  return name && name !== "image" ? name : `Pasted on ${new Date().toLocaleString("en-US", { dateStyle: "long", timeStyle: "short" })}`;
};

let dialogs = 0;

const ask = (editor, address, file, alt, which) =>
  new Promise((resolve) => {
    const id = `prose-upload-${++dialogs}`;
    const shown = element("img", { className: "prose-upload__picture", alt: "", hidden: true });
    const reader = new FileReader();
    reader.addEventListener("load", () => { shown.src = reader.result; });
    shown.addEventListener("load", () => { shown.hidden = false; });
    reader.readAsDataURL(file);
    const words = element("textarea", { id, rows: 3, value: alt, maxLength: 250 });
    const decorative = element("input", { id: `${id}-decorative`, type: "checkbox" });
    const wrong = element("p", { className: "prose-upload__error" });
    wrong.setAttribute("role", "alert");
    const add = element("button", { type: "submit", textContent: "Add picture" });
    const cancel = element("button", { type: "button", textContent: "Cancel" });
    const form = element(
      "form",
      { noValidate: true },
      element("h3", { className: "prose-editor-dialog-title", textContent: `Add picture${which}` }),
      shown,
      element(
        "div",
        { className: "prose-editor-dialog-field" },
        element("label", { htmlFor: id, textContent: "What it shows, for people who cannot see it" }),
        words,
      ),
      element(
        "div",
        { className: "prose-editor-dialog-field" },
        decorative,
        element("label", { htmlFor: decorative.id, textContent: "Decorative: it adds nothing to the text" }),
      ),
      wrong,
      element("div", { className: "prose-editor-dialog-buttons" }, add, cancel),
    );
    const dialog = element("dialog", { className: "prose-editor-dialog prose-upload" }, form);
    document.body.append(dialog);
    const end = () => {
      dialog.remove();
      editor.commands.focus();
      resolve();
    };
    dialog.addEventListener("close", end);
    cancel.addEventListener("click", () => dialog.close());
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      event.stopPropagation();
      add.disabled = true;
      wrong.textContent = "";
      const answer = await send(editor, address, file, words.value, decorative.checked);
      add.disabled = false;
      wrong.textContent = answer.error ?? "";
      if (answer.error || !dialog.isConnected) return;
      insert(editor, answer);
      dialog.close();
    });
    dialog.showModal();
    words.focus();
  });

const send = async (editor, address, file, alt, isDecorative) => {
  const data = new FormData();
  data.append("csrfmiddlewaretoken", editor.view.dom.closest("form").elements.csrfmiddlewaretoken.value);
  data.append("file", file, file.name || "pasted.png");
  data.append("title", titleOf(file).slice(0, 120));
  data.append("alt", alt);
  if (isDecorative) data.append("is_decorative", "on");
  try {
    const answer = await fetch(address, { method: "POST", body: data, headers: { Accept: "application/json" } });
    if (answer.status === 403) return { error: "You don’t have permission to add pictures. Ask a publisher to add it." };
    if (answer.status === 413) return { error: "The file is too large. Export it as a smaller JPEG." };
    if (answer.redirected) return { error: "You are signed out. Open another tab, sign in there, then press Add picture again." };
    return await answer.json();
  } catch {
    return { error: "The site cannot be reached. Your text is safe here: try again in a moment." };
  }
};

const insert = (editor, { id, url, alt, caption }) => {
  const content = [{ type: "image", attrs: { src: url, alt, file: String(id) } }];
  if (caption) content.push({ type: "caption", content: [{ type: "text", text: caption }] });
  editor.chain().focus().insertContent({ type: "figure", content }).run();
};
