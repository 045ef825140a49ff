"""What is marked as spam is found again by its sender, their domain and its first words."""

from django.db import migrations, models
from django.db.models import Value
from django.db.models.functions import Left, Lower, StrIndex, Substr

EMAIL = Lower("email")
INDEXES = {
    "leads_inquiries_of_sender": EMAIL,
    "leads_inquiries_of_domain": Substr(EMAIL, StrIndex(EMAIL, Value("@"))),
    "leads_inquiries_beginning": Left("message", 60),
}


class Migration(migrations.Migration):
    dependencies = [("leads", "0019_earned")]

    operations = [
        migrations.AddIndex("inquiry", models.Index(of, name=name)) for name, of in INDEXES.items()
    ]
