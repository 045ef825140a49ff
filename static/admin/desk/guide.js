/* A guide that is dismissed leaves the page as it is: with script nothing is loaded again. */
addEventListener("submit", async (event) => {
  const { target: form } = event;
  if (!form.matches?.("form[data-guide]")) return;
  event.preventDefault();
  const guide = document.getElementById(form.dataset.guide);
  try {
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" });
    if (answer.type !== "opaqueredirect") throw new Error(answer.status);
    guide.remove();
    document.querySelector("#id_title, .ProseMirror")?.focus();
  } catch {
    form.submit(); // the server says what is wrong
  }
});
