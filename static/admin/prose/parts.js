// Small things that every part of the editor makes: elements, and notices below the text.

export const element = (name, attributes = {}, ...children) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (/^(aria-|data-|role$)/.test(key)) made.setAttribute(key, value);
    else made[key] = value;
  }
  made.append(...children);
  return made;
};

export const around = (editor) => editor.view.dom.closest(".prose-editor");

// Says something about the text that was just put in, until it is closed.
export const notify = (editor, text) => {
  const close = element("button", { type: "button", className: "prose-notice__close", textContent: "Close" });
  const notice = element("p", { className: "prose-notice", role: "status" }, element("span", { textContent: text }), close);
  close.addEventListener("click", () => {
    notice.remove();
    editor.commands.focus();
  });
  around(editor).querySelector(".prose-notice")?.remove();
  around(editor).append(notice);
};

let count = 0;
export const newId = (stem) => `${stem}-${++count}`;

// Where an element that floats over the text goes: below the place, or above it where there is more
// room; what does not fit scrolls. Bars stand at the window's head and, on a phone, at its foot.
const BAR = 60; // pixels

export const floatAt = (editor, floating, position) => {
  const place = editor.view.coordsAtPos(position);
  const frame = around(editor).getBoundingClientRect();
  const [above, below] = [place.top - BAR, innerHeight - place.bottom - BAR];
  floating.style.setProperty("--most", `${Math.max(112, above, below) - 16}px`);
  const { offsetWidth: width, offsetHeight: height } = floating;
  const isAbove = height > below && above > below;
  const left = Math.max(0, Math.min(place.left - frame.left - 10, frame.width - width));
  floating.style.left = `${left}px`;
  floating.style.top = `${(isAbove ? place.top - height - 6 : place.bottom + 6) - frame.top}px`;
};
