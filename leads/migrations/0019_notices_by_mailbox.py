from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("leads", "0018_mailboxes")]

    operations = [
        migrations.RemoveIndex(model_name="notice", name="leads_notice_recipient"),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(fields=["mailbox", "kind"], name="leads_notice_mailbox"),
        ),
        migrations.AlterField(
            model_name="inquiry", name="email", field=models.EmailField(max_length=254)
        ),
        migrations.AlterField(
            model_name="recipient",
            name="email",
            field=models.EmailField(
                error_messages={"unique": "This address is told already."},
                max_length=254,
                unique=True,
            ),
        ),
    ]
