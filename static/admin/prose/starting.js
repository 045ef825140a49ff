// Whether all that a text is written with has come. A script that was lost on its way, or a page whose
// loading was cut off, would leave a field of HTML behind, or a page that keeps nothing. This runs in
// the head, before anything can go wrong: it loads the page once more, or says what to do. Until the
// editors are there nobody sees the fields that they replace.
(() => {
  const PATIENCE = 8_000; // ms from a page that is complete to an editor that should be there
  const LOOK_EVERY = 500;
  const ONE_TRY_IN = 60_000; // of a page, before somebody is asked
  const MARK = "data-django-prose-editor-configurable";
  const OURS = "writing"; // the extension that brings all of ours: static/admin/prose/extensions.js
  const KEY = "prose.loaded-again";
  const COMING = "editor-is-coming"; // static/admin/prose/writing.css
  const root = document.documentElement;
  let completeAt = 0;
  let hasFailed = false;
  let isLeaving = false;
  let isSaid = false;

  const texts = () => [...document.querySelectorAll(`textarea[${MARK}]`)].filter((one) => !one.id.includes("__prefix__"));
  const editorOf = (text) => text.closest(".prose-editor")?.querySelector("[contenteditable]")?.editor;
  const hasOurs = (editor) => editor.extensionManager.extensions.some(({ name }) => name === OURS);
  const isBare = () => texts().some((text) => !editorOf(text));

  const isTouched = (form) => [...form.elements].some((field) => (
    field.type !== "hidden" && (field.options
      ? [...field.options].some((option) => option.selected !== option.defaultSelected && option.value)
      : field.value !== field.defaultValue || field.checked !== field.defaultChecked)
  ));

  const mayTry = () => {
    try {
      const { path, at } = JSON.parse(sessionStorage.getItem(KEY)) ?? {};
      if (path === location.pathname && Date.now() - at < ONE_TRY_IN) return false;
      sessionStorage.setItem(KEY, JSON.stringify({ path: location.pathname, at: Date.now() }));
      return true;
    } catch {
      return false; // it might be tried for ever
    }
  };

  const load = () => location.assign(location.pathname + location.search); // a real reload would bring old words back

  // What was typed meanwhile goes to the server first, where the page still knows how.
  const flushed = async (form) => {
    const flush = { saved: null };
    form.dispatchEvent(new CustomEvent("keeping:flush", { detail: flush }));
    return flush.saved ? await flush.saved : !isTouched(form);
  };

  const say = (form) => {
    root.classList.remove(COMING);
    if (isSaid) return;
    isSaid = true;
    const note = document.createElement("p");
    note.className = "notice";
    note.setAttribute("role", "alert");
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "button", textContent: "Load the page again" });
    button.addEventListener("click", load);
    const what = isBare() ? "The editor did not load, so the text is shown as HTML." : "A part of this page did not load, so not everything works.";
    note.append(`${what} Copy what you have typed here, then load the page again. `, button);
    const place = form.querySelector("[data-notices]");
    if (place) place.prepend(note);
    else form.prepend(note);
  };

  const heal = async () => {
    const [{ form }] = texts();
    if (!form || isLeaving) return;
    if (!(await flushed(form))) return say(form);
    if (isLeaving) return;
    if (mayTry()) load();
    else say(form);
  };

  const look = () => {
    if (isLeaving || document.readyState !== "complete") return;
    const isWhole = !hasFailed && !isBare();
    completeAt ||= Date.now();
    if (!isWhole && !hasFailed && Date.now() - completeAt < PATIENCE) return;
    clearInterval(looking);
    if (isWhole || !texts().length) root.classList.remove(COMING);
    else heal();
  };

  root.classList.add(COMING);
  let looking = setInterval(look, LOOK_EVERY);
  document.addEventListener("error", ({ target }) => {
    if (target.matches?.("script[src]")) hasFailed = true;
  }, true);
  // One that lacks our extensions would take out of the text what it does not know.
  document.addEventListener("prose-editor:ready", (event) => {
    const { editor } = event.detail;
    if (hasOurs(editor)) return;
    event.stopImmediatePropagation(); // nobody takes it for ready
    editor.destroy();
    hasFailed = true;
  }, true);
  // A form that was sent brings another page; if none comes, it is looked at again.
  document.addEventListener("submit", ({ defaultPrevented }) => {
    if (defaultPrevented) return;
    isLeaving = true;
    setTimeout(() => {
      isLeaving = false;
      clearInterval(looking);
      looking = setInterval(look, LOOK_EVERY);
    }, 2 * PATIENCE);
  });
  addEventListener("pagehide", () => { isLeaving = true; });
  addEventListener("pageshow", () => { isLeaving = false; });
})();
