"""Who else has a form open is shown to those who do, and one of them may take it over."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from articles.models import DraftState
from desk import presence
from desk.models import Presence
from pages.models import Service
from tests import builders, nights
from tests.builders import signed_in

pytestmark = pytest.mark.django_db

FORM = "articles.article 1"


@pytest.fixture
def ines():
    return builders.user(role="Author", name="Ines Moreau")


@pytest.fixture
def tobias():
    return builders.user(role="Publisher", name="Tobias Lindgren")


@pytest.fixture
def now():
    return timezone.now()


def seen_by(user, at):
    return [one.name for one in presence.people(user, FORM, at=at).others]


def holder(user, at):
    found = presence.people(user, FORM, at=at).holder
    return found.name if found else None


class TestWhoIsHere:
    def test_a_colleague_is_seen_and_since_when_but_nobody_sees_themselves(self, ines, tobias, now):
        presence.come(ines, FORM, at=now)

        [colleague] = presence.people(tobias, FORM, at=now).others

        assert (colleague.name, colleague.initials, colleague.since) == ("Ines Moreau", "IM", now)
        assert seen_by(ines, now) == []

    def test_whoever_stays_is_here_since_they_came(self, ines, tobias, now):
        for seconds in range(0, 300, 20):
            presence.come(ines, FORM, at=now + timedelta(seconds=seconds))

        [colleague] = presence.people(tobias, FORM, at=now + timedelta(minutes=5)).others

        assert colleague.since == now

    def test_a_browser_that_was_killed_is_gone_by_itself(self, ines, tobias, now):
        presence.come(ines, FORM, at=now)
        gone = now + presence.SHOWN_FOR

        assert seen_by(tobias, gone - timedelta(seconds=1)) == ["Ines Moreau"]
        assert seen_by(tobias, gone) == []

    def test_a_closed_tab_is_gone_soon(self, ines, tobias, now):
        presence.come(ines, FORM, at=now)
        presence.leave(ines, FORM, at=now)

        assert seen_by(tobias, now + presence.LEFT_FOR) == []

    def test_another_tab_that_is_still_open_keeps_them_here(self, ines, tobias, now):
        presence.come(ines, FORM, at=now)
        presence.leave(ines, FORM, at=now)
        presence.come(ines, FORM, at=now + timedelta(seconds=20))

        assert seen_by(tobias, now + timedelta(seconds=100)) == ["Ines Moreau"]

    def test_several_are_named_in_one_sentence(self, ines, tobias, now):
        for name in ("Ada King", "Grace Hopper"):
            presence.come(builders.user(name=name), FORM, at=now)
        presence.come(ines, FORM, at=now)

        said = presence.people(tobias, FORM, at=now).sentence

        assert said == "Ada, Grace and Ines are here too"

    def test_what_is_over_is_deleted(self, ines, now):
        presence.come(ines, FORM, at=now - presence.KEPT_FOR - timedelta(minutes=2))

        nights.pass_by()

        assert not Presence.objects.exists()


class TestTakingOver:
    def test_the_others_are_told_who_has_and_the_holder_is_not(self, ines, tobias, now):
        presence.come(ines, FORM, at=now)
        presence.take_over(tobias, FORM, at=now)

        assert (holder(ines, now), holder(tobias, now)) == ("Tobias Lindgren", None)

    def test_it_can_be_taken_back(self, ines, tobias, now):
        presence.take_over(tobias, FORM, at=now)
        presence.take_over(ines, FORM, at=now + timedelta(seconds=9))

        later = now + timedelta(seconds=10)
        assert (holder(ines, later), holder(tobias, later)) == (None, "Ines Moreau")

    def test_of_two_at_the_same_instant_one_has_it_and_both_are_told_the_same(
        self, ines, tobias, now
    ):
        presence.take_over(tobias, FORM, at=now)
        presence.take_over(ines, FORM, at=now)

        assert (holder(ines, now), holder(tobias, now)) in (
            (None, "Ines Moreau"),
            ("Tobias Lindgren", None),
        )

    def test_saving_reloads_the_page_and_lets_go_of_nothing(self, ines, tobias, now):
        presence.take_over(tobias, FORM, at=now)
        presence.leave(tobias, FORM, at=now + timedelta(seconds=1))
        presence.come(tobias, FORM, at=now + timedelta(seconds=3))

        assert holder(ines, now + timedelta(seconds=60)) == "Tobias Lindgren"

    def test_whoever_was_away_comes_back_without_it(self, ines, tobias, now):
        presence.take_over(tobias, FORM, at=now)
        later = now + presence.SHOWN_FOR

        assert holder(ines, later) is None
        presence.come(tobias, FORM, at=later)
        assert holder(ines, later) is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one writer")
def test_a_race_of_two_leaves_one_row_each_and_one_holder(ines, tobias):
    def take(user):
        try:
            for _ in range(10):
                presence.take_over(user, FORM, at=timezone.now())
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as people:
        list(people.map(take, [ines, tobias, ines, tobias]))

    now = timezone.now()
    assert Presence.objects.count() == 2
    assert [holder(ines, now), holder(tobias, now)].count(None) == 1


# By the address that the page of an article has


def presence_of(article):
    return reverse("admin:articles_article_presence", args=[article.pk])


def say(client, article, what):
    answer = client.post(presence_of(article), {"is": what})
    assert answer.status_code == 200
    return answer.json()


def autosave(client, article, window, seen=None, **fields):
    sent = {
        "window": window,
        "turn": 1,
        "fields": {name: [value] for name, value in fields.items()},
        "seen": seen or {},
    }
    where = reverse("admin:articles_article_keep", args=[article.pk])
    return client.post(where, json.dumps(sent), content_type="application/json").json()


@pytest.fixture
def article():
    return builders.article(live_from=None, text={"title": "Locks", "body": "<p>One two</p>"})


@pytest.fixture
def hers():
    return signed_in("Author", name="Ines Moreau")


@pytest.fixture
def his():
    return signed_in("Publisher", name="Tobias Lindgren")


def test_the_page_shows_who_is_in_it_before_any_script_asks(article, hers, his):
    say(hers, article, "here")

    page = his.get(reverse("admin:articles_article_change", args=[article.pk])).text

    assert "Ines is here too" in page
    assert "is here too" not in hers.get(presence_of(article).replace("presence", "change")).text


def test_both_pages_learn_of_it_and_of_taking_back(article, hers, his):
    say(hers, article, "here")
    assert "Ines is here too" in say(his, article, "taking over")["people"]
    assert say(hers, article, "here")["taken_by"] == "Tobias"

    say(hers, article, "taking over")

    assert say(hers, article, "here")["taken_by"] == ""
    assert say(his, article, "here")["taken_by"] == "Ines"


def test_her_last_words_stay_a_state_in_the_history(article, hers, his):
    page = hers.get(reverse("admin:articles_article_change", args=[article.pk]))
    seen = page.context["adminform"].form.now_seen()
    autosave(hers, article, "window-0001", seen=seen, body="<p>One two three</p>")
    say(his, article, "taking over")

    assert DraftState.objects.filter(body="<p>One two three</p>").exists()


def test_words_that_come_late_are_neither_lost_nor_written_over(article, hers, his):
    page = reverse("admin:articles_article_change", args=[article.pk])
    seen = {}
    for client in (hers, his):
        form = client.get(page).context["adminform"].form
        seen[client] = form.now_seen()
    say(his, article, "taking over")
    autosave(hers, article, "window-0001", seen=seen[hers], summary="Her last words")

    said = autosave(his, article, "window-0002", seen=seen[his], title="Retries")

    draft = article.draft()
    assert (draft.title, draft.summary) == ("Retries", "Her last words")
    assert said["now"]["summary"] == "Her last words"
    assert DraftState.objects.filter(title="Locks", summary="Her last words").exists()


@pytest.mark.parametrize("what", ["", "gone", "here\0"])
def test_nonsense_is_refused(article, his, what):
    assert his.post(presence_of(article), {"is": what}).status_code == 400


def test_whoever_may_not_change_it_is_not_in_it(article):
    answer = signed_in("Sales").post(presence_of(article), {"is": "here"})

    assert answer.status_code == 403
    assert not Presence.objects.exists()


def test_a_page_and_a_service_say_who_is_at_them_too(his):
    other = signed_in("Publisher", name="Lea Sandoval")
    service = Service.objects.create(heading="Audits", text="We read", position=1)
    for row in (builders.page(), service):
        name = f"admin:pages_{row._meta.model_name}"
        where = reverse(f"{name}_presence", args=[row.pk])
        other.post(where, {"is": "here"})

        assert "Lea is here too" in his.get(reverse(f"{name}_change", args=[row.pk])).text
        assert his.post(where, {"is": "taking over"}).json()["taken_by"] == ""
        assert other.post(where, {"is": "here"}).json()["taken_by"] == "Tobias"
