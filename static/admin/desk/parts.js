/* A link that says `data-swaps="record"` brings the page it leads to, of which only the part with that
   id is put in place of ours: the list beside it keeps its place and its ticks. Address, title, Back
   and reloading are as with whole pages, and whatever is unusual (signed out, an error, a part that
   is not shown on this screen) is left to the browser. */
const PART = "a[data-swaps]";

let asked = null; // the page on its way

async function swap(address, id, isNew) {
  asked?.abort();
  asked = new AbortController();
  const { signal } = asked;
  let page = null;
  try {
    const answer = await fetch(address, { headers: { Accept: "text/html" }, signal });
    const html = await answer.text();
    if (answer.ok && !answer.redirected) page = new DOMParser().parseFromString(html, "text/html");
  } catch {
    if (signal.aborted) return;
  }
  const [ours, theirs] = [document, page].map((one) => one?.getElementById(id));
  if (!ours || !theirs) return location.assign(address);
  if (isNew) {
    history.replaceState({ ...history.state, swaps: id }, "");
    history.pushState({ swaps: id }, "", address);
  }
  const hadFocus = ours.contains(document.activeElement);
  dress(page);
  ours.replaceWith(theirs);
  document.title = page.title;
  if (hadFocus) {
    theirs.tabIndex = -1;
    theirs.focus({ preventScroll: true });
  }
  show();
}

/* The links around the part say where we are now, and their rows look as on the page that came. */
function dress(page) {
  const links = new Map([...page.querySelectorAll(`li ${PART}`)].map((one) => [one.href, one]));
  for (const link of document.querySelectorAll(`li ${PART}`)) {
    const now = links.get(link.href);
    if (!now) continue;
    link.closest("li").className = now.closest("li").className;
    link.toggleAttribute("aria-current", now.hasAttribute("aria-current"));
    if (now.ariaCurrent) link.ariaCurrent = now.ariaCurrent;
  }
}

function show() {
  document.querySelector(`li ${PART}[aria-current]`)?.closest("li").scrollIntoView({ block: "nearest" });
}

document.addEventListener("click", (event) => {
  const link = event.target.closest(PART);
  const isElsewhere = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
  if (!link || isElsewhere || event.defaultPrevented) return;
  if (!document.getElementById(link.dataset.swaps)?.checkVisibility()) return;
  event.preventDefault();
  swap(link.href, link.dataset.swaps, true);
});
addEventListener("popstate", (event) => {
  if (event.state?.swaps) swap(location.href, event.state.swaps, false);
});
show();
