"""What is done to the selected articles of the list, or to all that match it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from articles import doing, publishing
from articles.doing import MAX_AT_ONCE
from articles.leading import leading_to
from articles.models import Article, Topic
from articles.search import TOPIC, Name
from desk.acts import Done
from desk.bulk import Bulk, Rows, Told
from desk.moments import MomentInput, refuse_far_years


class ArticleBulk(Bulk):
    max_at_once = MAX_AT_ONCE

    def know(self, names: Sequence[Name]) -> None:
        """What the page has asked for already, for what is only shown."""

    def load(self, rows: Rows, numbers: Sequence[int]) -> QuerySet[Article]:
        return Article.objects.with_titles().filter(pk__in=numbers).order_by("pk")


class TopicBulk(ArticleBulk):
    name, label, verb = "topic", "Topic…", "Add"
    topic = forms.ModelChoiceField(
        Topic.objects.order_by("name"),
        empty_label="Topic…",
        error_messages={"required": "Choose a topic."},
    )

    def know(self, names: Sequence[Name]) -> None:
        field = self.fields["topic"]
        assert isinstance(field, forms.ModelChoiceField)
        field.choices = [("", "Topic…"), *((pk, name) for path, pk, name in names if path == TOPIC)]

    def do(self, articles: list[Article], at: datetime) -> Done:
        return doing.add_topic(articles, self.cleaned_data["topic"], by=self.user, at=at)


class ScheduleBulk(ArticleBulk):
    name, label, verb = "schedule", "Schedule…", "Schedule"
    moment = forms.SplitDateTimeField(
        label="Go live at",
        widget=MomentInput,
        validators=[refuse_far_years],
        error_messages={"required": "Choose when they should go live."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zone = timezone.get_current_timezone_name()
        self.fields["moment"].help_text = f"For their drafts. The time is in {zone}."

    def clean_moment(self) -> datetime:
        moment: datetime = self.cleaned_data["moment"]
        if moment <= timezone.now():
            raise forms.ValidationError("This time is in the past. Choose a later one.")
        return moment

    def do(self, articles: list[Article], at: datetime) -> Done:
        moment = self.cleaned_data["moment"]
        return doing.each(
            articles,
            lambda one, act: publishing.publish(one, at=moment, by=self.user, act=act),
            by=self.user,
            at=at,
        )


class UnpublishBulk(ArticleBulk):
    name, label, verb = "unpublish", "Unpublish…", "Unpublish"
    asks = "Unpublish {}?"
    question = (
        "Readers who open them will see that there is no such page (404). They leave every list, "
        "feed, search, and the site map at once. You can republish them at any time."
    )

    def told(self, rows: Sequence[Article]) -> Iterator[Told]:
        for one in rows:
            url = reverse("admin:articles_article_change", args=[one.pk])
            leading = ", ".join(leading_to(one)) or "No link or redirect of ours leads there"
            yield Told(str(one), url, leading)

    def do(self, articles: list[Article], at: datetime) -> Done:
        return doing.each(
            articles,
            lambda one, act: publishing.unpublish(one, at=at, by=self.user, act=act),
            by=self.user,
            at=at,
        )


BULKS: Mapping[str, type[ArticleBulk]] = {
    bulk.name: bulk for bulk in (TopicBulk, ScheduleBulk, UnpublishBulk)
}
