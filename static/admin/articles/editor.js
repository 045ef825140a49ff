// Names each editor as its label does: what it writes in is no field that a label can point to.
const nameEditor = (textarea) => {
  const label = document.querySelector(`label[for="${textarea.id}"]`);
  const writing = textarea.closest(".prose-editor")?.querySelector("[contenteditable]");
  writing?.setAttribute("aria-label", label?.textContent.trim().replace(/:$/, "") ?? "Text");
};

document.addEventListener("prose-editor:ready", ({ target }) => nameEditor(target));
document.querySelectorAll(".prose-editor textarea").forEach(nameEditor);
