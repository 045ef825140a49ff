"""Doing one thing to articles, however many, in one act that can be taken back."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from articles import history
from articles.history import Kind
from articles.models import Article, Topic
from desk import acts
from desk.acts import Done
from desk.models import Act

APP = "articles"
MAX_AT_ONCE = 500


def each(
    articles: Iterable[Article],
    change: Callable[[Article, Act], object],
    *,
    by: User,
    at: datetime,
) -> Done:
    """Do it to each; `left_out` says of which it could not be done, and why."""
    rows = list(articles)

    def change_all(rows: list[Article], act: Act, done: Done) -> Sequence[Article]:
        changed = []
        for article in rows:
            try:
                with transaction.atomic():
                    change(article, act)
            except ValidationError as error:
                name = f"{article}: " if len(rows) > 1 else ""
                done.left_out += [f"{name}{message}" for message in error.messages]
            else:
                changed.append(article)
        return changed

    return acts.do(rows, change_all, app=APP, by=by, at=at)


def add_topic(articles: Iterable[Article], topic: Topic, *, by: User, at: datetime) -> Done:
    """Readers of live articles see it at once."""

    def change(article: Article, act: Act) -> None:
        if article.topics.filter(pk=topic.pk).exists():
            raise ValidationError(f"It has the topic “{topic}” already.")
        article.topics.add(topic)
        history.write(
            article, Kind.TOPIC, by=by, act=act, text=str(topic), before={"added": [topic.pk]}
        )

    return each(articles, change, by=by, at=at)
