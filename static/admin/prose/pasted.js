// From what word processors, mail programs and web pages put on the clipboard to the few elements
// that the editor knows. Styles are read from their attribute: under our policy the browser keeps
// `element.style` empty, and says so on the console whenever it parses a style attribute.
import { linkAddress } from "prose/addresses";
import { officeLists } from "prose/pasted_lists";
import { marks } from "prose/pasted_marks";
import { applySheets, declarations, HEADINGS, inert, renamed, STYLE, unwrap } from "prose/pasted_styles";
import { bring } from "prose/pictures";
import { picturesOfRtf } from "prose/rtf";

const BLOCKS = "address, article, aside, blockquote, dd, div, dl, dt, figure, footer, header, hr, li, main, nav, ol, p, pre, section, table, ul, " + HEADINGS;
const IN_TEXT = /^data:image\/(png|jpe?g|gif|webp|avif|heic)/i;
const ON_DISK = /^(file|cid):/i;
const ALLOWED = /^(https?:|mailto:|tel:|[/?#]|[^:]*$)/i;

// `known` says which anchors the text in the editor has, `rtf` is what Word puts beside its HTML: the
// pictures are in it. `left` counts those that did not come.
export const cleaned = (html, known = new Set(), rtf = "") => {
  const found = { html, left: 0 };
  const ours = html.includes("data-pm-slice");
  const template = document.createElement("template");
  template.innerHTML = inert(html);
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
  pictures(root, found, rtf);
  links(root, known, ours);
  for (const one of root.querySelectorAll(`[${STYLE}]`)) one.removeAttribute(STYLE);
  found.html = template.innerHTML;
  return found;
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

// Pictures: those of the library stay. What the clipboard holds is uploaded from its place. Others are
// on a host that readers never ask, or nowhere.
const pictures = (root, found, rtf) => {
  const all = [...root.querySelectorAll("img")];
  const onDisk = all.filter((image) => ON_DISK.test(image.getAttribute("src") ?? ""));
  const inRtf = onDisk.length ? picturesOfRtf(rtf) : [];
  for (const image of all) {
    if (/^\d+$/.test(image.dataset.file ?? "")) continue;
    const source = image.getAttribute("src") ?? "";
    const held = IN_TEXT.test(source) ? source : inRtf.length === onDisk.length && inRtf[onDisk.indexOf(image)];
    const isDot = ["width", "height"].some((side) => image.getAttribute(side) === "1"); // it counts readers
    if (!held && !isDot) found.left += 1;
    const place = image.closest("figure");
    if (held) {
      const waiting = root.ownerDocument.createElement("img");
      waiting.dataset.pending = bring(held, image.alt);
      image.replaceWith(waiting);
    } else image.remove();
    if (!place || place.querySelector("table, pre, blockquote")) continue;
    for (const caption of place.querySelectorAll("figcaption")) renamed(caption, "p");
    spread(place);
  }
  for (const line of [...root.querySelectorAll("p:has(> img)")]) {
    if (!line.textContent.trim()) line.replaceWith(...line.querySelectorAll("img")); // no line above it
  }
  for (const empty of [...root.querySelectorAll("picture, p:empty, a:empty, figure:empty")]) unwrap(empty);
};

const slug = (text) =>
  text.normalize("NFKD").replace(/[^\x00-\x7f]/g, "").toLowerCase().replace(/[^\w\s-]/g, "").trim().replace(/[-\s]+/g, "-").slice(0, 60).replace(/^-+|-+$/g, "");

export const anchorsOf = (texts) => new Set([...texts].map(slug).filter(Boolean));

const links = (root, known, ours) => {
  const anchors = new Set([...known, ...anchorsOf([...root.querySelectorAll("h2, h3")].map((one) => one.textContent))]);
  for (const link of [...root.querySelectorAll("a")]) {
    const href = throughRedirect(link.getAttribute("href") ?? "");
    const isDead = href.startsWith("#") && !anchors.has(href.slice(1));
    if (!href || isDead || !ALLOWED.test(linkAddress(href))) unwrap(link);
    else link.setAttribute("href", linkAddress(href));
    if (!ours) link.removeAttribute("data-page"); // of another site: its pages are none of ours
  }
};

// Google and Outlook lead through a page of their own, which names the reader to them.
const throughRedirect = (href) => {
  const found = /^https:\/\/(?:www\.google\.[a-z.]+\/url|[\w.]+\.safelinks\.protection\.outlook\.com\/)\?(.*)$/i.exec(href);
  const query = found && new URLSearchParams(found[1]);
  const target = query?.get("q") ?? query?.get("url");
  return target && /^https?:/i.test(target) ? target : href;
};
