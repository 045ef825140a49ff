"""Which version of the privacy page visitors read now.

The page shows its own text, and what the newest version has from the settings: so a version says
what was read, however the settings change.
"""

from typing import Any, cast

from django.db import IntegrityError, transaction
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, When
from django.template.loader import render_to_string

from privacy import retention
from privacy.models import Wording
from web.contributions import every
from web.retention import Basis, in_words


def live() -> Wording:
    """The version that is live, written down first if nobody has.

    Called wherever the page is saved. An inquiry asks too: the page may have been changed by a
    line of SQL.
    """
    return _written(lambda latest: latest.is_live)


def renew() -> Wording:
    """The same, where a setting may have changed that the page tells: a period, who is responsible.

    Called wherever one is saved, and each minute.
    """
    generated = _generated()
    return _written(lambda latest: latest.is_live and latest.generated == generated)


def _written(is_live: Any) -> Wording:
    while True:
        latest: Any = newest().first()
        if latest and is_live(latest):
            return cast("Wording", latest)
        # The page is read second. If someone saves it in between, theirs is the next number, and
        # we start over; the other way round, the text that we read could be the one before.
        title, text = _published()
        number = latest.number + 1 if latest else 1
        try:
            with transaction.atomic():
                return Wording.objects.create(
                    number=number, title=title, text=text, generated=_generated()
                )
        except IntegrityError:
            if not Wording.objects.filter(number=number).exists():
                raise


def shown() -> str:
    """What the page says from the settings, as HTML: that of the newest version."""
    latest = Wording.objects.order_by("-number").values_list("generated", flat=True).first()
    return latest or ""


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


def _generated() -> str:
    """Nothing while there is no page to show it."""
    if _published() == ("", ""):
        return ""
    days = retention.periods()
    public = [
        (rule, in_words(days[rule.key]), days[rule.key] is None)
        for rule in retention.rules()
        if rule.why
    ]
    used = {rule.basis for rule, _, _ in public}
    context = {
        "responsible": next((one.responsible() for one in every() if one.responsible), None),
        "rules": public,
        "bases": [basis for basis in Basis if basis in used],
    }
    return " ".join(render_to_string("privacy/generated.html", context).split())
