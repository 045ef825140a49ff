import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Suppression",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("address", models.EmailField(max_length=254)),
                ("mailbox", models.CharField(editable=False, max_length=320, unique=True)),
                ("why", models.CharField(max_length=250)),
                (
                    "added_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
            ],
            options={
                "verbose_name": "suppressed address",
                "verbose_name_plural": "suppressed addresses",
                "ordering": ["address"],
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "key",
                    models.CharField(
                        help_text="One email for each key.", max_length=400, unique=True
                    ),
                ),
                ("to", models.EmailField(max_length=254)),
                ("sender_name", models.CharField(blank=True, max_length=250)),
                ("reply_to", models.EmailField(blank=True, max_length=254)),
                ("reply_to_name", models.CharField(blank=True, max_length=250)),
                ("subject", models.CharField(max_length=250)),
                ("text", models.TextField()),
                ("html", models.TextField(blank=True)),
                ("headers", models.JSONField(blank=True, default=dict)),
                (
                    "message_id",
                    models.CharField(max_length=255, unique=True, verbose_name="Message-ID"),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("queued", "Queued"), ("sent", "Sent"), ("failed", "Failed")],
                        default="queued",
                        max_length=10,
                    ),
                ),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("due_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("leased_until", models.DateTimeField(blank=True, null=True)),
                (
                    "claimed_as",
                    models.UUIDField(blank=True, editable=False, null=True, unique=True),
                ),
                ("refused_since", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "unconfirmed",
                    models.PositiveSmallIntegerField(
                        db_default=0,
                        default=0,
                        help_text="How many times the mail server took the email without confirming it.",
                    ),
                ),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                ("error", models.TextField(blank=True, help_text="What went wrong last time.")),
            ],
            options={
                "verbose_name": "email",
                "ordering": ["-created_at", "-pk"],
                "permissions": [("resend_message", "Can send an email again")],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "queued")),
                        fields=["due_at"],
                        name="mail_message_due",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["queued", "sent", "failed"])),
                        name="mail_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("sent_at__isnull", False), ("state", "sent")),
                            models.Q(
                                models.Q(("state", "sent"), _negated=True),
                                ("sent_at__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="mail_sent_has_a_moment",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("unconfirmed__lte", 3)), name="mail_copies_are_few"
                    ),
                ],
            },
        ),
    ]
