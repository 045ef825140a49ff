from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("desk", "0006_audit_event"),
    ]

    operations = [
        migrations.AlterField(
            model_name="auditevent",
            name="kind",
            field=models.CharField(
                choices=[
                    ("sign_in", "Sign-in"),
                    ("sign_in_failed", "Failed sign-in"),
                    ("sign_out", "Sign-out"),
                    ("credentials", "Password or second factor"),
                    ("rights", "Staff and rights"),
                    ("export", "Export"),
                    ("erasure", "Erasure"),
                    ("settings", "Settings"),
                    ("publishing", "Publishing"),
                    ("bulk", "Bulk change"),
                    ("import", "Import"),
                ],
                max_length=20,
            ),
        ),
    ]
