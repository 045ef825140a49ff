// Markdown on the clipboard, as HTML: CommonMark with GitHub's tables and footnotes. Whole or not at
// all: what the text cannot hold (HTML, front matter) makes `fromMarkdown` return null, and so does a
// text that has nothing of Markdown in it.

const ESCAPED = /\\([!-/:-@[-`{-~])/g;
const BEGINS = {
  heading: /^ {0,3}(#{1,6})[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*$/,
  fence: /^( {0,3})(`{3,}|~{3,})[ \t]*([^`\s]*)[^`]*$/,
  rule: /^ {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$/,
  quote: /^ {0,3}> ?/,
  item: /^( {0,3})(?:([-+*])|(\d{1,9})[.)])(?:([ \t]+)(.*)|[ \t]*)$/,
  divider: /^ {0,3}\|?[ \t]*:?-+:?[ \t]*(\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/,
  note: /^ {0,3}\[\^([^\]\s]+)\]:[ \t]*(.*)$/,
  definition: /^ {0,3}\[([^\]^][^\]]*)\]:[ \t]*<?([^\s>]+)>?(?:[ \t]+(?:"([^"]*)"|'([^']*)'|\(([^)]*)\)))?[ \t]*$/,
  html: /^ {0,3}<(?:[a-z][a-z0-9-]*[\s>/]|\/[a-z]|!|\?)/i,
};
const IN_A_LINE = /!?\[[^\]]+\]\([^)\s]+( "[^"]*")?\)|\*\*[^*\s]([^*]*[^*\s])?\*\*(?!\w)|(^|\s)`[^`]+`(\s|$|[.,;:])/;
const SETEXT = /^ {0,3}(=+|-+)[ \t]*$/;

const MAX_IN_A_LINE = 20_000; // characters of a paragraph
const MAX_DEPTH = 30;

class Unknown extends Error {}

const escape = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");

const nextFilled = (lines, at) => {
  for (let next = at; next < lines.length; next += 1) if (!isBlank(lines[next])) return lines[next];
  return "";
};

const isBlank = (line) => !line || !line.trim();

// What only Markdown is written for: a hash tag, a dash or a star in a letter are none of it.
export const looksLikeMarkdown = (text) => {
  const lines = text.split("\n");
  let items = 0;
  let signs = 0;
  for (const [at, line] of lines.entries()) {
    if (BEGINS.heading.test(line) || BEGINS.fence.test(line) || BEGINS.note.test(line)) signs += 2;
    else if (at && BEGINS.divider.test(line) && line.includes("|") && lines[at - 1].includes("|")) signs += 2;
    else if (/^ {0,3}([-+*]|\d{1,9}[.)])[ \t]+\S/.test(line)) items += 1;
    else if (/^ {0,3}> \S/.test(line)) signs += 1;
    if (IN_A_LINE.test(line)) signs += 1;
  }
  return signs > 0 || items > 1;
};

export const fromMarkdown = (source) => {
  const text = source.replace(/\r\n?/g, "\n").replace(/\t/g, "    ").replace(/^\ufeff/, "");
  if (!looksLikeMarkdown(text)) return { html: null, isMarkdown: false };
  try {
    return { html: new Reader(text).html(), isMarkdown: true };
  } catch (error) {
    if (error instanceof Unknown) return { html: null, isMarkdown: true };
    throw error;
  }
};

class Reader {
  constructor(text) {
    this.links = new Map();
    this.notes = new Map(); // by name: lines
    this.called = []; // names, in the order of the text
    this.depth = 0;
    if (/^---\n[^]*?\n(---|\.\.\.)\n/.test(text) && /^---\n\s*[\w-]+:/.test(text)) throw new Unknown();
    this.lines = this.gather(text.split("\n"));
  }

  html() {
    const body = this.blocks(this.lines);
    if (!this.called.length) return body;
    const items = [];
    for (const name of this.called) items.push(`<li>${this.blocks(this.notes.get(name))}</li>`); // may grow
    return `${body}<h2>Notes</h2><ol>${items.join("")}</ol>`;
  }

  // Definitions of links and notes stand anywhere, but in no code.
  gather(lines) {
    const left = [];
    let fence = null;
    for (let at = 0; at < lines.length; at += 1) {
      const line = lines[at];
      const opens = BEGINS.fence.exec(line);
      if (fence ? line.trim().startsWith(fence) && !line.trim().replaceAll(fence[0], "") : opens) fence = fence ? null : opens[2];
      const [note, link] = fence ? [] : [BEGINS.note.exec(line), BEGINS.definition.exec(line)];
      if (note) {
        const about = [note[2]];
        while (at + 1 < lines.length && (/^ {2,}\S/.test(lines[at + 1]) || (isBlank(lines[at + 1]) && /^ {4}/.test(lines[at + 2] ?? "")))) about.push(lines[(at += 1)].replace(/^ {1,4}/, ""));
        this.notes.set(note[1], about);
      } else if (link) this.links.set(link[1].toLowerCase(), link[2]);
      else left.push(line);
    }
    return left;
  }

  blocks(lines) {
    if ((this.depth += 1) > MAX_DEPTH) throw new Unknown();
    const made = [];
    for (let at = 0; at < lines.length;) {
      const [html, next] = this.block(lines, at);
      if (html) made.push(html);
      at = next;
    }
    this.depth -= 1;
    return made.join("");
  }

  // What begins at this line, and the line after it.
  block(lines, at) {
    const line = lines[at];
    if (isBlank(line)) return ["", at + 1];
    const heading = BEGINS.heading.exec(line);
    if (heading) return [`<h${heading[1].length}>${this.inline(heading[2])}</h${heading[1].length}>`, at + 1];
    const fence = BEGINS.fence.exec(line);
    if (fence) return this.fenced(lines, at, fence);
    if (BEGINS.rule.test(line)) return ["<hr>", at + 1];
    if (BEGINS.quote.test(line)) return this.quote(lines, at);
    const item = BEGINS.item.exec(line);
    if (item) return this.list(lines, at, item);
    if (/^ {4}/.test(line)) return this.indented(lines, at);
    if (line.includes("|") && BEGINS.divider.test(lines[at + 1] ?? "") && lines[at + 1].includes("|")) return this.table(lines, at);
    if (BEGINS.html.test(line)) {
      if (/^ {0,3}<!--.*-->\s*$/.test(line)) return ["", at + 1];
      throw new Unknown();
    }
    return this.paragraph(lines, at);
  }

  fenced(lines, at, [, indent, mark, language]) {
    const code = [];
    let end = at + 1;
    const closes = new RegExp(`^ {0,3}${mark[0]}{${mark.length},}[ \\t]*$`);
    while (end < lines.length && !closes.test(lines[end])) {
      code.push(lines[end].replace(new RegExp(`^ {0,${indent.length}}`), ""));
      end += 1;
    }
    return [this.code(code, language), end + 1];
  }

  indented(lines, at) {
    const code = [];
    let end = at;
    while (end < lines.length && (/^ {4}/.test(lines[end]) || isBlank(lines[end]))) {
      code.push(lines[end].slice(4));
      end += 1;
    }
    return [this.code(code.join("\n").trimEnd().split("\n"), ""), end];
  }

  code(lines, language) {
    const name = /^[\w+#-]+$/.test(language) ? ` class="language-${escape(language)}"` : "";
    return `<pre><code${name}>${escape(lines.join("\n"))}</code></pre>`;
  }

  quote(lines, at) {
    const inside = [];
    let end = at;
    while (end < lines.length && !isBlank(lines[end]) && (BEGINS.quote.test(lines[end]) || this.goesOn(lines[end]))) {
      inside.push(lines[end].replace(BEGINS.quote, ""));
      end += 1;
    }
    return [`<blockquote>${this.blocks(inside)}</blockquote>`, end];
  }

  goesOn(line) {
    return !Object.values({ ...BEGINS, definition: /$^/, divider: /$^/ }).some((begins) => begins.test(line));
  }

  list(lines, at, [, , bullet, number]) {
    const items = [];
    let end = at;
    while (end < lines.length) {
      const item = BEGINS.item.exec(lines[end]);
      if (!item || Boolean(item[2]) !== Boolean(bullet) || (bullet && item[2] !== bullet) || BEGINS.rule.test(lines[end])) break;
      const indent = item[1].length + (item[2] ?? `${item[3]}.`).length + Math.min(item[4]?.length ?? 1, 4);
      const least = Math.min(indent, item[1].length + 2);
      const inside = [item[5] ?? ""];
      end += 1;
      while (end < lines.length) {
        const line = lines[end];
        const isInside = line.search(/\S/) >= least;
        const continues = !isBlank(lines[end - 1]) && this.goesOn(line);
        if (isBlank(line) ? nextFilled(lines, end).search(/\S/) < least : !isInside && !continues) break;
        inside.push(isInside ? line.slice(Math.min(indent, line.search(/\S/))) : line);
        end += 1;
      }
      items.push(`<li>${this.item(inside)}</li>`);
      let next = end;
      while (next < lines.length && isBlank(lines[next])) next += 1;
      if (next < lines.length && BEGINS.item.test(lines[next])) end = next;
    }
    const start = number && Number(number) !== 1 ? ` start="${Number(number)}"` : "";
    return [bullet ? `<ul>${items.join("")}</ul>` : `<ol${start}>${items.join("")}</ol>`, end];
  }

  item(lines) {
    const task = /^\[[ xX]\]\s+/;
    if (task.test(lines[0])) throw new Unknown(); // a box to tick
    return this.blocks(lines);
  }

  table(lines, at) {
    const cells = (line) => line.trim().replace(/^\||\|$/g, "").split(/(?<!\\)\|/).map((cell) => this.inline(cell.trim().replaceAll("\\|", "|")));
    const rows = [`<tr>${cells(lines[at]).map((cell) => `<th>${cell}</th>`).join("")}</tr>`];
    const width = cells(lines[at]).length;
    let end = at + 2;
    while (end < lines.length && !isBlank(lines[end]) && lines[end].includes("|")) {
      const row = cells(lines[end]);
      if (row.length > width) throw new Unknown();
      rows.push(`<tr>${Array.from({ length: width }, (_, index) => `<td>${row[index] ?? ""}</td>`).join("")}</tr>`);
      end += 1;
    }
    return [`<table><tbody>${rows.join("")}</tbody></table>`, end];
  }

  paragraph(lines, at) {
    const inside = [lines[at].trimStart()];
    let end = at + 1;
    while (end < lines.length && !isBlank(lines[end])) {
      const under = SETEXT.exec(lines[end]);
      if (under) {
        const level = under[1].startsWith("=") ? 1 : 2;
        return [`<h${level}>${this.inline(inside.join(" "))}</h${level}>`, end + 1];
      }
      if (!this.goesOn(lines[end]) && !/^ {4}/.test(lines[end])) break;
      inside.push(lines[end].trimStart());
      end += 1;
    }
    return [`<p>${this.inline(inside.join("\n"))}</p>`, end];
  }

  // In a line. Code first, for nothing in it means anything; then links, then emphasis around both.
  inline(text) {
    if (text.length > MAX_IN_A_LINE) throw new Unknown();
    const kept = [];
    const keep = (html) => `\u0000${kept.push(html) - 1}\u0000`;
    let line = text.replaceAll("\u0000", "");
    line = line.replace(/(?<!`)(`+)(?!`)([^]*?[^`])\1(?!`)/g, (_, __, code) => keep(`<code>${escape(code.replace(/\n/g, " ").replace(/^ (.*\S.*) $/, "$1"))}</code>`));
    line = line.replace(ESCAPED, (_, sign) => keep(escape(sign)));
    line = line.replace(/<((?:https?:\/\/|mailto:)[^\s<>]+|[^\s<>@]+@[^\s<>@]+\.[^\s<>@]+)>/gi, (_, address) => keep(`<a href="${escape(address)}">${escape(address.replace(/^mailto:/, ""))}</a>`));
    line = line.replace(/<br\s*\/?>/gi, () => keep("<br>")).replace(/<(\/?)(su[bp])>/gi, (_, end, name) => keep(`<${end}${name.toLowerCase()}>`));
    line = line.replace(/<!--[^]*?-->/g, "");
    if (/<\/?[a-z][^<>]*>/i.test(line)) throw new Unknown();
    line = line.replace(/\[\^([^\]\s]+)\]/g, (all, name) => (this.notes.has(name) ? keep(`[${this.number(name)}]`) : all));
    const unfold = (html) => html.replace(/\u0000(\d+)\u0000/g, (_, index) => unfold(kept[index]));
    const address = (href) => escape(unfoldedText(href, kept));
    line = line.replace(/!\[([^\]]*)\]\(\s*<?([^\s)>]*)>?(?:\s+["'(][^)]*["')])?\s*\)/g, (_, alt, src) => keep(`<img src="${address(src)}" alt="${address(alt)}">`));
    line = line.replace(/\[((?:[^[\]]|\[[^[\]]*\])*)\]\(\s*<?((?:[^\s()<>]|\([^\s()]*\))*)>?(?:\s+(?:"[^"]*"|'[^']*'))?\s*\)/g, (_, words, href) => keep(`<a href="${address(href)}">${this.emphasized(words)}</a>`));
    line = line.replace(/\[([^[\]]+)\](?:\[([^[\]]*)\])?/g, (all, words, name) => {
      const href = this.links.get((name || words).toLowerCase());
      return href === undefined ? all : keep(`<a href="${escape(href)}">${this.emphasized(words)}</a>`);
    });
    line = this.emphasized(line).replace(/ {2,}\n/g, "<br>").replace(/\\\n/g, "<br>").replace(/\n/g, " ");
    return unfold(line);
  }

  emphasized(text) {
    return escape(text)
      .replace(/\*\*\*(?=\S)([^]*?\S)\*\*\*/g, "<strong><em>$1</em></strong>")
      .replace(/\*\*(?=\S)([^]*?\S)\*\*/g, "<strong>$1</strong>")
      .replace(/(?<![\p{L}\p{N}_])__(?=\S)([^]*?\S)__(?![\p{L}\p{N}_])/gu, "<strong>$1</strong>")
      .replace(/(?<!\*)\*(?=[^\s*])([^*]*?[^\s*])\*(?!\*)/g, "<em>$1</em>")
      .replace(/(?<![\p{L}\p{N}_])_(?=[^\s_])([^]*?[^\s_])_(?![\p{L}\p{N}_])/gu, "<em>$1</em>")
      .replace(/~~(?=\S)([^]*?\S)~~/g, "<s>$1</s>");
  }

  number(name) {
    if (!this.called.includes(name)) this.called.push(name);
    return this.called.indexOf(name) + 1;
  }
}

// An address or a description as it was before parts of it were put aside.
const unfoldedText = (text, kept) => text.replace(/\u0000(\d+)\u0000/g, (_, index) => {
  const holder = document.createElement("template");
  holder.innerHTML = kept[index];
  return holder.content.textContent;
});
