"""Fixing the live text, and taking the fix in, are lines of the history of their own."""

from django.db import migrations, models

KINDS = [
    ("submitted", "Submitted for review"),
    ("changed", "Taken out of review by a change of the text"),
    ("approved", "Approved"),
    ("sent_back", "Sent back"),
    ("published", "Published"),
    ("fixed", "Live text fixed"),
    ("took_in", "Fix taken in"),
    ("scheduled", "Scheduled"),
    ("unscheduled", "Unscheduled"),
    ("discarded", "Draft discarded"),
    ("restored", "Older revision used again"),
    ("unpublished", "Unpublished"),
    ("retired", "Retired"),
    ("republished", "Republished"),
    ("topic", "Topic added"),
    ("allowed", "Allowed to be published"),
    ("undone", "Undone"),
]


class Migration(migrations.Migration):
    dependencies = [("articles", "0008_private_names")]

    operations = [
        migrations.AlterField(
            "historyline", "kind", models.CharField(choices=KINDS, max_length=12)
        ),
    ]
