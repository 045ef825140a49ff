"""What Markdown takes for its own, so that text is read as text: CommonMark 0.31, GitHub's tables.

Sections are those of CommonMark's specification, but for "GFM": GitHub's.
"""

import re

BLANKS = re.compile(r"[ \t\n\r\f]+")  # HTML's; a no-break space is a letter
# Anywhere in a text. An underscore within a word, as in snake_case, is no mark.
_SPECIAL = re.compile(r"[\\`*\[\]<|~]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;)|!(?=\[|\Z)")
# Only where a line begins.
_LINE_START = re.compile(r"^(?:(?=[#>+=-])|(\d{1,9})(?=[.)](?:\s|\Z)))", re.MULTILINE)
# Section 4.2: a run of # at the end of a heading would be taken for the heading's own.
_HEADING_END = re.compile(r"(^|\s)(#+)$")


def escaped(text: str) -> str:
    """Plain text so that Markdown reads it as that text, on a line of its own or within one."""
    return heading_end(line_start(escaped_inline(" ".join(text.split()))))


def escaped_inline(text: str) -> str:
    """The same for a text that begins and ends no line."""
    return _SPECIAL.sub(r"\\\g<0>", text)


def line_start(text: str) -> str:
    """A text in which nothing is left to escape but where its lines begin."""
    return _LINE_START.sub(lambda found: f"{found[1]}\\" if found[1] else "\\", text)


def heading_end(text: str) -> str:
    return _HEADING_END.sub(r"\1\\\2", text)


def code_block(text: str, language: str) -> str:
    fence = "`" * max(3, _longest_run(text) + 1)
    return f"{fence}{language}\n{text.removesuffix(chr(10))}\n{fence}"


def code_span(text: str, *, in_table: bool) -> str:
    """Section 6.1: fenced by more backticks than it holds, with a blank that readers drop."""
    text = BLANKS.sub(" ", text)
    if not text.strip(" "):
        return text
    fence = "`" * (_longest_run(text) + 1)
    if text[0] in "` " or text[-1] in "` ":
        text = f" {text} "
    if in_table:
        text = text.replace("|", "\\|")  # GFM: a cell's border is found before its code
    return f"{fence}{text}{fence}"


def destination(address: str) -> str:
    """Section 6.3: a link's address; in angle brackets it may hold parentheses."""
    address = re.sub(r"\s", "%20", address).replace("<", "%3C").replace(">", "%3E")
    address = address.replace("\\", "%5C").replace("|", "%7C")
    return f"<{address}>" if re.search(r"[()&*_`\[\]]", address) or not address else address


def table(rows: list[list[str]]) -> str:
    """GFM, section 4.10: the first row is the head; a row that is shorter ends in empty cells."""
    width = max(map(len, rows))
    lines = [f"|{_cells(row + [''] * (width - len(row)))}" for row in rows]
    lines.insert(1, "|" + " --- |" * width)
    return "\n".join(lines)


def _cells(texts: list[str]) -> str:
    return "".join(f" {text} |" if text else " |" for text in texts)


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)


def prefixed(text: str, first: str, rest: str) -> str:
    lines = text.split("\n")
    return "\n".join(
        f"{prefix}{line}" if line else prefix.rstrip(" ")
        for prefix, line in zip([first, *[rest] * len(lines)], lines, strict=False)
    )
