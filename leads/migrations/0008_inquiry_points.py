from django.db import migrations, models


class Migration(migrations.Migration):
    """Without a default, so that SQLite makes no new table and the triggers stay."""

    dependencies = [("leads", "0007_absences_duty_and_mornings")]

    operations = [
        migrations.AddField(
            model_name="inquiry",
            name="points",
            field=models.SmallIntegerField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="inquiry",
            name="reasons",
            field=models.JSONField(
                blank=True, default=list, help_text="What speaks for spam, and against it."
            ),
        ),
    ]
