import django.db.models.deletion
from django.db import migrations, models

import pages.models.settings
from pages.migrations import _first_rows


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("articles", "0001_initial"),
        ("images", "0001_initial"),
        ("offices", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Page",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "slug",
                    models.SlugField(
                        help_text="If you change it, the old address redirects here.",
                        max_length=80,
                        unique=True,
                        verbose_name="address",
                    ),
                ),
                ("key", models.CharField(editable=False, max_length=20, null=True, unique=True)),
                ("title", models.CharField(max_length=120)),
                (
                    "description",
                    models.CharField(blank=True, help_text="For search results.", max_length=160),
                ),
                ("body", models.TextField()),
                ("edited_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "ordering": ["title"],
            },
        ),
        migrations.CreateModel(
            name="Service",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("heading", models.CharField(max_length=120)),
                ("text", models.TextField(help_text="Leave a blank line between paragraphs.")),
                ("position", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "ordering": ["position", "pk"],
            },
        ),
        migrations.CreateModel(
            name="PagePicture",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "image",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="images.image",
                    ),
                ),
                (
                    "page",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="pages.page",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="page",
            name="pictures",
            field=models.ManyToManyField(
                editable=False, related_name="+", through="pages.PagePicture", to="images.image"
            ),
        ),
        migrations.CreateModel(
            name="Feature",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=80)),
                ("text", models.CharField(max_length=250)),
                ("position", models.PositiveSmallIntegerField(default=0)),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="features",
                        to="pages.service",
                    ),
                ),
            ],
            options={
                "ordering": ["position", "pk"],
            },
        ),
        migrations.CreateModel(
            name="SiteSettings",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(default="Clean Systems Consulting", max_length=80)),
                ("tagline", models.CharField(blank=True, max_length=160)),
                (
                    "description",
                    models.CharField(
                        blank=True, help_text="For search results of the home page.", max_length=160
                    ),
                ),
                (
                    "home_heading",
                    models.CharField(default="Backend engineering, written down", max_length=120),
                ),
                ("home_intro", models.TextField(blank=True)),
                (
                    "form_heading",
                    models.CharField(default="Tell us about your project", max_length=120),
                ),
                (
                    "form_intro",
                    models.CharField(
                        blank=True,
                        default="A few sentences are enough. A person answers within one working day.",
                        max_length=250,
                    ),
                ),
                ("footer_text", models.TextField(blank=True)),
                (
                    "security_contact",
                    models.CharField(
                        blank=True,
                        help_text="Where to report vulnerabilities: an email address, or a page that starts with https://. If empty, the contact page is used.",
                        max_length=200,
                        validators=[pages.models.settings.validate_contact],
                    ),
                ),
            ],
            options={
                "verbose_name": "site settings",
                "verbose_name_plural": "site settings",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("pk", 1)), name="pages_one_row_of_settings"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="MenuLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "place",
                    models.CharField(
                        choices=[("header", "Header"), ("footer", "Footer")],
                        default="header",
                        max_length=10,
                    ),
                ),
                ("label", models.CharField(help_text="What visitors read.", max_length=40)),
                (
                    "part",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("home", "Home"),
                            ("articles", "Articles"),
                            ("topics", "Topics"),
                            ("series", "Series"),
                            ("authors", "Authors"),
                            ("search", "Search"),
                            ("feed", "RSS feed"),
                            ("services", "Services"),
                            ("offices", "Offices"),
                            ("contact", "Contact"),
                            ("brief", "Write a brief"),
                            ("readiness", "Are you ready?"),
                        ],
                        max_length=20,
                        verbose_name="part of the site",
                    ),
                ),
                ("address", models.CharField(blank=True, max_length=200)),
                (
                    "suffix",
                    models.CharField(
                        blank=True,
                        help_text="Optional. For example #team for a heading, or ?q=redis for a search.",
                        max_length=60,
                        verbose_name="after the address",
                    ),
                ),
                (
                    "position",
                    models.PositiveSmallIntegerField(
                        default=0, help_text="Lower numbers come first."
                    ),
                ),
                (
                    "article",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="articles.article",
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="articles.author",
                    ),
                ),
                (
                    "office",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="offices.office",
                    ),
                ),
                (
                    "series",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="articles.series",
                    ),
                ),
                (
                    "topic",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="articles.topic",
                    ),
                ),
                (
                    "page",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="menu_links",
                        to="pages.page",
                    ),
                ),
            ],
            options={
                "verbose_name": "menu link",
                "ordering": ["place", "position", "pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                models.Q(("page__isnull", True), _negated=True),
                                ("office__isnull", True),
                                ("topic__isnull", True),
                                ("series__isnull", True),
                                ("author__isnull", True),
                                ("article__isnull", True),
                                ("part", ""),
                                ("address", ""),
                            ),
                            models.Q(
                                models.Q(("office__isnull", True), _negated=True),
                                ("page__isnull", True),
                                ("topic__isnull", True),
                                ("series__isnull", True),
                                ("author__isnull", True),
                                ("article__isnull", True),
                                ("part", ""),
                                ("address", ""),
                            ),
                            models.Q(
                                models.Q(("topic__isnull", True), _negated=True),
                                ("page__isnull", True),
                                ("office__isnull", True),
                                ("series__isnull", True),
                                ("author__isnull", True),
                                ("article__isnull", True),
                                ("part", ""),
                                ("address", ""),
                            ),
                            models.Q(
                                models.Q(("series__isnull", True), _negated=True),
                                ("page__isnull", True),
                                ("office__isnull", True),
                                ("topic__isnull", True),
                                ("author__isnull", True),
                                ("article__isnull", True),
                                ("part", ""),
                                ("address", ""),
                            ),
                            models.Q(
                                models.Q(("author__isnull", True), _negated=True),
                                ("page__isnull", True),
                                ("office__isnull", True),
                                ("topic__isnull", True),
                                ("series__isnull", True),
                                ("article__isnull", True),
                                ("part", ""),
                                ("address", ""),
                            ),
                            models.Q(
                                models.Q(("article__isnull", True), _negated=True),
                                ("page__isnull", True),
                                ("office__isnull", True),
                                ("topic__isnull", True),
                                ("series__isnull", True),
                                ("author__isnull", True),
                                ("part", ""),
                                ("address", ""),
                            ),
                            models.Q(
                                models.Q(("part", ""), _negated=True),
                                ("page__isnull", True),
                                ("office__isnull", True),
                                ("topic__isnull", True),
                                ("series__isnull", True),
                                ("author__isnull", True),
                                ("article__isnull", True),
                                ("address", ""),
                            ),
                            models.Q(
                                models.Q(("address", ""), _negated=True),
                                ("page__isnull", True),
                                ("office__isnull", True),
                                ("topic__isnull", True),
                                ("series__isnull", True),
                                ("author__isnull", True),
                                ("article__isnull", True),
                                ("part", ""),
                            ),
                            _connector="OR",
                        ),
                        name="pages_menu_link_leads_to_one_target",
                        violation_error_message="Choose one target.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "part__in",
                                [
                                    "",
                                    "home",
                                    "articles",
                                    "topics",
                                    "series",
                                    "authors",
                                    "search",
                                    "feed",
                                    "services",
                                    "offices",
                                    "contact",
                                    "brief",
                                    "readiness",
                                ],
                            )
                        ),
                        name="pages_menu_link_part_is_known",
                        violation_error_message="There is no such part of the site.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("address", ""),
                            models.Q(
                                ("address__startswith", "/"),
                                models.Q(("address__startswith", "//"), _negated=True),
                            ),
                            ("address__startswith", "https://"),
                            _connector="OR",
                        ),
                        name="pages_menu_link_address_can_be_opened",
                        violation_error_message="Start with / for a page on this site, or with https://.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("suffix", ""),
                            models.Q(
                                ("address", ""),
                                models.Q(
                                    ("suffix__startswith", "#"),
                                    ("suffix__startswith", "?"),
                                    _connector="OR",
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="pages_menu_link_suffix_comes_after_a_page",
                        violation_error_message="Start with # for a heading, or with ? for a query.",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="pagepicture",
            constraint=models.UniqueConstraint(
                fields=("page", "image"), name="pages_a_picture_counts_once"
            ),
        ),
        migrations.RunPython(_first_rows.make, migrations.RunPython.noop),
    ]
