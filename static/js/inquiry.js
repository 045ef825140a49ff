// Tells the inquiry form what the server cannot know. Without this script everything works too:
// the server then recognises a repeated inquiry by its words.

const params = new URLSearchParams(location.search);

function randomKey() {
  if (crypto.randomUUID) return crypto.randomUUID(); // only where the page came over https
  return [...crypto.getRandomValues(new Uint32Array(4))].map((n) => n.toString(36)).join("-");
}

function foreignReferrer() {
  if (!document.referrer) return "";
  const { host } = new URL(document.referrer);
  return host === location.host ? "" : host;
}

function prepare(form) {
  const field = (name) => form.elements.namedItem(name);
  const button = form.querySelector("[type=submit]");
  const label = button.textContent;
  const shownAt = Date.now();
  const secondsBefore = Number(field("seconds").value) || 0; // shown again because of an error
  let sent = false;

  field("key").value = randomKey();
  field("referrer").value ||= foreignReferrer();
  for (const name of ["utm_source", "utm_medium", "utm_campaign"]) {
    field(name).value ||= params.get(name) ?? "";
  }
  // Where autofocus is for inputs only. Once the page is there, so as not to get in its way.
  addEventListener("load", () => form.querySelector("[data-error-summary]")?.focus());

  function showReady() {
    button.disabled = false;
    button.textContent = label;
  }

  form.addEventListener("submit", () => {
    sent = true;
    field("seconds").value = (secondsBefore + (Date.now() - shownAt) / 1000).toFixed(1);
    button.disabled = true;
    button.textContent = "Sending…";
    setTimeout(showReady, 10_000); // stopped on the way? Sending again is safe: the key is the same
  });

  // Back from the next page, which the browser had kept: another inquiry may follow.
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    showReady();
    if (sent) field("key").value = randomKey();
    sent = false;
  });
}

document.querySelectorAll("[data-inquiry-form]").forEach(prepare);
