from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("articles", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="revision",
            name="live_until",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AlterField(
            model_name="revision",
            name="state",
            field=models.CharField(
                choices=[
                    ("working", "Working copy"),
                    ("in_review", "Waiting for review"),
                    ("released", "Released"),
                    ("set_aside", "Set aside"),
                ],
                default="working",
                max_length=10,
            ),
        ),
        migrations.RemoveConstraint(model_name="revision", name="articles_one_working_copy"),
        migrations.RemoveConstraint(model_name="revision", name="articles_state_is_known"),
        migrations.AddConstraint(
            model_name="revision",
            constraint=models.UniqueConstraint(
                condition=Q(state__in=["working", "in_review"]),
                fields=["article"],
                name="articles_one_working_copy",
                violation_error_message="This article has a working copy already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="revision",
            constraint=models.CheckConstraint(
                condition=Q(state__in=["working", "in_review", "released", "set_aside"]),
                name="articles_state_is_known",
            ),
        ),
    ]
