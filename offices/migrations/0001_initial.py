import datetime

import django.db.models.deletion
import django_countries.fields
from django.db import migrations, models

import desk.zones


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("images", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Office",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "name",
                    models.CharField(help_text="What visitors call it: Copenhagen.", max_length=80),
                ),
                (
                    "slug",
                    models.SlugField(
                        max_length=80, unique=True, verbose_name="address on the site"
                    ),
                ),
                (
                    "street",
                    models.CharField(
                        blank=True,
                        help_text="With the house number, in the local order.",
                        max_length=200,
                    ),
                ),
                ("postal_code", models.CharField(blank=True, max_length=20)),
                (
                    "city",
                    models.CharField(help_text="As on an envelope: København.", max_length=80),
                ),
                (
                    "region",
                    models.CharField(
                        blank=True,
                        help_text="State, province, or county, if addresses include it.",
                        max_length=80,
                    ),
                ),
                ("country", django_countries.fields.CountryField(max_length=2)),
                (
                    "timezone",
                    models.CharField(
                        help_text="For example Europe/Copenhagen.",
                        max_length=64,
                        validators=[desk.zones.validate_zone],
                        verbose_name="time zone",
                    ),
                ),
                (
                    "weekdays",
                    models.CharField(
                        default="12345",
                        help_text="1 is Monday, 7 is Sunday.",
                        max_length=7,
                        verbose_name="working days",
                    ),
                ),
                ("opens_at", models.TimeField(default=datetime.time(9, 0))),
                ("closes_at", models.TimeField(default=datetime.time(17, 0))),
                ("phone", models.CharField(blank=True, max_length=40)),
                ("email", models.EmailField(blank=True, max_length=254)),
                (
                    "latitude",
                    models.DecimalField(blank=True, decimal_places=6, max_digits=8, null=True),
                ),
                (
                    "longitude",
                    models.DecimalField(blank=True, decimal_places=6, max_digits=9, null=True),
                ),
                (
                    "description",
                    models.TextField(
                        blank=True, help_text="Leave a blank line between paragraphs."
                    ),
                ),
                (
                    "position",
                    models.PositiveSmallIntegerField(
                        default=0, help_text="Lower numbers come first."
                    ),
                ),
                (
                    "is_headquarters",
                    models.BooleanField(default=False, verbose_name="headquarters"),
                ),
                (
                    "is_listed",
                    models.BooleanField(
                        default=True, help_text="Visitors can see it.", verbose_name="listed"
                    ),
                ),
                ("was_listed", models.BooleanField(default=False, editable=False)),
                (
                    "image",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="images.image",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_listed", False), ("was_listed", True), _connector="OR"
                        ),
                        name="offices_listed_is_remembered",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_headquarters", True)),
                        fields=("is_headquarters",),
                        name="offices_one_headquarters",
                        violation_error_message="Another office is already the headquarters.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("weekdays__regex", "^1?2?3?4?5?6?7?\\Z"),
                            models.Q(("weekdays", ""), _negated=True),
                        ),
                        name="offices_weekdays_in_order",
                        violation_error_message="Choose at least one working day.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("closes_at__gt", models.F("opens_at"))),
                        name="offices_closes_after_it_opens",
                        violation_error_message="The closing time must be after the opening time.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("latitude__isnull", True), ("longitude__isnull", True)),
                            models.Q(
                                ("latitude__isnull", False),
                                ("latitude__range", (-90, 90)),
                                ("longitude__isnull", False),
                                ("longitude__range", (-180, 180)),
                            ),
                            _connector="OR",
                        ),
                        name="offices_coordinates_on_earth",
                        violation_error_message="Give latitude (−90 to 90) and longitude (−180 to 180), or neither.",
                    ),
                ],
            },
        ),
    ]
