"""`dev.py strings`: every text that a person reads, one per line with its place.

Nothing marks a text; its shape and its place tell, so texts in new code are found as well. A
sentence counts anywhere, a single word where Django shows it to people: a label, a choice.
Comments, docstrings, tests, docs and demo content are left out.
"""

import ast
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from devtools.environment import ROOT

NOT_READ = {"benchmarks", "docs", "requirements", "tests", "var", "node_modules"}
TEMPLATES = {".html", ".txt", ".md", ".rss", ".atom", ".json", ".typ"}

# Where Django, argparse and our own code expect a text for people: there a single word is one.
SHOWN = re.compile(
    r"(^|_)(label|labels|text|title|heading|subject|description|hint|help|message|messages|name_plural"
    r"|verbose_name|empty_value_display|placeholder|legend|advice|detail|remark|header)$"
)
SAYING = {"ValidationError", "Http404", "BadRequest", "message_user", "Submit"}
SAYING |= {"success", "info", "warning", "error"}
CHOICES = {"TextChoices", "IntegerChoices", "Choices"}
NEVER_READ = {"compile", "getLogger", "execute", "RunSQL", "import_module", "content_type"}
SCHEMA = {"CreateModel", "AddField", "AlterField", "AlterModelOptions", "AddConstraint", "AddIndex"}

INLINE = {
    "a", "abbr", "b", "bdi", "bdo", "br", "cite", "code", "em", "i", "kbd", "mark", "q", "s",
    "small", "span", "strong", "sub", "sup", "time", "u", "wbr",
}  # fmt: skip
READ_ALOUD = {"alt", "title", "aria-label", "aria-description", "placeholder", "data-title"}
NO_TEXT = {"color-scheme", "robots", "supported-color-schemes", "theme-color", "viewport"}
TAG = re.compile(r"{%.*?%}|{{.*?}}|{#.*?#}", re.DOTALL)
UNREAD_BLOCK = re.compile(r"{#.*?#}|{% comment.*?endcomment %}", re.DOTALL)
LITERAL = re.compile(r"""(?<![\w])(?:"([^"\n]*)"|'([^'\n]*)')""")


class Text(NamedTuple):
    path: str
    line: int
    words: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}  {self.words}"


def main(arguments: list[str]) -> int:
    """Print the list: of everything, or of the files and folders that are named."""
    for path in _files([ROOT / name for name in arguments] or [ROOT]):
        for text in texts_of(path, ROOT):
            print(text)
    return 0


def _files(places: list[Path]) -> Iterator[Path]:
    for place in places:
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            parts = path.relative_to(ROOT).parts
            if path.is_file() and parts[0] not in NOT_READ and not parts[0].startswith("."):
                yield path


def texts_of(path: Path, root: Path) -> list[Text]:
    """The texts in one file, in their order."""
    parts = path.relative_to(root).parts
    if path.suffix == ".py":
        found = _of_python(path.read_text(), is_migration="migrations" in parts)
    elif "templates" in parts and path.suffix in TEMPLATES:
        found = _of_template(path.read_text(), path.suffix)
    elif path.suffix == ".js" and ".min." not in path.name:
        found = _of_script(path.read_text())
    else:
        return []
    place = "/".join(parts)
    return [Text(place, line, " ".join(words.split())) for line, words in sorted(found)]


# What a sentence looks like


def is_sentence(words: str) -> bool:
    """Two words in a row, or one with a capital and a full stop. No SQL, CSS, HTML or pattern."""
    bare = re.sub(r"<[^<>]*>|{[^{}]*}", " ", words).strip()
    if re.match(
        r"(SELECT|INSERT|UPDATE|DELETE|CREATE|DROP|ALTER|WITH|PRAGMA|SET|BEGIN|LOCK)\b", bare
    ):
        return False
    if re.search(r"\\[sdwbSDWB]|\(\?|\[\^|--\w|[\w-]+: [\w-]+;|\bvar\(|^[.#]\w|&&|::|=>", bare):
        return False
    return bool(re.search(r"[A-Za-z’']{2,}[,:;.!?…]? [\w“(‘]+|^[A-Z][a-z]+[.!?…]", bare))


def _is_word(words: str) -> bool:
    return bool(re.search(r"[A-Za-z]{2,}", words)) and not re.fullmatch(
        r"[\w./:-]*[_/:][\w./:-]*", words
    )


# Python


def _of_python(source: str, *, is_migration: bool) -> Iterator[tuple[int, str]]:
    tree = ast.parse(source)
    parents: dict[ast.AST, ast.AST] = {
        child: parent for parent in ast.walk(tree) for child in ast.iter_child_nodes(parent)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.JoinedStr | ast.Constant) or isinstance(
            parents[node], ast.JoinedStr | ast.FormattedValue
        ):
            continue
        words = _words(node)
        place = list(_upwards(node, parents))
        if not words or _is_docstring(node, parents) or _is_never_read(place, is_migration):
            continue
        if is_sentence(words) or (_is_word(words) and _is_shown(node, place)):
            yield node.lineno, words


def _words(node: ast.JoinedStr | ast.Constant) -> str:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    return "".join(
        _words(part) if isinstance(part, ast.Constant) else f"{{{ast.unparse(part.value)}}}"
        for part in node.values
        if isinstance(part, ast.Constant | ast.FormattedValue)
    )


def _upwards(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> Iterator[ast.AST]:
    while node in parents:
        node = parents[node]
        yield node


def _is_docstring(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> bool:
    return isinstance(parents[node], ast.Expr)


def _is_never_read(place: list[ast.AST], is_migration: bool) -> bool:
    if isinstance(place[0], ast.Compare | ast.Subscript):
        return True
    if isinstance(place[0], ast.Attribute) and place[0].attr == "split":
        return True  # a list of words, for programs
    if any(
        "headers" in ast.unparse(one) for node in place[:1] for one in getattr(node, "targets", ())
    ):
        return True
    if is_migration and any(_called(node) in SCHEMA for node in place):
        return True
    return any(_called(node) in NEVER_READ for node in place)


def _called(node: ast.AST) -> str:
    if isinstance(node, ast.keyword):
        return node.arg or ""
    if not isinstance(node, ast.Call):
        return ""
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _is_shown(node: ast.JoinedStr | ast.Constant, place: list[ast.AST]) -> bool:
    """Whether Django shows what stands here: `label="Name"`, `("draft", "Draft")`."""
    if isinstance(place[0], ast.Tuple) and _is_named_by(node, place[0]):
        return True
    for below, here in pairwise([node, *place]):
        if isinstance(here, ast.keyword):
            return bool(SHOWN.search(here.arg or ""))
        if isinstance(here, ast.Dict) and below in here.keys:
            return False
        if isinstance(here, ast.Assign):
            names = [getattr(one, "attr", getattr(one, "id", "")) for one in here.targets]
            if any(SHOWN.search(name.lower()) for name in names):
                return True
            is_second = isinstance(here.value, ast.Tuple) and node is here.value.elts[-1]
            return is_second and any(_is_choices(above) for above in place)
        if isinstance(here, ast.stmt | ast.Call):
            return _called(here) in SAYING
    return False


def _is_named_by(node: ast.JoinedStr | ast.Constant, pair: ast.Tuple) -> bool:
    """A choice, `("draft", "Draft")`, or a fieldset, `("Content", {"fields": …})`."""
    if len(pair.elts) != 2 or not _words(node)[:1].isupper():
        return False
    key, value = pair.elts
    return (value is node and isinstance(key, ast.Constant)) or isinstance(value, ast.Dict)


def _is_choices(node: ast.AST) -> bool:
    return isinstance(node, ast.ClassDef) and any(
        getattr(base, "attr", getattr(base, "id", "")) in CHOICES for base in node.bases
    )


# Templates


def _of_template(source: str, suffix: str) -> Iterator[tuple[int, str]]:
    source = UNREAD_BLOCK.sub(lambda found: "\n" * found[0].count("\n"), source)
    yield from _of_tags(source)
    if suffix in {".html", ".rss", ".atom"}:
        yield from _Page(source).texts
        return
    for number, line in enumerate(source.splitlines(), start=1):
        if suffix == ".typ":
            for text in re.findall(r'"([^"]*)"|\[([^\[\]]*)\]', line.split("//")[0]):
                words = "".join(text)
                if _is_word(words) and re.match(r"[*\s]*[A-Z]", words):
                    yield number, words
        elif suffix != ".json" and _is_word(TAG.sub(" ", line)):
            yield number, line


def _of_tags(source: str) -> Iterator[tuple[int, str]]:
    """What stands in quotes in a template tag: `with label="All articles"`, `|yesno:"yes,no"`."""
    for tag in re.finditer(r"{%(.*?)%}|{{(.*?)}}", source, re.DOTALL):
        inside = re.sub(r"""\|(date|time)(_\w+)?:("[^"]*"|'[^']*')""", "", tag[1] or tag[2])
        for literal in LITERAL.finditer(inside):
            words = literal[1] or literal[2] or ""
            is_told = inside[: literal.start()].endswith(
                ("label=", "heading=", "title=", "yesno:", "default:")
            )
            is_code = "sizes=" in inside[: literal.start()][-6:] or inside.split()[:1] == ["now"]
            if not is_code and (is_sentence(words) or (is_told and _is_word(words))):
                yield source.count("\n", 0, tag.start()) + 1, words


class _Page(HTMLParser):
    """Cuts a page into what is read in one go: what stands between two tags that break a line."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.texts: list[tuple[int, str]] = []
        self.words, self.line, self.unread = "", 1, 0
        self.feed(TAG.sub(self._hide, source))
        self.close()
        self._cut()

    def _hide(self, tag: re.Match[str]) -> str:
        """Template tags are no HTML: each is one odd letter and its line breaks while we parse."""
        self.tags.append(" ".join(tag[0].split()))
        return chr(0xE000 + len(self.tags) - 1) + "\n" * tag[0].count("\n")

    def _show(self, words: str) -> str:
        return re.sub("[\ue000-\uf8ff]", lambda found: self.tags[ord(found[0]) - 0xE000], words)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in INLINE:
            self._cut()
        self.unread += tag in {"script", "style", "svg"}
        for_programs = {"meta"} if dict(attrs).get("name") in NO_TEXT else set()
        for name, value in attrs:
            if value and name in READ_ALOUD:
                self._take(self.getpos()[0], value, least=_is_word)
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
                if not self.words.strip():
                    lead = len(piece) - len(piece.lstrip())
                    self.words, self.line = "", line + piece.count("\n", 0, lead)
                self.words += piece
            elif piece.count("\n") > 1:
                self._cut()
            else:
                self.words += piece
            line += piece.count("\n")

    def _cut(self) -> None:
        self._take(self.line, self.words, least=_is_word)
        self.words = ""

    def _take(self, line: int, words: str, *, least: Callable[[str], bool]) -> None:
        bare = re.sub("[\ue000-\uf8ff]", " ", words)
        if least(bare):
            self.texts.append((line, self._show(words.strip())))


# Scripts


def _of_script(source: str) -> Iterator[tuple[int, str]]:
    """String literals that look like a text, or are given to something that shows them."""
    token = r"""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`"""
    for found in re.finditer(token, source, re.DOTALL):
        if found[0].startswith(("//", "/*")):
            continue
        words = found[0][1:-1]
        before = source[max(0, found.start() - 60) : found.start()].split("\n")[-1]
        is_shown = re.search(r"(textContent|label|title|said|ariaLabel|placeholder)\W*$", before)
        if is_sentence(words) or (
            re.fullmatch(r"[A-Z][a-z]+( [a-z]+)*…?", words)
            and (is_shown or re.search(r"\w+\(\w+, $", before))
        ):
            yield source.count("\n", 0, found.start()) + 1, words
