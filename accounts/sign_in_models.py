"""What signing in leaves behind. Of every secret that outlives a session there is a digest only, or
it is sealed with SECRET_KEY: yesterday's backup signs nobody in.
"""

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import F, Q


class Session(AbstractBaseSession):
    """One browser that is signed in. Who deletes the row ends the session, at its next request.

    `expire_date` is when it ends by itself: see `accounts.sessions`.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,  # nobody has signed in yet: a password was right, or a link was opened
        related_name="+",
    )
    began_at = models.DateTimeField(help_text="When they signed in.")
    seen_at = models.DateTimeField(help_text="When they last did something; within a minute.")
    browser = models.CharField(max_length=80, blank=True)

    class Meta(AbstractBaseSession.Meta):
        abstract = False
        verbose_name = "session"
        constraints = [
            models.CheckConstraint(
                name="accounts_session_is_seen_after_it_began",
                condition=Q(seen_at__gte=F("began_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.seen_at}"  # its key is a secret


class FamiliarQuerySet(models.QuerySet["Familiar"]):
    def recent(self, now: datetime) -> Self:
        return self.filter(last_at__gt=now - Familiar.KEPT_FOR)


class Familiar(models.Model):
    """A browser, or a network address, from which someone signed in within the last 30 days."""

    KEPT_FOR = timedelta(days=30)

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, help_text="Of the cookie, or of the address.")
    is_browser = models.BooleanField()
    last_at = models.DateTimeField(db_index=True)

    objects = FamiliarQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("user", "digest", name="accounts_familiar_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.last_at}"


class SecondFactor(models.Model):
    """The app on someone's phone that shows codes: one for each person."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="second_factor"
    )
    sealed = models.BinaryField(editable=False)  # the secret: see `accounts.totp`
    last_step = models.BigIntegerField(
        default=0, help_text="Of the last code that was taken: no code works twice."
    )
    added_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.user}’s second factor"


class RecoveryCode(models.Model):
    """Signs in once in place of a code from the phone."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="recovery_codes"
    )
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("user", "digest", name="accounts_recovery_code_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user}’s recovery code"


class PasswordLink(models.Model):
    """A link by which someone chooses their password, once: after an invitation, or a reset."""

    INVITATION, RESET = "invitation", "reset"
    GOOD_FOR = {INVITATION: timedelta(days=7), RESET: timedelta(hours=1)}
    KEPT_FOR = timedelta(days=30)  # so that one that was used or is too old can be told from a typo

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=[(INVITATION, "Invitation"), (RESET, "Reset")])
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of what it says.")
    made_at = models.DateTimeField()
    good_until = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    is_replaced = models.BooleanField(default=False, help_text="By a newer one, or a new password.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "user",
                name="accounts_one_good_password_link",
                condition=Q(used_at=None, is_replaced=False),
            ),
            models.CheckConstraint(
                name="accounts_password_link_kind_is_known",
                condition=Q(kind__in=["invitation", "reset"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.user}"
