"""How far we are with them. A lead gathers the inquiries of one contact."""

from typing import Any, Self

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import (
    Exists,
    ExpressionWrapper,
    F,
    FloatField,
    OuterRef,
    Prefetch,
    Q,
    Subquery,
)
from django.db.models.fields.json import KT
from django.db.models.functions import JSONObject, Length
from django.utils import timezone

from leads import money, score
from leads.models.contacts import Contact
from leads.models.inquiries import Inquiry
from offices.models import Office
from readiness import wishes
from readiness.models import Assessment, AssessmentQuerySet


class LeadQuerySet(models.QuerySet["Lead"]):
    def open(self) -> Self:
        return self.filter(closed_at__isnull=True)

    def work(self) -> Self:
        """Possible work: leads of which not every inquiry was marked as spam."""
        theirs = Inquiry.objects.filter(lead=OuterRef("pk"))
        return self.filter(Exists(theirs.not_spam()) | ~Exists(theirs.spam()))

    def spam(self) -> Self:
        """Leads of which every inquiry was marked as spam."""
        theirs = Inquiry.objects.filter(lead=OuterRef("pk"))
        return self.filter(~Exists(theirs.not_spam()) & Exists(theirs.spam()))

    def unanswered(self) -> Self:
        """Waiting for our answer: to the first inquiry, or to one that came after an answer."""
        return self.work().open().filter(responded_at__isnull=True)

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

    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="leads")
    stage = models.CharField(max_length=12, choices=Stage, default=Stage.NEW)
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
    lost_reason = models.CharField(max_length=250, blank=True)
    genuine_inquiries: list[Any]  # its inquiries, of a lead that was loaded `with_inquiries`
    latest_assessment: dict[str, Any] | None  # of a lead that was loaded `with_readiness`

    objects = LeadQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at", "-pk"]
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
                condition=~Q(stage="lost") | ~Q(lost_reason=""),
                violation_error_message="Say why the lead was lost.",
            ),
            models.CheckConstraint(
                name="leads_first_answer_comes_first",
                condition=Q(responded_at__isnull=True)
                | Q(first_responded_at__isnull=False, first_responded_at__lte=F("responded_at")),
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
        """Whether every inquiry on it was marked as spam. Asks the database."""
        return Lead.objects.spam().filter(pk=self.pk).exists()

    def known(self) -> score.Known:
        """What its score is made of. Of a lead loaded `with_inquiries` and `with_readiness`."""
        latest = self.latest_assessment or {}
        wanted = {name: latest.get(name) or "" for name in wishes.CHOICES}
        result = [latest[name] for name in ("key", "name", "total", "rank")] if latest else None
        return score.Known(
            address=self.contact.email,
            company=self.contact.company.name if self.contact.company else "",
            inquiries=len(self.genuine_inquiries),
            suspected_inquiries=sum(
                inquiry.verdict == Inquiry.Verdict.NOT_SPAM for inquiry in self.genuine_inquiries
            ),
            longest_message=max((inquiry.length for inquiry in self.genuine_inquiries), default=0),
            read_an_article=any(inquiry.article_id for inquiry in self.genuine_inquiries),
            readiness=score.Result(*result) if result else None,
            **wanted,
        )


class Answer(models.Model):
    """Someone answered what a lead's person had written so far. Taking it back deletes the row."""

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="answers")
    # Nobody: known only from the time before answers were rows.
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField()
    # A table of its own: an answer holds no inquiry that a worker is just notifying of.
    inquiries = models.ManyToManyField(Inquiry, related_name="answers")

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.by or 'Someone'}, {timezone.localtime(self.at):%-d %B %Y}"
