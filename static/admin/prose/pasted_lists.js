// Lists as Word writes them: paragraphs that name a level, or a list for each single item.
import { STYLE } from "prose/pasted_styles";

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

export const officeLists = (root) => {
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
