"""A brief: the sections it has, what each is for, and the whole as Markdown."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from leads.models import Brief, Inquiry, Lead
from prose.markdown_syntax import escaped


@dataclass(frozen=True)
class Section:
    """One part of a brief. `missing` says why people will ask for it."""

    name: str
    heading: str
    hint: str
    example: str
    missing: str


SECTIONS = (
    Section(
        "context",
        "Context",
        "What you have today, who uses it, and why it has to change.",
        "Our web shop sends about 400 orders a day to a warehouse system from 2016. Once or twice "
        "a week an order is lost, and nobody notices until the customer calls.",
        "Say what you have today, who uses it, and what goes wrong. Without that, the people "
        "who build it have to guess what it is for.",
    ),
    Section(
        "interfaces",
        "Interfaces",
        "What it has to talk to: which systems and files, in which format, and who owns them.",
        "Orders arrive as JSON through a webhook from the shop (the shop team). The warehouse "
        "takes CSV files over SFTP and is run by a supplier, who answers within two days.",
        "Name the systems, files and people this has to talk to, or write “none”. This is where "
        "most estimates go wrong.",
    ),
    Section(
        "acceptance_criteria",
        "Acceptance criteria",
        "What you will check before you accept it. One per line, each with a yes or no answer.",
        "Given the warehouse has been down for an hour, when it comes back, then each order from "
        "that hour arrives there once.",
        "Write at least one thing you will try before you accept the work, and what you will see. "
        "Without that, nobody can tell when it is finished.",
    ),
    Section(
        "out_of_scope",
        "Out of scope",
        "What someone might expect but is not wanted now.",
        "Returns stay as they are. No new screens for the warehouse.",
        "Name one or two things that are not wanted now. It keeps the work from growing along "
        "the way.",
    ),
    Section(
        "definition_of_done",
        "Definition of done",
        "What finished work includes besides the code: tests, a review, documents, going live.",
        "Reviewed by Mette; tests run on every change; the runbook says what to do when the "
        "warehouse is down; live for a week without a lost order.",
        "Say what finished work includes for you: tests, a review and by whom, documents, going "
        "live.",
    ),
    Section(
        "constraints",
        "Constraints",
        "What is fixed: dates, budget, languages and systems, rules, anything off limits.",
        "Python 3.12 and PostgreSQL. Live before 15 September 2027. No customer data outside "
        "the EU. At most 20 days of work.",
        "Say what is fixed, such as a date, a budget, a language or a rule, or write “none”.",
    ),
)

NOT_SAID = "_Not specified yet._"

_BLANKS = " \t"  # section 2.1: no other makes a line a blank one
_FENCE = re.compile(r"(`{3,}(?=[^`]*$)|~{3,})")
_FENCE_END = re.compile(r" {0,3}(`{3,}|~{3,})[ \t]*$")
# As the first, but within something else, where only its container could say how far it reaches.
_NESTED_FENCE = re.compile(r"(?:[ \t]|[-*+>]|\d{1,9}[.)])+(?:`{3}|~{3})")
_HEADING = re.compile(r" {0,3}(#{1,6})(?=[ \t]|$)")
_UNDERLINE = re.compile(r" {0,3}(?:=+|-+)[ \t]*$")
# CommonMark 0.31, section 4.6, any of the seven: it may hide what follows. Not `<https://…>`.
_RAW_HTML = re.compile(r" {0,3}(?=<(?:[!?/]|[a-z][a-z0-9-]*+(?![\w+.-]*:)))", re.IGNORECASE)
# Lines that begin a block of their own, so that an underline below them is none.
_BLOCK = re.compile(r" {0,3}(?:[-*+>#|]|\d{1,9}[.)]|[ \t]{4}|\t)")

_LINE_END = re.compile(r"\r\n|\r|\n")
_BULLET = re.compile(r"(?:[-*+•–·]|\d{1,3}[.)])\s+(?=\S)")
_TASK = re.compile(r"\[([ xX])\]\s+(?=\S)")
_OTHER_MARKDOWN = (
    re.compile(r"\s*[>|]"), re.compile(r"\s*(?:[-*+>]\s*)*(?:`{3}|~{3})"),
    _HEADING, _UNDERLINE, _RAW_HTML,
)  # fmt: skip
_GOES_ON = re.compile(r"(?:when|then|and|but)\b", re.IGNORECASE)
_GIVEN = re.compile(r"(?:given|when|scenario)\b", re.IGNORECASE)


def of_inquiry(inquiry: Inquiry) -> Brief | None:
    return getattr(inquiry, "brief", None)


def of_lead(lead: Lead) -> list[Brief]:
    """Of all the lead's inquiries, the latest first."""
    found = Brief.objects.filter(inquiry__lead=lead).select_related("inquiry")
    return list(found.order_by("-inquiry__received_at", "-inquiry_id"))


def filled(brief: Brief) -> list[tuple[str, str]]:
    """The sections that say something, in their order: heading and words."""
    texts = ((section.heading, getattr(brief, section.name)) for section in SECTIONS)
    return [(heading, text) for heading, text in texts if text.strip()]


def markdown(brief: Brief) -> str:
    """The brief as a document, CommonMark 0.31 with GitHub's task lists.

    The visitor's words stay as they are, their own Markdown among them. What would break out of
    its section is kept in: a heading of theirs becomes one below ours, a block of code that they
    left open is closed, and HTML that might hide what follows is shown as typed. Acceptance
    criteria become a list to tick off when they are plain lines. What is not said is left open, in
    words: who reads it sees what to ask, and an empty brief is a form to fill in.
    """
    parts = [f"# {escaped(brief.title) or 'Brief'}"]
    for section in SECTIONS:
        text = getattr(brief, section.name).strip()
        if not text:
            text = NOT_SAID
        elif section.name == "acceptance_criteria" and (criteria := plain_criteria(text)):
            text = "\n".join(f"- [{'x' if one.is_done else ' '}] {one.text}" for one in criteria)
        else:
            text = _kept_in(text)
        parts.append(f"## {section.heading}\n\n{text}")
    return "\n\n".join(parts) + "\n"


def lines(text: str) -> list[str]:
    """By what ends a line in Markdown, and in what browsers send."""
    return _LINE_END.split(text)


@dataclass
class Criterion:
    """One thing to check: its lines, whether it is ticked off, where its first line stands."""

    lines: list[str]
    is_done: bool
    at: int

    @property
    def first(self) -> str:
        return self.lines[0]

    @property
    def goes_on(self) -> bool:
        return len(self.lines) > 1

    @property
    def text(self) -> str:
        return "\n      ".join(self.lines)


def plain_criteria(text: str) -> list[Criterion]:
    """The criteria of a text that has one a line.

    None of them when the text is Markdown of another kind. A line that begins with When, Then, And
    or But goes on with the criterion that began with Given, and so does a line that is indented.
    """
    found: list[Criterion] = []
    for start, typed in _lines_at(text):
        words = typed.strip()
        if not words:
            continue
        if any(mark.match(typed.expandtabs(4)) for mark in _OTHER_MARKDOWN):
            return []
        bullet = _BULLET.match(words)
        words = words[bullet.end() :] if bullet else words
        task = _TASK.match(words)
        words = words[task.end() :] if task else words
        if found and not task and _continues(typed, words, found[-1].first, is_item=bool(bullet)):
            found[-1].lines.append(words)
        else:
            # `words` is a tail of the line, but for the blanks at its end.
            at = start + len(typed.rstrip()) - len(words)
            found.append(Criterion([words], bool(task and task[1] != " "), at))
    return found


def _lines_at(text: str) -> Iterator[tuple[int, str]]:
    """Each line, and where it begins."""
    start = 0
    for end in _LINE_END.finditer(text):
        yield start, text[start : end.start()]
        start = end.end()
    yield start, text[start:]


def _continues(line: str, words: str, begun: str, *, is_item: bool) -> bool:
    if _GOES_ON.match(words) and _GIVEN.match(begun):
        return True
    return not is_item and line.expandtabs(4).startswith("  ")


def _kept_in(text: str) -> str:
    """The text of one section so that nothing in it ends the section or reaches beyond it."""
    typed = lines(text)
    kept: list[str] = []
    fence = ""
    for at, line in enumerate(typed):
        if fence:
            kept.append(line)
            end = _FENCE_END.match(line)
            fence = "" if end and end[1].startswith(fence) else fence
        elif mark := _FENCE.match(line):
            kept.append(line)
            fence = mark[1]
        elif _NESTED_FENCE.match(line):
            return _as_typed(text)
        else:
            kept += _kept_line(typed, at)
    return "\n".join([*kept, fence] if fence else kept)


def _kept_line(typed: list[str], at: int) -> list[str]:
    """What becomes of a line outside of code: headings move down, and raw HTML is shown."""
    line = typed[at]
    if heading := _HEADING.match(line):
        level = min(len(heading[1]) + 2, 6)
        return ["#" * level + line[heading.end() :]]
    if _is_underlined(typed, at):  # section 4.3: a heading, too
        return [f"### {line.strip()}"]
    if _UNDERLINE.match(line) and at and typed[at - 1].strip(_BLANKS):
        return [""] if _is_underlined(typed, at - 1) else ["", line]
    if html := _RAW_HTML.match(line):
        return [f"{html[0]}\\{line[html.end() :]}"]
    return [line]


def _is_underlined(typed: list[str], at: int) -> bool:
    line, below = typed[at], typed[at + 1] if at + 1 < len(typed) else ""
    is_text = bool(line.strip(_BLANKS)) and not _BLOCK.match(line) and not _FENCE.match(line)
    return is_text and not _UNDERLINE.match(line) and bool(_UNDERLINE.match(below))


def _as_typed(text: str) -> str:
    """The text as a block of code, by a fence longer than any in it."""
    longest = max(map(len, re.findall(r"~+", text)), default=0)
    fence = "~" * max(longest + 1, 3)
    return "\n".join([fence, *lines(text), fence])
