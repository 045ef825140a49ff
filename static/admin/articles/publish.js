// Publishing from the room: what publishing would do opens as a dialog over the words, and the rail says
// what was found after each save. Without this each is a page or a link.
const room = document.getElementById("article_form");
const CHECK_AFTER = 1_500; // from the last save

// The checks in the rail

let checking;

// The address of a page about the article; none before its first words are saved.
function addressOf(name) {
  const [, before] = new URL(room.action || location.href, location.href).pathname.match(/^(.*\/\d+\/)change\/$/) ?? [];
  return before && before + name;
}

async function checkAgain() {
  const part = document.querySelector("[data-checks]"); // none where the article has just been begun
  const address = addressOf("checks/");
  if (!address || part?.checkVisibility() === false) return;
  const answer = await fetch(address).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  const template = document.createElement("template");
  template.innerHTML = await answer.text();
  const fresh = template.content.querySelector("[data-checks]");
  if (!fresh) return;
  if (!part) return room.querySelector(".rail__state")?.after(fresh);
  if (fresh.innerHTML === part.innerHTML) return;
  const had = part.contains(document.activeElement);
  part.replaceChildren(...fresh.childNodes);
  if (had) part.querySelector("summary").focus();
}

room?.addEventListener("keeping:saved", () => {
  clearTimeout(checking);
  checking = setTimeout(checkAgain, CHECK_AFTER);
});

// The hour, told for each office

function follow(sheet) {
  const part = sheet.querySelector("[data-when]");
  if (!part) return;
  const form = part.querySelector("form");
  let asked = 0;
  let waiting;
  const tell = async () => {
    const turn = ++asked;
    const query = new URLSearchParams([...new FormData(form)].filter(([name]) => name === "when" || name.startsWith("moment")));
    // Where it is published meanwhile, this leads to a page, whose messages are for whoever sees it.
    const answer = await fetch(`${part.dataset.when}?${query}`, { redirect: "manual" }).catch(() => null);
    if (!answer?.ok || turn !== asked) return;
    const fresh = sheetOf(await answer.text());
    if (!fresh || turn !== asked) return;
    part.querySelector("[data-when-told]").replaceChildren(...fresh.querySelector("[data-when-told]").childNodes);
    const [old, label] = [sheet, fresh].map((one) => one.querySelector("[data-label]"));
    if (old && label) old.replaceChildren(...label.childNodes);
  };
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(tell, 250);
  });
  form.addEventListener("submit", () => {
    clearTimeout(waiting);
    asked += 1;
  });
}

function sheetOf(html) {
  return new DOMParser().parseFromString(html, "text/html").querySelector("[data-sheet]");
}

// The dialog

const dialog = room && Object.assign(document.createElement("dialog"), { className: "publish" });
// Buttons that save first, by name, and the page that each leads to.
const PAGES = { _publish_dialog: "publish/", _schedule_dialog: "publish/?when=later", _ask: "review/" };

// What a page has to say, over the words; false where it can only be had as a page.
async function show(address) {
  const answer = address && await fetch(address).catch(() => null);
  const sheet = answer?.ok && !answer.redirected && sheetOf(await answer.text());
  if (!sheet) return false;
  dialog.replaceChildren(document.adoptNode(sheet));
  dialog.setAttribute("aria-labelledby", "publish-title");
  if (!dialog.isConnected) document.body.append(dialog);
  follow(sheet);
  if (!dialog.open) dialog.showModal();
  // What is meant next: the hour, who is asked, or the button where nothing is red.
  const { value: when } = sheet.querySelector("[name=when]:checked") ?? {};
  const first = when === "later" ? ".hour input" : ".ask-form :is(select, textarea)";
  (sheet.querySelector(first) ?? sheet.querySelector(".button--main")).focus();
  return true;
}

async function open(button) {
  button.setAttribute("aria-busy", "true");
  try {
    const isSettled = await room.settled?.();
    const page = addressOf("");
    const isShown = isSettled && page && await show(`${page}${PAGES[button.name]}`);
    if (!isShown) room.requestSubmit(button); // it is a page then
  } finally {
    button.removeAttribute("aria-busy");
  }
}

async function follows(link) {
  const isSettled = await room.settled?.();
  if (!isSettled || !(await show(link.href))) location.assign(link.href);
}

if (room) {
  let isPassing = false;
  room.addEventListener("submit", (event) => {
    if (isPassing || !(event.submitter?.name in PAGES)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    isPassing = true;
    open(event.submitter).finally(() => {
      isPassing = false;
    });
  }, true);
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-opens]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    follows(link);
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
    if (!event.target.closest("[data-close]")) return;
    event.preventDefault();
    dialog.close();
  });
} else {
  const sheet = document.querySelector("[data-sheet]");
  if (sheet) follow(sheet);
}
