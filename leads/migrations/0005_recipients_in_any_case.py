"""Nobody is told twice because their address is written in two ways: one row of them stays."""

from django.db import migrations


def merge(apps, schema_editor):
    """The row named first stays; it is told if any of them was."""
    Recipient = apps.get_model("leads", "Recipient")
    kept = {}
    for row in Recipient.objects.order_by("pk"):
        first = kept.setdefault(row.email.lower(), row)
        if first is row:
            continue
        if row.is_active and not first.is_active:
            first.is_active = True
            first.save(update_fields=["is_active"])
        row.delete()


class Migration(migrations.Migration):
    dependencies = [("leads", "0004_first_answers_so_far")]

    operations = [migrations.RunPython(merge, migrations.RunPython.noop)]
