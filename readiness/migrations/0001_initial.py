import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

from readiness.migrations import _first_questions, _frozen_sets


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("articles", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="QuestionSet",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "number",
                    models.PositiveIntegerField(
                        editable=False, unique=True, verbose_name="version"
                    ),
                ),
                (
                    "note",
                    models.CharField(
                        blank=True, help_text="For colleagues: what changed.", max_length=250
                    ),
                ),
                ("published_at", models.DateTimeField(blank=True, editable=False, null=True)),
            ],
            options={
                "ordering": ["-number"],
                "permissions": [("publish_questionset", "Can publish a question set")],
            },
        ),
        migrations.CreateModel(
            name="Dimension",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "letter",
                    models.CharField(help_text="A, B, C: the order of the steps.", max_length=1),
                ),
                ("name", models.CharField(max_length=80)),
                ("intro", models.TextField(blank=True, help_text="Shown above the questions.")),
                (
                    "topics",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Their articles are shown for questions that have no topics of their own.",
                        related_name="+",
                        to="articles.topic",
                    ),
                ),
                (
                    "question_set",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="dimensions",
                        to="readiness.questionset",
                    ),
                ),
            ],
            options={
                "ordering": ["question_set", "letter"],
            },
        ),
        migrations.CreateModel(
            name="Question",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "position",
                    models.PositiveSmallIntegerField(
                        validators=[django.core.validators.MinValueValidator(1)]
                    ),
                ),
                ("text", models.CharField(max_length=250)),
                (
                    "weight",
                    models.PositiveSmallIntegerField(
                        help_text="The weights of a set add up to 100.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(100),
                        ],
                    ),
                ),
                (
                    "holds_back",
                    models.TextField(
                        help_text="Shown to visitors whose answer costs the most points.",
                        verbose_name="what it holds back",
                    ),
                ),
                ("remedy", models.TextField(verbose_name="what to do about it")),
                (
                    "dimension",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="questions",
                        to="readiness.dimension",
                    ),
                ),
                (
                    "topics",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Visitors whom this answer holds back read articles under all of these.",
                        related_name="+",
                        to="articles.topic",
                    ),
                ),
            ],
            options={
                "ordering": ["dimension", "position"],
            },
        ),
        migrations.CreateModel(
            name="PastAnswer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("value", models.PositiveSmallIntegerField(null=True)),
                ("count", models.PositiveIntegerField(default=0)),
                (
                    "question",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="past_answers",
                        to="readiness.question",
                    ),
                ),
            ],
            options={
                "ordering": ["question", "value"],
            },
        ),
        migrations.CreateModel(
            name="Option",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("value", models.PositiveSmallIntegerField(help_text="0 to 3.")),
                ("text", models.CharField(max_length=200)),
                (
                    "question",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="options",
                        to="readiness.question",
                    ),
                ),
            ],
            options={
                "ordering": ["question", "value"],
            },
        ),
        migrations.CreateModel(
            name="Abandoned",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("step", models.PositiveSmallIntegerField()),
                ("count", models.PositiveIntegerField(default=0)),
                (
                    "question_set",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="abandoned",
                        to="readiness.questionset",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "abandoned",
                "ordering": ["question_set", "step"],
            },
        ),
        migrations.CreateModel(
            name="Result",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "key",
                    models.SlugField(help_text="The same from version to version.", max_length=30),
                ),
                ("name", models.CharField(max_length=80)),
                ("summary", models.TextField(help_text="The first thing visitors read.")),
                ("next_step", models.TextField(help_text="What we suggest to the visitor.")),
                (
                    "for_sales",
                    models.TextField(help_text="What to propose. Visitors never see it."),
                ),
                (
                    "question_set",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="results",
                        to="readiness.questionset",
                    ),
                ),
            ],
            options={
                "ordering": ["question_set", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Rule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField()),
                (
                    "explanation",
                    models.TextField(help_text="Explains to visitors why they got this result."),
                ),
                (
                    "min_unsure",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="“Not sure” at least"
                    ),
                ),
                (
                    "below_total",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="total below"
                    ),
                ),
                (
                    "min_total",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="total at least"
                    ),
                ),
                (
                    "min_each_dimension",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[django.core.validators.MaxValueValidator(100)],
                        verbose_name="each dimension at least, in %",
                    ),
                ),
                (
                    "all_zero",
                    models.ManyToManyField(
                        blank=True,
                        related_name="+",
                        to="readiness.question",
                        verbose_name="all of these score 0",
                    ),
                ),
                (
                    "question_set",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rules",
                        to="readiness.questionset",
                    ),
                ),
                (
                    "result",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rules",
                        to="readiness.result",
                    ),
                ),
            ],
            options={
                "ordering": ["question_set", "position"],
            },
        ),
        migrations.CreateModel(
            name="Assessment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("answers", models.JSONField(default=dict)),
                ("wishes", models.JSONField(default=dict)),
                ("started_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("expires_at", models.DateTimeField()),
                ("key_hash", models.CharField(max_length=64, unique=True)),
                ("result_hash", models.CharField(max_length=64, unique=True)),
                ("points", models.JSONField(default=dict)),
                ("total", models.DecimalField(decimal_places=1, max_digits=4, null=True)),
                (
                    "question_set",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assessments",
                        to="readiness.questionset",
                    ),
                ),
                (
                    "rule",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="readiness.rule",
                    ),
                ),
            ],
            options={
                "ordering": ["-started_at", "-pk"],
            },
        ),
        migrations.AddConstraint(
            model_name="question",
            constraint=models.UniqueConstraint(
                fields=("dimension", "position"),
                name="readiness_a_place_has_one_question",
                violation_error_message="Another question of this dimension has this position.",
            ),
        ),
        migrations.AddConstraint(
            model_name="question",
            constraint=models.CheckConstraint(
                condition=models.Q(("weight__gte", 1)), name="readiness_a_question_weighs_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="pastanswer",
            constraint=models.UniqueConstraint(
                fields=("question", "value"), name="readiness_an_answer_is_counted_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="pastanswer",
            constraint=models.UniqueConstraint(
                condition=models.Q(("value__isnull", True)),
                fields=("question",),
                name="readiness_not_sure_is_counted_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="pastanswer",
            constraint=models.CheckConstraint(
                condition=models.Q(("value__isnull", True), ("value__lte", 3), _connector="OR"),
                name="readiness_past_answers_score_0_to_3",
            ),
        ),
        migrations.AddConstraint(
            model_name="option",
            constraint=models.UniqueConstraint(
                fields=("question", "value"), name="readiness_a_value_names_one_option"
            ),
        ),
        migrations.AddConstraint(
            model_name="option",
            constraint=models.CheckConstraint(
                condition=models.Q(("value__lte", 3)),
                name="readiness_options_score_0_to_3",
                violation_error_message="An option scores 0, 1, 2 or 3.",
            ),
        ),
        migrations.AddConstraint(
            model_name="dimension",
            constraint=models.UniqueConstraint(
                fields=("question_set", "letter"),
                name="readiness_a_letter_names_one_dimension",
                violation_error_message="Another dimension has this letter.",
            ),
        ),
        migrations.AddConstraint(
            model_name="abandoned",
            constraint=models.UniqueConstraint(
                fields=("question_set", "step"), name="readiness_a_step_is_counted_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="result",
            constraint=models.UniqueConstraint(
                fields=("question_set", "key"),
                name="readiness_a_key_names_one_result",
                violation_error_message="Another result has this key.",
            ),
        ),
        migrations.AddConstraint(
            model_name="rule",
            constraint=models.UniqueConstraint(
                fields=("question_set", "position"),
                name="readiness_a_place_has_one_rule",
                violation_error_message="Another rule has this position.",
            ),
        ),
        migrations.AddIndex(
            model_name="assessment",
            index=models.Index(
                condition=models.Q(("finished_at__isnull", True)),
                fields=["expires_at"],
                name="readiness_unfinished",
            ),
        ),
        migrations.AddConstraint(
            model_name="assessment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("finished_at__isnull", True),
                        ("rule__isnull", True),
                        ("total__isnull", True),
                    ),
                    models.Q(
                        ("finished_at__isnull", False),
                        ("rule__isnull", False),
                        ("total__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="readiness_finished_says_what_it_came_to",
            ),
        ),
        migrations.AddConstraint(
            model_name="assessment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("total__isnull", True),
                    models.Q(("total__gte", 0), ("total__lte", 100)),
                    _connector="OR",
                ),
                name="readiness_total_is_0_to_100",
            ),
        ),
        migrations.AddConstraint(
            model_name="assessment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("wishes__wanted__isnull", True),
                        ("wishes__wanted__in", ["", "hands", "project", "rescue", "not_sure"]),
                        _connector="OR",
                    ),
                    models.Q(
                        ("wishes__start__isnull", True),
                        ("wishes__start__in", ["", "month", "three_months", "later"]),
                        _connector="OR",
                    ),
                    models.Q(
                        ("wishes__team__isnull", True),
                        ("wishes__team__in", ["", "none", "up_to_5", "up_to_20", "more"]),
                        _connector="OR",
                    ),
                ),
                name="readiness_wishes_are_keys",
            ),
        ),
        migrations.AddConstraint(
            model_name="assessment",
            constraint=models.CheckConstraint(
                condition=models.Q(("expires_at__gt", models.F("started_at"))),
                name="readiness_expires_after_it_began",
            ),
        ),
        migrations.RunPython(_frozen_sets.make, _frozen_sets.drop),
        migrations.RunPython(_first_questions.publish, migrations.RunPython.noop),
    ]
