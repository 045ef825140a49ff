"""The search of the whole site: articles, and what else has an address."""

from collections.abc import Iterator

from django.urls import path

from articles.search import LONGEST_QUERY
from articles.views import Search
from prose.text import STOP_WORDS, says, words_of
from web.contributions import Found, every

MOST_OF_A_KIND = 500
MOST_WORDS = 8
SHOWN = 5


class SiteSearch(Search):
    def places(self, text: str) -> list[Found]:
        """What else has all the words: those that bear them in their names come first."""
        text = text[:LONGEST_QUERY]
        words = words_of(text)[:MOST_WORDS]
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


def _all() -> Iterator[Found]:
    for one in every():
        for place in one.places:
            yield Found(place.title, place.path, about=place.about)
        for kind in one.rows:
            if kind.about:
                yield from (kind.found(row) for row in kind.rows()[:MOST_OF_A_KIND])
        yield from one.search()


urlpatterns = [path("", SiteSearch.as_view())]
