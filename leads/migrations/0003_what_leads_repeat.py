"""Fills the columns of leads that repeat what their inquiries and their history say."""

from django.db import migrations
from django.db.models import Exists, OuterRef, Subquery
from django.db.models.functions import Coalesce


def fill(apps, schema_editor):
    using = schema_editor.connection.alias
    Lead = apps.get_model("leads", "Lead").objects.using(using)
    theirs = apps.get_model("leads", "Inquiry").objects.filter(lead=OuterRef("pk"))
    moved = apps.get_model("leads", "Activity").objects.filter(lead=OuterRef("pk"), kind="stage")
    # A line says "New → Contacted"; one without an arrow says why anew.
    latest = moved.filter(text__contains="→").order_by("-at").values("at")[:1]
    Lead.update(stage_since=Coalesce(Subquery(latest), "opened_at"))
    genuine = theirs.filter(spam_mark__isnull=True)
    Lead.filter(Exists(theirs), ~Exists(genuine)).update(kind="spam")


class Migration(migrations.Migration):
    dependencies = [("leads", "0002_acts_and_kinds")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
