"""Texts as they may be stored, made up; and what one means, whatever it is written like."""

import re
from html import escape, unescape
from html.parser import HTMLParser

from hypothesis import strategies as st

WORDS = st.sampled_from(
    [
        "a",
        "retry",
        "is",
        "loan",
        "budget",
        "café",
        "don’t",
        "1,000",
        "&",
        "<b>",
        "漢字",
        "👩‍👧",
        "क्षि",
        "_",
    ]
)
LINE = st.lists(WORDS, max_size=8).map(lambda words: escape(" ".join(words)))
MARKS = st.sampled_from(
    [
        "<strong>{}</strong>",
        "<em>{}</em>",
        "<code>{}</code>",
        '<a href="https://example.com/one">{}</a>',
        '<a href="/two">{}</a>',
        "<s><em>{}</em></s>",
    ]
)
PICTURES = st.builds(
    '<img src="/media/{0}.webp" alt="{1}" data-file="{0}">'.format,
    st.integers(1, 3),
    st.sampled_from(["", "A &quot;chart&quot;", "One &lt;p&gt;"]),
)
INLINE = st.lists(
    st.one_of(
        LINE,
        st.builds(lambda mark, text: mark.format(text), MARKS, LINE),
        st.sampled_from(["<br>", " "]),
        PICTURES,
    ),
    max_size=4,
).map("".join)
CODE = st.builds(
    "<pre><code{}>{}</code></pre>".format,
    st.sampled_from(["", ' class="language-sql"', ' class="language-python"']),
    st.lists(LINE, max_size=5).map("\n".join),
)
FIGURES = st.builds(
    "<figure>{}{}</figure>".format,
    PICTURES,
    st.one_of(st.just(""), st.builds("<figcaption>{}</figcaption>".format, LINE)),
)
LEAVES = st.one_of(
    st.builds("<p>{}</p>".format, INLINE),
    st.builds("<{0}>{1}</{0}>".format, st.sampled_from(["h2", "h3"]), INLINE),
    CODE,
    FIGURES,
    st.just("<hr>"),
    INLINE,  # text that stands in no paragraph
)


def _boxes(inner):
    inside = st.lists(inner, min_size=1, max_size=3).map("".join)
    cells = st.lists(
        st.builds("<{0}>{1}</{0}>".format, st.sampled_from(["td", "th"]), inside),
        min_size=1,
        max_size=3,
    ).map("".join)
    rows = st.lists(st.builds("<tr>{}</tr>".format, cells), min_size=1, max_size=3).map("".join)
    items = st.lists(st.builds("<li>{}</li>".format, inside), min_size=1, max_size=3).map("".join)
    return st.one_of(
        st.builds("<ul>{}</ul>".format, items),
        st.builds("<ol{}>{}</ol>".format, st.sampled_from(["", ' start="3"']), items),
        st.builds("<blockquote>{}</blockquote>".format, inside),
        st.builds("<table><tbody>{}</tbody></table>".format, rows),
        st.builds("<strong>{}</strong>".format, inside),
    )


BLOCKS = st.recursive(LEAVES, _boxes, max_leaves=6)
TEXTS = st.lists(BLOCKS, max_size=6).map("".join)


@st.composite
def edited(draw, text=TEXTS):
    """Two versions that have much in common, as two that people wrote have."""
    blocks = draw(st.lists(BLOCKS, min_size=1, max_size=6))
    return "".join(blocks), "".join(_changed(draw, blocks))


@st.composite
def edited_twice(draw):
    """A text, and two versions that two people made of it."""
    blocks = draw(st.lists(BLOCKS, min_size=1, max_size=6))
    return "".join(blocks), "".join(_changed(draw, blocks)), "".join(_changed(draw, blocks))


def _changed(draw, blocks):
    found = []
    for block in blocks:
        match draw(st.sampled_from(["keep", "keep", "word", "drop", "add", "other", "bold"])):
            case "keep":
                found.append(block)
            case "word":
                found.append(
                    re.sub(r"\b(retry|loan|is)\b", draw(WORDS.map(escape)), block, count=1)
                )
            case "bold":
                found.append(block.replace("budget", "<strong>budget</strong>", 1))
            case "add":
                found += [block, draw(BLOCKS)]
            case "other":
                found.append(draw(BLOCKS))
    return draw(st.permutations(found)) if draw(st.integers(0, 5)) == 0 else found


BLOCK_TAGS = {
    *("p", "h2", "h3", "ul", "ol", "li", "blockquote", "table", "thead", "tbody", "tr", "td", "th"),
    *("figure", "figcaption", "pre", "hr"),
}


class _Meaning(HTMLParser):
    """Each letter with the formatting that it has, and where blocks begin and end."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.marks, self.found = [], []

    def handle_starttag(self, tag, attributes):
        said = (tag, *sorted(attributes))
        if tag in ("br", "img", "hr"):
            self.found.append((said, *self.marks))
        elif tag in BLOCK_TAGS:
            self.found.append(("begin", said))
        else:
            self.marks.append(said)

    def handle_endtag(self, tag):
        if tag in BLOCK_TAGS:
            self.found.append(("end", tag))
        elif tag not in ("br", "img", "hr"):
            self.marks.pop()

    def handle_data(self, data):
        self.found += [(letter, *self.marks) for letter in data]


def meaning(html):
    """The same for two texts that read the same: blanks between two blocks are none, and text in
    an item or a cell stands in a paragraph.
    """
    parser = _Meaning()
    parser.feed(html)
    parser.close()
    return _with_paragraphs(_without_blanks_between_blocks(parser.found))


def _with_paragraphs(found):
    kept, inside, is_implied = [], [""], False
    for one in found:
        is_edge = _is_edge(one)
        if is_edge and is_implied:
            kept.append(("end", "p"))
            is_implied = False
        elif not is_edge and not is_implied and inside[-1] in ("li", "td", "th", "blockquote"):
            kept.append(("begin", ("p",)))
            is_implied = True
        kept.append(one)
        if one[0] == "begin":
            inside.append(one[1][0])
        elif one[0] == "end":
            inside.pop()
    return kept


def _is_edge(one):
    return one[0] in ("begin", "end") or (isinstance(one[0], tuple) and one[0][0] == "hr")


def _without_blanks_between_blocks(found):
    kept, blanks, is_text = [], [], False
    for one in found:
        if _is_edge(one):
            kept += blanks if is_text else []
            blanks, is_text = [], _is_line(one)
            kept.append(one)
        elif isinstance(one[0], str) and one[0].isspace() and not is_text:
            blanks.append(one)
        else:
            kept += [*blanks, one]
            blanks, is_text = [], True
    return kept + (blanks if is_text else [])


def _is_line(edge):
    return edge[0] == "begin" and edge[1][0] in ("p", "h2", "h3", "pre", "figcaption")


def words_in(html):
    return re.findall(r"[^\s<>]+", unescape(re.sub(r"<[^<>]*>", " ", html)))
