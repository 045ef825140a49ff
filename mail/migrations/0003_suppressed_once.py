from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("mail", "0002_suppressed_mailboxes")]

    operations = [
        migrations.AlterField(
            model_name="suppression",
            name="mailbox",
            field=models.CharField(editable=False, max_length=320, unique=True),
        ),
    ]
