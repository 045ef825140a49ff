import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Deletion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("record", models.CharField(max_length=40)),
                ("number", models.BigIntegerField(verbose_name="no.")),
                ("deleted_at", models.DateTimeField(verbose_name="deleted")),
            ],
            options={
                "verbose_name": "deleted record",
                "ordering": ["-deleted_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="Wording",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(unique=True, verbose_name="version")),
                ("title", models.CharField(blank=True, max_length=120)),
                ("text", models.TextField(blank=True)),
                (
                    "digest",
                    models.CharField(
                        db_index=True, editable=False, max_length=64, verbose_name="SHA-256"
                    ),
                ),
                (
                    "since",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="live since"
                    ),
                ),
            ],
            options={
                "verbose_name": "privacy wording",
                "ordering": ["-number"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("number__gte", 1)),
                        name="privacy_wording_numbers_begin_with_one",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("digest", ""), _negated=True),
                        name="privacy_wording_has_its_digest",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Erasure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="erased"),
                ),
                ("people", models.PositiveSmallIntegerField()),
                ("deleted", models.TextField()),
                ("kept", models.TextField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("people__gte", 1)),
                        name="privacy_erasure_is_of_someone",
                    )
                ],
            },
        ),
    ]
