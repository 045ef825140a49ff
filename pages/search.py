"""The search of the whole site: articles, and what else has an address."""

from collections.abc import Iterator

from django.urls import path

from articles.search import MAX_QUERY_LENGTH
from articles.views import Search
from prose.text import STOP_WORDS, says, words_of
from web.contributions import every
from web.public import SearchHit

MAX_PER_KIND = 500
MAX_WORDS = 8
SHOWN = 5


class SiteSearch(Search):
    def places(self, text: str) -> list[SearchHit]:
        """Other pages with all the words; those with the words in their titles come first."""
        text = text[:MAX_QUERY_LENGTH]
        words = words_of(text)[:MAX_WORDS]
        if not words:
            return []
        beginning = words[-1] if text[-1:].isalnum() else ""
        named, telling = [], []
        telltale = [word for word in words if word not in STOP_WORDS]
        for place in _all():
            if says(place.title, words, beginning=beginning):
                named.append(place)
            elif telltale and says(f"{place.title} {place.about}", telltale, beginning=beginning):
                telling.append(place)
        named.sort(key=lambda place: len(place.title))  # the less else it says, the nearer
        if named and telltale != words:  # "how we work": "work" alone is in many texts
            telling = []
        return [*named, *telling][:SHOWN]


def _all() -> Iterator[SearchHit]:
    for one in every():
        for place in one.places:
            yield SearchHit(place.title, place.path, about=place.about)
        for kind in one.rows:
            if kind.about:
                yield from (kind.hit(row) for row in kind.rows()[:MAX_PER_KIND])
        yield from one.search()


urlpatterns = [path("", SiteSearch.as_view())]
