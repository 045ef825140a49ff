// Before someone signs out, the server gets what this device still has of theirs, and the device
// keeps nothing of it. What the server does not take stays, or it would be lost.
const out = document.querySelector("form[action$='/logout/']");

const open = () => new Promise((resolve, reject) => {
  const asked = indexedDB.open("keeping", 1);
  asked.onupgradeneeded = () => asked.transaction.abort(); // nothing was ever kept here
  asked.onsuccess = () => resolve(asked.result);
  asked.onerror = () => reject(asked.error);
});

const done = (asked) => new Promise((resolve, reject) => {
  asked.onsuccess = () => resolve(asked.result);
  asked.onerror = () => reject(asked.error);
});

async function handIn(token) {
  const database = await open();
  const copies = await done(database.transaction("copies").objectStore("copies").getAll());
  await Promise.all(copies.map(async ({ url, person, form, window, turn, fields, labels }) => {
    const answer = await fetch(url, {
      method: "POST",
      redirect: "manual",
      headers: { "Content-Type": "application/json", "X-CSRFToken": token },
      body: JSON.stringify({ person, window, turn, fields, labels, apart: true }),
    });
    if (!answer.ok) return;
    await done(database.transaction("copies", "readwrite").objectStore("copies").delete([person, form, window]));
  }));
}

out?.addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    await handIn(out.elements.csrfmiddlewaretoken.value);
  } catch { /* what could not be handed in stays on this device */ }
  out.submit();
});
