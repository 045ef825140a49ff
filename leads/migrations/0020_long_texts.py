"""Texts of 50,000 characters. The columns know no length: nothing changes in the database, and
SQLite does not rebuild the tables, which would drop their triggers."""

from django.db import migrations, models

SECTIONS = (
    "context", "interfaces", "acceptance_criteria", "out_of_scope", "definition_of_done",
    "constraints",
)  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("leads", "0019_notices_by_mailbox")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField("inquiry", "message", models.TextField(max_length=50000)),
                *(
                    migrations.AlterField(
                        "brief", name, models.TextField(blank=True, max_length=50000)
                    )
                    for name in SECTIONS
                ),
            ]
        )
    ]
