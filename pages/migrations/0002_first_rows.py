"""What a site needs before anybody has written a word: its settings and a way to every part."""

from django.db import migrations

LINKS = [
    ("header", "Articles", "/articles/"),
    ("header", "Services", "/services/"),
    ("header", "Offices", "/offices/"),
    ("header", "Contact", "/contact/"),
    ("footer", "Articles", "/articles/"),
    ("footer", "Offices", "/offices/"),
    ("footer", "Contact", "/contact/"),
]


def make(apps, schema_editor):
    apps.get_model("pages", "SiteSettings").objects.get_or_create(pk=1)
    MenuLink = apps.get_model("pages", "MenuLink")
    for position, (place, label, path) in enumerate(LINKS):
        MenuLink.objects.create(place=place, label=label, path=path, position=position * 10)


def unmake(apps, schema_editor):
    MenuLink = apps.get_model("pages", "MenuLink")
    for place, label, path in LINKS:
        MenuLink.objects.filter(place=place, label=label, path=path).delete()


class Migration(migrations.Migration):
    dependencies = [("pages", "0001_initial")]

    operations = [migrations.RunPython(make, unmake)]
