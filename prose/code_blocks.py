"""Blocks of code, colored by their language: in classes, whose colors the stylesheet knows."""

import re
from functools import lru_cache

from django.utils.html import escape
from lxml.html import HtmlElement
from pygments.lexer import Lexer
from pygments.lexers import find_lexer_class_by_name
from pygments.lexers.special import TextLexer
from pygments.token import Comment, Generic, Keyword, Name, Number, Operator, String
from pygments.util import ClassNotFound

from prose import elements
from prose.text import code_of

# The few kinds of words that have a color, by Pygments' names for them; the rest is plain text.
_COLORED = {
    **dict.fromkeys((Keyword, Operator.Word, Generic.Deleted), "key"),
    **dict.fromkeys((String, Generic.Inserted), "text"),
    **dict.fromkeys((Number, Name.Constant), "number"),
    **dict.fromkeys(
        (
            Name.Attribute,
            Name.Builtin,
            Name.Class,
            Name.Decorator,
            Name.Exception,
            Name.Function,
            Name.Tag,
        ),
        "name",
    ),
    **dict.fromkeys((Comment, Generic.Heading, Generic.Subheading), "aside"),
}
_LANGUAGE_NAMES = {
    **{
        name: name.upper() for name in ("css", "html", "http", "json", "sql", "toml", "xml", "yaml")
    },
    **{"javascript": "JavaScript", "typescript": "TypeScript", "ini": "INI", "php": "PHP"},
    **{"cpp": "C++", "csharp": "C#", "docker": "Dockerfile", "nginx": "nginx"},
    **{"powershell": "PowerShell", "text": ""},
}


def color(root: HtmlElement) -> None:
    """Color each block by its language."""
    for block in list(root.iter("pre")):
        language = language_of(block)
        source = code_of(block)
        lexer = _lexer_class(language)
        if lexer is None:
            language, lexer = "", TextLexer
        colored = _colored(source, lexer())
        name = escape(_LANGUAGE_NAMES.get(language, language.capitalize()))
        shown = f' data-language="{name}"' if name else ""
        elements.replace(
            block,
            f'<div class="code"{shown}><pre tabindex="0" role="group" '
            f'aria-label="{name or "Example"} code"><code>{colored}</code></pre></div>',
        )


def _colored(source: str, lexer: Lexer) -> str:
    """The source as HTML, each run of one kind in one span."""
    runs: list[tuple[str, str]] = []
    for token, text in lexer.get_tokens(source):
        while token not in _COLORED and token.parent is not None:
            token = token.parent
        kind = _COLORED.get(token, "")
        if runs and (runs[-1][0] == kind or text.isspace()):
            runs[-1] = (runs[-1][0], runs[-1][1] + text)
        else:
            runs.append((kind, text))
    if runs:
        runs[-1] = (runs[-1][0], runs[-1][1].rstrip("\n"))
    return "".join(
        f'<span class="tok-{kind}">{escape(text)}</span>' if kind else escape(text)
        for kind, text in runs
    )


@lru_cache(maxsize=64)
def _lexer_class(language: str) -> type[Lexer] | None:
    """Cached: Pygments searches its whole list on every call."""
    try:
        return find_lexer_class_by_name(language or "text")
    except ClassNotFound:
        return None


def language_of(block: HtmlElement) -> str:
    """The language the block names, in lowercase; empty if it names none."""
    code = block.find("code")
    classes = f"{block.get('class', '')} {code.get('class', '') if code is not None else ''}"
    found = re.search(r"\blanguage-([\w+#-]+)", classes)
    return found[1].lower() if found else ""
