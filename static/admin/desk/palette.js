/* Find anything: Ctrl-K or ⌘K. What was found comes as a piece of HTML from the page that also works
   without script; an answer that is no longer wanted is not waited for. A combobox as WAI-ARIA
   describes it: the field keeps the focus, and says which option is chosen. */
const dialog = document.querySelector("#palette");
if (dialog) {
  const form = dialog.querySelector("form");
  const field = form.querySelector("input");
  const results = dialog.querySelector("[role=listbox]");
  const status = dialog.querySelector("[role=status]");
  let asked = null; // the request on its way
  let isComplete = Promise.resolve(); // once the options are those of what was typed

  const options = () => [...results.querySelectorAll("[role=option]")];

  function choose(option) {
    for (const one of options()) {
      one.setAttribute("aria-selected", String(one === option));
      one.classList.toggle("here", one === option);
    }
    if (option) {
      field.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else field.removeAttribute("aria-activedescendant");
  }

  async function find() {
    asked?.abort();
    asked = new AbortController();
    const address = new URL(form.action);
    address.search = new URLSearchParams({ q: field.value, part: "results" });
    const { signal } = asked;
    try {
      const answer = await fetch(address, { signal });
      if (!answer.ok || answer.redirected) throw new Error("not the results"); // signed out, say
      const html = await answer.text();
      if (signal.aborted) return;
      results.innerHTML = html;
      options().forEach((option, number) => (option.id = `found-${number}`));
      const count = options().length;
      status.textContent = count ? `${count} found` : results.textContent.trim();
      choose(options()[0]);
    } catch {
      if (signal.aborted) return;
      results.replaceChildren();
      status.textContent = "";
      choose(null);
    }
  }

  function open() {
    if (dialog.open) return field.select();
    document.querySelectorAll("dialog[open]").forEach((other) => other.close());
    dialog.showModal();
    field.select();
    isComplete = find();
  }

  /* Before the answer is there, Enter waits for it; without one, the page that needs no script says
     why. */
  async function follow(inNewTab) {
    await isComplete;
    const chosen = results.querySelector("[aria-selected=true]");
    if (!chosen) form.submit();
    else if (inNewTab) window.open(chosen.href, "_blank", "noopener");
    else location.assign(chosen.href);
  }

  function step(by) {
    const all = options();
    const at = all.findIndex((one) => one.getAttribute("aria-selected") === "true");
    choose(all.at((at + by + all.length) % all.length));
  }

  addEventListener("keydown", (event) => {
    const isK = event.key.toLowerCase() === "k" || event.code === "KeyK";
    if (event.defaultPrevented || event.getModifierState("AltGraph")) return; // in a text it makes a link
    if (!isK || event.altKey || event.shiftKey || event.ctrlKey === event.metaKey) return;
    event.preventDefault();
    open();
  });
  for (const link of document.querySelectorAll("[data-palette]")) {
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      open();
    });
  }
  field.addEventListener("input", () => (isComplete = find()));
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps && options().length) {
      event.preventDefault();
      step(steps[event.key]);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (!event.repeat) follow(event.ctrlKey || event.metaKey);
    }
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault(); // the Go key of a phone
    follow(false);
  });
  results.addEventListener("mousemove", (event) => {
    const option = event.target.closest("[role=option]");
    if (option && option.getAttribute("aria-selected") !== "true") choose(option);
  });
}

for (const one of document.querySelectorAll("dialog.palette")) {
  one.addEventListener("click", (event) => {
    if (event.target === one || event.target.closest("[data-close]")) one.close();
  });
}
if (/Mac|iPhone|iPad/.test(navigator.platform)) {
  for (const key of document.querySelectorAll("kbd[data-mac]")) key.textContent = key.dataset.mac;
}
