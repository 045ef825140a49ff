"""Fills when the first open next step of each lead is due."""

from django.db import migrations
from django.db.models import Exists, Min, OuterRef, Subquery


def fill(apps, schema_editor):
    using = schema_editor.connection.alias
    steps = apps.get_model("leads", "NextStep").objects.filter(lead=OuterRef("pk"), done_at=None)
    first = steps.order_by().values("lead").annotate(due=Min("due_on")).values("due")
    leads = apps.get_model("leads", "Lead").objects.using(using)
    leads.filter(Exists(steps)).update(step_due=Subquery(first))


class Migration(migrations.Migration):
    dependencies = [("leads", "0014_lead_step_due")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
