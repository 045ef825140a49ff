"""The answers there were: from the two moments that a lead kept.

The step from New to Won or Lost was written down as a first answer. It was none, and goes.
"""

from django.db import migrations


def make_rows(apps, schema_editor):
    Lead = apps.get_model("leads", "Lead")
    Answer = apps.get_model("leads", "Answer")
    for lead in Lead.objects.filter(first_responded_at__isnull=False).order_by("pk").iterator():
        first, latest = lead.first_responded_at, lead.responded_at
        lines = lead.activities.filter(kind__in=["stage", "answer"])
        if lines.filter(kind="stage", at=first, text__regex="^New → (Won|Lost)").exists():
            lead.first_responded_at = lead.responded_at = None
            lead.save(update_fields=["first_responded_at", "responded_at"])
            continue
        moments = [first] if latest in (None, first) else [first, latest]
        for moment in moments:
            line = lines.filter(at=moment).first()
            answer = Answer.objects.create(lead=lead, by=line.by if line else None, at=moment)
            theirs = lead.inquiries.filter(answers=None)
            if moment != latest:  # somebody has written since
                theirs = theirs.filter(received_at__lte=moment)
            answer.inquiries.set(theirs)


def forget_rows(apps, schema_editor):
    apps.get_model("leads", "Answer").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("leads", "0012_answers_are_rows")]

    operations = [migrations.RunPython(make_rows, forget_rows)]
