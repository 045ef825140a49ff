"""The cookie of the assessment is also set by its private link and by an invitation that is accepted.
A text of one's own stays.
"""

from django.db import migrations

WAS = "When you take the readiness assessment and save its first step, one cookie"
IS = "When you take the readiness assessment, one cookie"


def tell(apps, schema_editor):
    replace(apps, WAS, IS)


def untell(apps, schema_editor):
    replace(apps, IS, WAS)


def replace(apps, old, new):
    for page in apps.get_model("pages", "Page").objects.filter(slug="privacy", body__contains=old):
        page.body = page.body.replace(old, new)
        page.save(update_fields=["body"])


class Migration(migrations.Migration):
    dependencies = [("pages", "0010_privacy_names_the_draft")]

    operations = [migrations.RunPython(tell, untell)]
