from django.db import migrations, models


class Migration(migrations.Migration):
    """Without a default, so that SQLite makes no new table and the triggers stay."""

    dependencies = [("leads", "0016_what_waits")]

    operations = [
        migrations.AddField(
            model_name="inquiry",
            name="language",
            field=models.CharField(blank=True, editable=False, max_length=3, null=True),
        ),
        migrations.AddIndex(
            model_name="inquiry",
            index=models.Index(
                condition=models.Q(("language__isnull", True)),
                fields=["received_at", "id"],
                name="leads_inquiry_without_language",
            ),
        ),
        migrations.AddIndex(
            model_name="inquiry",
            index=models.Index(
                fields=["language", "received_at", "id"], name="leads_inquiries_by_language"
            ),
        ),
    ]
