// Shows what is found while someone types, by asking for this very page. The form does without.
const form = document.querySelector("form.search");
const [status, results] = ["search-status", "search-results"].map((id) => document.getElementById(id));
const PAUSE = 250; // ms without a letter
let timer, asked;

function find() {
  const before = asked;
  asked = new XMLHttpRequest(); // it reads a page without a text becoming markup: Trusted Types
  before?.abort();
  const url = `${form.action}?${new URLSearchParams(new FormData(form))}`;
  asked.onloadend = ({ target }) => {
    if (target === asked) results.ariaBusy = null;
  };
  asked.onload = ({ target: { status: code, response: page } }) => {
    if (code !== 200) return;
    results.replaceChildren(...page.getElementById(results.id).childNodes);
    status.textContent = page.getElementById(status.id).textContent; // read aloud: role="status"
    document.title = page.title;
    history.replaceState(null, "", url);
  };
  asked.open("GET", url);
  asked.responseType = "document";
  asked.setRequestHeader("Search-While-Typing", "1");
  asked.send();
}

function findSoon(event) {
  if (event.isComposing) return; // half a letter, in scripts that need several keys for one
  clearTimeout(timer);
  results.ariaBusy = "true";
  timer = setTimeout(find, PAUSE);
}

form.addEventListener("input", findSoon);
form.addEventListener("compositionend", findSoon);
form.addEventListener("submit", () => { clearTimeout(timer); asked?.abort(); });
