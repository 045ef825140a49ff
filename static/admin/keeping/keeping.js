// Nothing typed into a form of the desk is lost: within a second there is a copy on this device, two
// seconds after the last key the server has it, and the indicator says which of the two is true.
import { Fields, rebased } from "keeping/fields";
import { Indicator } from "keeping/indicator";
import { amount, clash, compared, offer, takesAway } from "keeping/offers";
import { look, send } from "keeping/server";
import { signIn } from "keeping/signin";
import * as store from "keeping/store";
import * as tabs from "keeping/tabs";

const LOOK_AFTER = 250; // ms from a key to the copy on this device
const LOOK_AT_LEAST = 750;
const SAVE_AFTER = 2_000; // from the last key to the server,
const SAVE_AT_LEAST = 10_000; // or from the first one
const RETRY = [2_000, 4_000, 8_000, 15_000, 30_000];
const WATCH_FOR = 5_000; // after anything happened: scripts change fields, too
const ASK_AGAIN = 3_000; // whether a window is still open,
const MAX_ASKED = 3; // so often
const ON_THEIR_WAY = 10_000; // from the last key: words that were sent as a page was left,
const ARRIVES_WITHIN = 1_500; // and are asked for once more before they are offered,
const MAY_STILL_ARRIVE = 60_000; // and again while they are
const A_MOMENT = 5_000; // in which the same button, pressed again, means the same
const KEPT_FOR = 30 * 24 * 3_600_000;

const page = document.querySelector("script[data-keeping]").dataset;
const form = document.getElementById(`${page.form.split(" ")[0].split(".")[1]}_form`);
const newWindow = () => [...crypto.getRandomValues(new Uint8Array(12))].map((one) => one.toString(16).padStart(2, "0")).join("");

const WHY = {
  unreachable: "The server does not answer. It is tried again by itself.",
  offline: "You are offline. It is saved by itself once you are back.",
  "signed-out": "Your session has ended.",
  refused: "You may not change this any more. Copy your words, or ask an administrator.",
  gone: "A colleague deleted this. Copy your words, and add it again if it is still needed.",
  "too-long": "This is longer than the server takes. Shorten it, or split it in two.",
};

// With these a form that is sent would be lost; other refusals have pages of their own.
const HOLDS = new Set(["unreachable", "signed-out", "too-long"]);

class Keeping {
  constructor() {
    const [first, ...adopted] = page.windows.split(" ").filter(Boolean);
    this.me = { person: page.person, form: page.form, window: first ?? newWindow() };
    this.url = page.keeping;
    this.fields = new Fields(form, { isReturned: Boolean(first) });
    this.adopted = new Set(adopted); // windows whose words are in this form
    this.toForget = new Map(); // copies that were brought back, by the version that has them
    this.version = this.onDevice = this.onServer = 0; // of what is typed, by count
    this.last = { fields: {}, labels: {} };
    // A form that was refused goes on in its window: what is typed now comes after every turn of that.
    this.turn = Math.max(Date.now(), Number(page.turn));
    this.everSent = new Set(); // names
    this.began = null;
    this.firstAt = 0; // the first change that the server has not
    this.savedAt = page.last ? Date.parse(page.last) : null;
    this.isUntouched = true;
    this.isTouched = false; // by keys that have not been looked at
    this.trouble = ""; // why the server has not everything
    this.deviceTrouble = "";
    this.tries = 0;
    this.contested = new Map();
    this.refused = {};
    this.offers = [];
    this.drawn = null; // the offer that is shown
    this.isPutOff = false; // until it is asked for
    this.deviceQueue = Promise.resolve();
    this.deviceCost = 0; // ms
    this.windows = form.appendChild(Object.assign(document.createElement("input"), { type: "hidden", name: "kept_windows" }));
    this.note = null;
    this.hasLooked = false; // for what earlier visits left: until then nobody knows whether all is saved
    this.isArriving = false; // whether words that an earlier page sent may be on their way
    this.takenBy = ""; // the colleague who has taken over: from then on this page is one to read
    this.indicator = new Indicator(form, () => this.press());
    this.nameWindows();
    form.settled = () => this.settled();
    this.listen();
    this.show();
  }

  // What happens on the page

  listen() {
    const noticed = ({ type, target }) => this.notice({ isTyped: type === "input" && (target.form === form || form.contains(target)) });
    for (const kind of ["input", "change", "keyup", "click", "paste", "cut", "drop", "formset:added", "formset:removed"]) {
      document.addEventListener(kind, noticed, true);
    }
    addEventListener("pageshow", ({ persisted }) => {
      if (persisted && this.wasSent) location.reload();
      this.notice();
    });
    addEventListener("pagehide", () => this.leave());
    document.addEventListener("visibilitychange", () => document.hidden && this.leave());
    addEventListener("online", () => this.save());
    addEventListener("focus", () => this.trouble === "signed-out" && this.saveQuietly());
    form.addEventListener("submit", (event) => this.submit(event), true);
    form.addEventListener("keeping:save", () => { // asked for by a key
      this.look();
      if (this.trouble === "signed-out") this.askToSignIn();
      else this.save();
    });
    addEventListener("submit", ({ target, submitter, defaultPrevented }) => {
      if (target === form && !defaultPrevented) this.sent(submitter);
    });
    form.addEventListener("people:taken", ({ detail }) => { detail.saved = this.stop(detail.by); });
    form.addEventListener("keeping:flush", ({ detail }) => {
      detail.saved = this.flushed();
      detail.saved.then(() => { detail.why = this.why; });
    });
    setInterval(() => {
      if (this.deviceTrouble && this.isUnsaved) this.keepHere(); // there may be room by now
      this.show();
    }, 1000);
    tabs.listen(() => this.me, () => this.tell(
      `You opened this form again in another window at ${new Date().toTimeString().slice(0, 5)}. What you type is kept in both; go on in one of them.`,
    ));
  }

  // The last words are taken down at once, and nothing after them. Whether the server has them.
  stop(by) {
    const saved = this.flushed();
    this.takenBy = by;
    return saved.finally(() => this.show());
  }

  // Whether the server has every word.
  async flushed() {
    clearTimeout(this.looking);
    this.look();
    while (this.isUnsaved) if (!(await (this.isBusy ?? this.save()))) return !this.isUnsaved;
    return true;
  }

  // Nothing is called saved from a key until it is: not even before it has been looked at.
  notice({ isTyped = false } = {}) {
    if (this.takenBy) return;
    if (isTyped && !this.isTouched) {
      this.isTouched = true;
      this.show();
    }
    this.watchUntil = Date.now() + WATCH_FOR;
    this.looking ??= setTimeout(() => this.look(), LOOK_AFTER);
  }

  look() {
    const began = performance.now();
    clearTimeout(this.looking);
    this.looking = null;
    const wasTouched = this.isTouched;
    this.isTouched = false;
    if (this.takenBy) return;
    const now = this.fields.changes();
    if (!alike(now.fields, this.last.fields)) this.changed(now);
    else if (wasTouched) this.show();
    // A large form is looked at less often, so that typing stays quick; but never too late.
    const cost = performance.now() - began + this.deviceCost;
    const pause = Math.min(LOOK_AT_LEAST, Math.max(LOOK_AFTER, 5 * cost));
    if (Date.now() < this.watchUntil) this.looking = setTimeout(() => this.look(), pause);
  }

  changed(now) {
    if (this.isUnsaved && this.loses(now)) { // what was there before
      const flush = this.dispatch({ isLast: true }).finally(() => {
        if (this.flush === flush) this.flush = null;
      });
      this.flush = flush;
    }
    this.last = now;
    this.version += 1;
    this.isUntouched = false;
    this.began ??= new Date().toISOString();
    this.firstAt ||= Date.now();
    this.keepHere();
    const wait = Math.min(SAVE_AFTER, Math.max(0, this.firstAt + SAVE_AT_LEAST - Date.now()));
    if (!this.trouble || this.trouble === "too-long") this.saveIn(wait);
    this.show();
  }

  loses({ fields }) {
    const now = this.fields.now();
    return Object.entries(this.last.fields).some(([name, values]) => (
      takesAway(values.join(" "), (fields[name] ?? now.get(name) ?? []).join(" "))
    ));
  }

  get isUnsaved() {
    return this.onServer < this.version;
  }

  leave() {
    if (this.wasSent) return;
    clearTimeout(this.looking);
    this.look();
    if (this.isUnsaved) this.save({ isLast: true });
  }

  // For scripts that go on from what is saved: whether the draft has all of it, and nothing waits for
  // Save or for a choice.
  async settled() {
    clearTimeout(this.looking);
    this.look();
    const isSaved = await (this.isBusy ? this.isBusy.then(() => this.save()) : this.save());
    const waits = Object.keys({ ...this.last.fields, ...this.refused }).length + this.contested.size;
    return Boolean(isSaved) && !this.isUnsaved && !waits;
  }

  // The copy on this device

  keepHere() {
    this.deviceQueue = this.deviceQueue.then(async () => {
      const version = this.version;
      if (this.onDevice === version) return;
      const began = performance.now();
      try {
        if (this.isUnsaved && (Object.keys(this.last.fields).length || this.hasSent)) await store.put(this.copy());
        else await store.remove(this.me);
        this.deviceTrouble = "";
        this.onDevice = version;
      } catch (error) {
        this.deviceTrouble = error?.name === "QuotaExceededError"
          ? "There is no room left on this device." : "Your browser keeps nothing for this site.";
      }
      this.deviceCost = performance.now() - began;
      this.show();
    });
    return this.deviceQueue;
  }

  copy() {
    const { fields, labels } = this.last;
    return { ...this.me, url: this.url, turn: this.turn + 1, fields, labels, began: this.began, at: new Date().toISOString() };
  }

  forgetHere() {
    const { me } = this;
    this.deviceQueue = this.deviceQueue.then(() => store.remove(me)).catch(() => {});
  }

  // The server

  saveIn(wait) {
    clearTimeout(this.saving);
    this.saving = setTimeout(() => this.save(), wait);
  }

  get token() {
    return form.elements.csrfmiddlewaretoken?.value ?? "";
  }

  set token(value) {
    for (const input of document.querySelectorAll("[name=csrfmiddlewaretoken]")) input.value = value;
  }

  get seen() {
    try {
      return JSON.parse(form.elements.seen?.value ?? "{}");
    } catch {
      return {};
    }
  }

  set seen(value) {
    const input = form.elements.seen
      ?? form.appendChild(Object.assign(document.createElement("input"), { type: "hidden", name: "seen" }));
    input.value = JSON.stringify(value);
  }

  async save({ isLast = false } = {}) {
    clearTimeout(this.saving);
    if (!this.isUnsaved) return true;
    if (!this.hasSent && !Object.keys(this.last.fields).length) return this.takenBack();
    if (this.isBusy && !isLast) return this.isBusy.then(() => this.save());
    return this.dispatch({ isLast });
  }

  dispatch({ isLast = false }) {
    const turn = this.nextTurn();
    const { version } = this;
    const sending = this.attempt(turn, isLast).then(({ kind, said }) => this.answered(kind, said, turn, version));
    const busy = sending.finally(() => {
      if (this.isBusy === busy) this.isBusy = null;
    });
    this.isBusy = busy;
    return busy;
  }

  // All that was typed was taken back before anyone had it.
  takenBack() {
    this.onServer = this.version;
    this.firstAt = 0;
    this.isUntouched = true;
    this.forgetHere();
    this.show();
    return true;
  }

  nextTurn() {
    this.turn = Math.max(this.turn + 1, Date.now());
    const { fields, labels } = this.last;
    // What waits for a choice is kept beside the draft until then: nobody has seen the other version.
    const waits = ([name]) => !form.elements[`${name}-decide`];
    const seen = Object.fromEntries(Object.entries(this.seen).filter(waits));
    const now = this.fields.now();
    const back = Object.fromEntries([...this.everSent].filter((name) => !(name in fields)).map((name) => [name, now.get(name) ?? []]));
    Object.keys(fields).forEach((name) => this.everSent.add(name));
    return { person: page.person, window: this.me.window, turn: this.turn, fields, back, labels, seen };
  }

  async attempt(turn, isLast) {
    this.hasSent = true;
    const answer = await send(this.url, this.token, turn, { isLast });
    if (answer.kind !== "refused") return answer;
    // Signed in again in another tab, which has another token.
    const again = await look(this.url);
    if (again.kind !== "saved") return again;
    if (again.said.person !== page.person) return { kind: "signed-out" };
    this.token = again.said.token;
    return send(this.url, this.token, turn);
  }

  answered(kind, said, turn, version) {
    if (kind !== "saved" || !said.state) {
      this.failed(kind === "saved" ? "unreachable" : kind);
      return false;
    }
    this.trouble = "";
    this.tries = 0;
    if (said.is_over && this.wasSent) return true;
    if (said.is_over) { // this form was saved before, and is open once more
      this.me = { ...this.me, window: newWindow() };
      this.nameWindows();
      this.saveIn(0);
      return false;
    }
    if (version < this.onServer) return true; // a later turn was quicker
    this.onServer = version;
    this.firstAt = this.version > version ? Date.now() : 0;
    this.savedAt = Date.now();
    if (said.form) this.move(said);
    this.settle(said, turn);
    if (this.version === version) this.forgetHere();
    else this.saveIn(SAVE_AFTER);
    this.forgetBroughtBack(version);
    document.querySelector("dialog.signin")?.close(); // somebody signed in elsewhere
    this.show();
    form.dispatchEvent(new CustomEvent("keeping:saved", { detail: { draft: said.draft ?? [] } }));
    return true;
  }

  failed(kind) {
    this.trouble = kind;
    this.show();
    if (kind === "signed-out") this.askToSignIn();
    if (kind === "unreachable") {
      const wait = RETRY[Math.min(this.tries, RETRY.length - 1)];
      this.tries += 1;
      this.saveIn(wait);
    }
  }

  // The draft has these now, and a colleague may have changed others.
  settle(said, turn) {
    for (const name of said.draft ?? []) {
      this.fields.settle(name, turn.fields[name]);
      // Unless more was typed meanwhile, which may not have been noticed yet.
      if (alike({ [name]: this.last.fields[name] ?? [] }, { [name]: turn.fields[name] })) delete this.last.fields[name];
    }
    const seen = { ...this.seen, ...said.seen };
    for (const [name, value] of Object.entries(said.now ?? {})) {
      // What was typed since goes into the text that two have made together.
      const [now = ""] = this.fields.now().get(name) ?? [];
      const text = this.fields.isUntouched(name) ? value : rebased(turn.fields[name]?.[0], now, value);
      if (text === null) {
        delete seen[name]; // nobody has seen both: the next turn asks
        continue;
      }
      this.fields.set(name, [text]);
      this.fields.settle(name, [value]);
    }
    if (Object.keys(said.seen ?? {}).length) this.seen = seen;
    this.refused = said.refused ?? {};
    for (const [name, both] of Object.entries(said.contested ?? {})) this.contest(name, both, turn.fields[name]?.[0]);
  }

  contest(name, both, sent) {
    const known = this.contested.get(name);
    if (known?.digest === both.digest) return;
    this.contested.set(name, both);
    if (form.elements[`${name}-decide`]) return; // the form asks already
    const field = form.elements[name];
    const decide = (text) => () => {
      this.contested.delete(name);
      this.seen = { ...this.seen, [name]: both.digest };
      // What was typed since goes along with whatever is chosen.
      if (text !== undefined) this.fields.set(name, [rebased(sent, field.value, text) ?? text]);
      this.version += 1;
      this.last = this.fields.changes();
      this.firstAt ||= Date.now();
      this.keepHere();
      this.save();
      this.show();
    };
    clash(form, field, both, { mine: decide(both.mine), theirs: decide(both.theirs), both: decide(both.both) });
  }

  // The empty form has become an article: from now on this is its page.
  move({ form: key, keep, page: address }) {
    this.forgetHere();
    this.me = { ...this.me, form: key };
    this.url = keep;
    form.action = address;
    history.replaceState(history.state, "", address);
  }

  nameWindows() {
    this.windows.value = [this.me.window, ...this.adopted].join(" ");
  }

  // Sending the form

  async submit(event) {
    const { submitter } = event;
    // The answer to the second of two clicks would come without what was said to the first.
    const isAgain = this.sentBy === submitter && Date.now() - this.sentAt < A_MOMENT;
    if (this.mayPass && !isAgain) return;
    if (this.takenBy || isAgain) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    clearTimeout(this.looking);
    this.look();
    this.keepHere();
    const isMaking = page.new && this.isBusy;
    if (!isMaking && !this.flush && !HOLDS.has(this.trouble)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (this.trouble === "signed-out" && !(await this.askToSignIn())) return;
    await this.flush;
    const isSaved = await (this.isBusy ?? this.save());
    if (isSaved || !this.isUnsaved) {
      this.mayPass = true;
      form.requestSubmit(submitter);
      this.mayPass = false;
    } else this.tell(`Not saved. ${this.why} ${this.isHere ? "Your words are kept on this device." : ""}`);
  }

  sent(submitter) {
    this.wasSent = true;
    Object.assign(this, { sentBy: submitter, sentAt: Date.now() });
    clearTimeout(this.saving);
    removeEventListener("beforeunload", stay);
  }

  // Signing in

  // Whether they have done so in another window.
  async saveQuietly() {
    const { kind, said } = await look(this.url);
    if (kind !== "saved" || said.person !== page.person) return;
    this.token = said.token;
    this.save();
  }

  async askToSignIn() {
    const token = await signIn({ login: page.login, keep: this.url, person: page.person, name: page.name });
    if (!token) return false;
    this.token = token;
    this.trouble = "";
    return this.save();
  }

  press() {
    if (this.trouble === "signed-out") this.askToSignIn();
    else if (this.offers.length) {
      this.isPutOff = false;
      this.offerNext();
    }
  }

  // What is said

  get isHere() {
    return this.onDevice >= this.version && !this.deviceTrouble;
  }

  get why() {
    if (this.trouble === "unreachable" && !navigator.onLine) return WHY.offline;
    const refused = Object.entries(this.refused).map(([name, lines]) => `${this.fields.label(name)}: ${lines.join(" ")}`);
    return WHY[this.trouble] ?? [...refused, this.deviceTrouble && this.isUnsaved ? this.deviceTrouble : ""].join(" ").trim();
  }

  state() {
    const why = [this.why, this.trouble && this.deviceTrouble].filter(Boolean).join(" ");
    if (this.isUnsaved && this.trouble) {
      if (this.deviceTrouble) return { dot: "last", words: "Only in this window. Copy it before you leave", why, isAct: this.trouble === "signed-out" };
      if (this.trouble === "signed-out") return { dot: "half", words: "Kept on this device. Sign in to save", why, isAct: true };
      if (this.isHere) return { dot: "half", words: "Kept on this device", why };
    }
    if (this.isArriving || this.isTouched || this.isUnsaved) return { dot: "hollow", words: "Saving", why };
    if (this.takenBy && !this.isUnsaved) return { dot: "full", words: `Read only, ${this.takenBy} has taken over`, why };
    if (this.contested.size) return { dot: "half", words: "Both kept", why };
    if (!this.hasLooked) return { dot: "hollow", words: "", why };
    const here = this.offers.find((one) => one.isHere);
    if (here) return { dot: "half", words: `${amount(here.difference)} on this device only`, why, isAct: !this.drawn };
    if (this.isUntouched && page.new) return { dot: "hollow", words: "New", why };
    return { dot: "full", words: "Saved", at: this.savedAt, why };
  }

  show() {
    const state = this.state();
    this.indicator.show(state);
    removeEventListener("beforeunload", stay);
    if (state.dot === "last") addEventListener("beforeunload", stay);
  }

  tell(words) {
    if (!this.note) {
      this.note = Object.assign(document.createElement("p"), { className: "notice kept__note" });
      const notices = form.querySelector("[data-notices]");
      if (notices) notices.prepend(this.note);
      else form.before(this.note);
    }
    this.note.setAttribute("role", "alert");
    this.note.textContent = words;
  }

  // What earlier visits left

  async begin() {
    this.notice(); // the browser may have brought back what was typed
    if (await this.lookBack()) return location.replace(location.pathname + location.search);
    this.hasLooked = true;
    this.show();
  }

  // Whether words have arrived that this page ought to show.
  async lookBack() {
    this.asked = (this.asked ?? 0) + 1;
    const others = await tabs.others(this.me, { opens: this.asked === 1 });
    let left = [];
    try {
      left = (await store.allOf(page.person)).filter((one) => one.window !== this.me.window);
    } catch { /* nothing is kept here, so nothing was */ }
    const closed = left.filter((one) => !others.has(one.window));
    const mine = closed.filter((one) => one.form === this.me.form);
    for (const copy of closed) if (copy.form !== this.me.form) this.handIn(copy);
    const asked = new URLSearchParams(mine.map((one) => ["window", one.window]));
    const { said } = await look(`${this.url}${this.url.includes("?") ? "&" : "?"}${asked}`);
    // A copy is numbered as the turn that would take it: what the server has of that or a later one was
    // saved, and only the answer did not get here.
    const [saved, turns] = [new Set(said?.saved), said?.turns ?? {}];
    const hasArrived = ({ window, turn }) => saved.has(window) || turns[window] >= turn;
    const arrived = mine.filter(hasArrived);
    const removed = Promise.all(arrived.map((copy) => store.remove(copy))).then(() => true, () => false);
    const kept = said?.kept ?? [];
    // What was just saved by its button is on this page, unless that was on its way as the page was drawn.
    const isNews = ({ window }) => this.asked > 1 || !saved.has(window);
    // Otherwise nobody waits for the device: it may be slow, and there may be words to offer.
    if (this.isOlderThan(arrived.filter(isNews), kept) && (await removed)) return true;
    this.withdraw(arrived);
    const onlyHere = mine.filter((one) => !arrived.includes(one));
    const here = new Set(onlyHere.map((one) => one.window));
    const found = [...onlyHere, ...kept.filter((one) => !here.has(one.window))];
    // A window that is about to close still answers, and what it has just sent may not have arrived: the
    // server is asked again before anyone is told that words were never saved, and for a while after that.
    const isOpen = [...left, ...found].some((one) => one.form === this.me.form && others.has(one.window));
    const within = (most) => (one) => Date.now() - Date.parse(one.at) < most;
    const mayArrive = said && !this.hasWaited ? onlyHere.filter(within(ON_THEIR_WAY)) : [];
    this.isArriving = mayArrive.length > 0;
    this.hasWaited = this.isArriving || this.hasWaited; // once
    if (this.isArriving) setTimeout(() => this.begin(), ARRIVES_WITHIN);
    else if (onlyHere.some(within(MAY_STILL_ARRIVE)) || (isOpen && this.asked < MAX_ASKED)) setTimeout(() => this.begin(), ASK_AGAIN);
    const known = new Set(this.offers.map((one) => one.copy.window));
    for (const copy of found) {
      if (mayArrive.includes(copy)) continue;
      if ([this.me.window, ...others, ...this.adopted, ...known].includes(copy.window)) continue;
      const difference = compared(copy, this.fields);
      if (difference.lines.length) this.offers.push({ copy, difference, isHere: here.has(copy.window) });
      else this.forget(copy);
    }
    if (!this.isPutOff) this.offerNext();
    return false;
  }

  // Whether this page was drawn before words arrived that it ought to show: nobody has touched it yet.
  isOlderThan(arrived, kept) {
    if (page.new || page.windows) return false;
    this.look();
    const apart = new Set(kept.map((one) => one.window)); // to be offered, not shown
    const isRecent = (one) => Date.now() - Date.parse(one.at) < MAY_STILL_ARRIVE;
    const isMissing = (one) => !apart.has(one.window) && isRecent(one) && compared(one, this.fields).lines.length;
    return this.isUntouched && arrived.some(isMissing);
  }

  // What has been saved meanwhile is offered no longer.
  withdraw(arrived) {
    const isSaved = ({ copy }) => arrived.some((one) => one.window === copy.window);
    const [drawn] = this.offers;
    this.offers = this.offers.filter((one) => !isSaved(one));
    if (!drawn || this.offers[0] === drawn) return;
    this.drawn?.remove();
    this.drawn = null;
  }

  // A copy that is left on this device goes to the server, where its person finds it from anywhere.
  async handIn({ url, window, turn, fields, labels, at, ...me }) {
    const { kind } = await send(url, this.token, { person: page.person, window, turn, fields, labels, apart: true });
    const isTooOld = Date.now() - Date.parse(at) > KEPT_FOR;
    if (kind !== "saved" && !isTooOld) return false;
    await store.remove({ ...me, window }).catch(() => {});
    return kind === "saved";
  }

  offerNext() {
    const next = this.offers[0];
    if (!next || this.drawn) return;
    const done = (act) => (copy) => {
      this.drawn = null;
      this.offers.shift();
      act(copy);
      this.offerNext();
      this.show();
    };
    const compare = (lines, parts) => this.compare(next.copy, lines, parts);
    this.drawn = offer(next.copy, next.difference, this.fields, {
      bringBack: done((copy) => this.bringBack(copy)),
      notNow: () => {
        this.drawn = null;
        this.isPutOff = true;
        this.show();
      },
      throwAway: done((copy) => this.forget(copy)),
    }, { ...next, compare });
  }

  // Word by word, where the server knows how; until it answers, and without it, both stand in full.
  async compare(copy, lines, parts) {
    if (!page.compare) return;
    const body = new URLSearchParams({ csrfmiddlewaretoken: this.token });
    for (const { name } of lines) copy.fields[name].forEach((value) => body.append(name, value));
    try {
      const answer = await fetch(page.compare, { method: "POST", body, redirect: "manual" });
      if (!answer.ok) return;
      const { fields } = await answer.json();
      lines.forEach(({ name }, i) => {
        if (!fields[name]) return;
        const html = new DOMParser().parseFromString(fields[name].html, "text/html");
        if (html.querySelector(".diff__where")) parts[i].querySelector(".where").remove();
        parts[i].lastElementChild.replaceChildren(...html.body.children);
      });
    } catch { /* both in full it is */ }
  }

  bringBack(copy) {
    this.fields.fill(copy.fields, copy.labels);
    this.adopted.add(copy.window);
    this.nameWindows();
    this.look();
    this.toForget.set(copy, this.version);
    form.scrollIntoView({ block: "nearest" });
  }

  // What was brought back is in the window that the server has now.
  forgetBroughtBack(version) {
    for (const [copy, since] of this.toForget) {
      if (version < since) continue;
      this.toForget.delete(copy);
      this.forget(copy);
    }
  }

  forget({ window }) {
    send(this.url, this.token, { person: page.person, window: this.me.window, turn: 0, fields: {}, forget: [window] });
    store.remove({ ...this.me, window }).catch(() => {});
  }
}

function alike(one, other) {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => (
    other[name]?.length === one[name].length && one[name].every((value, i) => value === other[name][i])
  ));
}

function stay(event) {
  event.preventDefault();
}

if (form) new Keeping().begin();
