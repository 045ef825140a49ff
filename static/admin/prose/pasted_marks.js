// Bold, italic, struck, raised, lowered: worked out for each run of text, then written anew.
import { declarations, HEADINGS, unwrap } from "prose/pasted_styles";

const MARKS = "b, strong, i, em, cite, dfn, var, s, strike, del, sub, sup, span, font, u, ins, small, big, mark, tt, center";

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

export const marks = (root) => {
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
  const blocks = new Map();
  for (const [text, flags] of texts) {
    const block = text.data.trim() && text.parentElement?.closest(`${HEADINGS}, th, [role="heading"]`);
    if (!block) continue;
    if (!blocks.has(block)) blocks.set(block, []);
    blocks.get(block).push(flags);
  }
  for (const inside of blocks.values()) {
    if (inside.every((flags) => flags.get("bold"))) inside.forEach((flags) => flags.delete("bold"));
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
