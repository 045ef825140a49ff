// Around the editors of a form: their names, the words a browser brings back, and the preview.

// Names each editor as its label does: what it writes in is no field that a label can point to.
const nameEditor = (textarea) => {
  const label = document.querySelector(`label[for="${textarea.id}"]`);
  const writing = textarea.closest(".prose-editor")?.querySelector("[contenteditable]");
  writing?.setAttribute("aria-label", label?.textContent.trim().replace(/:$/, "") ?? "Text");
};

// After Back, or in a restored tab, the browser fills the textarea again, often once the editor
// has read it. What is in the textarea counts: it is what would be sent.
const readAt = new Map(); // by editor: the textarea, and what it held when the editor last agreed

const takeOver = () => {
  for (const [editor, read] of readAt) {
    if (read.textarea.value === read.value) continue;
    read.value = read.textarea.value;
    editor.chain().setMeta("addToHistory", false).setContent(read.value, { emitUpdate: false }).run();
  }
};

const adopt = (textarea, editor) => {
  nameEditor(textarea);
  const read = { textarea, value: editor.options.content };
  readAt.set(editor, read);
  editor.on("update", () => { read.value = textarea.value; });
  takeOver();
};

document.addEventListener("prose-editor:ready", ({ target, detail }) => adopt(target, detail.editor));
for (const writing of document.querySelectorAll(".prose-editor [contenteditable]")) {
  if (writing.editor) adopt(writing.closest(".prose-editor").querySelector("textarea"), writing.editor);
}
for (const moment of ["DOMContentLoaded", "load"]) window.addEventListener(moment, takeOver);

// A page that was sent and is shown again from memory would send its old state: ask for it anew.
let wasSent = false;
window.addEventListener("pageshow", ({ persisted }) => {
  if (persisted && wasSent) location.reload();
  takeOver();
});
document.addEventListener("submit", ({ defaultPrevented }) => {
  if (!defaultPrevented) wasSent = true;
});
