"""Who asks: people, and the companies they work for."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from desk.zones import validate_zone
from mail.addresses import AddressField, mailbox, readable
from mail.header_text import one_line


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
