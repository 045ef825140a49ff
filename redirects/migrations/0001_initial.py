import django.db.models.functions.text
import django.utils.timezone
from django.db import migrations, models

from redirects.migrations import _redirect_triggers


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="MissingPage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("path", models.CharField(max_length=500, unique=True, verbose_name="address")),
                (
                    "count",
                    models.PositiveBigIntegerField(default=1, verbose_name="times requested"),
                ),
                ("first_seen", models.DateTimeField(default=django.utils.timezone.now)),
                ("last_seen", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "referrer_host",
                    models.CharField(blank=True, max_length=253, verbose_name="linked from"),
                ),
            ],
            options={
                "ordering": ["-count", "-last_seen", "pk"],
                "indexes": [
                    models.Index(
                        fields=["count", "last_seen"], name="redirects_missing_seldom_first"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("path__startswith", "/"),
                            models.Q(("path__endswith", "/"), _negated=True),
                        ),
                        name="redirects_missing_path_has_one_form",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Redirect",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "path",
                    models.CharField(
                        help_text="As it was on this site: /old/page, or /index.php?page_id=5 where the query is part of the address. With or without a trailing slash.",
                        max_length=500,
                        unique=True,
                        verbose_name="old path",
                    ),
                ),
                (
                    "target",
                    models.CharField(
                        help_text="/articles/, or https://… for another site.",
                        max_length=1000,
                        verbose_name="target",
                    ),
                ),
                ("target_path", models.CharField(db_index=True, editable=False, max_length=500)),
                (
                    "is_permanent",
                    models.BooleanField(
                        default=True,
                        help_text="Permanent (301): search engines drop the old address. Otherwise (302) they keep it.",
                        verbose_name="permanent",
                    ),
                ),
                ("note", models.CharField(blank=True, help_text="For colleagues.", max_length=250)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                (
                    "hits",
                    models.PositiveBigIntegerField(
                        default=0, editable=False, verbose_name="times used"
                    ),
                ),
                (
                    "last_hit_at",
                    models.DateTimeField(
                        blank=True, editable=False, null=True, verbose_name="last used"
                    ),
                ),
            ],
            options={
                "ordering": ["path"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("path__startswith", "/"),
                            models.Q(("path__startswith", "//"), _negated=True),
                            models.Q(("path__endswith", "/"), _negated=True),
                            models.Q(("path__contains", "#"), _negated=True),
                        ),
                        name="redirects_redirect_path_has_one_form",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("path__iexact", "/admin"), _negated=True),
                            models.Q(("path__istartswith", "/admin/"), _negated=True),
                        ),
                        name="redirects_redirect_never_of_the_admin",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("target__startswith", "/"),
                                models.Q(("target__startswith", "//"), _negated=True),
                            ),
                            ("target__startswith", "https://"),
                            _connector="OR",
                        ),
                        name="redirects_redirect_leads_somewhere",
                        violation_error_message="Start with / for a page on this site, or with https://.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("target__startswith", "/"), ("target_path__startswith", "/")),
                            models.Q(
                                models.Q(("target__startswith", "/"), _negated=True),
                                ("target_path", ""),
                            ),
                            _connector="OR",
                        ),
                        name="redirects_redirect_knows_its_target_path",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("path", models.F("target_path")), _negated=True),
                            models.Q(
                                (
                                    "target_path__startswith",
                                    django.db.models.functions.text.Concat(
                                        models.F("path"), models.Value("?")
                                    ),
                                ),
                                _negated=True,
                            ),
                        ),
                        name="redirects_redirect_never_to_itself",
                    ),
                ],
            },
        ),
        migrations.RunPython(_redirect_triggers.make, _redirect_triggers.drop),
    ]
