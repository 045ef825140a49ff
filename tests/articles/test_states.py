"""Unpublished and retired, and taking back whatever was done to an article."""

from datetime import timedelta

import lxml.html
import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.roles import AUTHOR, PUBLISHER
from articles import doing, fixing, publishing, reviewing, search
from articles.models import Article, FormerSlug, HistoryLine, Review, Revision, Verdict
from desk import acts
from mail.models import Message
from redirects import nearest
from redirects.models import Redirect
from tests.articles.test_admin import form_of, send
from tests.builders import article, author, revision, series, topic, user

pytestmark = pytest.mark.django_db

OFF = {"unpublished": (publishing.unpublish, 404), "retired": (publishing.retire, 410)}
both = pytest.mark.parametrize("state", OFF)


def off(of, state):
    OFF[state][0](of, at=timezone.now())
    return of


# What readers get


@both
def test_an_article_off_the_site_answers_as_its_state_says_and_so_do_its_old_addresses(
    client, state
):
    gone = article(slug="old")
    gone.slug = "new"
    gone.save()
    off(gone, state)

    answers = [
        client.get(path).status_code
        for path in ("/articles/new/", "/articles/new.md", "/articles/old/", "/articles/old.md")
    ]

    assert set(answers) == {OFF[state][1]}


@both
def test_an_article_that_comes_back_has_its_old_addresses_again(client, state):
    gone = article(slug="old")
    gone.slug = "new"
    gone.save()
    off(gone, state)

    publishing.republish(gone)

    assert client.get("/articles/new/").status_code == 200
    moved = client.get("/articles/old/")
    assert (moved.status_code, moved.headers["Location"]) == (301, "/articles/new/")


@both
def test_an_article_off_the_site_is_in_nothing_that_readers_see(client, state):
    about, apart, writer = topic(), series(), author()
    kept = article(topics=[about], series=apart, series_position=1, text={"title": "Kept"})
    gone = article(
        slug="on-queues",
        topics=[about],
        series=apart,
        series_position=2,
        authors=[writer],
        text={"title": "On queues", "body": "<p>Zebras queue.</p>"},
    )
    kept.more_links.create(other=gone)
    off(gone, state)

    pages = [
        "/",
        "/articles/",
        about.get_absolute_url(),
        apart.get_absolute_url(),
        writer.get_absolute_url(),
        kept.get_absolute_url(),
        "/articles/feed/",
        "/articles/atom/",
        "/articles/feed.json",
        "/llms.txt",
        "/sitemap.xml",
        "/articles/search/?q=zebras",
    ]
    shown = {path: client.get(path).text for path in pages}

    assert not [path for path, text in shown.items() if "On queues" in text or "on-queues/" in text]
    assert not search.search("zebras").matches.total
    assert not Article.objects.live().filter(pk=gone.pk).exists()
    assert gone.live_revision() is None


@both
def test_the_address_of_an_article_off_the_site_is_not_suggested(client, state):
    off(article(slug="on-queues", text={"title": "On queues"}), state)

    assert not [one for one in nearest.nearest("/articles/on-queue/") if "queues" in one.url]


def test_a_redirect_stands_in_for_an_unpublished_article_but_not_for_a_retired_one(client):
    for state in OFF:
        gone = off(article(), state)
        Redirect.objects.create(path=gone.get_absolute_url().rstrip("/"), target="/articles/")
        assert (
            client.get(gone.get_absolute_url()).status_code
            == {
                "unpublished": 301,
                "retired": 410,
            }[state]
        )


@both
def test_nobody_else_takes_the_address_of_an_article_off_the_site(state):
    gone = article(slug="old")
    gone.slug = "new"
    gone.save()
    off(gone, state)

    assert FormerSlug.objects.filter(slug="old", article=gone).exists()
    with pytest.raises(ValidationError, match="redirects to another article"):
        Article(slug="old").full_clean(exclude=["authors"])


@pytest.mark.parametrize("state", ["unpublished_at", "retired_at"])
def test_an_article_is_live_until_its_moment_comes(state):
    live = article()
    at = timezone.now() + timedelta(minutes=5)

    Article.objects.filter(pk=live.pk).update(**{state: at})

    assert live.live_revision() and Article.objects.live().exists()
    after = at + timedelta(seconds=1)
    assert not Revision.objects.live(after).exists() and not Article.objects.live(after).exists()


# What the database refuses


def test_no_article_is_both_unpublished_and_retired():
    live = article()

    with pytest.raises(IntegrityError, match="unpublished_or_retired"), transaction.atomic():
        Article.objects.filter(pk=live.pk).update(
            unpublished_at=timezone.now(), retired_at=timezone.now()
        )


@both
def test_an_article_off_the_site_may_go_from_one_state_to_the_other(client, state):
    gone = off(article(), state)
    other = next(one for one in OFF if one != state)
    since = gone.off_site_since

    off(gone, other)

    assert client.get(gone.get_absolute_url()).status_code == OFF[other][1]
    assert gone.off_site_since == since
    with pytest.raises(ValidationError, match=f"{other} already"):
        off(gone, other)


def test_what_readers_saw_is_never_deleted_whatever_was_taken_back():
    seen = published_and_taken_back()

    assert seen.unpublished_at and not seen.revisions.published().exists()
    with pytest.raises(IntegrityError, match="never_deleted"), transaction.atomic():
        seen.delete()


# History


def test_history_tells_who_did_what_to_which_revision_and_when():
    ada = user(name="Ada")
    told = article(live_from=None)

    publishing.publish(told, at=timezone.now(), by=ada)
    publishing.unpublish(told, at=timezone.now(), by=ada)
    publishing.republish(told, by=ada)

    lines = list(told.history_lines.order_by("pk"))
    assert [line.kind for line in lines] == ["published", "unpublished", "republished"]
    assert {(line.by, line.by_name, line.revision.number) for line in lines} == {(ada, "Ada", 1)}
    assert lines[0].checks["stood"] == []


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("kind", "retired"),
        ("by_name", "Eve"),
        ("text", "Nothing"),
        ("checks", {"links": "broken"}),
        ("at", timezone.now() - timedelta(days=9)),
    ],
)
def test_no_line_of_history_changes(column, value):
    article()

    with pytest.raises(IntegrityError, match="never_changed"), transaction.atomic():
        HistoryLine.objects.update(**{column: value})


def test_a_line_of_history_outlives_whoever_did_it():
    told, ada, eve = article(live_from=None), user(name="Ada"), user(name="Eve")
    publishing.publish(told, at=timezone.now(), by=ada)

    HistoryLine.objects.update(by=None)  # as when the account goes

    [line] = told.history_lines.all()
    assert (line.by, line.by_name) == (None, "Ada")
    with pytest.raises(IntegrityError, match="never_changed"), transaction.atomic():
        HistoryLine.objects.update(by=eve)


def test_no_line_about_what_readers_saw_is_deleted():
    told = article()

    with pytest.raises(IntegrityError, match="never_deleted"), transaction.atomic():
        told.history_lines.all().delete()


def test_the_history_of_an_article_that_readers_never_saw_goes_with_it():
    draft = article(live_from=None)
    reviewing.submit_for_review(draft)

    draft.delete()

    assert not HistoryLine.objects.exists()


def test_the_triggers_are_there_after_another_migrate():
    """On SQLite no table that another one's trigger names can be renamed: they go, and come."""
    call_command("migrate", verbosity=0)
    told = article()

    with pytest.raises(IntegrityError, match="never_changed"), transaction.atomic():
        HistoryLine.objects.update(text="Nothing")
    assert told.history_lines.exists()


def test_history_has_revisions_and_what_was_done_and_no_noise(publisher_client):
    client, publisher = publisher_client
    told = article(text={"title": "On queues"})
    revision(told, title="On full queues", by=publisher)
    publishing.publish(told, at=timezone.now(), by=publisher)

    page = client.get(reverse("admin:articles_article_history", args=[told.pk])).text

    assert "Published, revision 2" in page and "Revision 2 saved" in page
    assert page.index("Published, revision 2") < page.index("Revision 1 saved")
    assert "Changed Body" not in page


# Taking back


@pytest.fixture
def publisher_client(client):
    person = user(name="Tobias", role=PUBLISHER)
    client.force_login(person)
    return client, person


def done(of, by, change):
    came = doing.each([of], change, by=by, at=timezone.now())
    assert came.act, came.left_out
    return came.act


def published_and_taken_back():
    seen, ada = article(live_from=None), user(name="Ada")
    act = done(
        seen,
        ada,
        lambda one, act: publishing.publish(one, at=timezone.now(), by=ada, act=act),
    )
    acts.take_back(act.pk, by=ada, now=timezone.now())
    seen.refresh_from_db()
    return seen


def now():
    return timezone.now()


def in_review():
    waiting = article(live_from=None)
    reviewing.submit_for_review(waiting, by=user(name="Ines"), note="Please read")
    return waiting


def changed():
    live = article()
    revision(live, title="Next")
    return live


def scheduled():
    return article(live_from=timedelta(days=1))


LATER = timedelta(days=1)


def fix(one, by, act=None):
    live, text = one.live_revision(), {"summary": "Fixed"}
    return fixing.fix_live(one, text=text, of=live, at=now(), by=by, act=act)


def fixed():
    """Something is scheduled, and the draft is behind it."""
    live = article()
    revision(live, live_from=LATER, title="Next")
    revision(live, title="After that")
    fix(live, None)
    return live


def take_in(one, by, act):
    at = now()
    for waits in fixing.waiting(one):
        seen = fixing.stamp(fixing.offer(waits))
        fixing.take_in(waits, seen=seen, at=at, by=by, act=act)


ACTS = {
    "publish a change": (
        changed,
        lambda one, by, act: publishing.publish(one, at=now(), by=by, act=act),
    ),
    "publish from review": (
        in_review,
        lambda one, by, act: publishing.publish(one, at=now() + LATER, by=by, act=act),
    ),
    "schedule a change": (
        changed,
        lambda one, by, act: publishing.publish(one, at=now() + LATER, by=by, act=act),
    ),
    "fix the live text": (changed, fix),
    "take a fix in": (fixed, take_in),
    "unschedule": (
        scheduled,
        lambda one, by, act: publishing.unschedule(one.scheduled_revision(), by=by, act=act),
    ),
    "unschedule behind a draft": (
        lambda: with_a_draft(scheduled()),
        lambda one, by, act: publishing.unschedule(one.scheduled_revision(), by=by, act=act),
    ),
    "submit": (
        lambda: article(live_from=None),
        lambda one, by, act: reviewing.submit_for_review(one, by=by, act=act),
    ),
    "submit again": (
        in_review,
        lambda one, by, act: reviewing.submit_for_review(one, by=by, act=act),
    ),
    "approve": (in_review, lambda one, by, act: reviewing.approve(one, by=by, act=act)),
    "send back": (
        in_review,
        lambda one, by, act: reviewing.send_back(one, "Shorter", by=by, act=act),
    ),
    "discard": (changed, lambda one, by, act: publishing.discard_draft(one, by=by, act=act)),
    "restore": (
        lambda: with_two(article()),
        lambda one, by, act: publishing.restore(one.revisions.get(number=1), by=by, act=act),
    ),
    "unpublish": (
        article,
        lambda one, by, act: publishing.unpublish(one, at=now(), by=by, act=act),
    ),
    "retire": (article, lambda one, by, act: publishing.retire(one, at=now(), by=by, act=act)),
    "retire what is unpublished": (
        lambda: off(article(), "unpublished"),
        lambda one, by, act: publishing.retire(one, at=now(), by=by, act=act),
    ),
    "republish": (
        lambda: off(article(), "retired"),
        lambda one, by, act: publishing.republish(one, by=by, act=act),
    ),
    "publish what is unpublished": (
        lambda: with_a_draft(off(article(), "unpublished")),
        lambda one, by, act: publishing.publish(one, at=now(), by=by, act=act),
    ),
}
each_act = pytest.mark.parametrize("act", ACTS)


def with_a_draft(of):
    revision(of, title="Newer")
    return of


def with_two(of):
    revision(of, live_from=timedelta(0), title="Second")
    return of


def kept_of(of):
    """All that an act may change, but for the numbers of rows."""
    of.refresh_from_db()
    texts = of.revisions.order_by("number").exclude(state="discarded")
    reviews = Review.objects.filter(revision__article=of)
    return (
        of.unpublished_at,
        of.retired_at,
        [(one.number, one.state, one.live_from, one.live_until, one.published_at) for one in texts],
        list(reviews.values_list("asked_by", "asked_at", "note", "verdict__is_approved")),
    )


@each_act
def test_whatever_was_done_is_taken_back_by_one_click(publisher_client, act):
    client, publisher = publisher_client
    made, do = ACTS[act]
    of = made()
    before = kept_of(of)
    one = done(of, publisher, lambda row, act: do(row, publisher, act))
    assert kept_of(of) != before

    answer = client.post(reverse("admin:undo"), {"act": one.pk}, follow=True)

    assert "Undone." in answer.text
    assert kept_of(of) == before
    last = of.history_lines.first()
    assert (last.kind, last.by, last.undoes.act) == ("undone", publisher, one)
    if connection.vendor == "postgresql":
        connection.check_constraints()


@each_act
def test_nothing_is_taken_back_once_a_colleague_has_acted_since(publisher_client, act):
    client, publisher = publisher_client
    made, do = ACTS[act]
    of, ines = made(), user(name="Ines Moreau")
    one = done(of, publisher, lambda row, act: do(row, publisher, act))
    if of.draft():
        doing.each(
            [of],
            lambda row, act: reviewing.submit_for_review(row, by=ines, act=act),
            by=ines,
            at=now(),
        )
        said = "submitted for review"
    else:
        doing.add_topic([of], topic(), by=ines, at=now())
        said = "topic added"
    before = kept_of(of)

    answer = client.post(reverse("admin:undo"), {"act": one.pk}, follow=True)

    assert "Ines Moreau has worked on" in answer.text and said in answer.text
    assert kept_of(of) == before


def test_an_act_waits_until_what_was_done_later_is_taken_back(publisher_client):
    client, publisher = publisher_client
    of = article(live_from=None)
    submit = lambda row, act: reviewing.submit_for_review(row, by=publisher, act=act)  # noqa: E731
    first = done(of, publisher, submit)
    later = doing.add_topic([of], topic(), by=publisher, at=now()).act

    def undo(act):
        return client.post(reverse("admin:undo"), {"act": act.pk}, follow=True).text

    assert "Undo that first." in undo(first)
    assert f'value="{later.pk}"' in undo(first)  # which is what Undo is offered for
    assert "Undone." in undo(later)
    assert "Undone." in undo(first)


def test_what_cannot_be_taken_back_any_more_keeps_no_act_waiting(publisher_client):
    _, publisher = publisher_client
    of = article(live_from=None)
    submit = lambda row, act: reviewing.submit_for_review(row, by=publisher, act=act)  # noqa: E731
    first = done(of, publisher, submit)
    reviewing.send_back(of, "No.", by=publisher)  # in no act

    said = acts.take_back(first.pk, by=publisher, now=now())

    assert said[0].startswith("Not undone: you have worked on") and "first" not in said[0]
    assert acts.take_back(first.pk, by=publisher, now=now()) == [acts.TOO_LATE]


@pytest.mark.parametrize(
    "act",
    ["publish a change", "approve", "send back", "discard", "unschedule", "take a fix in"],
)
def test_nothing_is_taken_back_under_a_newer_text(publisher_client, act):
    client, publisher = publisher_client
    made, do = ACTS[act]
    of, ines = made(), user(name="Ines Moreau")
    one = done(of, publisher, lambda row, act: do(row, publisher, act))
    revision(of, title="Written since", by=ines)
    before = kept_of(of)

    answer = client.post(reverse("admin:undo"), {"act": one.pk}, follow=True)

    assert "Ines Moreau has" in answer.text and "Undone." not in answer.text
    assert kept_of(of) == before


def test_a_schedule_whose_hour_has_passed_is_not_put_back(publisher_client):
    _, publisher = publisher_client
    of = article(live_from=timedelta(minutes=30))
    act = done(
        of,
        publisher,
        lambda row, act: publishing.unschedule(row.scheduled_revision(), by=publisher, act=act),
    )

    with time_machine.travel(now() + timedelta(minutes=40)):
        said = acts.take_back(act.pk, by=publisher, now=now())

    assert said == ["Not undone: its time has passed. Publish it, or schedule it again."]
    assert of.draft()


def test_an_article_published_by_mistake_is_unpublished_and_its_text_the_draft_again(client):
    seen = published_and_taken_back()

    assert client.get(seen.get_absolute_url()).status_code == 404
    assert seen.draft().number == 1
    publishing.publish(seen, at=now())
    assert client.get(seen.get_absolute_url()).status_code == 200


# Asked first


@pytest.mark.parametrize(
    ("action", "says"),
    [("unpublish", "no such page (404)"), ("retire", "has been retired (410 Gone)")],
)
def test_what_leaves_the_site_is_asked_about_first(publisher_client, action, says):
    client, _ = publisher_client
    live = article(slug="on-queues", text={"title": "On queues"})
    article(text={"body": '<p>See <a href="/articles/on-queues/">queues</a>.</p>'})
    article().more_links.create(other=live)
    FormerSlug.objects.create(slug="queues", article=live)
    Redirect.objects.create(path="/queues.php", target="/articles/on-queues/")
    address = reverse("admin:articles_article_act", args=[live.pk])

    asked = client.post(address, {"action": action})
    page = lxml.html.fromstring(asked.content)

    live.refresh_from_db()
    assert live.off_site_since is None
    assert says in asked.text
    assert [one.text for one in page.xpath("//form[@class='decide']//li")] == [
        "1 live article links to it",
        "1 live article lists it as related",
        "1 old address of its own redirects to it",
        "1 redirect leads to it",
    ]
    sent = dict(page.xpath("//form[@class='decide']")[0].form_values())
    client.post(address, sent)
    live.refresh_from_db()
    assert live.off_site_since


def test_what_readers_never_saw_is_not_asked_about(publisher_client):
    client, _ = publisher_client
    address = reverse("admin:articles_article_act", args=[article(live_from=None).pk])

    answer = client.post(address, {"action": "retire"}, follow=True)

    assert "has never been live, so it cannot be retired" in answer.text


# Review


def test_a_review_is_asked_of_a_person_by_email_with_a_day_and_a_note(client):
    ines, tobias = user(name="Ines", role=AUTHOR), user(name="Tobias", role=PUBLISHER)
    other = user(name="Other", role=PUBLISHER)
    client.force_login(ines)
    draft = article(live_from=None, text={"title": "On queues"})
    day = timezone.localdate() + timedelta(days=3)

    client.post(
        reverse("admin:articles_article_review", args=[draft.pk]),
        {"asked_of": tobias.pk, "due_on": day.isoformat(), "note": "Is it too long?"},
    )

    [review] = Review.objects.waiting_for(tobias)
    assert (review.asked_by, review.due_on, review.note) == (ines, day, "Is it too long?")
    assert not Review.objects.waiting_for(other)
    [email] = Message.objects.all()
    assert email.to == tobias.email
    assert "Ines asks for a review" in email.subject and "Is it too long?" in email.text


def test_a_review_asked_of_any_publisher_is_emailed_to_all_but_whoever_asks():
    tobias, lea = user(name="Tobias", role=PUBLISHER), user(name="Lea", role=PUBLISHER)
    user(name="Ines", role=AUTHOR)

    done(
        article(live_from=None),
        lea,
        lambda one, act: reviewing.submit_for_review(one, by=lea, act=act),
    )

    assert [email.to for email in Message.objects.all()] == [tobias.email]
    assert Review.objects.waiting_for(tobias).count() == 1


def test_what_is_sent_back_says_why_and_is_listed_for_whoever_asked(publisher_client):
    client, _ = publisher_client
    waiting = in_review()
    ines = Review.objects.get().asked_by
    address = reverse("admin:articles_article_send_back", args=[waiting.pk])

    empty = client.post(address, {"reason": " "})
    client.post(address, {"reason": "The third section promises a list."})

    assert empty.status_code == 422 and "Say what should change." in empty.text
    [returned] = Review.objects.returned_to(ines)
    assert returned.verdict.reason == "The third section promises a list."
    assert waiting.draft().state == Revision.State.DRAFT
    [email] = Message.objects.all()
    assert (email.to, "promises a list" in email.text) == (ines.email, True)


def test_sending_back_without_a_reason_is_refused_by_the_database():
    waiting = in_review()

    with pytest.raises(IntegrityError, match="sent_back_with_a_reason"), transaction.atomic():
        Verdict.objects.create(review=waiting.draft().review, is_approved=False, at=now())


def test_undo_takes_the_email_back_that_has_not_left(publisher_client):
    client, publisher = publisher_client
    waiting = in_review()
    act = done(
        waiting,
        publisher,
        lambda one, act: reviewing.send_back(one, "Shorter", by=publisher, act=act),
    )
    assert Message.objects.exists()

    client.post(reverse("admin:undo"), {"act": act.pk})

    assert not Message.objects.exists()


@pytest.mark.parametrize("decided", [False, True], ids=["in review", "approved"])
def test_another_text_is_no_longer_in_review_and_history_says_so(decided):
    waiting, lea = in_review(), user(name="Lea")
    if decided:
        reviewing.approve(waiting, by=user(name="Tobias", role=PUBLISHER))

    revision(waiting, title="Another title", by=lea)

    assert waiting.draft().state == Revision.State.DRAFT
    assert not Review.objects.exists() and not reviewing.is_approved(waiting.draft())
    last = waiting.history_lines.first()
    assert (last.kind, last.by_name) == ("changed", "Lea")
    with pytest.raises(ValidationError, match=r"no longer in review.*Lea"):
        reviewing.approve(waiting, by=lea)


def test_a_save_that_changes_no_text_leaves_the_review_alone():
    waiting = in_review()

    publishing.save_draft(waiting, text={"title": waiting.draft().title}, by=None, note="Soon")

    assert waiting.draft().state == Revision.State.IN_REVIEW


def test_the_page_says_that_a_change_ended_the_review(publisher_client):
    client, _ = publisher_client
    waiting = in_review()

    answer = send(client, form_of(waiting), "_draft", title="Another title")

    assert "no longer in review" in answer.text


def test_a_verdict_comes_once(publisher_client):
    _, publisher = publisher_client
    waiting = in_review()
    reviewing.approve(waiting, by=publisher)

    with pytest.raises(ValidationError, match=r"no longer in review.*approved, Tobias"):
        reviewing.send_back(waiting, "Shorter", by=user(name="Lea"))


def test_an_author_neither_approves_nor_sends_back(client):
    client.force_login(user(role=AUTHOR))
    waiting = in_review()

    refused = [
        client.post(
            reverse("admin:articles_article_send_back", args=[waiting.pk]), {"reason": "x"}
        ),
        client.post(
            reverse("admin:articles_article_act", args=[waiting.pk]), {"action": "approve"}
        ),
    ]

    assert [answer.status_code for answer in refused] == [403, 403]
    assert waiting.draft().state == Revision.State.IN_REVIEW
