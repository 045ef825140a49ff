from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("leads", "0009_fill_inquiry_points")]

    operations = [
        migrations.CreateModel(
            name="SpamLesson",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("tenths", models.JSONField(blank=True, default=dict)),
                ("learned_from", models.CharField(blank=True, max_length=64)),
                ("learned_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("pk", 1)), name="leads_spam_lesson_is_the_only_one"
                    )
                ],
            },
        ),
    ]
