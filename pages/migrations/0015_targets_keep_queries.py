"""What the targets of redirects are compared by, their queries included."""

import re
from urllib.parse import parse_qsl, unquote, urlencode

from django.db import migrations

# As pages.addresses had it when this was written. It may go on; what it once made stays so.
LONGEST_PATH = 500
_TRACKING = re.compile(r"utm_\w+|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|mc_[ce]id|_ga")


def path_of(target):
    path, _, query = target.partition("#")[0].partition("?")
    path = unquote(path, errors="replace").rstrip("/")
    pairs = parse_qsl(query, keep_blank_values=True)
    query = urlencode(sorted(pair for pair in pairs if not _TRACKING.fullmatch(pair[0])))
    found = f"{path or '/'}?{query}" if query else path
    return (found if len(found) <= LONGEST_PATH else path) or "/"


def put_right(apps, schema_editor):
    Redirect = apps.get_model("pages", "Redirect")
    rows = Redirect.objects.using(schema_editor.connection.alias)
    for redirect in list(rows.filter(target__startswith="/", target__contains="?")):
        rows.filter(pk=redirect.pk).update(target_path=path_of(redirect.target))


def put_back(apps, schema_editor):
    Redirect = apps.get_model("pages", "Redirect")
    rows = Redirect.objects.using(schema_editor.connection.alias)
    for redirect in list(rows.filter(target_path__contains="?")):
        path = redirect.target_path.partition("?")[0]
        rows.filter(pk=redirect.pk).update(target_path=path)


class Migration(migrations.Migration):
    dependencies = [("pages", "0014_redirects_keep_queries")]

    operations = [migrations.RunPython(put_right, put_back)]
