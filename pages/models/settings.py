"""What every page says about the site."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator, URLValidator
from django.db import models, transaction
from django.db.models import Q

from offices.models import Office
from privacy import wordings
from web.personal import Responsible


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

    # For the privacy page: GDPR, Art. 13(1) and 13(2)(d)
    responsible_name = models.CharField(
        "who is responsible",
        max_length=160,
        blank=True,
        default="",
        db_default="",
        help_text="For the privacy page: the company, with its legal form. If empty, the site’s "
        "name.",
    )
    responsible_address = models.CharField(
        "postal address",
        max_length=250,
        blank=True,
        default="",
        db_default="",
        help_text="In one line. If empty, that of the headquarters.",
    )
    privacy_contact = models.CharField(
        "contact for privacy",
        max_length=200,
        blank=True,
        default="",
        db_default="",
        validators=[validate_contact],
        help_text="An email address, or a page that starts with https://. If empty, none is named.",
    )
    authority_name = models.CharField(
        "data protection authority",
        max_length=160,
        blank=True,
        default="",
        db_default="",
        help_text="Where people can complain about us.",
    )
    authority_url = models.CharField(
        "page of that authority",
        max_length=200,
        blank=True,
        default="",
        db_default="",
        validators=[URLValidator(["https"], message="Enter a page that starts with https://.")],
    )

    class Meta:
        verbose_name = verbose_name_plural = "site settings"
        constraints = [
            models.CheckConstraint(name="pages_one_row_of_settings", condition=Q(pk=1)),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """The privacy page says who is responsible: that is another version of it."""
        with transaction.atomic():
            super().save(*args, **kwargs)
            wordings.renew()

    @classmethod
    def load(cls) -> "SiteSettings":
        """The row, made with its defaults if someone deleted it."""
        return cls.objects.get_or_create(pk=1)[0]

    @classmethod
    def responsible(cls) -> Responsible:
        said = cls.objects.filter(pk=1).first() or cls()
        headquarters = Office.objects.headquarters()
        address = ", ".join(headquarters.address) if headquarters else ""
        return Responsible(
            name=said.responsible_name or said.name,
            address=said.responsible_address or address,
            contact=said.privacy_contact,
            authority=said.authority_name,
            authority_url=said.authority_url,
        )
