import django.db.models.functions.text
from django.db import migrations, models

import mail.words


class Migration(migrations.Migration):
    dependencies = [("leads", "0005_recipients_in_any_case")]

    operations = [
        migrations.AlterField(
            model_name="recipient",
            name="email",
            field=models.EmailField(
                error_messages={"unique": "This address is told already."},
                max_length=254,
                unique=True,
                validators=[mail.words.validate_address],
            ),
        ),
        migrations.AddConstraint(
            model_name="recipient",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Lower("email"),
                name="leads_recipient_unique_in_any_case",
                violation_error_message="This address is told already.",
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(fields=["recipient", "kind"], name="leads_notice_recipient"),
        ),
    ]
