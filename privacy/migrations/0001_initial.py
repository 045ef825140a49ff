import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
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
    ]
