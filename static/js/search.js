// Shows what is found while someone types, by asking for this very page. The form does without.
const form = document.querySelector("form.search");
const [status, results] = ["search-status", "search-results"].map((id) => document.getElementById(id));
const PAUSE = 250; // ms without a letter
let timer, asked;

async function find() {
  asked?.abort();
  asked = new AbortController();
  const { signal } = asked;
  const url = `${form.action}?${new URLSearchParams(new FormData(form))}`;
  try {
    const answer = await fetch(url, { signal, headers: { "Search-While-Typing": "1" } });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    results.replaceChildren(...page.getElementById(results.id).childNodes);
    status.textContent = page.getElementById(status.id).textContent; // read aloud: role="status"
    document.title = page.title;
    history.replaceState(null, "", url);
  } catch (error) {
    if (!signal.aborted) console.info("Press Enter to search.", error);
  } finally {
    if (asked.signal === signal) results.ariaBusy = null;
  }
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
