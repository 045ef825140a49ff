"""Pages that the code links to are found by a key, whatever their address is by then."""

from django.db import migrations, models

NAMED = ["privacy", "how-we-work"]


def name(apps, schema_editor):
    pages = apps.get_model("pages", "Page").objects.using(schema_editor.connection.alias)
    for key in NAMED:
        pages.filter(slug=key).update(key=key)


class Migration(migrations.Migration):
    dependencies = [("pages", "0012_forget_email_addresses")]

    operations = [
        migrations.AddField(
            model_name="page",
            name="key",
            field=models.CharField(editable=False, max_length=20, null=True, unique=True),
        ),
        migrations.AlterField(
            model_name="page",
            name="slug",
            field=models.SlugField(
                help_text="If you change it, the old address leads to the new one.",
                max_length=80,
                unique=True,
                verbose_name="address",
            ),
        ),
        migrations.RunPython(name, migrations.RunPython.noop),
    ]
