// The one line that says where every word is. It stands wherever the page has `data-saved`, and
// beside the buttons otherwise. It is spoken when its meaning changes, not when its clock does.
const SECOND = 1000;
const TEN_MINUTES = 600 * SECOND;

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

export const timeOf = (moment) => clock.format(moment);

export function ago(moment) {
  const gone = Date.now() - moment;
  if (gone < 60 * SECOND) return `${Math.max(0, Math.floor(gone / SECOND))} s ago`;
  if (gone < TEN_MINUTES) return `${Math.floor(gone / 60 / SECOND)} min ago`;
  const isToday = new Date(moment).toDateString() === new Date().toDateString();
  return isToday ? `at ${timeOf(moment)}` : `${day.format(moment)}, ${timeOf(moment)}`;
}

// What a page's own stylesheet calls the dot.
const DOTS = { hollow: "dot--new", half: "dot--kept", full: "dot--saved", last: "dot--lost" };

export class Indicator {
  constructor(form, onPress) {
    const places = [...document.querySelectorAll("[data-saved]:not(script)")];
    this.places = places.length ? places : this.#beside(form);
    this.onPress = onPress;
    this.shown = {};
    for (const place of this.places) {
      place.setAttribute("role", "status");
      place.classList.add("saved");
      const [seen, spoken] = [document.createElement("span"), document.createElement("span")];
      seen.className = "saved__words";
      seen.setAttribute("aria-hidden", "true");
      spoken.className = "saved__spoken";
      place.replaceChildren(seen, spoken);
      place.addEventListener("click", () => this.shown.isAct && this.onPress());
      const why = document.createElement("span");
      why.className = "saved__why";
      place.after(why);
    }
  }

  #beside(form) {
    const rows = [...form.querySelectorAll(".submit-row")];
    return (rows.length ? rows : [form]).map((row) => {
      const place = document.createElement("p");
      place.className = "saved--beside";
      row.append(place);
      return place;
    });
  }

  // `dot` is hollow, full, half or last; `at` is a moment that the words end on; `why` a sentence.
  show({ dot, words, at = null, why = "", isAct = false }) {
    const text = at ? `${words} ${ago(at)}` : words;
    const before = this.shown;
    if (before.text === text && before.dot === dot && before.why === why) return;
    this.shown = { dot, words, text, why, isAct };
    for (const place of this.places) {
      place.dataset.saved = dot;
      for (const [kind, name] of Object.entries(DOTS)) place.classList.toggle(name, kind === dot);
      place.classList.toggle("saved--act", isAct);
      place.querySelector(".saved__words").textContent = text;
      const spoken = place.querySelector(".saved__spoken");
      if (before.words !== words) spoken.textContent = words;
      place.title = why;
      const said = place.nextElementSibling;
      if (said?.matches(".saved__why")) said.textContent = why;
    }
  }
}
