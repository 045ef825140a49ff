/* A filter of a list acts as soon as it is chosen. Without script, the button does the same. */
const filters = document.querySelector("[data-filters]");
filters?.addEventListener("change", (event) => {
  if (event.target.matches("select, [type=date]")) filters.requestSubmit();
});
