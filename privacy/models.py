"""What the site has promised its visitors about their data, and proof that it keeps to it."""

import hashlib
from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from mail.addresses import AddressField
from web.retention import in_words


class Wording(models.Model):
    """One version of the privacy page, as visitors read it from `since` until the next one.

    The database refuses to change or delete it. A text that comes back later is a version of its
    own, so that the numbers also tell what was live when. Without a page, both texts are empty.
    """

    number = models.PositiveIntegerField("version", unique=True)
    title = models.CharField(max_length=120, blank=True)
    text = models.TextField(blank=True)
    # What the page says by itself, from the settings of that moment: who is responsible, what is
    # kept for how long, where to complain.
    generated = models.TextField("from the settings", blank=True, default="", db_default="")
    digest = models.CharField("SHA-256", max_length=64, db_index=True, editable=False)
    since = models.DateTimeField("live since", default=timezone.now)

    class Meta:
        ordering = ["-number"]
        verbose_name = "privacy wording"
        constraints = [
            models.CheckConstraint(
                name="privacy_wording_numbers_begin_with_one", condition=Q(number__gte=1)
            ),
            models.CheckConstraint(name="privacy_wording_has_its_digest", condition=~Q(digest="")),
        ]

    def __str__(self) -> str:
        return f"Version {self.number}, live since {timezone.localtime(self.since):%-d %B %Y}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.digest = digest(self.title, self.text, self.generated)
        super().save(*args, **kwargs)


def digest(title: str, text: str, generated: str = "") -> str:
    said = [title, text, *([generated] if generated else [])]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()


class Erasure(models.Model):
    """A receipt: people were erased. It says how much that was, and not a word about whom.

    The database refuses to change or delete it.
    """

    at = models.DateTimeField("erased", default=timezone.now)
    # Nobody: the site repeated an erasure after a backup was restored.
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    people = models.PositiveSmallIntegerField()
    deleted = models.TextField()  # "2 inquiries, 1 contact"
    kept = models.TextField()
    # Of their mailboxes, under a key: see `privacy.receipts`. None of receipts that are older.
    digests = models.JSONField(default=list, db_default=[])
    key = models.CharField("made under key", max_length=8, blank=True, default="", db_default="")

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="privacy_erasure_is_of_someone", condition=Q(people__gte=1)
            ),
        ]

    def __str__(self) -> str:
        return f"Receipt no. {self.pk}"


class Deletion(models.Model):
    """A record that no longer exists. Written by the database itself, no matter who deletes it."""

    record = models.CharField(max_length=40)  # "Inquiry"
    number = models.BigIntegerField("no.")
    deleted_at = models.DateTimeField("deleted")

    class Meta:
        ordering = ["-deleted_at", "-pk"]
        verbose_name = "deleted record"

    def __str__(self) -> str:
        return f"{self.record} no. {self.number}"


class RequestQuerySet(models.QuerySet["Request"]):
    def waiting(self) -> Self:
        """Confirmed, and not done yet."""
        return self.filter(confirmed_at__isnull=False, done_at=None)


class Request(models.Model):
    """Someone asks for a copy of their data, or to be erased. Once a link in an email has shown
    that the mailbox is theirs, it is work with a clock. See `privacy.requests`.
    """

    # GDPR, Art. 12(3): within a month.
    ANSWERED_WITHIN = timedelta(days=30)
    OPEN_FOR = timedelta(days=2)  # how long the link can be used

    class Kind(models.TextChoices):
        ACCESS = "access", "A copy of my data"
        ERASURE = "erasure", "Erase my data"

    kind = models.CharField("asks for", max_length=10, choices=Kind)
    # Both are emptied when the person is erased: what stays is that it was done, and when.
    address = AddressField(blank=True)
    mailbox = models.CharField(max_length=320, blank=True, editable=False, db_index=True)
    asked_at = models.DateTimeField("asked", db_index=True)
    confirmed_at = models.DateTimeField("confirmed", null=True, blank=True)
    answer_by = models.DateTimeField("answer by", null=True, blank=True)
    done_at = models.DateTimeField("done", null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = RequestQuerySet.as_manager()

    class Meta:
        ordering = ["done_at", "answer_by", "-pk"]
        verbose_name = "privacy request"
        constraints = [
            models.CheckConstraint(
                name="privacy_request_kind_is_known", condition=Q(kind__in=["access", "erasure"])
            ),
            models.CheckConstraint(
                name="privacy_request_confirmed_has_its_day",
                condition=Q(confirmed_at=None, answer_by=None)
                | Q(confirmed_at__isnull=False, answer_by__isnull=False),
            ),
            models.CheckConstraint(
                name="privacy_request_done_was_confirmed",
                condition=Q(done_at=None, done_by=None)
                | Q(done_at__isnull=False, confirmed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="privacy_request_leads_to_someone_until_done",
                condition=~Q(address="") | Q(done_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"Request no. {self.pk}"


class Period(models.Model):
    """How long the rows of a rule are kept, where someone has set it: see `web.retention.Rule`."""

    rule = models.CharField(max_length=60, unique=True)
    # NULL: for ever
    days = models.PositiveIntegerField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("set", default=timezone.now)

    class Meta:
        ordering = ["rule"]
        verbose_name = "retention period"
        constraints = [
            models.CheckConstraint(
                name="privacy_period_is_a_day_at_least", condition=Q(days=None) | Q(days__gte=1)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule}: {in_words(self.days)}"


class Night(models.Model):
    """A night in which what is old was deleted, with a count for each rule. Once it is finished,
    the database refuses to change it, and at any time to delete it.
    """

    day = models.DateField(unique=True)
    began_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-day"]

    def __str__(self) -> str:
        return f"{self.day:%-d %B %Y}"


class NightCount(models.Model):
    """How many rows one rule deleted in a night: those older than `before`."""

    night = models.ForeignKey(Night, on_delete=models.PROTECT, related_name="counts")
    rule = models.CharField(max_length=60)
    before = models.DateTimeField("older than")
    count = models.PositiveIntegerField("deleted", default=0)
    error = models.CharField(max_length=100, blank=True)  # of the class that stopped it

    class Meta:
        ordering = ["rule"]
        constraints = [
            models.UniqueConstraint(fields=["night", "rule"], name="privacy_a_rule_counts_once"),
        ]

    def __str__(self) -> str:
        return f"{self.rule}: {self.count}"


class Hold(models.Model):
    """A person whose rows no rule deletes, however old, such as for a dispute."""

    mailbox = models.CharField(max_length=320, unique=True)
    why = models.CharField(max_length=250)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = "person to keep"
        verbose_name_plural = "people to keep"
        constraints = [
            models.CheckConstraint(name="privacy_hold_has_a_reason", condition=~Q(why="")),
        ]

    def __str__(self) -> str:
        return self.mailbox
