/* The page as readers would get it, beside the words, at three widths. It follows them: saved words are
   put into the page that is shown, which stays where it is, and the block that is written in comes into
   view. In a narrow window there is room for one of the two. Without script the link opens a preview. */
const WIDTHS = [["360", "Phone"], ["768", "Tablet"], ["1280", "Desktop"]];
const MARGIN = 24; // px around the page
const NARROW = matchMedia("(max-width: 63.9rem)");
const STILL = matchMedia("(prefers-reduced-motion: reduce)");
const MAX_KEY = 80; // letters by which a block is recognized
const WORDS = ["title", "summary", "body"]; // the fields that a preview shows
const NOTHING_YET = "There is nothing to preview yet. Write the first words.";
const NOT_SAVED = "The preview shows what is saved, and your words are not saved yet. They appear here as soon as they are.";
const KEEP = "beside"; // whether it is open, and how wide

const kept = document.querySelector("script[data-keeping]")?.dataset.form;
const form = kept && document.getElementById(`${kept.split(" ")[0].split(".")[1]}_form`);
const links = () => document.querySelectorAll("a[data-preview], button[name=_preview]");

// Where the article has its page by now: an empty form has none.
function address(name) {
  return new URL(form.action).pathname.endsWith("/change/") ? new URL(`../${name}/`, form.action).href : "";
}

function remembered() {
  try {
    return JSON.parse(sessionStorage.getItem(KEEP)) ?? {};
  } catch {
    return {};
  }
}

function remember(what) {
  try {
    sessionStorage.setItem(KEEP, JSON.stringify({ ...remembered(), ...what }));
  } catch { /* then it opens as it did at first */ }
}

// What is new in the page goes into the one that is shown; all else stays, pictures and place.
function settle(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  if (!isAlike(old, fresh)) {
    old.replaceWith(old.ownerDocument.adoptNode(fresh));
    return;
  }
  const [was, now] = [[...old.childNodes], [...fresh.childNodes]];
  let [from, to] = [0, 0];
  const most = Math.min(was.length, now.length);
  while (from < most && was[from].isEqualNode(now[from])) from += 1;
  while (to < most - from && was[was.length - 1 - to].isEqualNode(now[now.length - 1 - to])) to += 1;
  const [gone, added] = [was.slice(from, was.length - to), now.slice(from, now.length - to)];
  if (gone.length === added.length) gone.forEach((one, i) => settle(one, added[i]));
  else {
    const after = was[was.length - to] ?? null;
    gone.forEach((one) => one.remove());
    added.forEach((one) => old.insertBefore(old.ownerDocument.adoptNode(one), after));
  }
}

function isAlike(old, fresh) {
  if (old.nodeType !== Node.ELEMENT_NODE || old.nodeName !== fresh.nodeName) return false;
  const names = fresh.getAttributeNames();
  return names.length === old.getAttributeNames().length
    && names.every((name) => old.getAttribute(name) === fresh.getAttribute(name));
}

const letters = (node) => node.textContent.replace(/[^\p{L}\p{N}]+/gu, "").slice(0, MAX_KEY).toLowerCase();

class Beside {
  constructor() {
    this.pane = document.createElement("section");
    this.pane.className = "glass";
    this.pane.setAttribute("aria-label", "Preview");
    const row = this.pane.appendChild(Object.assign(document.createElement("div"), { className: "glass__row" }));
    row.append(this.#close(), this.#widths(), this.#own());
    this.empty = this.pane.appendChild(Object.assign(document.createElement("p"), {
      className: "glass__empty", textContent: NOTHING_YET,
    }));
    this.empty.setAttribute("role", "status");
    this.frame = this.pane.appendChild(Object.assign(document.createElement("iframe"), {
      title: "The page as readers would see it",
    }));
    this.frame.addEventListener("load", () => this.loaded());
    new ResizeObserver(() => this.fit()).observe(this.pane);
    document.body.append(this.pane);
    this.#listen();
  }

  #close() {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "glass__close", textContent: "Back to the text" });
    button.addEventListener("click", () => this.close());
    return button;
  }

  #widths() {
    const set = Object.assign(document.createElement("fieldset"), { className: "glass__pick" });
    set.append(Object.assign(document.createElement("legend"), { className: "glass__legend", textContent: "Width" }));
    for (const [width, name] of WIDTHS) {
      const label = document.createElement("label");
      const radio = Object.assign(document.createElement("input"), {
        type: "radio", name: "glass-width", value: width, checked: width === (remembered().width ?? "768"),
      });
      radio.addEventListener("change", () => {
        remember({ width });
        this.fit();
      });
      label.append(radio, `${name} `, Object.assign(document.createElement("small"), { textContent: width }));
      set.append(label);
    }
    this.set = set;
    return set;
  }

  #own() {
    this.own = Object.assign(document.createElement("a"), { className: "glass__own", target: "_blank", textContent: "Open in a new tab" });
    return this.own;
  }

  #listen() {
    form.addEventListener("keeping:saved", ({ detail }) => detail.draft.length && this.refresh());
    for (const kind of ["selectionchange", "focusin"]) {
      document.addEventListener(kind, () => {
        cancelAnimationFrame(this.following);
        this.following = requestAnimationFrame(() => this.follow());
      });
    }
  }

  get isOpen() {
    return document.documentElement.classList.contains("is-beside");
  }

  async open({ isFirst = false } = {}) {
    document.documentElement.classList.add("is-beside");
    for (const link of links()) link.setAttribute("aria-current", "true");
    remember({ isOpen: true });
    if (NARROW.matches && !isFirst) this.pane.querySelector("button").focus();
    await this.refresh({ isAsked: !isFirst });
  }

  close() {
    const hadFocus = this.pane.contains(document.activeElement);
    document.documentElement.classList.remove("is-beside");
    for (const link of links()) link.removeAttribute("aria-current");
    remember({ isOpen: false });
    if (hadFocus) links()[0]?.focus();
  }

  // The words that are on the page go to the server first, if the person asked for it.
  async refresh({ isAsked = false } = {}) {
    if (!this.isOpen) return;
    const flush = { saved: null, why: "" };
    if (isAsked) {
      form.dispatchEvent(new CustomEvent("keeping:flush", { detail: flush }));
      await flush.saved;
    }
    const url = address("beside");
    this.pane.classList.toggle("is-empty", !url);
    if (!url) {
      this.empty.textContent = WORDS.some((name) => form.elements[name]?.value) ? `${NOT_SAVED} ${flush.why}`.trim() : NOTHING_YET;
      return;
    }
    this.own.href = address("preview");
    if (this.shown !== url) {
      this.shown = url;
      this.frame.src = url;
      return;
    }
    this.again = this.isBusy;
    if (this.isBusy) return;
    this.isBusy = true;
    try {
      const answer = await fetch(url, { redirect: "manual" });
      if (answer.ok) this.put(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch { /* with the next words */ }
    this.isBusy = false;
    if (this.again) this.refresh();
  }

  put(fresh) {
    const page = this.frame.contentDocument;
    const [old, now] = [page, fresh].map((one) => one?.querySelector("main > article"));
    if (!old || !now) return;
    settle(old, now);
    page.title = fresh.title;
    this.block = null;
    this.follow();
  }

  loaded() {
    const page = this.frame.contentDocument;
    if (!page?.querySelector("main > article")) return;
    page.addEventListener("click", ({ target }) => {
      const link = target.closest?.("a[href]");
      if (link && !link.getAttribute("href").startsWith("#")) link.target = "_blank";
    }, true);
    page.addEventListener("submit", (event) => event.preventDefault(), true);
    this.fit();
    this.block = null;
    this.follow();
  }

  fit() {
    const width = Number(this.set.querySelector(":checked").value);
    const room = this.pane.clientWidth - 2 * MARGIN;
    this.frame.style.setProperty("--w", `${width}px`);
    this.frame.style.setProperty("--s", Math.min(1, Math.max(0.1, room / width)));
  }

  // The block that is written in comes into view, if it is not.
  follow() {
    const page = this.isOpen && this.frame.contentDocument;
    const written = page && this.written();
    if (!written || written === this.block) return;
    this.block = written;
    const shown = this.shownOf(written, page);
    if (!shown) return;
    const { defaultView: view } = page;
    const { top, bottom } = shown.getBoundingClientRect();
    const isSeen = top >= 0 && (bottom <= view.innerHeight || top <= view.innerHeight / 3);
    if (isSeen) return;
    view.scrollBy({ top: top - view.innerHeight / 4, behavior: STILL.matches ? "instant" : "smooth" });
  }

  written() {
    const { anchorNode } = getSelection();
    const words = anchorNode?.parentElement?.closest(".ProseMirror") ?? null;
    if (words && form.contains(words)) {
      let block = anchorNode;
      while (block.parentNode !== words) block = block.parentNode;
      return block.nodeType === Node.ELEMENT_NODE ? block : null;
    }
    const field = document.activeElement;
    return ["title", "summary"].includes(field?.name) ? field : null;
  }

  shownOf(written, page) {
    if (written.name === "title") return page.querySelector("main h1");
    if (written.name === "summary") return page.querySelector("main .lede");
    const blocks = [...(page.querySelector("#text")?.children ?? [])];
    const at = [...written.parentNode.children].indexOf(written);
    const key = letters(written);
    const alike = key ? blocks.filter((one) => {
      const other = letters(one);
      return other && (other.startsWith(key) || key.startsWith(other));
    }) : [];
    const near = (one) => Math.abs(blocks.indexOf(one) - at);
    return alike.sort((one, other) => near(one) - near(other))[0] ?? blocks[Math.min(at, blocks.length - 1)];
  }
}

if (form && links().length) {
  const beside = new Beside();
  const linkOf = ({ target }) => target.closest?.("a[data-preview], button[name=_preview]");
  // Whoever writes goes on writing: the cursor stays where it is.
  document.addEventListener("mousedown", (event) => linkOf(event) && !NARROW.matches && event.preventDefault());
  document.addEventListener("click", (event) => {
    const link = linkOf(event);
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    if (beside.isOpen) beside.close();
    else beside.open();
  });
  // What is wrong may stand in the rail, which it would cover.
  const isWrong = document.querySelector(".errornote") !== null;
  if (remembered().isOpen && !NARROW.matches && !isWrong) beside.open({ isFirst: true });
}
