"""The privacy text named what the browser keeps and what we do, before there were briefs. A text of
one's own stays.
"""

from django.db import migrations

CHANGES = {
    "with one exception that you choose: when you take the readiness assessment and save its first "
    "step, one cookie": "with two exceptions that you choose. When you write a brief, your browser "
    "keeps the draft until you send it or press “Forget the draft”; it does not come to us before. "
    "When you take the readiness assessment and save its first step, one cookie",
    "your name, email address, company and message, as you typed them;": "your name, email address, "
    "company and message, and the brief if you wrote one, as you typed them;",
}


def tell(apps, schema_editor):
    replace(apps, CHANGES)


def untell(apps, schema_editor):
    replace(apps, {new: old for old, new in CHANGES.items()})


def replace(apps, changes):
    for page in apps.get_model("pages", "Page").objects.filter(slug="privacy"):
        before = page.body
        for old, new in changes.items():
            page.body = page.body.replace(old, new)
        if page.body != before:
            page.save(update_fields=["body"])


class Migration(migrations.Migration):
    dependencies = [("pages", "0009_privacy_says_how_long")]

    operations = [migrations.RunPython(tell, untell)]
