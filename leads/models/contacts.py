"""Who asks: people, and the companies they work for."""

from collections.abc import Iterable
from typing import Any, ClassVar, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from desk.zones import validate_zone
from leads.company_names import company_key
from mail import domains
from mail.addresses import AddressField, mailbox, readable
from mail.header_text import one_line


class Filled(models.Model):
    """Has columns that are filled from another, however it is saved: by `save` or `bulk_create`."""

    FILLED_FROM: ClassVar[str]
    FILLED: ClassVar[tuple[str, ...]]

    class Meta:
        abstract = True

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        self.fill()
        if update_fields is not None and self.FILLED_FROM in update_fields:
            update_fields = {*update_fields, *self.FILLED}
        super().save(*args, update_fields=update_fields, **kwargs)

    def fill(self) -> None:
        raise NotImplementedError


Row = TypeVar("Row", bound=Filled)


class FilledQuerySet(models.QuerySet[Row]):
    def bulk_create(self, objs: Iterable[Row], *args: Any, **kwargs: Any) -> list[Row]:
        rows = list(objs)
        for row in rows:
            row.fill()
        return super().bulk_create(rows, *args, **kwargs)


class Company(Filled):
    FILLED_FROM, FILLED = "name", ("key",)

    name = models.CharField(max_length=160)
    key = models.CharField(
        max_length=500,
        blank=True,
        default="",
        db_default="",
        editable=False,
        help_text="The name without its legal form, to compare.",
    )
    domain = models.CharField(
        max_length=253,
        blank=True,
        help_text="Whoever has an address there is a colleague: example.com",
    )

    objects = FilledQuerySet["Company"].as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "companies"
        indexes = [
            models.Index(fields=["key"], name="leads_company_key"),
            models.Index(fields=["domain"], name="leads_company_domain"),
            models.Index(fields=["name", "id"], name="leads_companies_by_name"),
        ]
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

    def fill(self) -> None:
        self.name = one_line(self.name)
        self.key = company_key(self.name)
        self.domain = domains.registrable(self.domain)

    def clean(self) -> None:
        super().clean()
        typed, self.domain = self.domain.strip(), domains.typed(self.domain)
        if typed and not self.domain:
            raise ValidationError({"domain": "Write a domain like example.com."})
        if domains.is_free_mail(self.domain):
            said = f"Anyone can have an address at {self.domain}: it is no company’s."
            raise ValidationError({"domain": said})


class Contact(Filled):
    """A person who asked. Known by their mailbox, however they spell its address."""

    FILLED_FROM, FILLED = "email", ("address", "domain")

    name = models.CharField(max_length=120)
    email = AddressField(help_text="As the person writes it.")
    address = models.EmailField(unique=True, editable=False)
    # Of an address at an organization; empty for free mail.
    domain = models.CharField(max_length=253, blank=True, default="", db_default="", editable=False)
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

    objects = FilledQuerySet["Contact"].as_manager()

    class Meta:
        ordering = ["name", "pk"]
        indexes = [
            models.Index(fields=["domain"], name="leads_contact_domain"),
            models.Index(fields=["name", "id"], name="leads_people_by_name"),
            models.Index(fields=["email", "id"], name="leads_people_by_email"),
        ]

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>"

    def fill(self) -> None:
        self.email = readable(self.email)
        if self._has_moved:
            self.address = mailbox(self.email)
        self.domain = domains.organization(self.email)

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
