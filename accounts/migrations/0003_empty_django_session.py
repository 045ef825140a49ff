"""Sessions are rows of `accounts.Session` since 0.3.0. What 0.2.0 left in Django's own table says
who was signed in, and nothing would ever delete it. The table itself goes with the next release:
until it is restarted, 0.2.0 still asks it.
"""

from django.db import migrations


def empty(apps, schema_editor):
    apps.get_model("sessions", "Session").objects.using(
        schema_editor.connection.alias
    ).all().delete()


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_sign_in"),
        ("sessions", "0001_initial"),
    ]

    operations = [migrations.RunPython(empty, migrations.RunPython.noop)]
