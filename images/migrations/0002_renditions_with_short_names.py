from django.db import migrations, models
from django.utils import timezone


def have_them_made_anew(apps, schema_editor):
    """The worker replaces each image's set, files included, while pages show the old one."""
    apps.get_model("images", "Image").objects.update(renditions_due_at=timezone.now())


class Migration(migrations.Migration):
    dependencies = [("images", "0001_initial")]

    operations = [
        migrations.AlterField(
            model_name="rendition",
            name="format",
            field=models.CharField(choices=[("avif", "AVIF"), ("jpeg", "JPEG")], max_length=4),
        ),
        migrations.RunPython(have_them_made_anew, have_them_made_anew),
    ]
