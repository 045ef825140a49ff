"""The same checks for texts that are no article: said when they are saved, and nothing stops."""

from articles.checking.confidential import check_confidential
from articles.checking.findings import Finding
from articles.checking.links import check_links
from articles.checking.passages import Body, Passage
from articles.checking.pictures import check_pictures, pictures_of, what_pictures_say
from articles.checking.wording import check_wording


def check_text(html: str, *lines: str) -> list[Finding]:
    """The HTML of a text, and what stands beside it, such as its title."""
    body = Body(html)
    known = pictures_of(body)
    passages = [Passage("title", line) for line in lines if line]
    return [
        *check_pictures(body, known),
        *check_links(body),
        *check_confidential([*passages, *body.passages, *what_pictures_say(body, known, None)]),
        *check_wording(body),
    ]
