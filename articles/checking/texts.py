"""The checks of a text, whatever it is the text of: one list for articles and for all else that
visitors read.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from articles.checking.confidential import check_confidential
from articles.checking.findings import Checked, Finding, Kind
from articles.checking.links import check_links
from articles.checking.passages import Body, Passage
from articles.checking.pictures import check_pictures, pictures_of, what_pictures_say
from articles.checking.tables import check_tables
from articles.checking.unfinished import check_placeholders
from articles.checking.wording import check_wording
from web.texts import Text

# What only articles have
OF_ARTICLES = {Kind.TITLE, Kind.SUMMARY, Kind.TEXT, Kind.AUTHOR, Kind.LONG_SENTENCE, Kind.LENGTH}


def findings_in(
    body: Body,
    lines: Sequence[Passage] = (),
    *,
    cover: int | None = None,
    at: datetime | None = None,
) -> list[Finding]:
    """In a text and what stands beside it, such as its title. `at` is when visitors will read it;
    now, if nothing is said.
    """
    known = pictures_of(body, cover)
    passages = [*lines, *body.passages]
    return [
        *check_pictures(body, known, cover),
        *check_links(body, at=at),
        *check_confidential([*passages, *what_pictures_say(body, known, cover)]),
        *check_placeholders(passages),
        *check_wording(body),
        *check_tables(body),
    ]


def check_texts(texts: Iterable[Text]) -> Checked:
    """Of what is no article. What is found is said, and stops nothing: these are live at once."""
    found: list[Finding] = []
    lines: list[Passage] = []
    for one in texts:
        if one.is_line:
            lines.append(Passage(one.field, one.html, noun=one.label))
        else:
            found += findings_in(Body(one.html, one.field))
    found += [*check_confidential(lines), *check_placeholders(lines)]
    return Checked(tuple(found), kinds=len(set(Kind) - OF_ARTICLES))
