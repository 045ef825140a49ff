"""The privacy text says how long answers are kept. A text of one's own stays."""

from django.db import migrations

WAS = "if you send us the result with a message, it is kept with the message."
IS = (
    f"{WAS} What you do not send us is deleted within an hour of its time: an unfinished assessment "
    "after 30 days, a finished one after four months. What stays then is how often each answer was "
    "given and at which step people stopped: numbers, and nobody’s answers together."
)


def tell(apps, schema_editor):
    replace(apps, WAS, IS)


def untell(apps, schema_editor):
    replace(apps, IS, WAS)


def replace(apps, old, new):
    for page in apps.get_model("pages", "Page").objects.filter(slug="privacy", body__contains=old):
        page.body = page.body.replace(old, new)
        page.save(update_fields=["body"])


class Migration(migrations.Migration):
    dependencies = [("pages", "0008_redirects_are_compared_by_hash")]

    operations = [migrations.RunPython(tell, untell)]
