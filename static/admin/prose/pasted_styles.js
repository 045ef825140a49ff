// Styles of pasted text: they are read from their attribute under another name, which no browser looks
// at, and from stylesheets. With them the few changes of elements that all of the cleaning makes.

export const STYLE = "data-pasted-style";
export const HEADINGS = "h1, h2, h3, h4, h5, h6";

// Before anything is parsed: comments, stylesheets and event handlers go, style attributes get another
// name. None of it would act where it is parsed; a browser says of each that our policy forbids it.
export const inert = (html) =>
  html
    .replace(/<!--[^]*?(-->|$)/g, "")
    .replace(/<(style|script|title|noscript)\b[^]*?(<\/\1\s*>|$)/gi, "")
    .replace(/<![^>]*>/g, "")
    .replace(/<[a-z][^\s/>]*(?:"[^"]*"|'[^']*'|[^"'>])*>/gi, (tag) =>
      tag.replace(
        /([\s"'/])([^\s"'<>/=]+)(\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'>]+))/g,
        (all, before, name, value) => {
          if (/^on/i.test(name)) return before;
          return /^style$/i.test(name) ? before + STYLE + value : all;
        },
      ),
    );

export const unwrap = (element) => element.replaceWith(...element.childNodes);

export const renamed = (element, name) => {
  const other = element.ownerDocument.createElement(name);
  other.append(...element.childNodes);
  element.replaceWith(other);
  return other;
};

const declared = new WeakMap();

export const declarations = (element) => {
  if (!declared.has(element)) declared.set(element, read(element.getAttribute(STYLE) ?? ""));
  return declared.get(element);
};

const read = (style) => {
  const found = new Map();
  for (const part of style.split(";")) {
    const at = part.indexOf(":");
    if (at > 0) found.set(part.slice(0, at).trim().toLowerCase(), part.slice(at + 1).trim().toLowerCase());
  }
  return found;
};

// Excel and Pages say what is bold in a stylesheet, by class.
export const applySheets = (root, html) => {
  for (const [, sheet] of html.matchAll(/<style\b[^>]*>([^]*?)<\/style/gi)) {
    for (const [, selectors, body] of sheet.replace(/<!--|-->|\/\*[^]*?\*\//g, "").matchAll(/([^{}]*)\{([^{}]*)\}/g)) {
      for (const selector of selectors.split(",")) {
        const rule = /^\s*([a-z][a-z0-9]*)?\.([\w-]+)\s*$/i.exec(selector);
        if (!rule) continue;
        for (const element of root.querySelectorAll(`${rule[1] ?? ""}.${CSS.escape(rule[2])}`)) {
          element.setAttribute(STYLE, `${body};${element.getAttribute(STYLE) ?? ""}`);
        }
      }
    }
  }
};
