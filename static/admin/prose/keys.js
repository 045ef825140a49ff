// Keys of the editor that are no formatting.
import { Extension, Plugin } from "django-prose-editor/editor";

// AltGr types letters on half of the world's keyboards, and says Ctrl and Alt while it does: what it
// types is text, never a command.
const isTyped = (event) => event.key.length === 1 && event.getModifierState("AltGraph");

// The browser tells of a moved caret a moment later than of the next key. Where both come at once, as on
// a busy machine, that key would meet what was selected before: after Ctrl A and End, the whole text.
const readSelection = ({ composing, domObserver }, { keyCode }) => {
  if (!composing && keyCode !== 229) domObserver.flush();
  return false;
};

const isAtRest = ({ dom, state }) => !state.selection.$from.parent.type.spec.code && dom.ariaExpanded !== "true";

export const Typing = Extension.create({
  name: "typing",
  priority: 1200,

  addProseMirrorPlugins() {
    return [
      new Plugin({
        props: {
          attributes: { class: "prose", spellcheck: "true" },
          // Left to the browser, and to the page: where nothing is open, Esc closes what is around.
          handleDOMEvents: {
            keydown: (view, event) => readSelection(view, event) || isTyped(event) || (event.key === "Escape" && isAtRest(view)),
            keypress: readSelection,
          },
        },
      }),
    ];
  },
});

// Ctrl S anywhere on the page sends what is not saved yet. Only the form knows how.
addEventListener("keydown", (event) => {
  const isS = event.key.toLowerCase() === "s" || (event.code === "KeyS" && !/^[\x20-\x7e]$/.test(event.key));
  if (!isS || event.ctrlKey === event.metaKey || event.altKey || event.shiftKey || isTyped(event)) return;
  const form = document.querySelector(".prose-editor")?.closest("form");
  if (!form) return;
  event.preventDefault(); // the browser would save the page as a file
  if (!event.repeat) form.dispatchEvent(new Event("keeping:save"));
});
