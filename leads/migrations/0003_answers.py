"""The first answer keeps its moment when a further letter asks again."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("leads", "0002_inquiry_words_never_change")]

    operations = [
        migrations.AddField(
            model_name="lead",
            name="first_responded_at",
            field=models.DateTimeField(
                blank=True, editable=False, null=True, verbose_name="first answered"
            ),
        ),
        migrations.AlterField(
            model_name="lead",
            name="respond_by",
            field=models.DateTimeField(blank=True, null=True, verbose_name="answer by"),
        ),
        migrations.AlterField(
            model_name="lead",
            name="responded_at",
            field=models.DateTimeField(
                blank=True, editable=False, null=True, verbose_name="answered"
            ),
        ),
        migrations.AlterField(
            model_name="activity",
            name="kind",
            field=models.CharField(
                choices=[
                    ("inquiry", "Inquiry"),
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
    ]
