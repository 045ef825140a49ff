/* Selecting rows: what is checked is counted beside “Select all”, which checks all that the page
   shows. Shift with a click selects all rows from the last one to that one, Esc selects none.
   Without script, the boxes and buttons do the same. */
const list = document.querySelector("[data-select]");
const all = list?.querySelector("[data-all]");
if (all) {
  const said = list.querySelector("[data-said]");
  const rows = [...list.querySelectorAll("[name=row]")];
  let last = null; // the row that was selected, or not, before

  function tell() {
    const count = rows.filter((row) => row.checked).length;
    said.textContent = count || all.checked ? `${all.checked ? all.dataset.all : count} selected` : "";
  }

  function range(to) {
    const [from, end] = [rows.indexOf(last), rows.indexOf(to)].sort((a, b) => a - b);
    for (const row of rows.slice(Math.max(from, 0), end + 1)) row.checked = to.checked;
  }

  list.addEventListener("click", ({ target, shiftKey }) => {
    if (target.name !== "row") return;
    if (shiftKey) range(target);
    last = target;
    tell();
  });
  list.addEventListener("change", ({ target }) => {
    if (target === all) for (const row of rows) row.checked = all.checked;
    else if (target.name === "row" && !target.checked) all.checked = false;
    tell();
  });
  list.addEventListener("submit", (event) => {
    if (!event.defaultPrevented) said.textContent = all.checked ? "Changing all of them…" : "Changing them…";
  });
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open]")) return;
    for (const box of [all, ...rows]) box.checked = false;
    tell();
  });
  addEventListener("pageshow", tell);
  tell();
}
