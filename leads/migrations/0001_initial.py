import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import desk.zones
from leads.migrations import _triggers


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("articles", "0001_initial"),
        ("mail", "0001_initial"),
        ("offices", "0001_initial"),
        ("privacy", "0001_initial"),
        ("readiness", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Company",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=160)),
                ("domain", models.CharField(blank=True, help_text="example.com", max_length=253)),
            ],
            options={
                "verbose_name_plural": "companies",
                "ordering": ["name"],
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("name"),
                        name="leads_company_name_unique_in_any_case",
                        violation_error_message="This company already exists.",
                    ),
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("domain"),
                        condition=models.Q(("domain", ""), _negated=True),
                        name="leads_company_domain_unique",
                        violation_error_message="Another company has this domain.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Contact",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("email", models.EmailField(help_text="As the person writes it.", max_length=254)),
                ("address", models.EmailField(editable=False, max_length=254, unique=True)),
                ("phone", models.CharField(blank=True, max_length=40)),
                ("job_title", models.CharField(blank=True, max_length=120)),
                (
                    "timezone",
                    models.CharField(
                        blank=True,
                        help_text="For example Europe/Copenhagen.",
                        max_length=64,
                        validators=[desk.zones.validate_zone],
                        verbose_name="time zone",
                    ),
                ),
                (
                    "company",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="contacts",
                        to="leads.company",
                    ),
                ),
            ],
            options={
                "ordering": ["name", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Inquiry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("email", models.EmailField(max_length=254)),
                ("company", models.CharField(blank=True, max_length=160)),
                ("message", models.TextField(max_length=50000)),
                (
                    "source_path",
                    models.CharField(blank=True, max_length=500, verbose_name="sent from"),
                ),
                (
                    "referrer_host",
                    models.CharField(blank=True, max_length=253, verbose_name="came from"),
                ),
                (
                    "utm_source",
                    models.CharField(blank=True, max_length=120, verbose_name="campaign source"),
                ),
                (
                    "utm_medium",
                    models.CharField(blank=True, max_length=120, verbose_name="campaign medium"),
                ),
                (
                    "utm_campaign",
                    models.CharField(blank=True, max_length=120, verbose_name="campaign"),
                ),
                ("received_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("submission_key", models.CharField(max_length=100, unique=True)),
                ("fingerprint", models.CharField(db_index=True, max_length=64)),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("clear", "Clear"),
                            ("doubtful", "May be spam"),
                            ("suspected", "Suspected spam"),
                            ("not_spam", "Not spam"),
                        ],
                        default="clear",
                        max_length=10,
                    ),
                ),
                (
                    "reasons",
                    models.JSONField(blank=True, default=list, help_text="Why it looks like spam."),
                ),
                ("notified_at", models.DateTimeField(blank=True, null=True)),
                (
                    "article",
                    models.ForeignKey(
                        blank=True,
                        help_text="The article that the form was on.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="inquiries",
                        to="articles.article",
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="inquiries",
                        to="leads.contact",
                    ),
                ),
                (
                    "office",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="inquiries",
                        to="offices.office",
                    ),
                ),
                (
                    "wording",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="privacy.wording",
                        verbose_name="privacy wording",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "inquiries",
                "ordering": ["-received_at", "-pk"],
                "permissions": [("decide_inquiry", "Can decide whether an inquiry is spam")],
            },
        ),
        migrations.CreateModel(
            name="Digest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "message",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="digest",
                        to="mail.message",
                    ),
                ),
                ("inquiries", models.ManyToManyField(related_name="digests", to="leads.inquiry")),
            ],
        ),
        migrations.CreateModel(
            name="Lead",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("new", "New"),
                            ("contacted", "Contacted"),
                            ("qualified", "Qualified"),
                            ("proposal", "Proposal sent"),
                            ("won", "Won"),
                            ("lost", "Lost"),
                        ],
                        default="new",
                        max_length=12,
                    ),
                ),
                (
                    "value",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        help_text="Estimated value of the work.",
                        max_digits=13,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                ("currency", models.CharField(default="EUR", max_length=3)),
                (
                    "opened_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                (
                    "respond_by",
                    models.DateTimeField(blank=True, null=True, verbose_name="answer by"),
                ),
                (
                    "responded_at",
                    models.DateTimeField(
                        blank=True, editable=False, null=True, verbose_name="answered"
                    ),
                ),
                (
                    "first_responded_at",
                    models.DateTimeField(
                        blank=True, editable=False, null=True, verbose_name="first answered"
                    ),
                ),
                ("closed_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("lost_reason", models.CharField(blank=True, max_length=250)),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="leads",
                        to="leads.contact",
                    ),
                ),
                (
                    "office",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        to="offices.office",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="leads",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="assigned to",
                    ),
                ),
            ],
            options={
                "ordering": ["-opened_at", "-pk"],
            },
        ),
        migrations.AddField(
            model_name="inquiry",
            name="lead",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="inquiries",
                to="leads.lead",
            ),
        ),
        migrations.CreateModel(
            name="Answer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("inquiries", models.ManyToManyField(related_name="answers", to="leads.inquiry")),
                (
                    "lead",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="answers",
                        to="leads.lead",
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="Activity",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("inquiry", "Inquiry"),
                            ("assessment", "Assessment"),
                            ("answer", "Answer"),
                            ("stage", "Stage"),
                            ("owner", "Assignment"),
                            ("change", "Change"),
                            ("note", "Note"),
                            ("next_step", "Next step"),
                        ],
                        max_length=10,
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("text", models.TextField()),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "inquiry",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="leads.inquiry",
                    ),
                ),
                (
                    "lead",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="activities",
                        to="leads.lead",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "activities",
                "ordering": ["-at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="NextStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.CharField(max_length=250, verbose_name="next step")),
                ("due_on", models.DateField(verbose_name="due")),
                ("done_at", models.DateTimeField(blank=True, null=True)),
                (
                    "lead",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="next_steps",
                        to="leads.lead",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="assigned to",
                    ),
                ),
            ],
            options={
                "verbose_name": "next step",
                "ordering": ["done_at", "due_on", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Notification",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("notification", "Notification to sales"),
                            ("acknowledgment", "Acknowledgment to visitor"),
                            ("readiness", "Readiness result to sales"),
                            ("result", "Result to visitor"),
                        ],
                        max_length=20,
                    ),
                ),
                ("recipient", models.EmailField(max_length=254)),
                ("mailbox", models.CharField(editable=False, max_length=320)),
                (
                    "assessment",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="readiness.assessment",
                    ),
                ),
                (
                    "inquiry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notifications",
                        to="leads.inquiry",
                    ),
                ),
                (
                    "message",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notification",
                        to="mail.message",
                    ),
                ),
            ],
            options={
                "ordering": ["kind", "recipient"],
            },
        ),
        migrations.CreateModel(
            name="Recipient",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "email",
                    models.EmailField(
                        error_messages={"unique": "This address is already a recipient."},
                        max_length=254,
                        unique=True,
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="notified")),
            ],
            options={
                "verbose_name": "recipient of inquiries",
                "verbose_name_plural": "recipients of inquiries",
                "ordering": ["email"],
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("email"),
                        name="leads_recipient_unique_in_any_case",
                        violation_error_message="This address is already a recipient.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SpamMark",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(db_index=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "inquiry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="spam_mark",
                        to="leads.inquiry",
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="Brief",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(blank=True, max_length=160)),
                ("context", models.TextField(blank=True, max_length=50000)),
                ("interfaces", models.TextField(blank=True, max_length=50000)),
                ("acceptance_criteria", models.TextField(blank=True, max_length=50000)),
                ("out_of_scope", models.TextField(blank=True, max_length=50000)),
                ("definition_of_done", models.TextField(blank=True, max_length=50000)),
                ("constraints", models.TextField(blank=True, max_length=50000)),
                ("findings", models.JSONField(editable=False, null=True)),
                (
                    "inquiry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="brief",
                        to="leads.inquiry",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("acceptance_criteria", ""),
                            ("constraints", ""),
                            ("context", ""),
                            ("definition_of_done", ""),
                            ("interfaces", ""),
                            ("out_of_scope", ""),
                            ("title", ""),
                            _negated=True,
                        ),
                        name="leads_brief_says_something",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="InquiryAssessment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("notified_at", models.DateTimeField(blank=True, null=True)),
                (
                    "assessment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="inquiries",
                        to="readiness.assessment",
                    ),
                ),
                (
                    "inquiry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="assessments",
                        to="leads.inquiry",
                    ),
                ),
            ],
            options={
                "ordering": ["-assessment__finished_at", "-pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("notified_at__isnull", True)),
                        fields=["assessment"],
                        name="leads_assessment_not_notified",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("inquiry", "assessment"), name="leads_an_assessment_comes_once"
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="lead",
            constraint=models.UniqueConstraint(
                condition=models.Q(("closed_at__isnull", True)),
                fields=("contact",),
                name="leads_one_open_lead_a_contact",
                violation_error_message="This contact already has an open lead.",
            ),
        ),
        migrations.AddConstraint(
            model_name="lead",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("stage__in", ["new", "contacted", "qualified", "proposal", "won", "lost"])
                ),
                name="leads_stage_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="lead",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_at__isnull", False), ("stage__in", ["won", "lost"])),
                    models.Q(
                        models.Q(("stage__in", ["won", "lost"]), _negated=True),
                        ("closed_at__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="leads_closed_says_when",
                violation_error_message="A lead is closed when it is won or lost, and only then.",
            ),
        ),
        migrations.AddConstraint(
            model_name="lead",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("stage", "lost"), _negated=True),
                    models.Q(("lost_reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="leads_lost_says_why",
                violation_error_message="Say why the lead was lost.",
            ),
        ),
        migrations.AddConstraint(
            model_name="lead",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("responded_at__isnull", True),
                    models.Q(
                        ("first_responded_at__isnull", False),
                        ("first_responded_at__lte", models.F("responded_at")),
                    ),
                    _connector="OR",
                ),
                name="leads_first_answer_comes_first",
            ),
        ),
        migrations.AddConstraint(
            model_name="lead",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "currency__in",
                        (
                            "AED",
                            "AFN",
                            "ALL",
                            "AMD",
                            "AOA",
                            "ARS",
                            "AUD",
                            "AWG",
                            "AZN",
                            "BAM",
                            "BBD",
                            "BDT",
                            "BHD",
                            "BIF",
                            "BMD",
                            "BND",
                            "BOB",
                            "BRL",
                            "BSD",
                            "BTN",
                            "BWP",
                            "BYN",
                            "BZD",
                            "CAD",
                            "CDF",
                            "CHF",
                            "CLP",
                            "CNY",
                            "COP",
                            "CRC",
                            "CUP",
                            "CVE",
                            "CZK",
                            "DJF",
                            "DKK",
                            "DOP",
                            "DZD",
                            "EGP",
                            "ERN",
                            "ETB",
                            "EUR",
                            "FJD",
                            "FKP",
                            "GBP",
                            "GEL",
                            "GHS",
                            "GIP",
                            "GMD",
                            "GNF",
                            "GTQ",
                            "GYD",
                            "HKD",
                            "HNL",
                            "HTG",
                            "HUF",
                            "IDR",
                            "ILS",
                            "INR",
                            "IQD",
                            "IRR",
                            "ISK",
                            "JMD",
                            "JOD",
                            "JPY",
                            "KES",
                            "KGS",
                            "KHR",
                            "KMF",
                            "KPW",
                            "KRW",
                            "KWD",
                            "KYD",
                            "KZT",
                            "LAK",
                            "LBP",
                            "LKR",
                            "LRD",
                            "LSL",
                            "LYD",
                            "MAD",
                            "MDL",
                            "MGA",
                            "MKD",
                            "MMK",
                            "MNT",
                            "MOP",
                            "MRU",
                            "MUR",
                            "MVR",
                            "MWK",
                            "MXN",
                            "MYR",
                            "MZN",
                            "NAD",
                            "NGN",
                            "NIO",
                            "NOK",
                            "NPR",
                            "NZD",
                            "OMR",
                            "PAB",
                            "PEN",
                            "PGK",
                            "PHP",
                            "PKR",
                            "PLN",
                            "PYG",
                            "QAR",
                            "RON",
                            "RSD",
                            "RUB",
                            "RWF",
                            "SAR",
                            "SBD",
                            "SCR",
                            "SDG",
                            "SEK",
                            "SGD",
                            "SHP",
                            "SLE",
                            "SOS",
                            "SRD",
                            "SSP",
                            "STN",
                            "SVC",
                            "SYP",
                            "SZL",
                            "THB",
                            "TJS",
                            "TMT",
                            "TND",
                            "TOP",
                            "TRY",
                            "TTD",
                            "TWD",
                            "TZS",
                            "UAH",
                            "UGX",
                            "USD",
                            "UYU",
                            "UZS",
                            "VED",
                            "VES",
                            "VND",
                            "VUV",
                            "WST",
                            "XAD",
                            "XAF",
                            "XCD",
                            "XCG",
                            "XOF",
                            "XPF",
                            "YER",
                            "ZAR",
                            "ZMW",
                            "ZWG",
                        ),
                    )
                ),
                name="leads_currency_is_one_of_iso_4217",
            ),
        ),
        migrations.AddConstraint(
            model_name="lead",
            constraint=models.CheckConstraint(
                condition=models.Q(("value__isnull", True), ("value__gte", 0), _connector="OR"),
                name="leads_value_not_negative",
            ),
        ),
        migrations.AddIndex(
            model_name="inquiry",
            index=models.Index(
                condition=models.Q(("notified_at__isnull", True)),
                fields=["received_at"],
                name="leads_inquiry_not_notified",
            ),
        ),
        migrations.AddConstraint(
            model_name="inquiry",
            constraint=models.CheckConstraint(
                condition=models.Q(("verdict__in", ["clear", "doubtful", "suspected", "not_spam"])),
                name="leads_verdict_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="inquiry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("verdict", "suspected"),
                    models.Q(("contact__isnull", False), ("lead__isnull", False)),
                    _connector="OR",
                ),
                name="leads_inquiry_not_suspected_has_its_lead",
            ),
        ),
        migrations.AddConstraint(
            model_name="inquiry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("verdict", "suspected"), _negated=True),
                    ("notified_at__isnull", True),
                    _connector="OR",
                ),
                name="leads_suspected_inquiry_not_notified",
            ),
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(fields=["mailbox", "kind"], name="leads_notification_mailbox"),
        ),
        migrations.AddConstraint(
            model_name="notification",
            constraint=models.UniqueConstraint(
                condition=models.Q(("assessment__isnull", True)),
                fields=("inquiry", "kind", "recipient"),
                name="leads_notified_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="notification",
            constraint=models.UniqueConstraint(
                condition=models.Q(("assessment__isnull", False)),
                fields=("inquiry", "kind", "recipient", "assessment"),
                name="leads_notified_once_of_an_assessment",
            ),
        ),
        migrations.AddConstraint(
            model_name="notification",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("assessment__isnull", False), ("kind__in", ["readiness", "result"])),
                    models.Q(
                        models.Q(("kind__in", ["readiness", "result"]), _negated=True),
                        ("assessment__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="leads_notification_names_its_assessment",
            ),
        ),
        migrations.RunPython(_triggers.make, _triggers.drop),
    ]
