"""What is typed into an article goes into its draft by itself, and nothing typed is lost."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from articles import publishing, trail
from articles.models import Article, Byline, DraftState
from page_cache import stamp
from tests import builders, nights
from tests.builders import signed_in
from tests.forms import filled_in
from tests.locks import wait_until_all_are_held_up, wait_until_held_up
from web import contributions

pytestmark = pytest.mark.django_db

WINDOW, OTHER_WINDOW = "window-0001", "window-0002"
NEW = "/admin/articles/article/keep/"
ADD = "/admin/articles/article/add/"


@pytest.fixture
def ines():
    return signed_in("Author", name="Ines")


@pytest.fixture
def tobias():
    return signed_in("Publisher", name="Tobias")


def change_page(article):
    return reverse("admin:articles_article_change", args=[article.pk])


def keep_page(article):
    return reverse("admin:articles_article_keep", args=[article.pk])


def seen_by(client, article):
    """What a page that is opened now says it showed."""
    sent = filled_in(client.get(change_page(article)), "article_form")
    return json.loads(sent["seen"][0])


def autosave(client, where, fields, *, seen=None, turn=1, window=WINDOW, **said):
    page = where if isinstance(where, str) else keep_page(where)
    sent = {
        "window": window,
        "turn": turn,
        "fields": {name: [value] for name, value in fields.items()},
        "seen": seen or {},
        **said,
    }
    answer = client.post(page, json.dumps(sent), content_type="application/json")
    assert answer.status_code == 200, answer.content
    return answer.json()


def kept(client, page):
    return {one["window"]: one["fields"] for one in client.get(page).json()["kept"]}


def draft():
    return builders.article(live_from=None, text={"title": "Locks", "body": "<p>One two</p>"})


def turn_of(page):
    def send(client, article, opened, made, turn):
        where = page or keep_page(article)
        autosave(client, where, {"title": "Keys"}, seen=made["seen"], turn=turn)

    return send


def saving(client, article, opened, made, turn):
    changed = opened | {
        "title": ["Keys"],
        "kept_windows": [WINDOW],
        "seen": [json.dumps(made["seen"])],
    }
    answer = client.post(change_page(article), changed)
    assert answer.status_code == 302, answer.text


SENT_AT_ONCE = {
    "a turn to the empty form": turn_of(NEW),
    "a turn to the article": turn_of(""),
    "Save": saving,
}


class TestANewArticle:
    def test_its_first_words_give_it_a_row_and_an_address(self, ines):
        said = autosave(ines, NEW, {"title": "A Retry Is a Loan"})

        article = Article.objects.get()
        assert article.slug == "a-retry-is-a-loan"
        assert article.draft().title == "A Retry Is a Loan"
        assert str(article.draft().edited_by) == "Ines"
        assert said["page"] == change_page(article)
        assert said["keep"] == keep_page(article)
        assert said["now"]["slug"] == "a-retry-is-a-loan"
        assert not LogEntry.objects.exists()

    @pytest.mark.parametrize(
        "fields", [{}, {"title": "  "}, {"title": "", "body": "<p></p>"}, {"slug": "a-b"}]
    )
    def test_an_untouched_room_leaves_no_row(self, fields, ines):
        autosave(ines, NEW, fields)

        assert not Article.objects.exists()

    def test_without_a_title_it_is_kept_and_never_published(self, ines):
        autosave(ines, NEW, {"body": "<p>Four teams, one sensible thing each.</p>"})

        article = Article.objects.get()
        assert article.slug == "untitled"
        assert article.draft().body == "<p>Four teams, one sensible thing each.</p>"
        with pytest.raises(Exception, match="The title is missing"):
            publishing.publish(article, at=timezone.now())

    def test_the_database_publishes_nothing_without_a_title(self):
        article = builders.article()

        with pytest.raises(IntegrityError, match="articles_published_has_a_title"):
            article.revisions.update(title="")

    def test_two_of_one_title_have_two_addresses(self, ines):
        autosave(ines, NEW, {"title": "Locks"})
        autosave(ines, NEW, {"title": "Locks"}, window=OTHER_WINDOW)

        assert {article.slug for article in Article.objects.all()} == {"locks", "locks-2"}

    @pytest.mark.parametrize("title", ["Topics", "Search", "Feed"])
    def test_it_takes_no_address_of_another_page(self, title, ines):
        autosave(ines, NEW, {"title": title})

        assert Article.objects.get().slug == f"{title.lower()}-2"

    def test_the_same_request_again_makes_no_second_article(self, ines):
        autosave(ines, NEW, {"title": "Locks"})

        again = autosave(ines, NEW, {"title": "Locks"})
        more = autosave(ines, NEW, {"title": "Locks and keys"}, turn=2)

        article = Article.objects.get()
        assert article.draft().title == "Locks and keys"
        assert again["page"] == more["page"] == change_page(article)
        assert more["contested"] == {}

    @pytest.mark.parametrize("turn", [6, 7])
    def test_what_the_draft_has_is_not_kept_once_more_when_a_device_hands_it_in(self, turn, ines):
        """It never got the answer, and has them under an earlier turn or that one."""
        autosave(ines, NEW, {"title": "Locks"}, turn=7)

        autosave(ines, NEW, {"title": "Locks"}, turn=turn, apart=True)

        assert kept(ines, NEW) == {}

    def test_the_address_follows_the_title_until_someone_chooses_one(self, ines):
        said = autosave(ines, NEW, {"title": "How we"})
        article = Article.objects.get()

        said = autosave(ines, article, {"title": "How we test"}, seen=said["seen"], turn=2)
        assert said["now"]["slug"] == Article.objects.get().slug == "how-we-test"

        page = ines.get(change_page(article))
        ines.post(change_page(article), filled_in(page, "article_form", "_draft", slug="tests"))
        seen = seen_by(ines, article)
        autosave(ines, article, {"title": "Why we test"}, seen=seen, window=OTHER_WINDOW)

        assert Article.objects.get().slug == "tests"

    def test_the_address_stays_once_readers_know_it(self, ines, tobias):
        autosave(ines, NEW, {"title": "Locks", "summary": "S", "body": "<p>B</p>"})
        article = Article.objects.get()
        article.authors.add(builders.author())
        publishing.publish(article, at=timezone.now())

        autosave(tobias, article, {"title": "Keys"}, seen=seen_by(tobias, article))

        assert Article.objects.get().slug == "locks"

    def test_saving_the_empty_form_saves_the_article_that_its_words_made(self, tobias):
        page = tobias.get(ADD, follow=True)
        autosave(tobias, NEW, {"title": "Locks", "body": "<p>One</p>"})

        sent = filled_in(
            page,
            "article_form",
            "_draft",
            title="Locks and keys",
            body="<p>One two</p>",
            slug="locks",
            kept_windows=WINDOW,
        )
        saved = tobias.post(ADD, sent)

        article = Article.objects.get()
        assert saved.status_code == 302, saved.text
        assert article.draft().title == "Locks and keys"
        assert article.draft().body == "<p>One two</p>"

    def test_what_else_was_typed_waits_beside_it(self, ines):
        topic = builders.topic()

        said = autosave(ines, NEW, {"title": "Locks", "topics": str(topic.pk)})

        assert kept(ines, NEW) == {}
        assert kept(ines, said["keep"]) == {WINDOW: {"topics": [str(topic.pk)]}}

    def test_an_address_that_only_follows_the_title_does_not_wait(self, ines):
        said = autosave(ines, NEW, {"title": "Locks", "slug": "locks"})

        assert kept(ines, said["keep"]) == {}

    def test_whoever_may_not_write_makes_none(self):
        answer = signed_in("Sales").post(NEW, "{}", content_type="application/json")

        assert answer.status_code == 403


class TestTheDraft:
    def test_it_takes_what_is_typed(self, ines):
        article = draft()

        said = autosave(
            ines, article, {"body": "<p>One two three</p>"}, seen=seen_by(ines, article)
        )

        assert said["draft"] == ["body"]
        assert article.draft().body == "<p>One two three</p>"
        assert str(article.draft().edited_by) == "Ines"
        assert kept(ines, keep_page(article)) == {}
        assert not LogEntry.objects.exists()

    def test_on_a_live_article_it_begins_one_and_readers_see_nothing(self, ines, client):
        article = builders.article(text={"body": "<p>As it is</p>"})

        autosave(ines, article, {"body": "<p>As it will be</p>"}, seen=seen_by(ines, article))

        assert article.revisions.count() == 2
        page = client.get(article.get_absolute_url()).text
        assert "As it is" in page
        assert "As it will be" not in page

    def test_what_readers_see_at_once_is_kept_and_waits_for_save(self, tobias):
        article = builders.article(slug="locks")

        autosave(tobias, article, {"slug": "keys"}, seen=seen_by(tobias, article))

        assert Article.objects.get().slug == "locks"
        assert article.revisions.count() == 1, "nothing of the text was changed"
        assert kept(tobias, keep_page(article)) == {WINDOW: {"slug": ["keys"]}}

    def test_what_two_wrote_in_two_fields_is_merged(self, ines, tobias):
        article = draft()
        mine, theirs = seen_by(ines, article), seen_by(tobias, article)
        autosave(tobias, article, {"summary": "Theirs"}, seen=theirs, window=OTHER_WINDOW)

        said = autosave(ines, article, {"title": "Mine"}, seen=mine)

        assert (article.draft().title, article.draft().summary) == ("Mine", "Theirs")
        assert said["now"]["summary"] == "Theirs", "the page shows it at once"
        assert said["contested"] == {}

    def test_what_two_wrote_in_one_field_is_both_kept(self, ines, tobias):
        article = draft()
        mine, theirs = seen_by(ines, article), seen_by(tobias, article)
        autosave(tobias, article, {"title": "Theirs"}, seen=theirs, window=OTHER_WINDOW)

        said = autosave(ines, article, {"title": "Mine", "summary": "New"}, seen=mine)

        assert (article.draft().title, article.draft().summary) == ("Theirs", "New")
        assert said["contested"]["title"]["theirs"] == "Theirs"
        assert said["contested"]["title"]["by"] == "Tobias"
        assert kept(ines, keep_page(article)) == {WINDOW: {"title": ["Mine"]}}

        # Whoever then chooses theirs or mine has seen both.
        seen = {**mine, **said["seen"], "title": said["contested"]["title"]["digest"]}
        decided = autosave(ines, article, {"title": "Mine"}, seen=seen, turn=2)

        assert decided["contested"] == {}
        assert article.draft().title == "Mine"
        assert kept(ines, keep_page(article)) == {}

    def test_what_two_wrote_in_two_paragraphs_is_put_together(self, ines, tobias):
        article = builders.article(live_from=None, text={"body": "<p>One</p><p>Two</p><p>3</p>"})
        mine, theirs = seen_by(ines, article), seen_by(tobias, article)
        body = "<p>One</p><p>Two</p><p>Three</p>"
        autosave(tobias, article, {"body": body}, seen=theirs, window=OTHER_WINDOW)

        said = autosave(ines, article, {"body": "<p>First</p><p>Two</p><p>3</p>"}, seen=mine)

        both = "<p>First</p><p>Two</p><p>Three</p>"
        assert article.draft().body == said["now"]["body"] == both
        assert said["contested"] == {}

        # The page goes on from there.
        more = both.replace("Two", "Second")
        said = autosave(ines, article, {"body": more}, seen=mine | said["seen"], turn=2)
        assert article.draft().body == more

    def test_a_window_that_never_got_the_answer_contests_nothing_that_came_after(
        self, ines, tobias
    ):
        article = draft()
        seen = seen_by(ines, article)
        autosave(ines, article, {"title": "Locks and keys"}, seen=seen)
        autosave(tobias, article, {"title": "Keys"}, seen=seen_by(tobias, article))

        again = autosave(ines, article, {"title": "Locks and keys"}, seen=seen, turn=2)

        assert again["contested"] == {}
        assert again["now"]["title"] == article.draft().title == "Keys"
        assert kept(ines, keep_page(article)) == {}

    def test_it_may_still_say_the_same_words_again_once_it_has_seen_the_others(self, ines, tobias):
        article = draft()
        autosave(ines, article, {"title": "Locks and keys"}, seen=seen_by(ines, article))
        autosave(tobias, article, {"title": "Keys"}, seen=seen_by(tobias, article))

        seen = seen_by(ines, article)
        autosave(ines, article, {"title": "Locks and keys"}, seen=seen, turn=2)

        assert article.draft().title == "Locks and keys"

    def test_a_window_that_never_got_the_answer_writes_over_nobody(self, ines, tobias):
        article = builders.article(live_from=None, text={"body": "<p>One</p><p>Two</p>"})
        seen = seen_by(ines, article)
        theirs = {"body": "<p>One</p><p>Two and three</p>"}
        autosave(tobias, article, theirs, seen=seen_by(tobias, article))
        autosave(ines, article, {"body": "<p>One by one</p><p>Two</p>"}, seen=seen)
        assert article.draft().body == "<p>One by one</p><p>Two and three</p>"

        autosave(ines, article, {"body": "<p>One, by one</p><p>Two</p>"}, seen=seen, turn=2)

        assert "Two and three" in article.draft().body

    def test_what_two_wrote_in_one_paragraph_can_be_kept_one_after_the_other(self, ines, tobias):
        article = builders.article(live_from=None, text={"body": "<p>One</p><p>Two</p>"})
        mine, theirs = seen_by(ines, article), seen_by(tobias, article)
        body = "<p>Theirs</p><p>Two</p>"
        autosave(tobias, article, {"body": body}, seen=theirs, window=OTHER_WINDOW)

        said = autosave(ines, article, {"body": "<p>Mine</p><p>Two</p>"}, seen=mine)

        both = said["contested"]["body"]
        assert both["both"] == "<p>Mine</p><p>Theirs</p><p>Two</p>"
        assert "<ins>" in both["html"]
        seen = mine | {"body": both["digest"]}
        autosave(ines, article, {"body": both["both"]}, seen=seen, turn=2)
        assert article.draft().body == both["both"]

    def test_an_answer_that_was_lost_makes_no_conflict_with_oneself(self, ines):
        article = draft()
        seen = seen_by(ines, article)
        autosave(ines, article, {"title": "Loc"}, seen=seen, turn=1)

        said = autosave(ines, article, {"title": "Locks and keys"}, seen=seen, turn=2)

        assert said["contested"] == {}
        assert article.draft().title == "Locks and keys"

    def test_nor_does_saving_the_form_then(self, ines):
        article = draft()
        page = ines.get(change_page(article))
        autosave(ines, article, {"title": "Loc"}, seen=seen_by(ines, article))

        sent = filled_in(page, "article_form", "_draft", title="Locks 2", kept_windows=WINDOW)
        saved = ines.post(change_page(article), sent)

        assert saved.status_code == 302
        assert article.draft().title == "Locks 2"

    def test_the_same_request_twice_saves_once(self, ines):
        article, seen = draft(), None
        seen = seen_by(ines, article)
        autosave(ines, article, {"title": "Keys"}, seen=seen)
        first = article.draft().edited_at

        said = autosave(ines, article, {"title": "Keys"}, seen=seen)

        assert said["contested"] == {}
        assert article.draft().edited_at == first

    def test_what_a_draft_has_no_room_for_is_refused_and_kept(self, ines):
        article = draft()
        too_long = "A title that does not end " * 10

        said = autosave(
            ines, article, {"title": too_long, "summary": "S"}, seen=seen_by(ines, article)
        )

        assert "at most 160 characters" in said["refused"]["title"][0]
        assert (article.draft().title, article.draft().summary) == ("Locks", "S")
        assert kept(ines, keep_page(article)) == {WINDOW: {"title": [too_long]}}

    def test_a_note_of_a_colleague_stays(self, ines):
        article = draft()
        publishing.save_draft(article, text={}, by=None, note="See chapter 2")

        autosave(ines, article, {"title": "Keys"}, seen=seen_by(ines, article))

        assert article.draft().note == "See chapter 2"

    def test_markup_is_cleaned_as_when_it_is_saved(self, ines):
        article = draft()

        autosave(ines, article, {"body": "<p>A<script>b</script></p>"}, seen=seen_by(ines, article))

        assert article.draft().body == "<p>A</p>"

    @pytest.mark.parametrize(
        ("role", "status"), [("Author", 200), ("Publisher", 200), ("Sales", 403)]
    )
    def test_it_needs_the_right_that_the_form_needs(self, role, status):
        article, client = draft(), signed_in(role)
        sent = {"window": WINDOW, "turn": 1, "fields": {"title": ["A"]}, "seen": {}}

        answer = client.post(keep_page(article), json.dumps(sent), content_type="application/json")

        assert answer.status_code == status
        assert (kept(client, keep_page(article)) != {}) if status == 200 else True

    def test_it_costs_few_statements(self, ines, django_assert_max_num_queries):
        article = draft()
        seen = seen_by(ines, article)
        autosave(ines, article, {"body": "<p>One</p>"}, seen=seen)

        with django_assert_max_num_queries(28):
            autosave(ines, article, {"body": "<p>One two three</p>"}, seen=seen, turn=2)


def test_what_is_typed_into_a_fix_of_the_live_text_is_no_draft(tobias):
    article = builders.article(text={"title": "Locks"})
    page = f"{keep_page(article)}?lane=live"

    autosave(tobias, page, {"title": "Locks and keys"}, seen=seen_by(tobias, article))

    assert article.draft() is None
    assert kept(tobias, page) == {WINDOW: {"title": ["Locks and keys"]}}
    assert kept(tobias, keep_page(article)) == {}


class TestTheTrail:
    def test_a_bad_save_is_undone_with_one_click(self, ines):
        article = draft()
        page = ines.get(change_page(article))
        ines.post(change_page(article), filled_in(page, "article_form", "_draft", body=""))
        assert article.draft().body == ""

        [state] = article.draft_states.all()
        page = ines.get(change_page(article))
        assert f'value="bring_back {state.pk}"' in page.text
        act = reverse("admin:articles_article_act", args=[article.pk])
        ines.post(act, {"action": f"bring_back {state.pk}"})

        assert article.draft().body == "<p>One two</p>"

    def test_bringing_back_is_undone_as_well(self, ines):
        article = draft()
        publishing.save_draft(article, text={"body": "<p>Quite another</p>"}, by=None)
        publishing.bring_back(article.draft_states.get(), by=None)

        states = {state.body for state in article.draft_states.all()}
        assert "<p>Quite another</p>" in states

    @pytest.mark.parametrize(
        ("before", "after", "is_kept"),
        [
            ("<p>One two three</p>", "", True),
            ("<p>One two three</p>", "<p>Four five six</p>", True),
            ("<p>One two three</p>", "<p>One two three four</p>", False),
            ("<p>One two thr</p>", "<p>One two three four</p>", False),
            ("<p>One two three</p>", "<h2>One two three</h2>", False),
            (f"<p>{'word ' * 50}</p>", f"<p>{'word ' * 49}</p>", False),
            (f"<p>{'word ' * 50}</p>", f"<p>{'word ' * 40}</p>", True),
            (
                "<p>取り消しは簡単です。何度でも。</p>",
                "<p>取り消しは簡単です。何度でもよ。</p>",
                False,
            ),
            ("<p>取り消しは簡単です。何度でも。</p>", "<p></p>", True),
        ],
    )
    def test_a_save_that_takes_words_away_keeps_what_was_there(self, before, after, is_kept):
        grace = builders.user()
        article = builders.article(live_from=None, text={"body": before})
        article.revisions.update(edited_by=grace)
        DraftState.objects.create(article=article, at=timezone.now(), title="The last ten minutes")

        publishing.save_draft(article, text={"body": after}, by=grace)

        assert article.draft_states.filter(body=before).exists() == is_kept

    def test_a_sitting_keeps_one_state_and_every_ten_minutes_another(self, ines):
        article = draft()
        seen = seen_by(ines, article)
        with time_machine.travel(timezone.now(), tick=False) as clock:
            for minute in range(0, 31, 2):
                text = {"body": f"<p>One two{' more' * minute}</p>"}
                seen |= autosave(ines, article, text, seen=seen, turn=minute + 1)["seen"]
                clock.shift(timedelta(minutes=2))

        times = sorted(state.at for state in article.draft_states.all())
        assert 3 <= len(times) <= 4
        gaps = [(two - one).total_seconds() / 60 for one, two in pairwise(times[1:])]
        assert all(gap >= 10 for gap in gaps)

    def test_whoever_sits_down_later_finds_the_text_as_it_was(self, ines, tobias):
        article = draft()
        autosave(ines, article, {"body": "<p>One two three</p>"}, seen=seen_by(ines, article))

        autosave(
            tobias, article, {"body": "<p>One two three four</p>"}, seen=seen_by(tobias, article)
        )

        latest = article.draft_states.newest_first()[0]
        assert (latest.body, str(latest.by)) == ("<p>One two three</p>", "Ines")

    def test_after_a_month_it_is_deleted(self):
        article = draft()
        long_ago = timezone.now() - timedelta(days=30, minutes=1)
        DraftState.objects.create(article=article, title="Old", at=long_ago)
        DraftState.objects.create(article=article, title="New")

        nights.pass_by()

        assert [state.title for state in article.draft_states.all()] == ["New"]

    def test_nothing_is_kept_twice(self):
        article = draft()

        trail.keep(article.draft())
        trail.keep(article.draft())

        assert article.draft_states.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_new", [True, False])
def test_what_readers_see_is_not_made_again(is_new, ines):
    article = None if is_new else builders.article()
    seen = None if is_new else seen_by(ines, article)
    before = stamp.stamp(contributions.moments()).value

    said = autosave(ines, NEW if is_new else article, {"title": "Lo"}, seen=seen)
    made = Article.objects.get()
    autosave(ines, made, {"title": "Locks"}, seen=(seen or {}) | said["seen"], turn=2)

    assert made.draft().title == "Locks"
    assert stamp.stamp(contributions.moments()).value == before


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one writer")
@pytest.mark.django_db(transaction=True)
def test_a_turn_waits_for_nobody_who_adds_something_to_the_article(ines):
    """To wait for them with the article held is a deadlock as soon as they change it, too."""
    article = draft()
    seen = seen_by(ines, article)

    with ThreadPoolExecutor(1) as other, transaction.atomic():
        Byline.objects.create(article=article, author=builders.author(name="Lea"), position=7)
        turn = other.submit(_closing, autosave, ines, article, {"title": "Keys"}, seen=seen)
        wait_until_held_up(turn)
        assert turn.done()

    assert turn.result()["draft"] == ["title"]


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one writer")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", SENT_AT_ONCE)
@pytest.mark.parametrize("second", SENT_AT_ONCE)
def test_what_one_window_sends_at_once_never_blocks_itself(first, second, ines):
    """Turns still go to the address of the empty form when the article has one of its own, and
    Save may overtake a turn.
    """
    made = autosave(ines, NEW, {"title": "Locks"})
    article = Article.objects.get()
    opened = filled_in(ines.get(change_page(article)), "article_form", "_continue")
    autosave(ines, article, {"title": "Locks"}, seen=made["seen"], turn=2)

    with ThreadPoolExecutor(2) as others:
        with transaction.atomic():
            Article.objects.select_for_update().get(pk=article.pk)
            sent = []
            for turn, kind in enumerate((first, second), start=3):
                send = SENT_AT_ONCE[kind]
                sent.append(others.submit(_closing, send, ines, article, opened, made, turn))
                wait_until_all_are_held_up(sent)
        for one in sent:
            one.result(timeout=60)

    assert article.draft().title == "Keys"


def _closing(act, *args, **kwargs):
    try:
        return act(*args, **kwargs)
    finally:
        connection.close()


class TestASignature:
    def author(self):
        writer = builders.user(role="Publisher", name="Ines Moreau")
        client = Client()
        client.force_login(writer)
        return client, builders.author(name="Ines Moreau", user=writer)

    def test_an_author_has_signed_what_their_first_words_make(self):
        client, ines = self.author()

        autosave(client, NEW, {"title": "A Retry Is a Loan"})

        assert [one.author for one in Article.objects.get().bylines.all()] == [ines]
        page = client.get(change_page(Article.objects.get())).text
        assert 'name="bylines-INITIAL_FORMS" value="1"' in page

    def test_what_they_save_without_script_is_signed_too_unless_they_chose_another(self):
        client, ines = self.author()
        lea = builders.author(name="Lea Sandoval")
        for title, chosen in (("Mine", None), ("Hers", lea)):
            more = {"bylines-TOTAL_FORMS": "1", "bylines-0-author": lea.pk} if chosen else {}
            more |= {"bylines-0-position": "0"} if chosen else {}
            page = client.get(ADD, follow=True)
            more |= {"title": title, "slug": title.lower()}
            form = filled_in(page, "article_form", "_draft", **more)
            client.post(ADD, form)

        signed = {one.article.slug: one.author for one in Byline.objects.all()}
        assert signed == {"mine": ines, "hers": lea}

    def test_nobody_else_signs_by_writing(self, ines):
        autosave(ines, NEW, {"title": "A Retry Is a Loan"})

        assert not Byline.objects.exists()
