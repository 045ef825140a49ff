"""Texts in Python: string literals that are sentences, or stand where people see them."""

import ast
import re
from collections.abc import Iterator
from itertools import pairwise

from devtools.strings.sentences import is_sentence, is_word

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


def texts_of(source: str, *, is_migration: bool) -> Iterator[tuple[int, str]]:
    tree = ast.parse(source)
    parents: dict[ast.AST, ast.AST] = {
        child: parent for parent in ast.walk(tree) for child in ast.iter_child_nodes(parent)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.JoinedStr | ast.Constant) or isinstance(
            parents[node], ast.JoinedStr | ast.FormattedValue
        ):
            continue
        text = _content(node)
        place = list(_upwards(node, parents))
        if not text or _is_docstring(node, parents) or _is_never_read(place, is_migration):
            continue
        if is_sentence(text) or (is_word(text) and _is_shown(node, place)):
            yield node.lineno, text


def _content(node: ast.JoinedStr | ast.Constant) -> str:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    return "".join(
        _content(part) if isinstance(part, ast.Constant) else f"{{{ast.unparse(part.value)}}}"
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
    if len(pair.elts) != 2 or not _content(node)[:1].isupper():
        return False
    key, value = pair.elts
    return (value is node and isinstance(key, ast.Constant)) or isinstance(value, ast.Dict)


def _is_choices(node: ast.AST) -> bool:
    return isinstance(node, ast.ClassDef) and any(
        getattr(base, "attr", getattr(base, "id", "")) in CHOICES for base in node.bases
    )
