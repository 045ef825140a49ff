from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F, ProtectedError
from django.utils import timezone

from articles import publishing
from articles.models import Article, Author, Byline, MoreArticle, Revision
from tests.builders import article, image, revision, series, topic

pytestmark = pytest.mark.django_db


def refused():
    return pytest.raises(IntegrityError)


def test_there_is_never_a_second_draft():
    draft = article(live_from=None)

    with refused(), transaction.atomic():
        Revision.objects.create(article=draft, number=2, title="Another")


def test_a_draft_in_review_is_still_the_draft():
    draft = article(live_from=None)
    draft.revisions.update(state="in_review")

    with refused(), transaction.atomic():
        Revision.objects.create(article=draft, number=2, title="Another")


def test_a_number_never_names_two_revisions_of_an_article():
    live = article()

    with refused(), transaction.atomic():
        Revision.objects.create(article=live, number=1, title="Another")


def test_two_revisions_never_go_live_at_the_same_moment():
    live = article()
    first = live.live_revision()
    second = revision(live, live_from=timedelta(0))

    with refused(), transaction.atomic():
        Revision.objects.filter(pk=second.pk).update(live_from=first.live_from)


@pytest.mark.parametrize(
    "facts",
    [
        {"live_from": None, "published_at": None},
        {"published_at": None},
        {"state": "draft"},
        {"state": "in_review"},
    ],
    ids=str,
)
def test_what_is_published_has_its_moments_and_nothing_else_has(facts):
    live = article()

    with refused(), transaction.atomic():
        live.revisions.update(**facts)


def test_there_is_never_an_unknown_state():
    draft = article(live_from=None)

    with refused(), transaction.atomic():
        draft.revisions.update(state="hidden")


def test_a_revision_is_never_published_later_than_it_goes_live():
    live = article()

    with refused(), transaction.atomic():
        live.revisions.update(published_at=F("live_from") + timedelta(seconds=1))


def test_two_revisions_of_an_article_are_never_both_the_last():
    changed = article(live_from=-timedelta(days=2))
    revision(changed, live_from=-timedelta(days=1), title="Second")

    with refused(), transaction.atomic():
        changed.revisions.update(live_until=None)


def test_two_revisions_of_an_article_never_end_at_the_same_moment():
    changed = article(live_from=-timedelta(days=2))
    last = revision(changed, live_from=-timedelta(days=1), title="Second")

    with refused(), transaction.atomic():
        changed.revisions.update(live_until=last.live_from + timedelta(days=9))


@pytest.mark.parametrize("length", [timedelta(0), -timedelta(seconds=1)], ids=str)
def test_a_revision_never_ends_before_it_begins(length):
    live = article()

    with refused(), transaction.atomic():
        live.revisions.update(live_until=F("live_from") + length)


def test_what_was_never_published_never_ends():
    draft = article(live_from=None)

    with refused(), transaction.atomic():
        draft.revisions.update(live_until=timezone.now())


@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs a foreign key of two columns")
def test_a_revision_never_ends_at_a_moment_when_no_other_begins():
    live = article()

    with refused(), transaction.atomic():
        live.revisions.update(live_until=timezone.now() + timedelta(days=1))
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_an_address_never_leads_to_two_articles():
    article(slug="queues")

    with refused(), transaction.atomic():
        Article.objects.create(slug="queues")


def test_a_place_in_a_series_is_never_taken_twice():
    apart = series()
    article(series=apart, series_position=1)
    article(series=apart, series_position=2)
    article(series=series(), series_position=1)

    with refused(), transaction.atomic():
        article(series=apart, series_position=1)


def test_an_author_never_signs_an_article_twice():
    signed = article()
    byline = signed.bylines.get()

    with refused(), transaction.atomic():
        Byline.objects.create(article=signed, author=byline.author, position=5)


def test_more_articles_never_list_the_article_itself():
    lonely = article()

    with refused(), transaction.atomic():
        MoreArticle.objects.create(article=lonely, other=lonely)


def test_more_articles_never_list_an_article_twice():
    queues, retries = article(), article()
    MoreArticle.objects.create(article=queues, other=retries)

    with refused(), transaction.atomic():
        MoreArticle.objects.create(article=queues, other=retries, position=5)


def test_a_picture_in_the_text_counts_once_and_cannot_be_deleted():
    wall = image()
    figure = f'<figure><img src="{wall.file.url}" data-file="{wall.pk}" alt="A wall"></figure>'

    shown_twice = article(text={"body": f"<p>Twice</p>{figure}{figure}"}).live_revision()

    assert list(shown_twice.pictures.all()) == [wall]
    with pytest.raises(ProtectedError):
        wall.delete()


def test_a_picture_that_left_the_text_may_be_deleted():
    wall = image()
    draft = article(live_from=None, text={"body": f'<img src="/w" data-file="{wall.pk}">'})

    revision(draft, body="<p>Words alone</p>")

    wall.delete()


def test_an_author_of_an_article_cannot_be_deleted():
    signed = article()

    with pytest.raises(ProtectedError):
        Author.objects.get().delete()

    assert signed.bylines.exists()


def test_an_article_outlives_its_topic_and_its_series():
    shelved = article(topics=[topic()], series=series(), series_position=1)

    shelved.topics.get().delete()
    shelved.series.delete()

    shelved.refresh_from_db()
    assert shelved.series is None
    assert shelved.live_revision()


def test_live_is_the_latest_revision_whose_hour_has_come():
    changed = article(live_from=timedelta(days=-3), text={"title": "First"})
    revision(changed, live_from=timedelta(days=-2), title="Second")
    revision(changed, live_from=timedelta(days=2), title="Third")
    revision(changed, title="Fourth")

    assert [live.title for live in Revision.objects.live()] == ["Second"]
    assert changed.live_revision().title == "Second"
    assert changed.scheduled_revision().title == "Third"
    assert changed.draft().title == "Fourth"


def test_the_scheduled_revision_is_the_next_of_several():
    planned = article(live_from=timedelta(days=2), text={"title": "Soon"})
    revision(planned, live_from=timedelta(days=5), title="Later")

    assert planned.scheduled_revision().title == "Soon"


def test_drafts_scheduled_and_unpublished_articles_are_not_live():
    live = article()
    article(live_from=None)
    article(live_from=timedelta(hours=1))
    publishing.unpublish(article(), at=timezone.now())

    assert list(Article.objects.live()) == [live]
    assert [one.article for one in Revision.objects.live()] == [live]


def of_the_article(seen):
    seen.delete()


def of_its_revisions(seen):
    seen.revisions.all().delete()


def by_a_query(seen):
    Article.objects.filter(pk=seen.pk).delete()


@pytest.mark.parametrize("delete", [of_the_article, of_its_revisions, by_a_query])
def test_the_database_keeps_what_readers_ever_saw(delete):
    seen = article(topics=[topic()], series=series())

    with pytest.raises(IntegrityError, match="never_deleted"), transaction.atomic():
        delete(seen)

    assert seen.live_revision() and seen.topics.exists() and seen.bylines.exists()


@pytest.mark.parametrize("live_from", [None, timedelta(days=1)])
def test_what_no_reader_has_seen_may_be_deleted(live_from):
    unseen = article(live_from=live_from)

    unseen.delete()

    assert not Article.objects.exists()
