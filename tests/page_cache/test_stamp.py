"""The stamp that says whether finished pages still hold."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from articles import publishing
from articles.models import Article, FormerSlug, Revision, Topic
from images.models import Image
from images.tasks import make_renditions
from leads.models import Company
from offices.models import Office
from page_cache import stamp
from page_cache.models import ContentStamp
from pages.models import MenuLink, Page, SiteSettings
from readiness import publishing as readiness
from readiness import taking
from readiness.models import Assessment
from tests.builders import (
    article,
    author,
    image,
    office,
    page,
    question_set,
    revision,
    series,
    topic,
)
from web import contributions
from web.models import JobRun

QUARTER = datetime(2030, 7, 1, 12, 15, tzinfo=UTC)

pytestmark = pytest.mark.django_db(transaction=True)  # PostgreSQL's triggers wait for the commit


@pytest.fixture
def before():
    """A site with something of everything, and the stamp that holds for it."""
    queues = topic(slug="queues")
    article(slug="locks", authors=[author(slug="ada")], topics=[queues], text={"cover": image()})
    series(slug="apart")
    office(slug="north")
    SiteSettings.load()
    MenuLink.objects.create(label="About", page=page(slug="about"))
    question_set()
    return stamp.stamp(contributions.moments())


def only(model):
    return model.objects.all()


CHANGES = {
    "an article is published": lambda: article(),
    "words are published anew": lambda: revision(Article.objects.get(), live_from=timedelta(0)),
    "an article is retired": lambda: publishing.retire(
        Article.objects.get(), at=timezone.now() - timedelta(minutes=1)
    ),
    "an article is unpublished": lambda: publishing.unpublish(
        Article.objects.get(), at=timezone.now()
    ),
    "an address changes": lambda: only(Article).update(slug="elsewhere"),
    "an old address is lent": lambda: FormerSlug.objects.create(
        slug="old", article=Article.objects.get()
    ),
    "a title is changed in a shell": lambda: only(Revision).update(title="Another"),
    "a topic is added": lambda: Article.objects.get().topics.add(topic()),
    "topics are taken away": lambda: Article.objects.get().topics.clear(),
    "an author is renamed": lambda: Article.objects.get().authors.update(name="Ada Byron"),
    "a picture is described": lambda: only(Image).update(alt="A wall"),
    "a picture has its renditions": lambda: make_renditions(Image.objects.get().pk),
    "an office moves": lambda: only(Office).update(street="Nyhavn 1"),
    "an office closes": lambda: only(Office).delete(),
    "a page is edited": lambda: only(Page).update(title="About all of us"),
    "the site is renamed": lambda: only(SiteSettings).update(name="Analytical Engines"),
    "what a menu links to moves": lambda: only(Page).filter(slug="about").update(slug="us"),
    "what a menu links to is no longer listed": lambda: only(Office).update(is_listed=False),
    "the menu changes": lambda: only(MenuLink).delete(),
    "the readiness questions change": lambda: readiness.publish(
        readiness.draft(), at=timezone.now()
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_whatever_visitors_read_changes_the_stamp(before, change):
    change()

    assert stamp.stamp(contributions.moments()).value != before.value


def test_words_taken_back_from_another_article_than_the_latest_change_the_stamp(before):
    article(slug="newer", live_from=-timedelta(hours=1))
    with_both = stamp.stamp(contributions.moments())

    Revision.objects.filter(article__slug="locks").update(
        state="draft", live_from=None, published_at=None
    )

    assert stamp.stamp(contributions.moments()).value != with_both.value


UNSEEN = {
    "a draft is saved": lambda: [revision(Article.objects.get()) for _ in range(2)],
    "a job has run": lambda: JobRun.objects.create(task="x", last_ran_at=timezone.now()),
    "someone answers the readiness questions": lambda: taking.begin(question_set()),
    "an assessment is counted and deleted": lambda: [
        taking.begin(question_set()),
        taking.forget(Assessment.objects.all()),
    ],
    "a company is noted": lambda: Company.objects.create(name="Analytical Engines"),
}


@pytest.mark.parametrize("change", UNSEEN.values(), ids=UNSEEN)
def test_what_no_visitor_reads_leaves_the_stamp_alone(before, change):
    change()

    assert stamp.stamp(contributions.moments()).value == before.value


def test_what_is_rolled_back_has_not_happened(before):
    with transaction.atomic():
        only(Page).update(title="About all of us")
        transaction.set_rollback(True)

    assert stamp.stamp(contributions.moments()).value == before.value


def test_two_changes_in_two_transactions_are_two_stamps(before):
    seen = {before.value}
    for title in ["One", "Two", "Three"]:
        only(Page).update(title=title)
        seen.add(stamp.stamp(contributions.moments()).value)

    assert len(seen) == 4


def test_an_hour_that_comes_changes_the_stamp_and_is_known_before(before):
    with time_machine.travel(QUARTER, tick=False):
        revision(Article.objects.get(), live_from=timedelta(minutes=5))
        waiting = stamp.stamp(contributions.moments())
    with time_machine.travel(QUARTER + timedelta(minutes=4), tick=False):
        still = stamp.stamp(contributions.moments())
    with time_machine.travel(QUARTER + timedelta(minutes=5), tick=False):
        come = stamp.stamp(contributions.moments())

    assert (waiting.seconds, still.seconds, come.seconds) == (300, 60, 600)
    assert still.value == waiting.value
    assert come.value != waiting.value


@pytest.mark.parametrize("leave", [publishing.unpublish, publishing.retire])
def test_an_article_to_leave_the_site_later_counts_as_well(before, leave):
    with time_machine.travel(QUARTER, tick=False):
        leave(Article.objects.get(), at=QUARTER + timedelta(minutes=5))
        waiting = stamp.stamp(contributions.moments())
    with time_machine.travel(QUARTER + timedelta(minutes=5), tick=False):
        come = stamp.stamp(contributions.moments())

    assert waiting.seconds == 300
    assert come.value != waiting.value


def test_a_quarter_of_an_hour_is_a_change_for_what_a_clock_shows(before):
    with time_machine.travel(QUARTER, tick=False):
        now = stamp.stamp(contributions.moments())
    with time_machine.travel(QUARTER + timedelta(minutes=15), tick=False):
        later = stamp.stamp(contributions.moments())

    assert now.seconds == 900
    assert later.value != now.value


def test_a_lost_row_is_made_anew_by_the_next_change(before):
    ContentStamp.objects.all().delete()

    only(Page).update(title="About all of us")

    assert ContentStamp.objects.get().value


def test_there_are_never_two_stamps(before):
    with pytest.raises(IntegrityError), transaction.atomic():
        ContentStamp.objects.create(pk=2, value="another")


def test_every_table_that_is_shown_is_watched():
    tables = {each.table for each in contributions.shown()}

    watched = triggers()

    assert {"articles_article_topics", "images_rendition", "pages_feature"} <= tables
    events = ["insert", "update", "delete"]
    if connection.vendor == "postgresql":
        events.append("truncate")
    assert watched == {f"{table}_is_shown_{event}" for table in tables for event in events}


def test_triggers_that_a_migration_dropped_are_back_after_it():
    [name, *_] = sorted(triggers())
    table = name.partition("_is_shown_")[0]
    on_table = f" ON {table}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name}{on_table}")

    call_command("migrate", verbosity=0)

    assert name in triggers()


def test_a_migration_counts_as_a_change(before):
    call_command("migrate", verbosity=0)

    assert stamp.stamp(contributions.moments()).value != before.value


def test_before_there_was_a_stamp_nothing_is_watched(before):
    call_command("migrate", "page_cache", "zero", verbosity=0)
    try:
        assert triggers() == set()
        only(Topic).update(name="As it was")
    finally:
        call_command("migrate", verbosity=0)

    assert triggers()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no TRUNCATE")
def test_a_table_that_is_emptied_at_once_changes_the_stamp(before):
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE articles_article_topics")

    assert stamp.stamp(contributions.moments()).value != before.value


def test_a_table_that_is_no_longer_shown_is_no_longer_watched(monkeypatch):
    was = triggers()
    shown = [each for each in contributions.shown() if each.model != "pages.MenuLink"]
    monkeypatch.setattr(contributions, "shown", lambda: shown)

    call_command("migrate", verbosity=0)
    without = triggers()
    monkeypatch.undo()
    call_command("migrate", verbosity=0)

    assert {name.partition("_is_shown_")[0] for name in was - without} == {"pages_menulink"}
    assert triggers() == was


def triggers() -> set[str]:
    statement = (
        "SELECT tgname FROM pg_trigger WHERE tgname LIKE '%is_shown%'"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%is_shown%'"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return {name for (name,) in cursor.fetchall()}
