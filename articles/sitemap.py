"""The addresses that articles add to the site's map, each with the moment it last changed."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Max
from django.urls import reverse

from articles.models import Revision

# For each grouping: the URL names of its index and its pages, and the lookup of its slug.
GROUPINGS = (
    ("articles:topics", "articles:topic", "article__topics__slug"),
    ("articles:series_index", "articles:series", "article__series__slug"),
    ("articles:authors", "articles:author", "article__authors__slug"),
)


def addresses() -> Iterator[tuple[str, datetime | None]]:
    """(path, last change) of the list, of each live article, the newest first, of each topic,
    series and author with a live article, and of their indexes.

    An article changed when its live revision went live; a topic when one of its articles did.
    """
    live = Revision.objects.live().newest_first()
    latest = live.order_by("-live_from").values_list("live_from", flat=True).first()
    yield reverse("articles:list"), latest
    for slug, changed_at in live.values_list("article__slug", "live_from").iterator():
        assert changed_at is not None  # the database says so of what is live
        yield reverse("articles:detail", args=[slug]), changed_at
    for index, name, slug in GROUPINGS:
        grouped = Revision.objects.live().exclude(**{slug: None}).order_by(slug)
        changes = dict(grouped.values_list(slug).annotate(Max("live_from")))
        if changes:
            yield reverse(index), max(changes.values())
        for grouping, changed_at in changes.items():
            yield reverse(name, args=[grouping]), changed_at
