// What was typed on an earlier visit and never saved: offered above the form, never applied by itself.
import { timeOf } from "keeping/indicator";

const MIN_GONE = 3; // characters: less is a slip of the finger that was put right
const MAX_GONE = 0.1; // of a text
const WORD = /[\p{L}\p{N}]+/gu;
const day = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long" });

const textOf = (value) => value.replace(/<[^>]*>/g, " ").replace(/&nbsp;/g, " ");
const wordsOf = (value) => textOf(value).match(WORD) ?? [];

// How many of its words the other text has not.
function newWords(text, other) {
  const there = new Map();
  for (const word of wordsOf(other)) there.set(word, (there.get(word) ?? 0) + 1);
  let count = 0;
  for (const word of wordsOf(text)) {
    const left = there.get(word) ?? 0;
    if (left) there.set(word, left - 1);
    else count += 1;
  }
  return count;
}

// The fields in which a copy differs from the form, and how much there is of it.
export function compared(copy, fields) {
  const now = fields.now();
  const lines = [];
  let words = 0;
  for (const [name, values] of Object.entries(copy.fields)) {
    if (name.endsWith("_FORMS")) continue;
    const current = now.get(name) ?? [];
    if (values.length === current.length && values.every((value, i) => value === current[i])) continue;
    if (fields.alike.get(name) === values[0] && current[0] === fields.base.get(name)?.[0]) continue;
    if (!current.length && values.every((value) => value === "")) continue;
    words += newWords(values.join(" "), current.join(" "));
    lines.push({ name, label: fields.label(name), before: current, after: values, labels: copy.labels?.[name] });
  }
  return { lines, words };
}

const plural = (count, one) => `${count} ${one}${count === 1 ? "" : "s"}`;

export function amount({ lines, words }) {
  return words ? plural(words, "word") : plural(lines.length, "change");
}

function when({ began, at }) {
  const [from, to] = [new Date(began), new Date(at)];
  const isToday = to.toDateString() === new Date().toDateString();
  const on = isToday ? "today" : `on ${day.format(to)}`;
  return timeOf(from) === timeOf(to) ? `${on} at ${timeOf(to)}` : `${on} from ${timeOf(from)} to ${timeOf(to)}`;
}

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

// Where someone who comes back looks first.
function place(notice, form) {
  const notices = form.querySelector("[data-notices]");
  if (notices) notices.append(notice);
  else form.before(notice);
}

// Both in full, where nothing tells them apart word by word.
function inFull(line, fields) {
  const isProse = fields.isProse(line.name);
  const say = (values) => (isProse ? textOf(values.join("\n").replace(/<\/(p|h\d|li|tr|pre)>/g, "\n")).trim() : fields.say(line.name, values, line.labels));
  const [before, after] = [say(line.before), say(line.after)];
  const part = make("div", { className: "kept__line" });
  part.append(make("p", { className: "where", textContent: line.label }));
  const both = make("div");
  if (before) both.append(make("p", { className: "kept__plain" }, make("del", { textContent: before })));
  if (after) both.append(make("p", { className: "kept__plain" }, make("ins", { textContent: after })));
  part.append(both);
  return part;
}

// Draws one offer. `answers` has a function each for bringBack, notNow and throwAway.
export function offer(copy, difference, fields, answers, { isHere, compare }) {
  const much = amount(difference);
  const title = copy.before ? `You deleted ${much} here ${when(copy)}` : isHere ? `This device kept ${much} that ${much.startsWith("1 ") ? "was" : "were"} never saved`
    : `You typed ${much} here that ${much.startsWith("1 ") ? "was" : "were"} never saved`;
  const notice = make("section", { className: "notice kept" });
  notice.setAttribute("aria-labelledby", "kept-title");
  const diff = make("div", { className: "kept__text", tabIndex: 0 });
  diff.setAttribute("role", "region");
  diff.setAttribute("aria-label", "What was kept");
  const parts = difference.lines.map((line) => inFull(line, fields));
  diff.append(...parts);
  compare(difference.lines, parts);

  // What was deleted on purpose is not in the way of whoever did it.
  if (copy.before) return deleted(title, copy, diff, fields, answers);

  const acts = make("p", { className: "kept__acts" });
  const button = (words, kind, act) => {
    const one = make("button", { type: "button", className: `button ${kind}`, textContent: words });
    one.addEventListener("click", act);
    return one;
  };
  const close = (answer) => () => {
    notice.remove();
    answer(copy);
  };
  const ask = () => acts.replaceChildren(
    make("span", { textContent: `Throw away ${much}? Nobody can bring them back.` }),
    button("Throw away", "kept__away", close(answers.throwAway)),
    button("Keep", "", choose),
  );
  function choose() {
    acts.replaceChildren(
      button("Bring them back", "button--main", close(answers.bringBack)),
      button("Not now", "", close(answers.notNow)),
      button("Throw away…", "kept__away", ask),
    );
  }
  choose();
  notice.append(
    make("h2", { id: "kept-title", textContent: title }),
    make("p", { textContent: `You typed them ${when(copy)}. The form is as it was last saved.` }),
    diff,
    acts,
  );
  place(notice, fields.form);
  return notice;
}

function deleted(title, copy, diff, fields, answers) {
  const notice = make("details", { className: "notice kept" }, make("summary", { textContent: title }), diff);
  const button = (words, kind, answer) => {
    const one = make("button", { type: "button", className: `button ${kind}`, textContent: words });
    one.addEventListener("click", () => {
      notice.remove();
      answer(copy);
    });
    return one;
  };
  notice.append(make(
    "p", { className: "kept__acts" },
    button("Bring them back", "button--main", answers.bringBack),
    button("Leave them out", "", answers.throwAway),
  ));
  place(notice, fields.form);
  return notice;
}

// How much of a text is gone from the next one: a stretch between what both begin and end with.
export function takesAway(before, after) {
  let [from, to] = [0, 0];
  const most = Math.min(before.length, after.length);
  while (from < most && before[from] === after[from]) from += 1;
  while (to < most - from && before[before.length - 1 - to] === after[after.length - 1 - to]) to += 1;
  const gone = before.length - to - from;
  return gone > Math.max(MIN_GONE, MAX_GONE * before.length);
}

// A field that a colleague changed, too: both versions, until one of them is chosen.
export function clash(form, field, both, answers) {
  const { label, by } = both;
  const notice = make("section", { className: "notice kept clash" });
  notice.dataset.clash = field.name;
  const act = (words, kind, how) => {
    const button = make("button", { type: "button", className: `button ${kind}`, textContent: words });
    button.addEventListener("click", () => {
      notice.remove();
      how();
    });
    return button;
  };
  const [yours, theirs] = [act("Keep yours", "", answers.mine), act(`Keep ${by}’s`, "", answers.theirs)];
  notice.append(
    make("h2", { textContent: `You and ${by} both changed: ${label}` }),
    make("p", { textContent: "Both are kept, and stay here until one of you chooses." }),
  );
  if (both.html) {
    const html = new DOMParser().parseFromString(both.html, "text/html");
    const diff = make("div", { className: "kept__text", tabIndex: 0 }, make("p", { className: "where", textContent: `From yours to ${by}’s` }), ...html.body.children);
    diff.setAttribute("role", "region");
    diff.setAttribute("aria-label", label);
    notice.append(diff, make("p", { className: "kept__acts" }, act("Keep both, one after the other", "button--main", answers.both), yours, theirs));
  } else {
    const side = (whose, value, button) => make(
      "div", { className: "kept__text" },
      make("p", { className: "where", textContent: whose }),
      make("p", { className: "kept__plain", textContent: value || "empty" }),
      make("p", {}, button),
    );
    notice.append(make("div", { className: "pair" }, side("Yours", field.value, yours), side(`${by}’s`, both.theirs, theirs)));
  }
  form.querySelector(`[data-clash="${CSS.escape(field.name)}"]`)?.remove();
  (field.closest(".form-row, .paper__field, .fact") ?? field.closest(".prose-editor") ?? field).before(notice);
}
