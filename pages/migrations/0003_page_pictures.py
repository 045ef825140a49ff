"""Note which pictures each page shows already, so that none of them can be deleted."""

import re

import django.db.models.deletion
from django.db import migrations, models

PICTURE_ID = re.compile(r'data-file="(\d{1,18})"')


def note(apps, schema_editor):
    Image = apps.get_model("images", "Image")
    PagePicture = apps.get_model("pages", "PagePicture")
    for page in apps.get_model("pages", "Page").objects.all():
        shown = Image.objects.filter(pk__in={int(pk) for pk in PICTURE_ID.findall(page.body)})
        PagePicture.objects.bulk_create(PagePicture(page=page, image=image) for image in shown)


class Migration(migrations.Migration):
    dependencies = [("images", "0001_initial"), ("pages", "0002_first_rows")]

    operations = [
        migrations.CreateModel(
            name="PagePicture",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "image",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="images.image",
                    ),
                ),
                (
                    "page",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="pages.page",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("page", "image"), name="pages_a_picture_counts_once"
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="page",
            name="pictures",
            field=models.ManyToManyField(
                editable=False, related_name="+", through="pages.PagePicture", to="images.image"
            ),
        ),
        migrations.RunPython(note, migrations.RunPython.noop),
    ]
