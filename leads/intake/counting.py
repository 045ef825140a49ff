"""What /metrics tells about inquiries."""

from collections.abc import Iterator

from django.db.models import Min
from django.utils import timezone

from leads.models import Inquiry, unheard
from web.metrics import Counter, Gauge
from web.queries import bounded

# Besides verdicts:
INVALID, REFUSED, REPEATED, BY_HAND = "invalid", "refused", "repeated", "by hand"
INQUIRIES = Counter(
    "site_inquiries_total", "Inquiry forms that were sent, by what became of them.", ("outcome",)
)


def gauges() -> Iterator[Gauge]:
    """Rows say it, so it is the same whichever machine is asked."""
    now = timezone.now()
    with bounded():
        oldest = Inquiry.objects.awaiting_notification().aggregate(at=Min("received_at"))["at"]
        unheard_ones = unheard().count()
    yield Gauge(
        "site_oldest_inquiry_without_notification_seconds",
        "How long the oldest inquiry that nobody was notified of has waited; 0 if there is none.",
        samples=[((), max((now - oldest).total_seconds(), 0.0) if oldest else 0.0)],
    )
    yield Gauge(
        "site_inquiries_unheard",
        "Unanswered inquiries whose notification has failed.",
        samples=[((), unheard_ones)],
    )
