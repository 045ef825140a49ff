"""What every page says about the site."""

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator, URLValidator
from django.db import models
from django.db.models import Q


def validate_contact(contact: str) -> None:
    """A mail address or an https:// address: what RFC 9116, section 2.5.3, can name."""
    is_page = contact.startswith("https://")
    try:
        (URLValidator(["https"]) if is_page else EmailValidator())(contact)
    except ValidationError as error:
        raise ValidationError(
            "Enter an email address, or a page starting with https://."
        ) from error


class SiteSettings(models.Model):
    """One row, made by a migration: what every page says about the site."""

    name = models.CharField(max_length=80, default="Clean Systems Consulting")
    tagline = models.CharField(max_length=160, blank=True)
    description = models.CharField(
        max_length=160, blank=True, help_text="For search results of the home page."
    )
    home_heading = models.CharField(max_length=120, default="Backend engineering, written down")
    home_intro = models.TextField(blank=True)
    form_heading = models.CharField(max_length=120, default="Tell us about your project")
    form_intro = models.CharField(
        max_length=250,
        blank=True,
        default="A few sentences are enough. A person answers within one working day.",
    )
    footer_text = models.TextField(blank=True)
    security_contact = models.CharField(
        max_length=200,
        blank=True,
        validators=[validate_contact],
        help_text="Where to report vulnerabilities: an email address, or a page that starts with "
        "https://. If empty, the contact page is used.",
    )

    class Meta:
        verbose_name = verbose_name_plural = "site settings"
        constraints = [
            models.CheckConstraint(name="pages_one_row_of_settings", condition=Q(pk=1)),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def load(cls) -> "SiteSettings":
        """The row, made with its defaults if someone deleted it."""
        return cls.objects.get_or_create(pk=1)[0]
