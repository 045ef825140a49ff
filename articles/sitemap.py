"""The addresses that articles add to the site's map, each with the moment it last changed."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Max
from django.urls import reverse

from articles.models import Revision

# Each kind of shelf: the name of its address, and how a revision leads to its slug.
SHELVES = (
    ("articles:topic", "article__topics__slug"),
    ("articles:series", "article__series__slug"),
    ("articles:author", "article__authors__slug"),
)


def addresses() -> Iterator[tuple[str, datetime]]:
    """(path, last change) of each live article, the newest first, and of each shelf that has one.

    An article changed when its live revision went live; a shelf when one of its articles did.
    """
    live = Revision.objects.live().newest_first()
    for slug, changed_at in live.values_list("article__slug", "live_from").iterator():
        assert changed_at is not None  # the database says so of what is live
        yield reverse("articles:detail", args=[slug]), changed_at
    for name, slug in SHELVES:
        shelves = Revision.objects.live().exclude(**{slug: None}).order_by(slug)
        for shelf, changed_at in shelves.values_list(slug).annotate(Max("live_from")):
            yield reverse(name, args=[shelf]), changed_at
