"""What we ask, and which result follows from what. Nothing here knows what was answered.

A published question set is frozen by triggers in the database (see its migration): an assessment
always means what it meant. Which topics a question or a dimension has may change: they choose
articles, and no result depends on them.
"""

from functools import cached_property
from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Prefetch, Q

from articles.models import Topic
from readiness import scoring

NOT_SURE = "Not sure"


class QuestionSetQuerySet(models.QuerySet["QuestionSet"]):
    def published(self) -> Self:
        return self.filter(published_at__isnull=False)

    def current(self) -> "QuestionSet | None":
        """The one that visitors are asked who begin now."""
        return self.published().for_asking().order_by("-number").first()

    def for_asking(self) -> Self:
        """With all that asking and scoring want."""
        questions = Question.objects.prefetch_related("options")
        rules = Rule.objects.select_related("result").prefetch_related("all_zero__dimension")
        return self.prefetch_related(
            "dimensions", Prefetch("dimensions__questions", questions), Prefetch("rules", rules)
        )


class QuestionSet(models.Model):
    number = models.PositiveIntegerField("version", unique=True, editable=False)
    note = models.CharField(max_length=250, blank=True, help_text="For colleagues: what changed.")
    published_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = QuestionSetQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        permissions = [("publish_questionset", "Can publish a question set")]

    def __str__(self) -> str:
        return f"Question set {self.number}"

    @property
    def is_published(self) -> bool:
        return self.published_at is not None

    @cached_property
    def scales(self) -> list["Dimension"]:
        return list(self.dimensions.all())

    @cached_property
    def questions(self) -> dict[str, "Question"]:
        """In order, by key. Asks nothing of a set that was loaded `for_asking`."""
        found = {}
        for dimension in self.scales:
            for question in dimension.questions.all():
                question.dimension = dimension
                found[question.key] = question
        return found

    @cached_property
    def ordered_rules(self) -> list["Rule"]:
        return list(self.rules.all())

    def next_step(self, answers: scoring.Answers) -> int:
        """The first step that waits for an answer; the unscored one when none does."""
        for place, dimension in enumerate(self.scales, start=1):
            if any(
                key not in answers
                for key, question in self.questions.items()
                if question.dimension_id == dimension.pk
            ):
                return place
        return len(self.scales) + 1

    def rubric(self) -> scoring.Rubric:
        return scoring.Rubric(
            tuple(
                scoring.Scale(
                    dimension.letter,
                    tuple(
                        scoring.Item(key, question.weight)
                        for key, question in self.questions.items()
                        if question.dimension_id == dimension.pk
                    ),
                )
                for dimension in self.scales
            ),
            tuple(rule.condition() for rule in self.ordered_rules),
        )


class Dimension(models.Model):
    """One step of the assessment."""

    question_set = models.ForeignKey(
        QuestionSet, on_delete=models.CASCADE, related_name="dimensions"
    )
    letter = models.CharField(max_length=1, help_text="A, B, C: the order of the steps.")
    name = models.CharField(max_length=80)
    intro = models.TextField(blank=True, help_text="Shown above the questions.")
    topics = models.ManyToManyField(
        Topic,
        blank=True,
        related_name="+",
        help_text="Their articles are shown for questions that have no topics of their own.",
    )

    class Meta:
        ordering = ["question_set", "letter"]
        constraints = [
            models.UniqueConstraint(
                fields=["question_set", "letter"],
                name="readiness_a_letter_names_one_dimension",
                violation_error_message="Another dimension has this letter.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.letter}. {self.name}"


class Question(models.Model):
    dimension = models.ForeignKey(Dimension, on_delete=models.CASCADE, related_name="questions")
    position = models.PositiveSmallIntegerField(validators=[MinValueValidator(1)])
    text = models.CharField(max_length=250)
    weight = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(scoring.FULL)],
        help_text="The weights of a set add up to 100.",
    )
    holds_back = models.TextField(
        "what it holds back", help_text="Shown to visitors whose answer costs the most points."
    )
    remedy = models.TextField("what to do about it")
    topics = models.ManyToManyField(
        Topic,
        blank=True,
        related_name="+",
        help_text="Visitors whom this answer holds back read articles under all of these.",
    )

    class Meta:
        ordering = ["dimension", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["dimension", "position"],
                name="readiness_a_place_has_one_question",
                violation_error_message="Another question of this dimension has this position.",
            ),
            models.CheckConstraint(
                name="readiness_a_question_weighs_something", condition=Q(weight__gte=1)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key}. {self.text}"

    @property
    def key(self) -> str:
        """What answers call it: A1."""
        return f"{self.dimension.letter}{self.position}"

    def said(self, value: int | None) -> str:
        """The text of the option that was chosen."""
        texts = {option.value: option.text for option in self.options.all()}
        return NOT_SURE if value is None else texts[value]


class Option(models.Model):
    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="options")
    value = models.PositiveSmallIntegerField(help_text="0 to 3.")
    text = models.CharField(max_length=200)

    class Meta:
        ordering = ["question", "value"]
        constraints = [
            models.UniqueConstraint(
                fields=["question", "value"], name="readiness_a_value_names_one_option"
            ),
            models.CheckConstraint(
                name="readiness_options_score_0_to_3",
                condition=Q(value__lte=scoring.MAX_VALUE),
                violation_error_message="An option scores 0, 1, 2 or 3.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.value}: {self.text}"


class Result(models.Model):
    """What an assessment may come to, and what follows from it."""

    question_set = models.ForeignKey(QuestionSet, on_delete=models.CASCADE, related_name="results")
    key = models.SlugField(max_length=30, help_text="The same from version to version.")
    name = models.CharField(max_length=80)
    summary = models.TextField(help_text="The first thing visitors read.")
    next_step = models.TextField(help_text="What we suggest to the visitor.")
    for_sales = models.TextField(help_text="What to propose. Visitors never see it.")

    class Meta:
        ordering = ["question_set", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["question_set", "key"],
                name="readiness_a_key_names_one_result",
                violation_error_message="Another result has this key.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Rule(models.Model):
    """When a result is reached. The first rule that holds is the one that counts."""

    question_set = models.ForeignKey(QuestionSet, on_delete=models.CASCADE, related_name="rules")
    position = models.PositiveSmallIntegerField()
    result = models.ForeignKey(Result, on_delete=models.CASCADE, related_name="rules")
    explanation = models.TextField(help_text="Explains to visitors why they got this result.")
    min_unsure = models.PositiveSmallIntegerField("“Not sure” at least", null=True, blank=True)
    below_total = models.PositiveSmallIntegerField("total below", null=True, blank=True)
    min_total = models.PositiveSmallIntegerField("total at least", null=True, blank=True)
    min_each_dimension = models.PositiveSmallIntegerField(
        "each dimension at least, in %",
        null=True,
        blank=True,
        validators=[MaxValueValidator(100)],
    )
    all_zero = models.ManyToManyField(
        Question,
        blank=True,
        related_name="+",
        verbose_name="all of these score 0",
    )

    class Meta:
        ordering = ["question_set", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["question_set", "position"],
                name="readiness_a_place_has_one_rule",
                violation_error_message="Another rule has this position.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.result.name}"

    def condition(self) -> scoring.Condition:
        return scoring.Condition(
            min_unsure=self.min_unsure,
            below_total=self.below_total,
            min_total=self.min_total,
            min_each_dimension=self.min_each_dimension,
            all_zero=frozenset(question.key for question in self.all_zero.all()),
        )
