from django.db import migrations, models

import pages.models


class Migration(migrations.Migration):
    dependencies = [("pages", "0005_redirects")]

    operations = [
        migrations.AddField(
            model_name="sitesettings",
            name="security_contact",
            field=models.CharField(
                blank=True,
                help_text="Whom to tell of a weakness: a mail address, or a page with https://. When empty, the contact page is named.",
                max_length=200,
                validators=[pages.models.validate_contact],
            ),
        ),
    ]
