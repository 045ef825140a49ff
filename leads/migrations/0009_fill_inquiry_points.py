import re

from django.db import migrations

_POINTS = re.compile(r"\(([+-]\d+)\)$")


def fill(apps, schema_editor):
    """From the reasons, which say what each counted. Those without any had next to nothing."""
    inquiries = apps.get_model("leads", "Inquiry").objects.filter(points=None)
    inquiries.filter(reasons=[]).update(points=0)
    for inquiry in inquiries.only("pk", "reasons").iterator(chunk_size=500):
        found = (_POINTS.search(reason) for reason in inquiry.reasons)
        points = sum(int(one[1]) for one in found if one)
        inquiries.filter(pk=inquiry.pk).update(points=points)


class Migration(migrations.Migration):
    dependencies = [("leads", "0008_inquiry_points")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
