from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("mail", "0003_suppressed_once")]

    operations = [
        migrations.AddField(
            model_name="message",
            name=name,
            field=models.CharField(blank=True, default="", max_length=250),
            preserve_default=False,
        )
        for name in ("sender_name", "reply_to_name")
    ]
