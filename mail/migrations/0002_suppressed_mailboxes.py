"""Suppression is by mailbox: however its address is spelled, and whatever its +tag.

Two rows of one mailbox become the older one, with the reasons of both.
"""

import re
import unicodedata
from contextlib import suppress

import idna
from django.db import migrations, models

FULL_WIDTH = {0xFF01 + n: 0x21 + n for n in range(94)}
DOT_ATOM = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*", re.IGNORECASE
)


def mailbox(address):
    """As `mail.addresses.mailbox` was when this was written."""
    folded = unicodedata.normalize("NFC", address.strip().translate(FULL_WIDTH))
    local, at, domain = folded.rpartition("@")
    if not at:
        return folded.lower()
    if len(local) > 1 and local[0] == local[-1] == '"':
        said = re.sub(r"(?s)\\(.)", r"\1", local[1:-1])
        escaped = re.sub(r'(["\\])', r"\\\1", said)
        local = said if DOT_ATOM.fullmatch(said) else f'"{escaped}"'
    domain = domain.rstrip(".")
    if not domain.isascii():
        with suppress(UnicodeError):
            domain = idna.encode(domain, uts46=True, std3_rules=True).decode("ascii")
    return f"{local}@{domain}".lower()


def untagged(address):
    local, at, domain = mailbox(address).rpartition("@")
    return f"{local.partition('+')[0] or local}{at}{domain}"


def fill(apps, schema_editor):
    Suppression = apps.get_model("mail", "Suppression")
    kept = {}
    for one in Suppression.objects.order_by("added_at", "pk"):
        first = kept.setdefault(untagged(one.address), one)
        if first is one:
            one.mailbox = untagged(one.address)
        else:
            first.why = f"{first.why}; {one.why}"[:250]
            one.delete()
    for mailbox_, one in kept.items():
        one.mailbox = mailbox_
        one.save(update_fields=["mailbox", "why"])


class Migration(migrations.Migration):
    dependencies = [("mail", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="suppression",
            name="mailbox",
            field=models.CharField(default="", editable=False, max_length=320),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="suppression", name="address", field=models.EmailField(max_length=254)
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
