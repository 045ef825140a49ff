"""What the admin itself keeps."""

from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


class SentForm(models.Model):
    """A form of the admin that someone sent a moment ago, and what they were answered.

    The digest is taken before anything is saved, in the same transaction: whoever sends the same
    form again waits for it.
    """

    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of who sent what.")
    sent_at = models.DateTimeField(default=timezone.now, db_index=True)
    # Without its query, which may hold what someone searched for.
    location = models.TextField(help_text="The path where the answer led.")

    def __str__(self) -> str:
        return f"{self.digest[:12]}, {self.sent_at}"


class ActQuerySet(models.QuerySet["Act"]):
    def undoable(self, now: datetime) -> Self:
        """Not taken back, and not too long ago."""
        return self.filter(undone_at__isnull=True, at__gt=now - Act.UNDOABLE_FOR)


class Act(models.Model):
    """What someone did at the desk in one go and can take back: see `desk.acts`.

    It names nobody whom it was done to: rows of the app it was done in refer to it.
    """

    UNDOABLE_FOR = timedelta(hours=1)
    # An email that it causes waits so long, and undo takes it back as well.
    EMAILS_AFTER = timedelta(seconds=15)

    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    app = models.CharField(max_length=40, help_text="Whose opposite takes it back.")
    count = models.PositiveIntegerField(default=1, help_text="To how many it was done.")
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = ActQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["by", "-at"], name="desk_act_of", condition=Q(undone_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.app}, {self.at}"


class KeptFormQuerySet(models.QuerySet["KeptForm"]):
    def of(self, user: Any, form: str) -> Self:
        return self.filter(user=user, form=form)

    def unsaved(self) -> Self:
        """Those that still hold something that was typed."""
        return self.filter(data__isnull=False)

    def newest_first(self) -> Self:
        return self.order_by("-at", "-pk")


class KeptForm(models.Model):
    """What someone typed into a form of the desk and has not saved: their own, seen by nobody else.

    Each page that shows a form is a window of its own, so that two tabs or two devices never
    overwrite each other. A saved form keeps nothing but that it was saved: a device that lost the
    answer asks.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    form = models.CharField(max_length=200, help_text="The model, and the key of the row.")
    window = models.CharField(max_length=40)
    turn = models.PositiveBigIntegerField(default=0, help_text="Of the window, counted up.")
    data = models.JSONField(null=True, blank=True, help_text="The fields that were changed.")
    # What this window has written into a draft, in digests by field. What it has written itself is
    # no colleague's change, even if it never got the answer.
    wrote = models.JSONField(default=dict, blank=True)
    is_before = models.BooleanField(
        default=False, help_text="What words there were before a change took them away."
    )
    made = models.CharField(
        max_length=40, blank=True, help_text="The key of the draft that the empty form became."
    )
    began_at = models.DateTimeField(default=timezone.now)
    at = models.DateTimeField(default=timezone.now, db_index=True)
    over_at = models.DateTimeField(
        null=True, blank=True, help_text="When the form was saved, or its words thrown away."
    )

    objects = KeptFormQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "form", "window"], name="desk_a_window_keeps_a_form_once"
            ),
            models.CheckConstraint(
                name="desk_what_is_over_keeps_nothing",
                condition=Q(over_at__isnull=True) | Q(data__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.form}, {self.at}"


class PresenceQuerySet(models.QuerySet["Presence"]):
    def now(self, form: str, at: datetime) -> Self:
        """Of those who have this form open at that moment, whoever came first."""
        return self.filter(form=form, until__gt=at).order_by("since", "pk")


class Presence(models.Model):
    """Someone has a form of the desk open: see `desk.presence`. It is over when its end has passed,
    so that a browser that was killed needs no goodbye.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    form = models.CharField(max_length=200, help_text="The model, and the key of the row.")
    since = models.DateTimeField()
    until = models.DateTimeField(db_index=True)
    took_over_at = models.DateTimeField(null=True, blank=True)

    objects = PresenceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["form", "user"], name="desk_a_person_is_at_a_form_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.form}, since {self.since}"


class Dismissal(models.Model):
    """Someone has read a guide that stands on a page of the desk: see `desk.guides`."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    guide = models.SlugField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "guide"], name="desk_a_guide_is_dismissed_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.guide}, {self.at}"


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    def of(self, person: Any) -> Self:
        """What that person did, and what was done to their account."""
        label = person._meta.label_lower
        return self.filter(Q(by=person) | Q(about_model=label, about_key=str(person.pk)))

    def outdated(self, now: datetime) -> Self:
        """Those that the database lets go."""
        return self.filter(keep_until__lte=now)


def keep_audit_event_until() -> datetime:
    return timezone.now() + timedelta(days=settings.AUDIT_LOG_DAYS)


class AuditEvent(models.Model):
    """A line of the audit log: see `desk.audit`, which writes them.

    The database refuses to change one, and to delete one before `keep_until`, which says how long
    lines were kept when it was written. Name and address of who did it are the line's own: it is
    still there when the account is not.
    """

    class Kind(models.TextChoices):
        SIGN_IN = "sign_in", "Sign-in"
        SIGN_IN_FAILED = "sign_in_failed", "Failed sign-in"
        SIGN_OUT = "sign_out", "Sign-out"
        CREDENTIALS = "credentials", "Password or second factor"
        RIGHTS = "rights", "Staff and rights"
        EXPORT = "export", "Export"
        ERASURE = "erasure", "Erasure"
        SETTINGS = "settings", "Settings"
        PUBLISHING = "publishing", "Publishing"
        BULK = "bulk", "Bulk change"
        IMPORT = "import", "Import"

    at = models.DateTimeField("time", default=timezone.now, db_index=True)
    keep_until = models.DateTimeField(default=keep_audit_event_until, db_index=True)
    kind = models.CharField(max_length=20, choices=Kind)
    summary = models.CharField("what happened", max_length=500)
    # No constraint: a line neither holds an account back nor changes when it goes.
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        related_name="+",
    )
    by_name = models.CharField("who", max_length=120, blank=True)
    by_email = models.CharField("email", max_length=254, blank=True)
    about_model = models.CharField(max_length=80, blank=True, help_text="“articles.article”")
    about_key = models.CharField("no.", max_length=40, blank=True)
    network = models.CharField(
        max_length=49, blank=True, help_text="Without the end of the address."
    )

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = "audit event"
        indexes = [
            models.Index(fields=["kind", "-at"], name="desk_audit_of_kind"),
            models.Index(fields=["about_model", "about_key"], name="desk_audit_about"),
        ]
        constraints = [
            models.CheckConstraint(
                name="desk_audit_event_says_what_happened", condition=~Q(summary="")
            ),
            models.CheckConstraint(
                name="desk_audit_event_is_kept", condition=Q(keep_until__gt=models.F("at"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.by_name or 'The site'}: {self.summary}"
