// What public pages gain from script. Each works without: the page then shows no time at an office,
// offers no button to copy, and the server recognizes a repeated inquiry by its words.

// The time at each office, which a cached page can't know, and whether someone is in.

const clocks = document.querySelectorAll("time[data-timezone]");
const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

function untilWhen({ weekdays, opens }, day, now) {
  let days = now < opens ? 0 : 1;
  while (!weekdays.includes(1 + ((day + days) % 7))) days += 1;
  return days ? `${DAYS[(day + days) % 7]} ${opens}` : opens;
}

function tellTheTime() {
  for (const clock of clocks) {
    const { timezone, weekdays, opens, closes } = clock.dataset;
    const parts = new Intl.DateTimeFormat("en-GB", {
      timeZone: timezone, weekday: "short", hour: "2-digit", minute: "2-digit",
    }).formatToParts(new Date());
    const part = (type) => parts.find((one) => one.type === type).value;
    const now = `${part("hour")}:${part("minute")}`;
    const day = DAYS.indexOf(part("weekday"));
    const open = weekdays.includes(1 + day) && opens <= now && now < closes;
    clock.dateTime = now;
    const state = open ? "open" : `closed until ${untilWhen(clock.dataset, day, now)}`;
    clock.textContent = `${now} there now, ${state}`;
    clock.dataset.open = open;
    clock.hidden = false;
  }
}

if (clocks.length) {
  tellTheTime();
  setInterval(tellTheTime, 30_000);
}

// Buttons to copy code, and to share an article.

function addButton(place, label, act) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = label;
  button.addEventListener("click", () => act(button));
  place.append(button);
}

// `said` is read out as well: the name of a focused button that changes is not.
function copier(text) {
  return async (button) => {
    const label = button.textContent;
    let said = "Copied";
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      said = "Couldn’t copy";
    }
    button.textContent = said;
    const status = document.createElement("span");
    status.role = "status";
    status.className = "unseen";
    button.after(status);
    setTimeout(() => (status.textContent = said), 100);
    setTimeout(() => {
      button.textContent = label;
      status.remove();
    }, 2_500);
  };
}

if (navigator.clipboard) { // only where the page came over https
  for (const block of document.querySelectorAll(".code")) {
    addButton(block, "Copy", copier(block.querySelector("pre").textContent));
  }
}

for (const share of document.querySelectorAll(".share")) {
  const { url, title } = share.dataset;
  if (navigator.clipboard) addButton(share, "Copy link", copier(url));
  if (navigator.share) {
    addButton(share, "Share…", () => navigator.share({ url, title }).catch(() => {}));
  }
}

// What the inquiry form has to know and the server cannot.

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

  form.addEventListener("submit", ({ submitter }) => {
    field("seconds").value = (secondsBefore + (Date.now() - shownAt) / 1000).toFixed(1);
    if (submitter?.name === "do") return; // looked over, or taken away: nothing is sent
    sent = true;
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
