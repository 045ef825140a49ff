"""Who may sign in: members of staff, by email. Visitors have no accounts."""

from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from accounts.sign_in_models import (
    Familiar,
    PasswordLink,
    RecoveryCode,
    SecondFactor,
    Session,
)
from desk.zones import validate_zone, zone
from mail.addresses import AddressField, readable

__all__ = [
    "Familiar",
    "PasswordLink",
    "RecoveryCode",
    "SecondFactor",
    "Session",
    "User",
]


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A saved member of staff. Without a password nobody can sign in as them yet."""
        user = self.model(email=email, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        """Find by mailbox, however it is typed. Raises `User.DoesNotExist`."""
        return self.of_address(username or "").get()

    def of_address(self, address: str) -> models.QuerySet["User"]:
        """Who signs in with it, however it is typed; of one who was here before addresses were
        kept as they are now, too.
        """
        typed = Q(email__iexact=address.strip()) | Q(email__iexact=readable(address))
        return self.filter(typed)

    def with_role(self, role: str) -> models.QuerySet["User"]:
        """Active people who hold the role, whatever else they hold."""
        return self.filter(is_active=True, groups__name=role)


class User(AbstractBaseUser, PermissionsMixin):
    email = AddressField(
        unique=True, error_messages={"unique": "Someone already signs in with this address."}
    )
    name = models.CharField(max_length=120, help_text="As colleagues see it.")
    is_staff = models.BooleanField(
        "can sign in to the admin",
        default=True,
        help_text="Their roles decide what they see there.",
    )
    is_active = models.BooleanField(
        "active",
        default=True,
        help_text="Deactivate people instead of deleting them: history keeps their names.",
    )
    joined_at = models.DateTimeField(default=timezone.now, editable=False)
    # When they signed in without a second factor although their rights ask for one, and the days
    # of grace were counted from then. Empty: none is asked for, or they have one.
    second_factor_due_at = models.DateTimeField(null=True, blank=True, editable=False)
    timezone = models.CharField(
        "time zone",
        max_length=64,
        blank=True,
        validators=[validate_zone],
        help_text="Dates and times are shown in it. If empty, the site’s time zone is used.",
    )

    objects: ClassVar[UserManager] = UserManager()

    EMAIL_FIELD = USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name = "member of staff"
        verbose_name_plural = "staff"
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="accounts_email_unique_in_any_case",
                violation_error_message="Someone already signs in with this address.",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def zone(self) -> ZoneInfo:
        return zone(self.timezone)

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.partition(" ")[0]

    def deactivate(self) -> None:
        """They are signed out at once. What they did stays, and so do they: see `undeletable`."""
        self.is_active = False
        self.save(update_fields=["is_active"])

    def activate(self) -> None:
        """Undo `deactivate`."""
        self.is_active = True
        self.save(update_fields=["is_active"])

    def clean(self) -> None:
        super().clean()
        self.email = readable(self.email)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email = readable(self.email)
        super().save(*args, **kwargs)
