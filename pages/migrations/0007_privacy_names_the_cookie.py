"""The privacy text said that there is no cookie; by now there is one. A text of one's own stays."""

from django.db import migrations

WAS = "The public pages set no cookie and store nothing in your browser."
IS = (
    "The public pages set no cookie and store nothing in your browser, with one exception that you "
    "choose: when you take the readiness assessment and save its first step, one cookie leads back "
    "to your answers for 30 days. It is sent to the pages of the assessment only. We do not ask "
    "there who you are; if you send us the result with a message, it is kept with the message."
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
    dependencies = [("pages", "0006_security_contact")]

    operations = [migrations.RunPython(tell, untell)]
