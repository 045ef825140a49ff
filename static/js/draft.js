// Keeps the draft of a brief in this browser, so that a closed tab loses nothing. It is forgotten once
// the brief was sent: the page that thanks for it loads this, too. The page does without.
const [DRAFT, SENT] = ["brief", "brief-sent"];
const form = document.getElementById("brief-form");

function forget() {
  localStorage.removeItem(DRAFT);
  localStorage.removeItem(SENT);
}

function keep(form, note) {
  const fields = [...form.querySelectorAll("input[id^=brief-], textarea[id^=brief-]")];
  const saysSomething = () => fields.some((field) => field.value.trim());

  function save() {
    note.hidden = true; // until it is true
    if (!saysSomething()) return forget();
    const draft = JSON.stringify(fields.map((field) => [field.name, field.value]));
    try {
      localStorage.setItem(DRAFT, draft);
      note.hidden = false;
    } catch {
      forget(); // no room: better none than an old one
    }
  }

  if (!saysSomething()) {
    const draft = new Map(JSON.parse(localStorage.getItem(DRAFT) ?? "[]"));
    for (const field of fields) field.value = draft.get(field.name) ?? "";
  }
  localStorage.removeItem(SENT);
  save();
  for (const field of fields) field.addEventListener("input", save);
  form.addEventListener("submit", ({ submitter }) => {
    if (submitter?.name !== "do") localStorage.setItem(SENT, "1");
  });
  note.querySelector("button").addEventListener("click", () => {
    for (const field of fields) field.value = "";
    save();
    fields[0].focus();
  });
}

try {
  if (form) keep(form, document.getElementById("draft"));
  else if (localStorage.getItem(SENT)) forget();
} catch (error) {
  console.info("This browser keeps no draft.", error); // storage is refused
}
