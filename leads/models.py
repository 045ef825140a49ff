"""Who asks, and how far we are with them.

An inquiry is what one visitor sent, once, word for word. A lead is the work we pursue because of
it: it gathers the inquiries of one contact, and its activities tell its history.
"""

from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
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
from django.db.models.functions import JSONObject, Length, Lower
from django.utils import timezone

from articles.models import Article
from desk.zones import validate_zone
from leads.pipeline import money, score
from mail.addresses import AddressField, mailbox, readable, untagged
from mail.header_text import one_line
from mail.models import Message
from offices.models import Office
from privacy.models import Wording
from readiness import wishes
from readiness.models import Assessment, AssessmentQuerySet

MAX_TEXT = 50_000  # characters of a message, or of a section of a brief


class Company(models.Model):
    name = models.CharField(max_length=160)
    domain = models.CharField(max_length=253, blank=True, help_text="example.com")

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "companies"
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="leads_company_name_unique_in_any_case",
                violation_error_message="This company already exists.",
            ),
            models.UniqueConstraint(
                Lower("domain"),
                condition=~Q(domain=""),
                name="leads_company_domain_unique",
                violation_error_message="Another company has this domain.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name = one_line(self.name)
        super().save(*args, **kwargs)


class Contact(models.Model):
    """A person who asked. Known by their mailbox, however they spell its address."""

    name = models.CharField(max_length=120)
    email = AddressField(help_text="As the person writes it.")
    address = models.EmailField(unique=True, editable=False)
    phone = models.CharField(max_length=40, blank=True)
    job_title = models.CharField(max_length=120, blank=True)
    company = models.ForeignKey(
        Company, on_delete=models.SET_NULL, null=True, blank=True, related_name="contacts"
    )
    timezone = models.CharField(
        "time zone",
        max_length=64,
        blank=True,
        validators=[validate_zone],
        help_text="For example Europe/Copenhagen.",
    )

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email = readable(self.email)
        if self._has_moved:
            self.address = mailbox(self.email)
        super().save(*args, **kwargs)

    def clean(self) -> None:
        super().clean()
        others = Contact.objects.exclude(pk=self.pk)
        if self._has_moved and others.filter(address=mailbox(self.email)).exists():
            raise ValidationError({"email": "Another contact has this address."})

    @property
    def _has_moved(self) -> bool:
        """Whether the mailbox is another. Contacts of one mailbox that were two before addresses
        were compared by it stay two, each with what was written to it; only one gets more.
        """
        return mailbox(self.address) != mailbox(self.email)


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
        """Its value as staff read it: “1,250.50 EUR”; nothing while it is not known."""
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


class InquiryQuerySet(models.QuerySet["Inquiry"]):
    def awaiting_notification(self) -> Self:
        """Received in earnest, and nobody has been written to yet."""
        waiting = self.not_spam().filter(notified_at__isnull=True)
        return waiting.exclude(verdict=Inquiry.Verdict.SUSPECTED)

    def notification_failed(self) -> Self:
        """Of which a notification to sales has failed, while nobody has dealt with it."""
        return self.filter(pk__in=Notification.objects.failed_and_unanswered().values("inquiry"))

    def suspected(self) -> Self:
        """Held for a person to decide whether it is spam."""
        return self.not_spam().filter(verdict=Inquiry.Verdict.SUSPECTED)

    def spam(self) -> Self:
        return self.filter(spam_mark__isnull=False)

    def not_spam(self) -> Self:
        """What nobody has marked as spam."""
        return self.filter(spam_mark__isnull=True)

    def waiting(self) -> Self:
        """What nobody has answered yet, spam aside."""
        return self.not_spam().filter(answers__isnull=True)


class Inquiry(models.Model):
    """Never edited, never merged, never overwritten: triggers in the database see to it.

    Deleted when its person is erased, and when it is old spam; see `privacy.models.Deletion`.
    """

    class Verdict(models.TextChoices):
        CLEAR = "clear", "Clear"
        DOUBTFUL = "doubtful", "May be spam"
        SUSPECTED = "suspected", "Suspected spam"
        NOT_SPAM = "not_spam", "Not spam"

    # What the visitor said, and where.
    name = models.CharField(max_length=120)
    email = AddressField()
    company = models.CharField(max_length=160, blank=True)
    message = models.TextField(max_length=MAX_TEXT)
    source_path = models.CharField("sent from", max_length=500, blank=True)
    article = models.ForeignKey(
        Article,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="inquiries",
        help_text="The article that the form was on.",
    )
    referrer_host = models.CharField("came from", max_length=253, blank=True)
    utm_source = models.CharField("campaign source", max_length=120, blank=True)
    utm_medium = models.CharField("campaign medium", max_length=120, blank=True)
    utm_campaign = models.CharField("campaign", max_length=120, blank=True)
    received_at = models.DateTimeField(default=timezone.now)
    # The version of the privacy page that was live.
    wording = models.ForeignKey(
        Wording, on_delete=models.PROTECT, verbose_name="privacy wording", related_name="+"
    )
    # What makes it one inquiry however often it is sent.
    submission_key = models.CharField(max_length=100, unique=True)
    fingerprint = models.CharField(max_length=64, db_index=True)
    # What we made of it.
    contact = models.ForeignKey(
        Contact, on_delete=models.PROTECT, null=True, blank=True, related_name="inquiries"
    )
    lead = models.ForeignKey(
        Lead, on_delete=models.PROTECT, null=True, blank=True, related_name="inquiries"
    )
    office = models.ForeignKey(
        Office, on_delete=models.SET_NULL, null=True, blank=True, related_name="inquiries"
    )
    verdict = models.CharField(max_length=10, choices=Verdict, default=Verdict.CLEAR)
    reasons = models.JSONField(default=list, blank=True, help_text="Why it looks like spam.")
    notified_at = models.DateTimeField(null=True, blank=True)

    objects = InquiryQuerySet.as_manager()

    class Meta:
        ordering = ["-received_at", "-pk"]
        verbose_name_plural = "inquiries"
        permissions = [("decide_inquiry", "Can decide whether an inquiry is spam")]
        indexes = [
            models.Index(
                fields=["received_at"],
                name="leads_inquiry_not_notified",
                condition=Q(notified_at__isnull=True),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="leads_verdict_is_known",
                condition=Q(verdict__in=["clear", "doubtful", "suspected", "not_spam"]),
            ),
            models.CheckConstraint(
                name="leads_inquiry_not_suspected_has_its_lead",
                condition=Q(verdict="suspected") | Q(contact__isnull=False, lead__isnull=False),
            ),
            models.CheckConstraint(
                name="leads_suspected_inquiry_not_notified",
                condition=~Q(verdict="suspected") | Q(notified_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {timezone.localtime(self.received_at):%-d %B %Y}"

    @property
    def is_suspected(self) -> bool:
        return self.verdict == self.Verdict.SUSPECTED

    @property
    def is_doubtful(self) -> bool:
        return self.verdict == self.Verdict.DOUBTFUL

    @property
    def state_in_words(self) -> str:
        if self.is_spam:
            return "Spam"
        if self.is_suspected or self.is_doubtful:
            return self.get_verdict_display()
        return "Notified" if self.notified_at else "Not notified yet"

    @property
    def is_spam(self) -> bool:
        """Whether someone marked it as spam. Asks the database unless loaded with its mark."""
        return hasattr(self, "spam_mark")


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


class SpamMark(models.Model):
    """Someone decided that an inquiry is spam. The row is the state: who and when come with it.

    After KEPT_FOR the inquiry is deleted (`leads.old_spam`).
    """

    KEPT_FOR = timedelta(days=90)

    inquiry = models.OneToOneField(Inquiry, on_delete=models.CASCADE, related_name="spam_mark")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"Spam: {self.inquiry}"

    @property
    def deleted_on(self) -> datetime:
        return self.at + self.KEPT_FOR


class Digest(models.Model):
    """A daily email to staff that lists suspected spam; it names people, and so can be found."""

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="digest")
    inquiries = models.ManyToManyField(Inquiry, related_name="digests")

    def __str__(self) -> str:
        return str(self.message)


class InquiryAssessmentQuerySet(models.QuerySet["InquiryAssessment"]):
    def awaiting_notification(self) -> Self:
        """Finished after its inquiry's notifications went out, and not sent on its own yet."""
        return self.filter(
            notified_at__isnull=True,
            assessment__finished_at__isnull=False,
            inquiry__notified_at__isnull=False,
            inquiry__spam_mark__isnull=True,
        )


class InquiryAssessment(models.Model):
    """The assessment that came with an inquiry. One that was passed on may come with several."""

    inquiry = models.ForeignKey(Inquiry, on_delete=models.CASCADE, related_name="assessments")
    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="inquiries")
    # When its result went out: with the inquiry's notification, or in emails of its own.
    notified_at = models.DateTimeField(null=True, blank=True)

    objects = InquiryAssessmentQuerySet.as_manager()

    class Meta:
        ordering = ["-assessment__finished_at", "-pk"]
        indexes = [
            models.Index(
                fields=["assessment"],
                name="leads_assessment_not_notified",
                condition=Q(notified_at__isnull=True),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["inquiry", "assessment"], name="leads_an_assessment_comes_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.inquiry}: {self.assessment}"


class Brief(models.Model):
    """A piece of work as the visitor described it, with the inquiry that brought it.

    Word for word, like the inquiry: a trigger in the database sees to it.
    """

    inquiry = models.OneToOneField(Inquiry, on_delete=models.CASCADE, related_name="brief")
    title = models.CharField(max_length=160, blank=True)
    context = models.TextField(max_length=MAX_TEXT, blank=True)
    interfaces = models.TextField(max_length=MAX_TEXT, blank=True)
    acceptance_criteria = models.TextField(max_length=MAX_TEXT, blank=True)
    out_of_scope = models.TextField(max_length=MAX_TEXT, blank=True)
    definition_of_done = models.TextField(max_length=MAX_TEXT, blank=True)
    constraints = models.TextField(max_length=MAX_TEXT, blank=True)

    # What `leads.briefs.hints` points out, once it was asked.
    findings = models.JSONField(null=True, editable=False)

    WORDS = (
        "title", "context", "interfaces", "acceptance_criteria", "out_of_scope",
        "definition_of_done", "constraints",
    )  # fmt: skip

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="leads_brief_says_something",
                condition=~Q(
                    title="",
                    context="",
                    interfaces="",
                    acceptance_criteria="",
                    out_of_scope="",
                    definition_of_done="",
                    constraints="",
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.title or "A brief"

    @property
    def says_something(self) -> bool:
        return any(getattr(self, name) for name in self.WORDS)


class Activity(models.Model):
    """One line of a lead's history. Lines are added, never changed."""

    class Kind(models.TextChoices):
        INQUIRY = "inquiry", "Inquiry"
        ASSESSMENT = "assessment", "Assessment"
        ANSWER = "answer", "Answer"
        STAGE = "stage", "Stage"
        OWNER = "owner", "Assignment"
        CHANGE = "change", "Change"
        NOTE = "note", "Note"
        NEXT_STEP = "next_step", "Next step"

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="activities")
    kind = models.CharField(max_length=10, choices=Kind)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    text = models.TextField()
    inquiry = models.ForeignKey(
        Inquiry, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name_plural = "activities"

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.text}"


class NextStepQuerySet(models.QuerySet["NextStep"]):
    def open(self) -> Self:
        return self.filter(done_at__isnull=True)

    def due(self) -> Self:
        of_work = Lead.objects.work().filter(pk=OuterRef("lead"))
        return self.open().filter(Exists(of_work), due_on__lte=timezone.localdate())


class NextStep(models.Model):
    """What is to be done next on a lead, with a date and an owner."""

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="next_steps")
    text = models.CharField("next step", max_length=250)
    due_on = models.DateField("due")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name="assigned to",
    )
    done_at = models.DateTimeField(null=True, blank=True)

    objects = NextStepQuerySet.as_manager()

    class Meta:
        ordering = ["done_at", "due_on", "pk"]
        verbose_name = "next step"

    def __str__(self) -> str:
        return self.text

    @property
    def is_done(self) -> bool:
        return self.done_at is not None


class NotificationQuerySet(models.QuerySet["Notification"]):
    def failed_and_unanswered(self) -> Self:
        """Notifications to sales that have failed, while nobody has dealt with the inquiry.

        Over when it is answered, marked as spam, its lead is closed or the email is sent again.
        """
        return self.filter(
            kind__in=[Notification.Kind.NOTIFICATION, Notification.Kind.READINESS],
            message__state=Message.State.FAILED,
            inquiry__answers__isnull=True,
            inquiry__spam_mark__isnull=True,
        ).exclude(inquiry__lead__closed_at__isnull=False)


class Notification(models.Model):
    """Which email went to whom about an inquiry, or about an assessment finished after it.

    One of each kind for each recipient, ever; of the latter, one for each assessment.
    """

    class Kind(models.TextChoices):
        NOTIFICATION = "notification", "Notification to sales"
        ACKNOWLEDGMENT = "acknowledgment", "Acknowledgment to visitor"
        READINESS = "readiness", "Readiness result to sales"
        RESULT = "result", "Result to visitor"

    inquiry = models.ForeignKey(Inquiry, on_delete=models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=20, choices=Kind)
    recipient = models.EmailField()
    # Without its +tag: what is counted is how often someone was written to.
    mailbox = models.CharField(max_length=320, editable=False)
    # Protected: an email about a person must not outlive what leads erasure to it.
    assessment = models.ForeignKey(
        Assessment, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    message = models.OneToOneField(Message, on_delete=models.PROTECT, related_name="notification")

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "recipient"]
        constraints = [
            models.UniqueConstraint(
                fields=["inquiry", "kind", "recipient"],
                condition=Q(assessment__isnull=True),
                name="leads_notified_once",
            ),
            models.UniqueConstraint(
                fields=["inquiry", "kind", "recipient", "assessment"],
                condition=Q(assessment__isnull=False),
                name="leads_notified_once_of_an_assessment",
            ),
            models.CheckConstraint(
                name="leads_notification_names_its_assessment",
                condition=Q(kind__in=["readiness", "result"], assessment__isnull=False)
                | Q(~Q(kind__in=["readiness", "result"]), assessment__isnull=True),
            ),
        ]
        indexes = [
            # How many acknowledgments a mailbox had today is asked at each inquiry.
            models.Index(fields=["mailbox", "kind"], name="leads_notification_mailbox"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.recipient}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.mailbox = untagged(self.recipient)
        super().save(*args, **kwargs)


class RecipientQuerySet(models.QuerySet["Recipient"]):
    def addresses(self) -> list[str]:
        """Whom to tell of an inquiry: those named here or, while there are none, the headquarters.

        The one named first comes first: what visitors answer to our automatic mail goes there.
        Empty only when neither is set; then inquiries wait, and the admin says so in red.
        """
        named = list(self.filter(is_active=True).order_by("pk").values_list("email", flat=True))
        if named:
            return named
        headquarters = Office.objects.headquarters()
        return [headquarters.email] if headquarters and headquarters.email else []


class Recipient(models.Model):
    """Someone in sales who is mailed each inquiry."""

    email = AddressField(
        unique=True,
        error_messages={"unique": "This address is already a recipient."},
    )
    is_active = models.BooleanField("notified", default=True)

    objects = RecipientQuerySet.as_manager()

    class Meta:
        ordering = ["email"]
        verbose_name = "recipient of inquiries"
        verbose_name_plural = "recipients of inquiries"
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="leads_recipient_unique_in_any_case",
                violation_error_message="This address is already a recipient.",
            ),
        ]

    def __str__(self) -> str:
        return self.email

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email = readable(self.email)
        super().save(*args, **kwargs)

    def clean(self) -> None:
        super().clean()
        self.email = readable(self.email)
