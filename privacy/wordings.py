"""Which version of the privacy page visitors read now."""

from typing import Any, cast

from django.db import IntegrityError, transaction
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, When

from privacy.models import Wording
from web.contributions import every


def live() -> Wording:
    """The version that is live, written down first if nobody has.

    Called wherever the page is saved. An inquiry asks too: the page may have been changed by a
    line of SQL.
    """
    while True:
        latest: Any = newest().first()
        if latest and latest.is_live:
            return cast("Wording", latest)
        # The page is read second. If someone saves it in between, theirs is the next number, and
        # we start over; the other way round, the text that we read could be the one before.
        title, text = _published()
        number = latest.number + 1 if latest else 1
        try:
            with transaction.atomic():
                return Wording.objects.create(number=number, title=title, text=text)
        except IntegrityError:
            if not Wording.objects.filter(number=number).exists():
                raise


def newest() -> QuerySet[Any]:
    """The latest version, if there is one, with `is_live`: whether visitors read it now."""
    is_live: Exists | Q = Q(title="", text="")  # written down when there was no page
    if (page := _page()) is not None:
        same = page.filter(title=OuterRef("title"), text=OuterRef("text"))
        is_live = Exists(same) | (is_live & ~Exists(page))
    versions = Wording.objects.annotate(is_live=Case(When(is_live, then=True), default=False))
    return versions.order_by("-number")[:1]


def _published() -> tuple[str, str]:
    page = _page()
    row = page.first() if page is not None else None
    return (row["title"], row["text"]) if row else ("", "")


def _page() -> QuerySet[Any, Any] | None:
    return next((one.privacy_page() for one in every() if one.privacy_page), None)
