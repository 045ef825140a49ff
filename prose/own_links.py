"""Links to pages of our own, kept by what they lead to: `data-page="article:12"`.

The address that is stored beside it is the one of the day of writing. What readers, feeds and
Markdown get is made anew: the present address, or the words alone where visitors cannot read the
page.
"""

import re
from collections.abc import Mapping

from django.db.models import Q
from lxml.html import HtmlElement

from web.contributions import every
from web.screens import LinkTarget

ATTRIBUTE = "data-page"
PAGE = re.compile(r"([a-z]{1,20}):(\d{1,18})")
_NAMED = re.compile(rf'\s{ATTRIBUTE}="({PAGE.pattern})"')
_LINK = re.compile(r'<a((?:\s[^\s=>]+="[^"]*")*)\s*>')
_HREF = re.compile(r'(?<=\shref=")([^"#]*)')

Targets = Mapping[str, LinkTarget]


def targets(*texts: str) -> Targets:
    """What the links of stored texts lead to, by page; one or two queries for each kind of page."""
    named: dict[str, set[int]] = {}
    for text in texts:
        for _, kind, number in _NAMED.findall(text):
            named.setdefault(kind, set()).add(int(number))
    if not named:
        return {}
    return {
        target.page: target
        for one in every()
        for linked in one.linked
        if linked.kind in named
        for target in linked.targets(named[linked.kind])
    }


def settle(root: HtmlElement, known: Targets) -> None:
    """For readers: each link at its present address; the words alone where there is none."""
    for link in list(root.iter("a")):
        page = link.attrib.pop(ATTRIBUTE, None)
        if page is None:
            continue
        target = known.get(page)
        if target is None or not target.is_public:
            link.drop_tag()
            continue
        _, mark, fragment = link.get("href", "").partition("#")
        link.set("href", f"{target.path}{mark}{fragment}")


def with_present_addresses(html: str) -> str:
    """For colleagues: each link at the address that its page has now, whether live or not."""
    known = targets(html)

    def replaced(link: re.Match[str]) -> str:
        named = _NAMED.search(link[1])
        target = known.get(named[1]) if named else None
        return _HREF.sub(target.path, link[0], count=1) if target else link[0]

    return _LINK.sub(replaced, html) if known else html


def leading_to(path: str, page: str = "", *, column: str = "body") -> Q:
    """Texts that link to a page of ours, by its address or by what it is."""
    found = Q()
    for end in ('"', "#"):
        found |= Q(**{f"{column}__contains": f"{path}{end}"})
    if page:
        found |= Q(**{f"{column}__contains": f'{ATTRIBUTE}="{page}"'})
    return found
