from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("leads", "0017_inquiry_language")]

    operations = [
        migrations.AddField(
            model_name="byhand",
            name="place",
            field=models.CharField(blank=True, db_default="", default="", max_length=120),
        ),
    ]
