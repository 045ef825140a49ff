"""When leads were first answered, as far as their rows still tell."""

from django.db import migrations
from django.db.models import F, Min, Q


def remember(apps, schema_editor):
    """The answer that stands or, where a further letter has emptied it, the first move of stage."""
    Lead = apps.get_model("leads", "Lead")
    Lead.objects.filter(responded_at__isnull=False).update(first_responded_at=F("responded_at"))
    asked_again = Lead.objects.filter(responded_at__isnull=True).annotate(
        moved_at=Min("activities__at", filter=Q(activities__kind="stage"))
    )
    for lead in asked_again.filter(moved_at__isnull=False):
        lead.first_responded_at = lead.moved_at
        lead.save(update_fields=["first_responded_at"])


class Migration(migrations.Migration):
    dependencies = [("leads", "0003_answers")]

    operations = [migrations.RunPython(remember, migrations.RunPython.noop)]
