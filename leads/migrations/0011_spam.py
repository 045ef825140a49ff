"""Spam is a decision with person and moment; what may be spam is a verdict of its own."""

from importlib import import_module

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

WORDS = import_module("leads.migrations.0002_inquiry_words_never_change")
DELETIONS = import_module("leads.migrations.0007_deletions_are_written_down")


def restore_triggers(apps, schema_editor):
    """SQLite drops them with the old table, whenever it rebuilds one."""
    if schema_editor.connection.vendor == "sqlite":
        for name in ("words_never_change", "deletion_is_written_down"):
            schema_editor.execute(f"DROP TRIGGER IF EXISTS leads_inquiry_{name}")
        WORDS.forbid(apps, schema_editor)
        DELETIONS.watch(apps, schema_editor)


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0005_search_released_revisions"),
        ("leads", "0010_brief"),
        ("mail", "0001_initial"),
        ("offices", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Digest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SpamMark",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(db_index=True)),
            ],
            options={
                "ordering": ["-at", "-pk"],
            },
        ),
        migrations.AlterModelOptions(
            name="inquiry",
            options={
                "ordering": ["-received_at", "-pk"],
                "permissions": [("release_inquiry", "Can decide whether an inquiry is spam")],
                "verbose_name_plural": "inquiries",
            },
        ),
        migrations.RemoveConstraint(
            model_name="inquiry",
            name="leads_verdict_is_known",
        ),
        migrations.AlterField(
            model_name="inquiry",
            name="reasons",
            field=models.JSONField(blank=True, default=list, help_text="Why it looks like spam."),
        ),
        migrations.AlterField(
            model_name="inquiry",
            name="verdict",
            field=models.CharField(
                choices=[
                    ("clear", "Clear"),
                    ("doubtful", "May be spam"),
                    ("held", "Suspected spam"),
                    ("released", "Not spam"),
                ],
                default="clear",
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="inquiry",
            constraint=models.CheckConstraint(
                condition=models.Q(("verdict__in", ["clear", "doubtful", "held", "released"])),
                name="leads_verdict_is_known",
            ),
        ),
        migrations.AddField(
            model_name="digest",
            name="inquiries",
            field=models.ManyToManyField(related_name="digests", to="leads.inquiry"),
        ),
        migrations.AddField(
            model_name="digest",
            name="message",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="digest",
                to="mail.message",
            ),
        ),
        migrations.AddField(
            model_name="spammark",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="spammark",
            name="inquiry",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="spam_mark",
                to="leads.inquiry",
            ),
        ),
        migrations.RunPython(restore_triggers, restore_triggers),
    ]
