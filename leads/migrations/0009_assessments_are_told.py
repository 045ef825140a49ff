"""An assessment that is finished after its inquiry was announced is told in letters of its own.

What was finished before this migration is marked as told: nobody is to be written to about it weeks
later. It stands on the lead, as it did.
"""

import django.db.models.deletion
from django.db import migrations, models
from django.utils import timezone


def mark_what_is_old(apps, schema_editor):
    came_with = apps.get_model("leads", "InquiryAssessment").objects.filter(
        assessment__finished_at__isnull=False, inquiry__announced_at__isnull=False
    )
    came_with.update(told_at=timezone.now())


class Migration(migrations.Migration):
    dependencies = [
        ("leads", "0008_inquiry_assessment"),
        ("mail", "0001_initial"),
        ("readiness", "0003_first_questions"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="notice",
            name="leads_told_once",
        ),
        migrations.AddField(
            model_name="inquiryassessment",
            name="told_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="notice",
            name="assessment",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="readiness.assessment",
            ),
        ),
        migrations.AlterField(
            model_name="activity",
            name="kind",
            field=models.CharField(
                choices=[
                    ("inquiry", "Inquiry"),
                    ("assessment", "Assessment"),
                    ("answer", "Answer"),
                    ("stage", "Stage"),
                    ("owner", "Owner"),
                    ("change", "Change"),
                    ("note", "Note"),
                    ("follow_up", "Follow-up"),
                ],
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="notice",
            name="kind",
            field=models.CharField(
                choices=[
                    ("notice", "Notice to sales"),
                    ("acknowledgement", "Acknowledgement to the visitor"),
                    ("readiness", "Readiness to sales"),
                    ("result", "Result to the visitor"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddIndex(
            model_name="inquiryassessment",
            index=models.Index(
                condition=models.Q(("told_at__isnull", True)),
                fields=["assessment"],
                name="leads_assessment_untold",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.UniqueConstraint(
                condition=models.Q(("assessment__isnull", True)),
                fields=("inquiry", "kind", "recipient"),
                name="leads_told_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.UniqueConstraint(
                condition=models.Q(("assessment__isnull", False)),
                fields=("inquiry", "kind", "recipient", "assessment"),
                name="leads_told_once_of_an_assessment",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("assessment__isnull", False), ("kind__in", ["readiness", "result"])),
                    models.Q(
                        models.Q(("kind__in", ["readiness", "result"]), _negated=True),
                        ("assessment__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="leads_told_of_an_assessment_says_which",
            ),
        ),
        migrations.RunPython(mark_what_is_old, migrations.RunPython.noop),
    ]
