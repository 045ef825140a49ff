import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="SentForm",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "digest",
                    models.CharField(
                        help_text="SHA-256 of who sent what.", max_length=64, unique=True
                    ),
                ),
                ("sent_at", models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ("location", models.TextField(help_text="The path where the answer led.")),
            ],
        ),
    ]
