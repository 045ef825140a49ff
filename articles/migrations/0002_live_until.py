from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("articles", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="revision",
            name="live_until",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
    ]
