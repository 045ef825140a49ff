"""Who in sales is away, and who takes new leads."""

from datetime import date, datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from offices.models import Office

MAX_DAYS = 366


class AbsenceQuerySet(models.QuerySet["Absence"]):
    def around(self, moment: datetime) -> Self:
        """All that may hold at that moment, somewhere on earth."""
        day, one = moment.date(), timedelta(days=1)
        return self.filter(first_day__lte=day + one, last_day__gte=day - one)

    def overlapping(self, user: Any, first_day: date, last_day: date) -> Self:
        return self.filter(user=user, first_day__lte=last_day, last_day__gte=first_day)

    def ahead(self) -> Self:
        """Those that have not ended, by the calendar of the server's zone, with their people."""
        found = self.filter(last_day__gte=timezone.localdate())
        return found.select_related("user", "cover").order_by("first_day", "pk")


class Absence(models.Model):
    """Someone is away from the first to the last day, by the calendar of their own time zone.

    Two of one person never overlap: see `leads.migrations._absences`.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="absences"
    )
    first_day = models.DateField()
    last_day = models.DateField()
    # Nobody: what comes for them goes to those on duty, or else to all recipients.
    cover = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="who covers",
    )
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    set_at = models.DateTimeField(default=timezone.now)

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        ordering = ["first_day", "pk"]
        constraints = [
            models.CheckConstraint(
                name="leads_absence_ends_after_it_begins",
                condition=Q(first_day__lte=F("last_day")),
                violation_error_message="The last day comes before the first.",
            ),
            models.CheckConstraint(
                name="leads_nobody_covers_for_themselves",
                condition=Q(cover__isnull=True) | ~Q(cover=F("user")),
                violation_error_message="Choose a colleague: nobody covers for themselves.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.days}"

    @property
    def days(self) -> str:
        """“1 Dec 2026” or “1 Dec to 4 Dec 2026”."""
        last = f"{self.last_day:%-d %b %Y}"
        return last if self.first_day == self.last_day else f"{self.first_day:%-d %b} to {last}"

    def clean(self) -> None:
        super().clean()
        if not (self.first_day and self.last_day and self.user_id):
            return
        if (self.last_day - self.first_day).days >= MAX_DAYS:
            raise ValidationError({"last_day": "Enter an absence of at most a year."})
        others = Absence.objects.exclude(pk=self.pk)
        if other := others.overlapping(self.user_id, self.first_day, self.last_day).first():
            raise ValidationError(
                f"There is an absence for these days already: {other.days}. Cancel that first."
            )


class DutyQuerySet(models.QuerySet["Duty"]):
    def on(self) -> Self:
        return self.filter(is_on=True)


class Duty(models.Model):
    """Someone takes new leads of one office, or of every office, in turn with others."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="duties"
    )
    office = models.ForeignKey(
        Office, on_delete=models.CASCADE, null=True, blank=True, help_text="None: every office."
    )
    is_on = models.BooleanField(default=True)
    # Which turn was theirs last, of all turns that anyone has had; 0 is none yet.
    turn = models.PositiveBigIntegerField(default=0, db_default=0, editable=False)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    changed_at = models.DateTimeField(default=timezone.now)

    objects = DutyQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name_plural = "duties"
        constraints = [
            models.UniqueConstraint(fields=["user", "office"], name="leads_duty_once_an_office"),
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(office__isnull=True),
                name="leads_duty_once_for_every_office",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.office or 'every office'}"


class Morning(models.Model):
    """The last day on which someone's morning email was dealt with: sent, or with nothing to say.

    It outlives the email, which goes when someone in it is erased.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    day = models.DateField()

    def __str__(self) -> str:
        return f"{self.user}, {self.day}"
