"""Texts in templates: between tags, and in quotes as arguments of a tag."""

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser

from devtools.strings.sentences import is_sentence, is_word

INLINE = {
    "a", "abbr", "b", "bdi", "bdo", "br", "cite", "code", "em", "i", "kbd", "mark", "q", "s",
    "small", "span", "strong", "sub", "sup", "time", "u", "wbr",
}  # fmt: skip
READ_ALOUD = {"alt", "title", "aria-label", "aria-description", "placeholder", "data-title"}
NO_TEXT = {"color-scheme", "robots", "supported-color-schemes", "theme-color", "viewport"}
TAG = re.compile(r"{%.*?%}|{{.*?}}|{#.*?#}", re.DOTALL)
UNREAD_BLOCK = re.compile(r"{#.*?#}|{% comment.*?endcomment %}", re.DOTALL)
LITERAL = re.compile(r"""(?<![\w])(?:"([^"\n]*)"|'([^'\n]*)')""")


def texts_of(source: str, suffix: str) -> Iterator[tuple[int, str]]:
    source = UNREAD_BLOCK.sub(lambda found: "\n" * found[0].count("\n"), source)
    yield from _of_tags(source)
    if suffix in {".html", ".rss", ".atom"}:
        yield from _Page(source).texts
        return
    for number, line in enumerate(source.splitlines(), start=1):
        if suffix == ".typ":
            for text in re.findall(r'"([^"]*)"|\[([^\[\]]*)\]', line.split("//")[0]):
                text = "".join(text)
                if is_word(text) and re.match(r"[*\s]*[A-Z]", text):
                    yield number, text
        elif suffix != ".json" and is_word(TAG.sub(" ", line)):
            yield number, line


def _of_tags(source: str) -> Iterator[tuple[int, str]]:
    """What stands in quotes in a template tag: `with label="All articles"`, `|yesno:"yes,no"`."""
    for tag in re.finditer(r"{%(.*?)%}|{{(.*?)}}", source, re.DOTALL):
        inside = re.sub(r"""\|(date|time)(_\w+)?:("[^"]*"|'[^']*')""", "", tag[1] or tag[2])
        for literal in LITERAL.finditer(inside):
            text = literal[1] or literal[2] or ""
            is_label = inside[: literal.start()].endswith(
                ("label=", "heading=", "title=", "yesno:", "default:")
            )
            is_code = "sizes=" in inside[: literal.start()][-6:] or inside.split()[:1] == ["now"]
            if not is_code and (is_sentence(text) or (is_label and is_word(text))):
                yield source.count("\n", 0, tag.start()) + 1, text


class _Page(HTMLParser):
    """Cuts a page into what is read in one go: what stands between two tags that break a line."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.texts: list[tuple[int, str]] = []
        self.text, self.line, self.unread = "", 1, 0
        self.feed(TAG.sub(self._hide, source))
        self.close()
        self._cut()

    def _hide(self, tag: re.Match[str]) -> str:
        """Template tags are no HTML: each is one odd letter and its line breaks while we parse."""
        self.tags.append(" ".join(tag[0].split()))
        return chr(0xE000 + len(self.tags) - 1) + "\n" * tag[0].count("\n")

    def _show(self, text: str) -> str:
        return re.sub("[\ue000-\uf8ff]", lambda found: self.tags[ord(found[0]) - 0xE000], text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in INLINE:
            self._cut()
        self.unread += tag in {"script", "style", "svg"}
        for_programs = {"meta"} if dict(attrs).get("name") in NO_TEXT else set()
        for name, value in attrs:
            if value and name in READ_ALOUD:
                self._take(self.getpos()[0], value, least=is_word)
            elif value and name in {"content", "value"} and tag in {"meta", "input"} - for_programs:
                self._take(self.getpos()[0], value, least=is_sentence)

    def handle_endtag(self, tag: str) -> None:
        if tag not in INLINE:
            self._cut()
        self.unread -= tag in {"script", "style", "svg"}

    def handle_data(self, data: str) -> None:
        if self.unread:
            return
        line = self.getpos()[0]
        for piece in re.split(r"(\n *\n)", data):
            if piece.strip(" \n"):
                if not self.text.strip():
                    lead = len(piece) - len(piece.lstrip())
                    self.text, self.line = "", line + piece.count("\n", 0, lead)
                self.text += piece
            elif piece.count("\n") > 1:
                self._cut()
            else:
                self.text += piece
            line += piece.count("\n")

    def _cut(self) -> None:
        self._take(self.line, self.text, least=is_word)
        self.text = ""

    def _take(self, line: int, text: str, *, least: Callable[[str], bool]) -> None:
        bare = re.sub("[\ue000-\uf8ff]", " ", text)
        if least(bare):
            self.texts.append((line, self._show(text.strip())))
