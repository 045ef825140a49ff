"""The search of the whole site: articles, and what else has an address."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from django.urls import path, reverse

from articles.models import Author, Series, Topic
from articles.search import LONGEST_QUERY
from articles.views import Search
from offices.models import Office
from pages.models import Page, Service
from prose.text import STOP_WORDS, plain_text, says, words_of

MOST_OF_A_KIND = 500
MOST_WORDS = 8
SHOWN = 5

# What has an address without a row of its own: its name, and the words that people may type for it.
FIXED = [
    ("pages:services", "Services", "services offer pricing prices cost rates"),
    ("offices:list", "Our offices", "offices addresses locations opening working hours phone"),
    ("leads:contact", "Contact", "contact inquiry email hire"),
    ("leads:brief", "Write a brief", "brief specification scope project"),
    ("readiness:start", "Are you ready?", "readiness assessment test questions"),
]


@dataclass(frozen=True)
class Place:
    """Something with an address that is no article. `kind` says what it is, where that helps."""

    title: str
    url: str
    kind: str = ""


class SiteSearch(Search):
    def places(self, text: str) -> list[Place]:
        """What else has all the words: those that bear them in their names come first."""
        text = text[:LONGEST_QUERY]
        words = words_of(text)[:MOST_WORDS]
        if not words:
            return []
        beginning = words[-1] if text[-1:].isalnum() else ""
        named, telling = [], []
        telltale = [word for word in words if word not in STOP_WORDS]
        for place, more in _places():
            if says(place.title, words, beginning=beginning):
                named.append(place)
            elif telltale and says(f"{place.title} {more}", telltale, beginning=beginning):
                telling.append(place)
        named.sort(key=lambda place: len(place.title))  # the less else it says, the nearer
        if named and telltale != words:  # "how we work": "work" alone is in many texts
            telling = []
        return [*named, *telling][:SHOWN]


def _places() -> Iterator[tuple[Place, str]]:
    """Everything that may be found, each with what it says besides its name."""
    for name, title, more in FIXED:
        yield Place(title, reverse(name)), more
    for page in Page.objects.all()[:MOST_OF_A_KIND]:
        more = f"{page.description} {_text(page.body)}"
        yield Place(page.title, page.get_absolute_url()), more
    for service in Service.objects.prefetch_related("features")[:MOST_OF_A_KIND]:
        features = " ".join(f"{one.title} {one.text}" for one in service.features.all())
        url = f"{reverse('pages:services')}#service-{service.pk}"
        yield Place(service.heading, url, "Services"), f"{service.text} {features}"
    for office in Office.objects.listed().in_order()[:MOST_OF_A_KIND]:
        more = f"{' '.join(office.address)} {office.description}"
        yield Place(office.name, office.get_absolute_url(), "Office"), more
    for author in Author.objects.all()[:MOST_OF_A_KIND]:
        yield Place(author.name, author.get_absolute_url(), "Author"), author.job_title
    for topic in Topic.objects.all()[:MOST_OF_A_KIND]:
        yield Place(topic.name, topic.get_absolute_url(), "Topic"), ""
    for series in Series.objects.all()[:MOST_OF_A_KIND]:
        yield Place(series.title, series.get_absolute_url(), "Series"), ""


# A page's text is asked for with each letter that somebody types.
_text = lru_cache(maxsize=MOST_OF_A_KIND)(plain_text)

urlpatterns = [path("", SiteSearch.as_view())]
