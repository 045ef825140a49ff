"""How far we are with them. A lead gathers the inquiries of one contact."""

from typing import Any, Self

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import (
    ExpressionWrapper,
    F,
    FloatField,
    OuterRef,
    Prefetch,
    Q,
    Subquery,
)
from django.db.models.fields.json import KT
from django.db.models.functions import JSONObject, Length, Now
from django.urls import reverse
from django.utils import timezone

from leads import money, score
from leads.models.contacts import Contact
from leads.models.inquiries import SPAM, Inquiry, Kind
from offices.models import Office
from readiness import wishes
from readiness.models import Assessment, AssessmentQuerySet

# Of `Lead.Lost`, whose names a class body inside does not see.
LOST = ["price", "budget", "timing", "competitor", "in_house", "no_fit", "no_reply", "other"]
# What waits for an answer: see `LeadQuerySet.unanswered`.
WAITING = Q(closed_at__isnull=True, responded_at__isnull=True) & ~Q(kind=SPAM)


class LeadQuerySet(models.QuerySet["Lead"]):
    def open(self) -> Self:
        return self.filter(closed_at__isnull=True)

    def work(self) -> Self:
        """Possible work: what somebody said is work, and what nobody has sorted yet."""
        return self.filter(kind__in=["", Kind.WORK])

    def spam(self) -> Self:
        return self.filter(kind=SPAM)

    def not_spam(self) -> Self:
        return self.exclude(kind=SPAM)

    def won(self) -> Self:
        return self.not_spam().filter(stage=Lead.Stage.WON)

    def unanswered(self) -> Self:
        """Waiting for our answer, of any kind but spam: to the first inquiry, or to a later one."""
        return self.not_spam().open().filter(responded_at__isnull=True)

    def overdue(self) -> Self:
        """Still without the answer that was due by now."""
        return self.unanswered().filter(respond_by__lt=timezone.now())

    def assessed_as(self, result: str) -> Self:
        """Whose latest assessment came to this result, whatever earlier ones did."""
        latest = assessments_of_lead().values("rule__result__key")[:1]
        return self.alias(latest_key=Subquery(latest)).filter(latest_key=result)

    def with_readiness(self) -> Self:
        """With the result of their latest assessment, and to be ordered by `readiness`: by its
        rank, and then by its total. Without an assessment both are null.
        """
        latest = assessments_of_lead().annotate(rank=score.rank())
        order = ExpressionWrapper(F("rank") * 1000 + F("total"), output_field=FloatField())
        said = latest.values(
            said=JSONObject(
                key="rule__result__key",
                name="rule__result__name",
                total="total",
                rank="rank",
                **{name: KT(f"wishes__{name}") for name in wishes.CHOICES},
            )
        )[:1]
        return self.annotate(
            readiness=Subquery(latest.values(order=order)[:1]),
            latest_assessment=Subquery(said, output_field=models.JSONField()),
        )

    def with_inquiries(self) -> Self:
        """With what `Lead.known` needs of the inquiries: never the texts."""
        genuine = (
            Inquiry.objects.not_spam()
            .annotate(length=Length("message"))
            .only("lead", "article", "verdict", "received_at")
        )
        return self.prefetch_related(Prefetch("inquiries", genuine, to_attr="genuine_inquiries"))


def assessments_of_lead() -> AssessmentQuerySet:
    """Of the lead that the outer query is about, the latest first; what came with spam is none."""
    return (
        Assessment.objects.finished()
        .newest_first()
        .filter(inquiries__inquiry__lead=OuterRef("pk"), inquiries__inquiry__spam_mark__isnull=True)
    )


class Lead(models.Model):
    class Stage(models.TextChoices):
        NEW = "new", "New"
        CONTACTED = "contacted", "Contacted"
        QUALIFIED = "qualified", "Qualified"
        PROPOSAL = "proposal", "Proposal sent"
        WON = "won", "Won"
        LOST = "lost", "Lost"

    CLOSING = (Stage.WON, Stage.LOST)

    class Lost(models.TextChoices):
        PRICE = "price", "Price"
        BUDGET = "budget", "No budget"
        TIMING = "timing", "Not now"
        COMPETITOR = "competitor", "Chose someone else"
        IN_HOUSE = "in_house", "Doing it themselves"
        NO_FIT = "no_fit", "Not a fit for us"
        NO_REPLY = "no_reply", "No reply"
        OTHER = "other", "Other"

    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="leads")
    # Repeats what its inquiries say, for lists: see `pipeline.settling`. Empty while one that could
    # be work is not sorted.
    kind = models.CharField(max_length=10, blank=True, default="", db_default="", editable=False)
    stage = models.CharField(max_length=12, choices=Stage, default=Stage.NEW)
    stage_since = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="leads",
        verbose_name="assigned to",
    )
    office = models.ForeignKey(Office, on_delete=models.SET_NULL, null=True, blank=True)
    value = models.DecimalField(
        max_digits=13,
        decimal_places=3,  # dinars have three
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text="Estimated value of the work.",
    )
    currency = models.CharField(max_length=3, default="EUR")
    opened_at = models.DateTimeField(default=timezone.now, editable=False)
    # Repeats what its answers and inquiries say, for lists to filter and sort by: see
    # `pipeline.settle`. Empty while an inquiry waits for an answer.
    respond_by = models.DateTimeField("answer by", null=True, blank=True)
    responded_at = models.DateTimeField("answered", null=True, blank=True, editable=False)
    first_responded_at = models.DateTimeField(
        "first answered", null=True, blank=True, editable=False
    )
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Repeats when the first of its open next steps is due: see `pipeline.steps`.
    step_due = models.DateField("next step due", null=True, blank=True, editable=False)
    lost_because = models.CharField(
        "lost because", max_length=12, choices=Lost, blank=True, db_default=""
    )
    lost_reason = models.CharField("in words", max_length=250, blank=True)
    genuine_inquiries: list[Any]  # its inquiries, of a lead that was loaded `with_inquiries`
    latest_assessment: dict[str, Any] | None  # of a lead that was loaded `with_readiness`

    objects = LeadQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at", "-pk"]
        permissions = [("earned_lead", "Can see what articles earned")]
        indexes = [
            # The inbox: what waits for an answer, and what was answered and is still open.
            *(
                models.Index(fields=[*first, "respond_by", "id"], name=name, condition=WAITING)
                for name, *first in (
                    ("leads_waiting",),
                    ("leads_waiting_by_owner", "owner"),
                    ("leads_waiting_by_kind", "kind"),
                )
            ),
            models.Index(
                fields=["responded_at", "id"],
                name="leads_answered_and_open",
                condition=Q(closed_at__isnull=True, responded_at__isnull=False),
            ),
            # The orders of the list, and what is added up in it.
            models.Index(fields=["opened_at", "id"], name="leads_by_opening"),
            models.Index(fields=["stage_since", "id"], name="leads_by_time_in_stage"),
            models.Index(fields=["stage", "id"], name="leads_by_stage"),
            models.Index(fields=["value", "id"], name="leads_by_value"),
            models.Index(fields=["respond_by", "id"], name="leads_by_answer"),
            models.Index(fields=["step_due", "id"], name="leads_by_next_step"),
            models.Index(
                fields=["currency", "kind", "closed_at", "value"],
                name="leads_added_up",
                condition=Q(value__isnull=False),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["contact"],
                condition=Q(closed_at__isnull=True),
                name="leads_one_open_lead_a_contact",
                violation_error_message="This contact already has an open lead.",
            ),
            models.CheckConstraint(
                name="leads_stage_is_known",
                condition=Q(stage__in=["new", "contacted", "qualified", "proposal", "won", "lost"]),
            ),
            models.CheckConstraint(
                name="leads_closed_says_when",
                condition=Q(stage__in=["won", "lost"], closed_at__isnull=False)
                | Q(~Q(stage__in=["won", "lost"]), closed_at__isnull=True),
                violation_error_message="A lead is closed when it is won or lost, and only then.",
            ),
            models.CheckConstraint(
                name="leads_lost_says_why",
                condition=~Q(stage="lost") | ~Q(lost_because="", lost_reason=""),
                violation_error_message="Say why the lead was lost.",
            ),
            models.CheckConstraint(
                name="leads_lost_because_is_known",
                condition=Q(lost_because="") | Q(lost_because__in=LOST),
            ),
            models.CheckConstraint(
                name="leads_lead_kind_is_known",
                condition=Q(kind__in=["", SPAM, *Kind.values]),
            ),
            models.CheckConstraint(
                name="leads_first_answer_comes_first",
                condition=Q(responded_at__isnull=True)
                | Q(first_responded_at__isnull=True)
                | Q(first_responded_at__lte=F("responded_at")),
            ),
            models.CheckConstraint(
                name="leads_currency_is_one_of_iso_4217",
                condition=Q(currency__in=money.CODES),
            ),
            models.CheckConstraint(
                name="leads_value_not_negative",
                condition=Q(value__isnull=True) | Q(value__gte=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contact.name} · {self.get_stage_display()}"

    def get_absolute_url(self) -> str:
        """Its record on the desk."""
        return reverse("admin:lead", args=[self.pk])

    @property
    def amount(self) -> str:
        """Its value for display: “1,250.50 EUR”; empty if unknown."""
        return f"{money.display(self.value, self.currency)} {self.currency}" if self.value else ""

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def is_waiting(self) -> bool:
        """Whether the contact waits for our answer: what `unanswered` asks of many, spam aside."""
        return self.is_open and self.responded_at is None

    def is_spam(self) -> bool:
        """Whether every inquiry on it was marked as spam."""
        return self.kind == SPAM

    @property
    def is_won(self) -> bool:
        return self.stage == self.Stage.WON and not self.is_spam()

    @property
    def is_work(self) -> bool:
        return self.kind in ("", Kind.WORK)

    @property
    def kind_label(self) -> str:
        """Empty for what nobody has sorted."""
        return "Spam" if self.kind == SPAM else Kind(self.kind).label if self.kind else ""

    def known(self) -> score.Known:
        """What its score is made of. Of a lead loaded `with_inquiries` and `with_readiness`."""
        latest = self.latest_assessment or {}
        wanted = {name: latest.get(name) or "" for name in wishes.CHOICES}
        result = [latest[name] for name in ("key", "name", "total", "rank")] if latest else None
        genuine = self.genuine_inquiries
        return score.Known(
            address=self.contact.email,
            company=self.contact.company.name if self.contact.company else "",
            inquiries=len(genuine),
            suspected_inquiries=sum(one.verdict == Inquiry.Verdict.NOT_SPAM for one in genuine),
            longest_message=max((one.length for one in genuine), default=0),
            read_an_article=any(one.article_id for one in genuine),
            readiness=score.Result(*result) if result else None,
            **wanted,
        )
