from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.utils import timezone

from articles import publishing, reviewing
from articles.models import Article, Byline, Revision
from tests.builders import article, author, image, revision, user

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
TUESDAY, WEDNESDAY = MONDAY + timedelta(days=1), MONDAY + timedelta(days=2)


def shown(client, of):
    """What a visitor reads at the article's address, as text."""
    return client.get(of.get_absolute_url()).text


def sentences(refusal):
    return " ".join(refusal.value.messages)


# The clock


@time_machine.travel(MONDAY, tick=False)
def test_a_scheduled_article_is_live_at_the_first_request_after_its_hour(client):
    planned = article(live_from=NOON, text={"title": "On queues"})

    with time_machine.travel(NOON - timedelta(seconds=1), tick=False):
        before = client.get(planned.get_absolute_url()).status_code
        list_before = client.get("/articles/").text
    with time_machine.travel(NOON, tick=False):
        after = client.get(planned.get_absolute_url())
        list_after = client.get("/articles/").text

    assert before == 404
    assert "On queues" not in list_before
    assert after.status_code == 200
    assert "On queues" in after.text
    assert "On queues" in list_after


@time_machine.travel(MONDAY, tick=False)
def test_readers_go_on_seeing_the_live_revision_while_its_change_waits(client):
    live = article(live_from=MONDAY, text={"title": "The old title"})
    revision(live, live_from=NOON, title="The new title")

    with time_machine.travel(NOON - timedelta(seconds=1), tick=False):
        before = shown(client, live)
    with time_machine.travel(NOON, tick=False):
        after = shown(client, live)

    assert "The old title" in before and "The new title" not in before
    assert "The new title" in after and "The old title" not in after


def test_readers_do_not_see_the_draft(client):
    live = article(text={"title": "The old title", "body": "<p>Old words</p>"})

    revision(live, title="The new title", body="<p>New words</p>")

    page = shown(client, live)
    assert "The old title" in page and "Old words" in page
    assert "The new title" not in page and "New words" not in page


# The draft


def test_saving_again_and_again_keeps_one_draft():
    draft = article(live_from=None)

    for title in ("One", "Two", "Three"):
        publishing.save_draft(draft, text={"title": title}, by=None)

    assert [draft.title for draft in draft.revisions.all()] == ["Three"]


def test_a_new_draft_says_what_the_latest_revision_says_until_it_is_changed():
    text = {
        "title": "On queues",
        "summary": "Why they fill",
        "body": "<p>They fill.</p>",
        "cover": image(),
        "seo_title": "Queues",
        "seo_description": "Queues, and why they fill",
    }
    live = article(text=text)

    draft = publishing.save_draft(live, text={"title": "On full queues"}, by=None)

    assert draft.number == 2
    assert {name: getattr(draft, name) for name in publishing.TEXT_FIELDS} == {
        **text,
        "title": "On full queues",
    }


def test_the_draft_remembers_who_edited_it_and_their_note():
    ada = user(name="Ada")

    draft = publishing.save_draft(
        article(live_from=None), text={}, by=ada, note="Shortened the middle"
    )

    assert (draft.edited_by, draft.note) == (ada, "Shortened the middle")


def test_a_draft_that_is_edited_is_no_longer_in_review():
    draft = article(live_from=None)
    reviewing.submit_for_review(draft)
    waiting = draft.draft().state

    revision(draft, title="One more thought")

    assert waiting == Revision.State.IN_REVIEW
    assert draft.draft().state == Revision.State.DRAFT


# Publish


def test_what_is_incomplete_is_refused_with_all_that_is_missing():
    bare = Article.objects.create(slug="bare")
    publishing.save_draft(bare, text={"title": " ", "summary": "", "body": "<p> </p>"}, by=None)

    with pytest.raises(ValidationError) as refusal:
        publishing.publish(bare, at=MONDAY)

    for missing in ("title", "summary", "text", "author"):
        assert missing in sentences(refusal).lower()
    assert bare.draft()
    assert not bare.live_revision()


def test_what_is_complete_is_not_refused():
    signed = Article.objects.create(slug="signed")
    Byline.objects.create(article=signed, author=author())
    publishing.save_draft(signed, text={"title": "T", "summary": "S", "body": "<p>B</p>"}, by=None)

    publishing.publish(signed, at=MONDAY)

    assert signed.live_revision()


@pytest.mark.parametrize("act", [reviewing.submit_for_review, publishing.discard_draft])
def test_without_a_draft_there_is_nothing_to_do(act):
    with pytest.raises(ValidationError, match="no draft"):
        act(article())


def test_without_a_draft_there_is_nothing_to_publish():
    with pytest.raises(ValidationError, match="no draft"):
        publishing.publish(article(), at=MONDAY)


def test_two_revisions_for_the_same_moment_are_refused():
    planned = article(live_from=NOON)
    revision(planned, title="Another")

    with pytest.raises(ValidationError, match="goes live at that time"):
        publishing.publish(planned, at=NOON)


@time_machine.travel(WEDNESDAY, tick=False)
def test_republishing_keeps_the_first_date_and_says_when_it_was_updated(client):
    fixed = article(live_from=MONDAY)

    revision(fixed, live_from=TUESDAY, title="Fixed")

    live = fixed.live_revision()
    assert (live.published_at, live.live_from) == (MONDAY, TUESDAY)
    page = shown(client, fixed)
    assert "2 March 2026" in page
    assert "updated" in page and "3 March 2026" in page


@time_machine.travel(WEDNESDAY, tick=False)
def test_an_article_that_was_never_changed_is_not_called_updated(client):
    page = shown(client, article(live_from=MONDAY))

    assert "2 March 2026" in page
    assert "updated" not in page


@time_machine.travel(WEDNESDAY, tick=False)
def test_fixing_a_typo_does_not_lift_an_old_article_to_the_top(client):
    old = article(live_from=MONDAY, text={"title": "The old one"})
    article(live_from=TUESDAY, text={"title": "The new one"})

    revision(old, live_from=WEDNESDAY, body="<p>Fixed</p>")

    newest_first = Revision.objects.live().newest_first()
    assert [one.title for one in newest_first] == ["The new one", "The old one"]


@time_machine.travel(MONDAY, tick=False)
@pytest.mark.parametrize("at", [MONDAY, TUESDAY], ids=["now", "at an earlier hour"])
def test_a_revision_is_not_published_while_an_older_one_is_scheduled_to_replace_it(at):
    planned = article(live_from=WEDNESDAY, text={"title": "As planned"})
    revision(planned, title="In a hurry")

    with pytest.raises(ValidationError, match="Revision 1 is older") as refusal:
        publishing.publish(planned, at=at)

    assert "4 March 2026, 09:00" in sentences(refusal)
    assert planned.draft().title == "In a hurry"
    assert planned.scheduled_revision().title == "As planned"


@time_machine.travel(MONDAY, tick=False)
def test_once_the_older_revision_is_unscheduled_the_new_one_is_published_and_stays():
    planned = article(live_from=MONDAY - timedelta(days=1), text={"title": "Live"})
    revision(planned, live_from=TUESDAY, title="As planned")
    revision(planned, title="In a hurry")

    publishing.unschedule(planned.scheduled_revision())
    publishing.publish(planned, at=MONDAY)

    assert planned.live_revision().title == "In a hurry"
    with time_machine.travel(WEDNESDAY, tick=False):
        assert planned.live_revision().title == "In a hurry"
    assert planned.revisions.get(number=2).state == Revision.State.DISCARDED


@time_machine.travel(MONDAY, tick=False)
def test_newer_words_may_be_scheduled_for_after_the_older_ones():
    planned = article(live_from=TUESDAY, text={"title": "First"})

    revision(planned, live_from=WEDNESDAY, title="Second")

    titles = {}
    for day in (TUESDAY, WEDNESDAY):
        with time_machine.travel(day, tick=False):
            titles[day] = planned.live_revision().title
    assert titles == {TUESDAY: "First", WEDNESDAY: "Second"}


# The chain: each published revision ends where the next one begins


def chain(of):
    """Of each published revision its number, its beginning and its end."""
    published = of.revisions.published().order_by("live_from")
    return list(published.values_list("number", "live_from", "live_until"))


@time_machine.travel(WEDNESDAY, tick=False)
def test_a_published_revision_ends_when_the_next_one_begins():
    changed = article(live_from=MONDAY)

    revision(changed, live_from=TUESDAY, title="Second")
    revision(changed, live_from=WEDNESDAY + timedelta(days=1), title="Third")

    assert chain(changed) == [
        (1, MONDAY, TUESDAY),
        (2, TUESDAY, WEDNESDAY + timedelta(days=1)),
        (3, WEDNESDAY + timedelta(days=1), None),
    ]


@time_machine.travel(MONDAY, tick=False)
@pytest.mark.parametrize("number", [2, 3])
def test_an_unscheduled_revision_leaves_no_gap(number):
    planned = article(live_from=MONDAY)
    for day in (TUESDAY, WEDNESDAY):
        revision(planned, live_from=day, title=f"For {day}")

    publishing.unschedule(planned.revisions.get(number=number))

    other = {2: (3, WEDNESDAY), 3: (2, TUESDAY)}[number]
    assert chain(planned) == [(1, MONDAY, other[1]), (*other, None)]


# Unschedule


@time_machine.travel(MONDAY, tick=False)
def test_an_unscheduled_revision_is_the_draft_again():
    planned = article(live_from=NOON)

    publishing.unschedule(planned.scheduled_revision())

    with time_machine.travel(TUESDAY, tick=False):
        assert planned.live_revision() is None
    assert planned.draft().number == 1


@time_machine.travel(MONDAY, tick=False)
def test_unscheduling_the_first_of_two_moves_the_first_date_to_the_second():
    planned = article(live_from=TUESDAY)
    revision(planned, live_from=WEDNESDAY, title="Second thoughts")

    publishing.unschedule(planned.scheduled_revision())

    [remaining] = planned.revisions.published()
    assert (remaining.published_at, remaining.live_from) == (WEDNESDAY, WEDNESDAY)
    assert planned.draft() is None
    assert planned.revisions.get(number=1).state == Revision.State.DISCARDED


@time_machine.travel(NOON, tick=False)
def test_what_is_live_cannot_be_unscheduled():
    live = article(live_from=NOON)

    with pytest.raises(ValidationError, match="already live"):
        publishing.unschedule(live.revisions.get())

    assert live.live_revision()


def test_a_draft_cannot_be_unscheduled():
    with pytest.raises(ValidationError):
        publishing.unschedule(article(live_from=None).draft())


@time_machine.travel(MONDAY, tick=False)
def test_what_is_unscheduled_while_there_is_a_newer_draft_is_discarded_and_can_be_used_again():
    planned = article(live_from=NOON, text={"title": "As planned"})
    revision(planned, title="Newer words")

    publishing.unschedule(planned.scheduled_revision())

    assert planned.draft().title == "Newer words"
    with time_machine.travel(TUESDAY, tick=False):
        assert planned.live_revision() is None
    publishing.discard_draft(planned)
    assert publishing.restore(planned.revisions.get(number=1), by=None).title == "As planned"


# Discard and restore


def test_a_discarded_draft_stays_and_the_next_one_does_not_start_from_it():
    live = article(text={"title": "Live"})
    revision(live, title="Regretted")

    publishing.discard_draft(live)
    next_one = revision(live, summary="Another summary")

    said = [(one.number, one.title, one.state) for one in live.revisions.order_by("number")]
    assert said == [
        (1, "Live", "published"), (2, "Regretted", "discarded"), (3, "Live", "draft"),
    ]  # fmt: skip
    assert next_one.number == 3
    assert str(Article.objects.with_titles().get()) == "Live"


def test_the_only_revision_of_an_article_cannot_be_discarded():
    draft = article(live_from=None)

    with pytest.raises(ValidationError, match="all the article has"):
        publishing.discard_draft(draft)

    assert draft.draft()


def test_the_text_of_an_older_revision_can_be_used_again():
    wall = image()
    changed = article(
        live_from=timedelta(days=-2), text={"title": "The first title", "cover": wall}
    )
    revision(changed, live_from=timedelta(days=-1), title="The second title", cover=None)
    ada = user()

    draft = publishing.restore(changed.revisions.get(number=1), by=ada)

    assert (draft.number, draft.title, draft.cover) == (3, "The first title", wall)
    assert (draft.edited_by, draft.note) == (ada, "Restored from revision 1")
    assert changed.live_revision().title == "The second title"


# Unpublish and republish


def test_a_retired_article_says_that_it_is_gone_and_leaves_every_list(client):
    live = article(text={"title": "Past its time"})

    publishing.retire(live, at=timezone.now())

    answer = client.get(live.get_absolute_url())
    assert answer.status_code == 410
    assert "This article has been retired" in answer.text
    assert "Past its time" not in answer.text
    assert "Past its time" not in client.get("/articles/").text
    assert "Past its time" not in client.get("/").text


@pytest.mark.parametrize("live_from", [None, timedelta(days=1)], ids=["a draft", "scheduled"])
def test_what_readers_never_saw_cannot_be_unpublished(live_from):
    unseen = article(live_from=live_from)

    with pytest.raises(ValidationError, match="never been live"):
        publishing.unpublish(unseen, at=timezone.now())

    unseen.refresh_from_db()
    assert unseen.off_site_since is None


def test_a_republished_article_is_as_it_was(client):
    live = article(text={"title": "Back again"})
    first_date = live.live_revision().published_at
    publishing.unpublish(live, at=first_date)

    publishing.republish(live)

    assert "Back again" in shown(client, live)
    assert live.live_revision().published_at == first_date


def test_publishing_an_unpublished_article_republishes_it(client):
    gone = article(live_from=MONDAY)
    publishing.unpublish(gone, at=TUESDAY)

    revision(gone, live_from=WEDNESDAY, title="Written anew")

    assert "Written anew" in shown(client, gone)


@time_machine.travel(MONDAY, tick=False)
def test_scheduling_an_unpublished_article_does_not_show_its_old_text_meanwhile(client):
    gone = article(live_from=MONDAY - timedelta(days=2))
    publishing.unpublish(gone, at=MONDAY - timedelta(days=1))

    with pytest.raises(ValidationError, match="unpublished"):
        revision(gone, live_from=NOON, title="Written anew")

    assert client.get(gone.get_absolute_url()).status_code == 404
