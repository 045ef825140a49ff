/* After Back, browsers put what was typed into a page that they fetch anew. What the form says it
   showed has to come back with it, or a colleague's change made meanwhile would count as one that
   this person has seen. */
const inputs = [...document.querySelectorAll("[name=seen], [name$='-seen']")];

function isTyped(field) {
  if (field.type === "hidden" || !field.name) return false; // a tool without a name is never sent
  if (field.options) {
    const all = [...field.options];
    // Where no option says that it is the chosen one, browsers take the first.
    if (!field.multiple && !all.some((option) => option.defaultSelected)) return field.selectedIndex > 0;
    return all.some((option) => option.selected !== option.defaultSelected);
  }
  return field.value !== field.defaultValue || field.checked !== field.defaultChecked;
}

addEventListener("pageshow", () => {
  const before = history.state?.seen ?? {};
  const fields = [...document.querySelectorAll("form :is(input, select, textarea)")];
  if (fields.some(isTyped)) {
    for (const input of inputs) input.value = before[input.name] ?? input.value;
  }
  const seen = Object.fromEntries(inputs.map((input) => [input.name, input.value]));
  history.replaceState({ ...history.state, seen }, "");
});
