"""What articles brought: inquiries, work, what was won, and what that is worth. Never who.

An inquiry counts for the article whose form was sent; spam and what is suspected do not count. A
lead counts for the article of its first inquiry, so that it counts once. What was won is worth its
value in each currency.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, Exists, OuterRef, Q, Sum
from django.http import HttpRequest

from leads import money
from leads.models import Inquiry, Lead
from web.screens import ListColumns

NOTHING = "–"


@dataclass
class Earned:
    inquiries: int = 0
    work: int = 0  # leads
    won: int = 0
    values: dict[str, Decimal] = field(default_factory=dict)  # by currency

    @property
    def value(self) -> str:
        """“48,000 EUR”; with several currencies, the largest sum first."""
        ordered = sorted(self.values.items(), key=lambda one: -one[1])
        return " + ".join(f"{money.display(total, code)} {code}" for code, total in ordered)


def earned(
    articles: Iterable[int] | None = None, *, since: datetime | None = None
) -> dict[int, Earned]:
    """By article; those that brought nothing are left out. One query."""
    earlier = Inquiry.objects.filter(lead=OuterRef("lead")).filter(
        Q(received_at__lt=OuterRef("received_at"))
        | Q(received_at=OuterRef("received_at"), pk__lt=OuterRef("pk"))
    )
    first = Q(lead__isnull=False) & ~Exists(earlier)
    won = first & Q(lead__stage=Lead.Stage.WON)
    inquiries = Inquiry.objects.not_spam().filter(article__isnull=False)
    inquiries = inquiries.exclude(verdict=Inquiry.Verdict.SUSPECTED)
    if articles is not None:
        inquiries = inquiries.filter(article__in=list(articles))
    if since:
        inquiries = inquiries.filter(received_at__gte=since)
    rows = (
        inquiries.order_by()
        .values("article", "lead__currency")
        .annotate(
            inquiries=Count("pk"),
            work=Count("pk", filter=first & Q(lead__kind__in=["", "work"])),
            won=Count("pk", filter=won),
            value=Sum("lead__value", filter=won),
        )
    )
    found: dict[int, Earned] = defaultdict(Earned)
    for row in rows:
        one = found[row["article"]]
        one.inquiries += row["inquiries"]
        one.work += row["work"]
        one.won += row["won"]
        if row["value"]:
            one.values[row["lead__currency"]] = row["value"]
    return dict(found)


def _labels(request: HttpRequest) -> dict[str, str]:
    """Counts for whoever sees articles; what they are worth for those with the right to it."""
    labels = {"inquiries": "Inquiries", "won": "Won"}
    if request.user.has_perm("leads.earned_lead"):
        labels["earned"] = "Earned"
    return labels


def _cells(request: HttpRequest, articles: Sequence[int]) -> Mapping[int, Sequence[str]]:
    found = earned(articles)
    return {
        pk: [
            str(one.inquiries),
            str(one.won or NOTHING),
            *([one.value or NOTHING] if "earned" in _labels(request) else []),
        ]
        for pk, one in found.items()
    }


def _ranked(request: HttpRequest, key: str) -> list[int]:
    if key not in _labels(request):
        return []
    worth = {pk: _worth(one, key) for pk, one in earned().items()}
    some = [pk for pk in worth if worth[pk]]
    return sorted(some, key=lambda pk: (-worth[pk], -pk))


def _worth(one: Earned, key: str) -> Decimal:
    """Of several currencies the largest sum: we keep no rates of exchange."""
    if key == "earned":
        return max(one.values.values(), default=Decimal(0))
    return Decimal(one.won if key == "won" else one.inquiries)


columns = ListColumns("articles.Article", _labels, _cells, _ranked)
