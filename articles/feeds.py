"""What the feeds say of the latest articles. Their forms are templates/articles/feed.*."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from urllib.parse import urljoin

from django.conf import settings
from django.urls import reverse
from lxml import html as lxml_html

from articles.models import Article, Author, Revision, Topic
from images import pictures
from web.addresses import absolute

LATEST = 20
# What XML 1.0, section 2.2, has no place for.
NO_CHARACTERS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_SOURCE = re.compile(r"(^|,\s*)(/\S+)")
# A feed without articles has never changed; RFC 4287, section 4.1.1, wants a moment all the same.
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass
class Entry:
    """One article in a feed."""

    revision: Revision

    @property
    def article(self) -> Article:
        return self.revision.article

    @property
    def id(self) -> str:
        """The same for good, whatever address or words the article gets (RFC 4151)."""
        return f"tag:{settings.SITE_HOST},2026:article-{self.article.pk}"

    @property
    def url(self) -> str:
        return absolute(self.revision.get_absolute_url())

    @property
    def published(self) -> datetime:
        assert self.revision.published_at is not None  # the database says so of what is live
        return self.revision.published_at

    @property
    def updated(self) -> datetime:
        """When readers first got these words."""
        assert self.revision.live_from is not None
        return self.revision.live_from

    @property
    def authors(self) -> list[Author]:
        return [byline.author for byline in self.article.bylines.all()]

    @property
    def topics(self) -> list[Topic]:
        return list(self.article.topics.all())

    @property
    def image(self) -> str:
        """The cover as a JPEG, or nothing."""
        cover = self.revision.cover
        return absolute(pictures.source(cover, 1600)) if cover else ""

    @cached_property
    def content(self) -> str:
        return portable(str(self.revision.rendered().html), self.url)


class Feed:
    """The latest articles, or those of one topic. Costs the same queries however many there are."""

    def __init__(self, topic: Topic | None = None) -> None:
        self.topic = topic
        live = Revision.objects.live().newest_first().for_reading()
        if topic is not None:
            live = live.filter(article__topics=topic)
        self.entries = [Entry(revision) for revision in live[:LATEST]]

    @property
    def id(self) -> str:
        return f"tag:{settings.SITE_HOST},2026:articles" + (
            f"-{self.topic.pk}" if self.topic else ""
        )

    @property
    def url(self) -> str:
        """The page that shows what the feed tells of."""
        return absolute(self.topic.get_absolute_url() if self.topic else reverse("articles:list"))

    @property
    def updated(self) -> datetime:
        return max((entry.updated for entry in self.entries), default=_NEVER)


def portable(html: str, base: str) -> str:
    """Rendered HTML for other programs: addresses absolute, nothing that only our page needs."""
    if not html.strip():
        return ""
    root = lxml_html.fragment_fromstring(html, create_parent="div")
    for anchor in root.xpath(".//a[contains(concat(' ', @class, ' '), ' anchor ')]"):
        anchor.drop_tree()
    for element in root.iter():
        for name in ("tabindex", "role", "aria-label", "fetchpriority", "loading", "decoding"):
            element.attrib.pop(name, None)
        for name in ("href", "src"):
            if (address := element.get(name)) is not None:
                element.set(name, _joined(base, address))
        if sources := element.get("srcset"):
            element.set("srcset", _SOURCE.sub(lambda one: one[1] + _joined(base, one[2]), sources))
    inner = lxml_html.tostring(root, encoding="unicode")
    return inner.removeprefix("<div>").removesuffix("</div>").replace("</source>", "")


def _joined(base: str, address: str) -> str:
    try:
        return urljoin(base, address)
    except ValueError:  # “http://[” is no address
        return address
