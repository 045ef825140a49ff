from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("leads", "0013_first_answers")]

    operations = [
        migrations.AddConstraint(
            model_name="lead",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("responded_at__isnull", True),
                    models.Q(
                        ("first_responded_at__isnull", False),
                        ("first_responded_at__lte", models.F("responded_at")),
                    ),
                    _connector="OR",
                ),
                name="leads_first_answer_comes_first",
            ),
        ),
    ]
