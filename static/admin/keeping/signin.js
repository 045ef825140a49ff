// Sign-in over the form, when the session has ended: the form stays as it is below. The page that
// signs in is the admin's own, so that whatever it asks for is asked for here.
import { look } from "keeping/server";

let open = null;

// Resolves with the token of the new session, or with null if the person closes the dialog.
export function signIn({ login, keep, person, name }) {
  open ??= ask({ login, keep, person, name }).finally(() => { open = null; });
  return open;
}

// Whoever signed in has a token of their own, which any page of the desk has.
async function tokenOf(home) {
  const html = await fetch(home).then((answer) => answer.text()).catch(() => "");
  return new DOMParser().parseFromString(html, "text/html").querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
}

function ask({ login, keep, person, name }) {
  return new Promise((resolve) => {
    const dialog = document.createElement("dialog");
    dialog.className = "signin";
    dialog.setAttribute("aria-labelledby", "signin-title");
    const [title, text, place] = ["h2", "p", "div"].map((tag) => document.createElement(tag));
    title.id = "signin-title";
    title.textContent = "Sign in to save";
    text.textContent = `Your session has ended. Your words are here and on this device; sign in as ${name}, and they are saved.`;
    const later = document.createElement("button");
    Object.assign(later, { type: "button", className: "button", textContent: "Later" });
    later.addEventListener("click", () => dialog.close());
    dialog.append(title, text, place, later);
    document.body.append(dialog);

    let token = null;
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(token);
    });

    const say = (words) => {
      place.querySelectorAll(".errornote").forEach((one) => one.remove());
      const error = document.createElement("p");
      error.className = "errornote";
      error.setAttribute("role", "alert");
      error.textContent = words;
      place.prepend(error);
    };

    const show = (html) => {
      const form = new DOMParser().parseFromString(html, "text/html").querySelector("#login-form");
      if (!form) return say("The sign-in page could not be read. Sign in in another tab, then come back.");
      const errors = [...form.ownerDocument.querySelectorAll(".errornote")];
      const ours = document.importNode(form, true);
      ours.querySelectorAll("[id]").forEach((one) => { one.id = `signin-${one.id}`; });
      ours.querySelectorAll("label[for]").forEach((one) => { one.htmlFor = `signin-${one.htmlFor}`; });
      ours.querySelectorAll("[name=next]").forEach((one) => { one.value = keep; });
      ours.addEventListener("submit", (event) => {
        event.preventDefault();
        event.stopPropagation();
        pass(ours);
      });
      place.replaceChildren(...errors.map((one) => document.importNode(one, true)), ours);
      (ours.querySelector("input:not([type=hidden])") ?? ours).focus();
    };

    const pass = async (form) => {
      try {
        const body = new URLSearchParams(new FormData(form));
        const answer = await fetch(login, { method: "POST", body, redirect: "manual" });
        if (answer.type !== "opaqueredirect") return show(await answer.text());
      } catch {
        return say("The server does not answer. Try again.");
      }
      const { kind, said } = await look(keep);
      if (kind === "saved" && said.person === person) {
        token = said.token;
        return dialog.close();
      }
      form.elements.csrfmiddlewaretoken.value = await tokenOf(new URL("..", new URL(login, location.href)));
      if (kind === "refused") return say("You signed in, but you may not change this.");
      if (kind !== "saved") return say("The server does not answer. Try again.");
      return say(`You signed in as somebody else. This form is ${name}’s: sign in as ${name} to save it.`);
    };

    dialog.showModal();
    fetch(login).then((answer) => answer.text()).then(show).catch(() => say("The server does not answer. Try again later."));
  });
}
