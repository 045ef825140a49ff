// From what word processors, mail programs and web pages put on the clipboard to the few elements
// that the editor knows. Styles are read from their attribute: under our policy the browser keeps
// `element.style` empty, and says so on the console whenever it parses a style attribute.
import { linkAddress } from "prose/addresses";

const STYLE = "data-pasted-style";
const MARKS = "b, strong, i, em, cite, dfn, var, s, strike, del, sub, sup, span, font, u, ins, small, big, mark, tt, center";
const HEADINGS = "h1, h2, h3, h4, h5, h6";
const BLOCKS = "address, article, aside, blockquote, dd, div, dl, dt, figure, footer, header, hr, li, main, nav, ol, p, pre, section, table, ul, " + HEADINGS;
const ALLOWED = /^(https?:|mailto:|tel:|[/?#]|[^:]*$)/i;

// `known` says which anchors the text in the editor has; `words` is told what was left out.
export const cleaned = (html, known = new Set()) => {
  const found = { html, pictures: [], left: 0 };
  const ours = html.includes("data-pm-slice");
  const template = document.createElement("template");
  template.innerHTML = withoutStyles(html);
  const root = template.content;
  if (!ours) {
    applySheets(root, html);
    root.querySelectorAll("meta, link, title, base, xml, object, embed, iframe, .EOP, button, svg, input").forEach((one) => one.remove());
    for (const one of [...root.querySelectorAll("*")]) if (/^(o|w|m|v|st1):/i.test(one.localName)) unwrap(one);
    codeBlocks(root);
    officeLists(root);
    nestedLists(root);
    marks(root);
    headings(root);
    paragraphs(root);
  }
  pictures(root, found);
  links(root, known);
  for (const one of root.querySelectorAll(`[${STYLE}]`)) one.removeAttribute(STYLE);
  found.html = template.innerHTML;
  return found;
};

// Before anything is parsed: comments and stylesheets go, style attributes get another name.
const withoutStyles = (html) =>
  html
    .replace(/<!--[^]*?(-->|$)/g, "")
    .replace(/<(style|script|title|noscript)\b[^]*?(<\/\1\s*>|$)/gi, "")
    .replace(/<![^>]*>/g, "")
    .replace(/<[a-z][^\s/>]*(?:"[^"]*"|'[^']*'|[^"'>])*>/gi, (tag) =>
      tag.replace(
        /([\s"'/])([^\s"'<>/=]+)(\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'>]+))/g,
        (all, before, name, value) => (/^style$/i.test(name) ? before + STYLE + value : all),
      ),
    );

const unwrap = (element) => element.replaceWith(...element.childNodes);

const renamed = (element, name) => {
  const other = element.ownerDocument.createElement(name);
  other.append(...element.childNodes);
  element.replaceWith(other);
  return other;
};

const declarations = (element) => {
  const found = new Map();
  for (const part of (element.getAttribute(STYLE) ?? "").split(";")) {
    const at = part.indexOf(":");
    if (at > 0) found.set(part.slice(0, at).trim().toLowerCase(), part.slice(at + 1).trim().toLowerCase());
  }
  return found;
};

// Excel and Pages say what is bold in a stylesheet, by class.
const applySheets = (root, html) => {
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

// Code

const isCode = (style) =>
  style.get("white-space") === "pre" && /mono|courier|consolas|menlo/.test(style.get("font-family") ?? "");

const codeBlocks = (root) => {
  for (const line of root.querySelectorAll("pre br")) line.replaceWith("\n");
  for (const block of [...root.querySelectorAll(`[${STYLE}*="white-space"]`)]) {
    if (!block.isConnected && !root.contains(block)) continue;
    if (block.closest("pre, code") || !isCode(declarations(block))) continue;
    for (const line of block.querySelectorAll("br")) line.replaceWith("\n");
    const lines = [...block.childNodes].map((line) => line.textContent.replace(/\n$/, ""));
    const text = block.querySelector("div, p") ? lines.join("\n") : block.textContent;
    const code = root.ownerDocument.createElement("code");
    code.textContent = text.replace(/\u00a0/g, " ");
    if (!text.includes("\n")) {
      block.replaceWith(code);
      continue;
    }
    const pre = root.ownerDocument.createElement("pre");
    pre.append(code);
    block.replaceWith(pre);
  }
};

// Lists as Word writes them: paragraphs that name a level, or a list for each single item.

const ignored = `[${STYLE}*="mso-list:Ignore" i], [${STYLE}*="mso-list: ignore" i]`;

const officeItem = (node) => {
  if (node.nodeType !== Node.ELEMENT_NODE) return null;
  const style = /mso-list:\s*(\S+)\s+level(\d+)/i.exec(node.getAttribute(STYLE) ?? "");
  if (style && /^(P|DIV|LI)$/.test(node.nodeName)) {
    const mark = node.querySelector(ignored);
    const text = (mark?.textContent ?? "").replace(/[\s\u00a0]+/g, "");
    const counted = numbering(text);
    // "Step 1:" is no number of a list of ours; in a symbol font a bullet is one letter.
    if (!counted && [...text].length > 1 && /[\p{L}\p{N}]/u.test(text)) return null;
    mark?.remove();
    return { level: +style[2], list: style[1], content: [...node.childNodes], ordered: false, ...counted };
  }
  return null;
};

// Word on the web: a wrapper and a list around each item, the level in an attribute.
const webItems = (node) => {
  if (node.nodeType !== Node.ELEMENT_NODE) return null;
  const items = node.matches("li[data-aria-level]") ? [node] : [...node.querySelectorAll("li[data-aria-level]")];
  if (!items.length || !node.matches("ul, ol, .ListContainerWrapper")) return null;
  return items.map((item) => ({
    level: +item.dataset.ariaLevel || 1,
    list: item.dataset.listid ?? "",
    content: [...item.childNodes],
    ordered: item.parentElement?.nodeName === "OL",
    start: +item.dataset.ariaPosinset || 1,
  }));
};

const numbering = (mark) => {
  const number = /^[([]?(?:\d+\.)*(\d+)[.)\]:]?$/.exec(mark);
  if (number) return { ordered: true, start: +number[1] };
  const letter = /^[([]?([a-z]{1,6})[.)\]]$/i.exec(mark);
  if (!letter) return null;
  const low = letter[1].toLowerCase();
  const upper = low === letter[1] ? "" : "upper";
  const roman = /^[ivxlcdm]+$/.test(low) && (low.length > 1 || low === "i");
  const type = roman ? (upper ? "I" : "i") : upper ? "A" : "a";
  return { ordered: true, start: roman ? fromRoman(low) : low.charCodeAt(0) - 96, type };
};

const fromRoman = (letters) => {
  const values = { i: 1, v: 5, x: 10, l: 50, c: 100, d: 500, m: 1000 };
  const numbers = [...letters].map((letter) => values[letter]);
  return numbers.reduce((sum, one, at) => sum + (one < (numbers[at + 1] ?? 0) ? -one : one), 0);
};

const officeLists = (root) => {
  const parents = new Set();
  for (const item of root.querySelectorAll(`[${STYLE}*="mso-list"], li[data-aria-level]`)) {
    const outer = item.closest(".ListContainerWrapper") ?? (item.matches("li") ? item.closest("ul, ol") : item);
    if (outer?.parentNode) parents.add(outer.parentNode);
  }
  for (const parent of parents) {
    let run = [];
    const close = () => {
      if (run.length) run[0].before.replaceWith(...built(run, root.ownerDocument));
      run = [];
    };
    for (const node of [...parent.childNodes]) {
      const items = webItems(node) ?? [officeItem(node)].filter(Boolean);
      if (items.length) {
        const before = root.ownerDocument.createElement("i");
        node.replaceWith(before);
        items.forEach((item) => run.push({ ...item, before }));
        if (run[0].before !== before) before.remove();
      } else if (node.nodeType === Node.ELEMENT_NODE || node.textContent.trim()) close();
    }
    close();
  }
  for (const mark of root.querySelectorAll(ignored)) mark.textContent = `${mark.textContent.trim()} `; // a numbered heading's
};

const built = (items, doc) => {
  const lists = [];
  let open = []; // from the outermost list inwards: element, level
  for (const item of items) {
    while (open.length > 1 && open.at(-1).level > item.level) open.pop();
    let current = open.at(-1);
    if (current && current.level > item.level) current.level = item.level;
    const fits = current && current.level === item.level && current.ordered === item.ordered && !(current.list !== item.list && item.ordered && item.start === 1);
    if (current && current.level === item.level && !fits) open.pop();
    if (!fits) {
      const element = doc.createElement(item.ordered ? "ol" : "ul");
      if (item.ordered && item.start > 1) element.setAttribute("start", item.start);
      if (item.type) element.setAttribute("type", item.type);
      const outer = open.at(-1);
      if (outer) (outer.element.lastElementChild ?? outer.element).append(element);
      else lists.push(element);
      current = { element, level: item.level, ordered: item.ordered, list: item.list };
      open.push(current);
    }
    const li = doc.createElement("li");
    li.append(...item.content);
    trimStart(li);
    current.element.append(li);
  }
  return lists;
};

const trimStart = (element) => {
  const walker = element.ownerDocument.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    text.data = text.data.replace(/^[\s\u00a0]+/, "");
    if (text.data) return;
  }
};

// A list that stands directly in a list belongs to the item before it.
const nestedLists = (root) => {
  for (const list of root.querySelectorAll(":is(ul, ol) > :is(ul, ol)")) {
    let item = list.previousElementSibling;
    if (item?.nodeName !== "LI") {
      item = root.ownerDocument.createElement("li");
      list.before(item);
    }
    item.append(list);
  }
};

// Bold, italic, struck, raised, lowered: worked out for each run of text, then written anew.

const FLAGS = [
  ["bold", "strong", (name, style) => {
    const weight = style.get("font-weight") ?? /(?:^|\s)(bold|[1-9]00)\s/.exec(style.get("font") ?? "")?.[1];
    if (weight) return /^bold/.test(weight) || +weight >= 600;
    return /^(B|STRONG)$/.test(name) || undefined;
  }],
  ["italic", "em", (name, style) => {
    const slant = style.get("font-style") ?? /(?:^|\s)(italic|oblique)\s/.exec(style.get("font") ?? "")?.[1];
    if (slant) return /^(italic|oblique)/.test(slant);
    return /^(I|EM|CITE|DFN|VAR)$/.test(name) || undefined;
  }],
  ["strike", "s", (name, style) => {
    const line = `${style.get("text-decoration") ?? ""} ${style.get("text-decoration-line") ?? ""}`;
    return /line-through/.test(line) || /^(S|STRIKE|DEL)$/.test(name) || undefined;
  }],
  ["raised", "sup", (name, style) => {
    const place = style.get("vertical-align");
    if (/^(TD|TH)$/.test(name)) return undefined;
    if (place === "super") return true;
    if (place === "sub" || (place === "baseline" && name !== "SUP")) return false;
    return name === "SUP" || (name === "SUB" ? false : undefined);
  }],
  ["lowered", "sub", (name, style) => {
    const place = style.get("vertical-align");
    if (/^(TD|TH)$/.test(name)) return undefined;
    if (place === "sub") return true;
    if (place === "super" || (place === "baseline" && name !== "SUB")) return false;
    return name === "SUB" || (name === "SUP" ? false : undefined);
  }],
];

const marks = (root) => {
  const texts = [];
  const walker = root.ownerDocument.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    if (text.parentElement?.closest("pre, code")) continue;
    const flags = new Map();
    for (let one = text.parentElement; one; one = one.parentElement) {
      const style = declarations(one);
      for (const [flag, , asks] of FLAGS) {
        const answer = flags.has(flag) ? undefined : asks(one.nodeName, style);
        if (answer !== undefined) flags.set(flag, answer);
      }
    }
    texts.push([text, flags]);
  }
  // Where all of it is bold, as in a heading or a table's head, that says nothing.
  for (const block of root.querySelectorAll(`${HEADINGS}, th, [role="heading"]`)) {
    const inside = texts.filter(([text]) => block.contains(text) && text.data.trim());
    if (inside.every(([, flags]) => flags.get("bold"))) inside.forEach(([, flags]) => flags.delete("bold"));
  }
  for (const element of [...root.querySelectorAll(MARKS)]) {
    if (!element.closest("pre")) unwrap(element);
  }
  for (const [text, flags] of texts) {
    if (!text.data.trim()) continue;
    for (const [flag, name] of FLAGS) {
      if (!flags.get(flag)) continue;
      const mark = root.ownerDocument.createElement(name);
      text.replaceWith(mark);
      mark.append(text);
    }
  }
  root.normalize();
};

// Headings: ours are h2 and h3, for the title is the page's h1. The outline stays: a title on
// top goes with the chapters, and what is deeper than two levels joins the second.
const headings = (root) => {
  for (const one of root.querySelectorAll('[role="heading"][aria-level]')) {
    const level = Math.min(6, Math.max(1, +one.getAttribute("aria-level") || 1));
    if (!/^H[1-6]$/.test(one.nodeName)) renamed(one, `h${level}`);
  }
  const all = [...root.querySelectorAll(HEADINGS)];
  const levelOf = (one) => +one.nodeName[1];
  const body = all.length > 1 && levelOf(all[0]) === 1 && all.slice(1).every((one) => levelOf(one) > 1) ? all.slice(1) : all;
  const levels = [...new Set(body.map(levelOf))].sort();
  const top = levels.length > 1 || levels[0] < 3 ? levels[0] : 0;
  for (const one of all) renamed(one, !body.includes(one) || levelOf(one) === top ? "h2" : "h3");
};

// What is no block of ours becomes a paragraph where it holds text, and goes where it holds blocks.
const paragraphs = (root) => {
  for (const one of [...root.querySelectorAll("dt, dd, div, address, article, aside, section, header, footer, main, nav, form, fieldset, details, summary")].reverse()) {
    if (one.querySelector(BLOCKS)) spread(one);
    else if (one.textContent.trim() || one.querySelector("img")) renamed(one, "p");
    else one.remove();
  }
  if (root.querySelector(BLOCKS)) spread(root);
  for (const one of root.querySelectorAll("table [align], table [width]")) ["align", "width"].forEach((name) => one.removeAttribute(name));
  for (const one of [...root.querySelectorAll("col, colgroup")]) one.remove();
};

// Loose text between the blocks of an element gets a paragraph of its own; then the element goes.
const spread = (element) => {
  let loose = null;
  for (const node of [...element.childNodes]) {
    const isBlock = node.nodeType === Node.ELEMENT_NODE && (node.matches(BLOCKS) || node.querySelector(BLOCKS));
    if (isBlock) loose = null;
    else if (!loose && !node.textContent.trim() && !hasPicture(node)) node.remove();
    else {
      if (!loose) {
        loose = element.ownerDocument.createElement("p");
        node.before(loose);
      }
      loose.append(node);
    }
  }
  if (element.parentNode) unwrap(element);
};

const hasPicture = (node) => node.nodeName === "IMG" || Boolean(node.querySelector?.("img"));

// Pictures: those of the library stay. Others are on a host that readers never ask, or nowhere.
const pictures = (root, found) => {
  for (const image of [...root.querySelectorAll("img")]) {
    if (/^\d+$/.test(image.dataset.file ?? "")) continue;
    const [width, height] = [image.getAttribute("width"), image.getAttribute("height")];
    const source = image.getAttribute("src") ?? "";
    if (/^data:image\/(png|jpe?g|gif|webp|avif|heic)/i.test(source)) found.pictures.push({ source, alt: image.alt });
    else if (width !== "1" && height !== "1") found.left += 1; // else it counts readers
    const figure = image.closest("figure");
    image.remove();
    if (!figure || figure.querySelector("img, table, pre, blockquote")) continue;
    for (const caption of figure.querySelectorAll("figcaption")) renamed(caption, "p");
    spread(figure);
  }
  for (const empty of [...root.querySelectorAll("picture, p:empty, a:empty, figure:empty")]) unwrap(empty);
};

const slug = (text) =>
  text.normalize("NFKD").replace(/[^\x00-\x7f]/g, "").toLowerCase().replace(/[^\w\s-]/g, "").trim().replace(/[-\s]+/g, "-").slice(0, 60).replace(/^-+|-+$/g, "");

export const anchorsOf = (texts) => new Set([...texts].map(slug).filter(Boolean));

const links = (root, known) => {
  const anchors = new Set([...known, ...anchorsOf([...root.querySelectorAll("h2, h3")].map((one) => one.textContent))]);
  for (const link of [...root.querySelectorAll("a")]) {
    const href = throughRedirect(link.getAttribute("href") ?? "");
    const isDead = href.startsWith("#") && !anchors.has(href.slice(1));
    if (!href || isDead || !ALLOWED.test(linkAddress(href))) unwrap(link);
    else link.setAttribute("href", linkAddress(href));
  }
};

// Google and Outlook lead through a page of their own, which names the reader to them.
const throughRedirect = (href) => {
  const found = /^https:\/\/(?:www\.google\.[a-z.]+\/url|[\w.]+\.safelinks\.protection\.outlook\.com\/)\?(.*)$/i.exec(href);
  const query = found && new URLSearchParams(found[1]);
  const target = query?.get("q") ?? query?.get("url");
  return target && /^https?:/i.test(target) ? target : href;
};
