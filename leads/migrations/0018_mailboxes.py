"""Who is who is decided by the mailbox, however its address is spelled.

Contacts that turn out to be one person stay two rows, so that no lead, note or answer of either is
touched: the oldest has the mailbox from now on, and what is written next goes there. Inquiries are
kept word for word; whoever looks for a person compares their addresses by mailbox.
"""

from importlib import import_module

from django.db import migrations, models

ADDRESSES = import_module("mail.migrations.0002_suppressed_mailboxes")


def fill(apps, schema_editor):
    Contact, Notice = apps.get_model("leads", "Contact"), apps.get_model("leads", "Notice")
    taken = set(Contact.objects.values_list("address", flat=True))
    for contact in Contact.objects.order_by("pk").only("email", "address").iterator():
        mailbox = ADDRESSES.mailbox(contact.email)
        if mailbox not in taken and len(mailbox) <= 254:
            taken.add(mailbox)
            Contact.objects.filter(pk=contact.pk).update(address=mailbox)
    told = Notice.objects.order_by("pk").values_list("recipient", flat=True).distinct()
    for recipient in set(told):
        of_it = Notice.objects.filter(recipient=recipient)
        of_it.update(mailbox=ADDRESSES.untagged(recipient))


class Migration(migrations.Migration):
    dependencies = [("leads", "0017_currencies"), ("mail", "0003_suppressed_once")]

    operations = [
        migrations.AddField(
            model_name="notice",
            name="mailbox",
            field=models.CharField(default="", editable=False, max_length=320),
            preserve_default=False,
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
