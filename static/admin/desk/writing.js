/* While somebody writes about a lead, colleagues are told: the answer link says that they began, and a
   note that has the focus says so again three times a minute. The answer says which colleague is
   writing as well, which is put above the history. Without script nobody is told, and all works. */
const EVERY = 20_000;
let timer = 0;

async function tell(acts, writing) {
  const body = new URLSearchParams({
    csrfmiddlewaretoken: acts.querySelector("[name=csrfmiddlewaretoken]").value,
    writing,
  });
  try {
    const answer = await fetch(acts.dataset.writes, { method: "POST", body, keepalive: true });
    if (!answer.ok || answer.redirected) return;
    const html = await answer.text();
    const others = acts.parentElement.querySelector("[data-writing-others]");
    if (others && others.innerHTML.trim() !== html.trim()) others.innerHTML = html;
  } catch {
    // it is told again in a moment
  }
}

function goOn() {
  const note = document.hasFocus() && document.activeElement.closest("[data-writing=note]");
  clearTimeout(timer);
  timer = 0;
  if (!note) return;
  tell(note.closest("[data-writes]"), "note");
  timer = setTimeout(goOn, EVERY);
}

addEventListener("focusin", ({ target }) => {
  if (target.closest("[data-writing=note] form") && !timer) goOn();
});
addEventListener("focusout", ({ target, relatedTarget }) => {
  const note = target.closest("[data-writing=note]");
  if (!note || note.contains(relatedTarget)) return;
  clearTimeout(timer);
  timer = 0;
});
addEventListener("click", ({ target }) => {
  const link = target.closest("a[data-writing=answer]");
  if (link) tell(link.closest("[data-writes]"), "answer");
});
