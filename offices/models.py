"""Where we are, and when someone is in."""

import zoneinfo
from datetime import datetime, time, timedelta
from typing import Any, Self

import phonenumbers
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django_countries.fields import CountryField

from desk.zones import validate_zone
from images import pictures
from offices.addresses import address_lines
from web.addresses import absolute
from web.wording import listed

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class OfficeQuerySet(models.QuerySet["Office"]):
    def listed(self) -> Self:
        return self.filter(is_listed=True)

    def ever_listed(self) -> Self:
        return self.filter(was_listed=True)

    def in_order(self) -> Self:
        return self.order_by("position", "name", "pk")

    def with_images(self) -> Self:
        """All that a card or a page shows."""
        return self.select_related("image").prefetch_related("image__renditions")

    def headquarters(self) -> "Office | None":
        """The one office named so, or None until one is."""
        return self.filter(is_headquarters=True).first()


class Office(models.Model):
    name = models.CharField(max_length=80, help_text="What visitors call it: Copenhagen.")
    slug = models.SlugField("address on the site", max_length=80, unique=True)
    street = models.CharField(
        max_length=200, blank=True, help_text="With the house number, in the local order."
    )
    postal_code = models.CharField(max_length=20, blank=True)
    city = models.CharField(max_length=80, help_text="As on an envelope: København.")
    region = models.CharField(
        max_length=80, blank=True, help_text="State, province, or county, if addresses include it."
    )
    country = CountryField()
    timezone = models.CharField(
        "time zone",
        max_length=64,
        validators=[validate_zone],
        help_text="For example Europe/Copenhagen.",
    )
    weekdays = models.CharField(
        "working days", max_length=7, default="12345", help_text="1 is Monday, 7 is Sunday."
    )
    opens_at = models.TimeField(default=time(9))
    closes_at = models.TimeField(default=time(17))
    phone = models.CharField(max_length=40, blank=True)
    email = models.EmailField(blank=True)
    latitude = models.DecimalField(max_digits=8, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    description = models.TextField(blank=True, help_text="Leave a blank line between paragraphs.")
    image = models.ForeignKey(
        "images.Image", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    position = models.PositiveSmallIntegerField(default=0, help_text="Lower numbers come first.")
    is_headquarters = models.BooleanField("headquarters", default=False)
    is_listed = models.BooleanField("listed", default=True, help_text="Visitors can see it.")
    # Whether visitors have ever seen it: they and search engines may know its address.
    was_listed = models.BooleanField(default=False, editable=False)

    objects = OfficeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="offices_listed_is_remembered",
                condition=Q(is_listed=False) | Q(was_listed=True),
            ),
            models.UniqueConstraint(
                fields=["is_headquarters"],
                condition=Q(is_headquarters=True),
                name="offices_one_headquarters",
                violation_error_message="Another office is already the headquarters.",
            ),
            models.CheckConstraint(
                name="offices_weekdays_in_order",
                condition=Q(weekdays__regex=r"^1?2?3?4?5?6?7?\Z") & ~Q(weekdays=""),
                violation_error_message="Choose at least one working day.",
            ),
            models.CheckConstraint(
                name="offices_closes_after_it_opens",
                condition=Q(closes_at__gt=F("opens_at")),
                violation_error_message="The closing time must be after the opening time.",
            ),
            models.CheckConstraint(
                name="offices_coordinates_on_earth",
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(
                    latitude__isnull=False,  # a range alone lets NULL pass
                    longitude__isnull=False,
                    latitude__range=(-90, 90),
                    longitude__range=(-180, 180),
                ),
                violation_error_message="Give latitude (−90 to 90) and longitude (−180 to 180), "
                "or neither.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.was_listed = self.was_listed or self.is_listed
        if kwargs.get("update_fields") is not None:
            kwargs["update_fields"] = {*kwargs["update_fields"], "was_listed"}
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("offices:detail", args=[self.slug])

    @property
    def address(self) -> list[str]:
        """The address line by line, as its country writes it."""
        return address_lines(self)

    @property
    def hours(self) -> str:
        """When someone is in, local time: “Monday to Friday, 09:00–17:00”."""
        return f"{days_in_words(self.weekdays)}, {self.opens_at:%H:%M}–{self.closes_at:%H:%M}"

    @property
    def phone_link(self) -> str:
        """The number as RFC 3966 writes it, or nothing where it is no number one could call.

        Without a country code it is a number of the office's country.
        """
        try:
            number = phonenumbers.parse(self.phone, str(self.country))
        except phonenumbers.NumberParseException:
            return ""
        if not phonenumbers.is_possible_number(number):
            return ""
        plain = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        return f"tel:{plain}" + (f";ext={number.extension}" if number.extension else "")

    @property
    def map_url(self) -> str:
        """The place on OpenStreetMap, or nothing without coordinates."""
        if self.latitude is None or self.longitude is None:
            return ""
        spot = [f"{degrees.normalize():f}" for degrees in (self.latitude, self.longitude)]
        return "https://www.openstreetmap.org/?mlat={0}&mlon={1}#map=16/{0}/{1}".format(*spot)

    def utc_offset(self, at: datetime | None = None) -> str:
        """How far the office's clock is from UTC, now unless told: “UTC+5:30”."""
        hours, minutes = divmod(abs(self._offset(at)) // timedelta(minutes=1), 60)
        sign = "−" if self._offset(at) < timedelta(0) else "+"
        return f"UTC{sign}{hours}" + (f":{minutes:02}" if minutes else "")

    def iso_offset(self, at: datetime | None = None) -> str:
        """The same for programs: “+05:30”."""
        hours, minutes = divmod(abs(self._offset(at)) // timedelta(minutes=1), 60)
        sign = "-" if self._offset(at) < timedelta(0) else "+"
        return f"{sign}{hours:02}:{minutes:02}"

    def _offset(self, at: datetime | None) -> timedelta:
        local = (at or timezone.now()).astimezone(zoneinfo.ZoneInfo(self.timezone))
        return local.utcoffset() or timedelta(0)

    def structured_data(self, *, business: str = "") -> dict[str, Any]:
        """The office as a node of schema.org's LocalBusiness. `business` is whose it is."""
        url = absolute(self.get_absolute_url())
        data = {
            "@type": "LocalBusiness",
            "@id": url,
            "url": url,
            "name": f"{business}, {self.name}" if business else self.name,
            "description": self.description,
            "telephone": self.phone,
            "email": self.email,
            "image": absolute(pictures.source(self.image, 1600)) if self.image else "",
            "hasMap": self.map_url,
            "address": filled(
                {
                    "@type": "PostalAddress",
                    "streetAddress": self.street,
                    "addressLocality": self.city,
                    "addressRegion": self.region,
                    "postalCode": self.postal_code,
                    "addressCountry": str(self.country),
                }
            ),
            "openingHoursSpecification": {
                "@type": "OpeningHoursSpecification",
                "dayOfWeek": [WEEKDAYS[int(day) - 1] for day in self.weekdays],
                "opens": f"{self.opens_at:%H:%M}",
                "closes": f"{self.closes_at:%H:%M}",
            },
        }
        if self.latitude is not None and self.longitude is not None:
            data["geo"] = {
                "@type": "GeoCoordinates",
                "latitude": float(self.latitude),
                "longitude": float(self.longitude),
            }
        return filled(data)


def days_in_words(weekdays: str) -> str:
    """ISO digits as people say them: “Monday to Wednesday and Friday”."""
    if len(weekdays) == len(WEEKDAYS):
        return "Every day"
    runs: list[list[int]] = []
    for day in map(int, weekdays):
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    said: list[str] = []
    for run in runs:
        names = [WEEKDAYS[day - 1] for day in run]
        said += [f"{names[0]} to {names[-1]}"] if len(names) > 2 else names
    return listed(said)


def filled(data: dict[str, Any]) -> dict[str, Any]:
    """A node of structured data without what is not known."""
    return {key: value for key, value in data.items() if value not in ("", None)}
