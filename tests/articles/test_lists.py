"""The list of articles: tabs, columns, search, the week, and what is done to many."""

from datetime import timedelta
from decimal import Decimal

import lxml.html
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.roles import ADMINISTRATOR, AUTHOR, PUBLISHER, SALES
from articles import publishing, reviewing, search, staff_search, tasks
from articles.lists.listed import ROWS_ON_A_PAGE
from articles.models import Article, ListedArticle, RevisionText
from leads.intake import spam_marks
from leads.models import Inquiry, Lead
from leads.pipeline import moves
from tests import builders
from tests.builders import article, author, revision, signed_in, topic, user

pytestmark = pytest.mark.django_db


def url(**query):
    return reverse("admin:article_list", query=query)


def titles(client, **query):
    page = lxml.html.fromstring(client.get(url(**query)).content)
    return [one.text_content().strip() for one in page.xpath("//tbody//th/a")]


def cells(client, title, **query):
    """What the row of that title says, by the head of the column."""
    page = lxml.html.fromstring(client.get(url(**query)).content)
    heads = [one.text_content().strip() for one in page.xpath("//thead//th")]
    [row] = [
        one for one in page.xpath("//tbody/tr") if one.xpath("string(.//th/a)").strip() == title
    ]
    found = [
        one.text_content().strip() for one in row.xpath("./th | ./td[not(@class='table__pick')]")
    ]
    return dict(zip(heads, found, strict=True))


@pytest.fixture
def publisher():
    return signed_in(PUBLISHER, name="Tobias")


def one_of_each(by=None):
    """An article in each state, titled for it."""
    draft = article(live_from=None, text={"title": "Draft"})
    revision(draft, summary="Newer", by=by)
    review = article(live_from=None, text={"title": "In review"})
    reviewing.submit_for_review(review, by=user(name="Ines"))
    back = article(live_from=None, text={"title": "Sent back"})
    reviewing.submit_for_review(back, by=by)
    reviewing.send_back(back, "Which is it?", by=user(name="Lea"))
    article(live_from=timedelta(days=2), text={"title": "Scheduled"})
    article(text={"title": "Live"})
    waits = article(text={"title": "Live with a draft"})
    revision(waits, summary="Newer")
    planned = article(text={"title": "Live with a schedule"})
    revision(planned, live_from=timedelta(days=1), summary="Newer")
    publishing.unpublish(article(text={"title": "Unpublished"}), at=timezone.now())
    publishing.retire(article(text={"title": "Retired"}), at=timezone.now())


@pytest.mark.parametrize(
    ("tab", "shown"),
    [
        ("mine", {"Draft"}),
        ("drafts", {"Draft", "Sent back", "Live with a draft"}),
        ("review", {"In review"}),
        ("returned", {"Sent back"}),
        ("scheduled", {"Scheduled", "Live with a schedule"}),
        ("live", {"Live", "Live with a draft", "Live with a schedule"}),
        ("unpublished", {"Unpublished"}),
        ("retired", {"Retired"}),
    ],
)
def test_each_tab_shows_and_counts_its_articles(tab, shown):
    me = user(role=PUBLISHER)
    one_of_each(by=me)
    client = Client()
    client.force_login(me)

    page = client.get(url(tab=tab))

    assert set(titles(client, tab=tab)) == shown
    [count] = [count for one, count, _ in page.context["listed"].tabs if one.key == tab]
    assert count == str(len(shown))
    assert set(titles(client)) >= shown


def test_what_i_sign_is_mine():
    me = user(role=AUTHOR)
    article(authors=[author(user=me)], text={"title": "Signed"})
    client = Client()
    client.force_login(me)

    assert titles(client, tab="mine") == ["Signed"]


@pytest.mark.parametrize(
    ("title", "state"),
    [
        ("Draft", "Draft"),
        ("In review", "In review, today"),
        ("Scheduled", "Scheduled"),
        ("Live", "Live"),
        ("Live with a draft", "Live, a change waits"),
        ("Live with a schedule", "Live, a change is scheduled"),
        ("Unpublished", "Unpublished"),
        ("Retired", "Retired"),
    ],
)
def test_a_state_is_a_dot_and_a_word(publisher, title, state):
    one_of_each()

    assert cells(publisher, title)["State"] == state


def test_columns_say_since_when_and_for_when_and_how_long(publisher):
    day = timezone.localdate() + timedelta(days=3)
    article(text={"title": "Live", "body": "<p>One two <b>three</b></p>"})
    article(live_from=None, planned_for=day, text={"title": "Planned"})
    since = timezone.localtime() - timedelta(days=1)

    live = cells(publisher, "Live")

    assert live["Live since"] == f"{since:%-d %b %Y}"
    assert live["Words"] == "3"
    assert cells(publisher, "Planned")["Planned"] == f"{day:%a %-d %b}"


def test_pages_of_any_order_show_every_article_once(publisher):
    for number in range(ROWS_ON_A_PAGE + 5):
        article(
            live_from=-timedelta(days=number % 7) if number % 3 else None,
            text={
                "title": f"T{number % 9} {number}",
                "body": f"<p>{'word ' * (number % 4 + 1)}</p>",
            },
        )
    every = sorted(Article.objects.values_list("pk", flat=True))
    orders = ["title", "-title", "live", "-live", "words", "-words", "edited", "-edited", "planned"]
    seen = {}

    for sort in orders:
        first = publisher.get(url(sort=sort))
        second = publisher.get(first.context["listed"].next_url)
        back = publisher.get(second.context["listed"].previous_url)
        seen[sort] = [
            [row.pk for row in one.context["listed"].rows] for one in (first, second, back)
        ]

    assert {sort: sorted(first + second) for sort, (first, second, _) in seen.items()} == (
        dict.fromkeys(orders, every)
    )
    assert {sort for sort, (first, _, back) in seen.items() if back != first} == set()


def test_scheduled_articles_come_in_the_order_of_their_hours(publisher):
    for hours, title in ((30, "Second"), (5, "First"), (90, "Third")):
        article(live_from=timedelta(hours=hours), text={"title": title})

    assert titles(publisher, tab="scheduled") == ["First", "Second", "Third"]


def test_topics_and_authors_narrow_the_list(publisher):
    about, ada = topic(), author(name="Ada")
    article(topics=[about], text={"title": "On it"})
    article(authors=[ada], text={"title": "By Ada"})

    assert titles(publisher, topic=about.pk) == ["On it"]
    assert titles(publisher, author=ada.pk) == ["By Ada"]
    assert "There is no such choice" in publisher.get(url(topic="99999")).text


# Search


@pytest.mark.parametrize("words", ["idempotent", "idempotnet", "idempot"], ids=str)
@pytest.mark.parametrize(
    "state", ["draft", "review", "scheduled", "live", "unpublished", "retired"]
)
def test_staff_find_every_word_of_every_state_despite_typing_errors(publisher, words, state):
    live_from = {"draft": None, "review": None, "scheduled": timedelta(days=1)}.get(
        state, -timedelta(days=1)
    )
    found = article(
        live_from=live_from, text={"title": "Found", "body": "<p>An idempotent consumer.</p>"}
    )
    article(text={"title": "Other"})
    if state == "review":
        reviewing.submit_for_review(found)
    if state in ("unpublished", "retired"):
        getattr(publishing, {"unpublished": "unpublish", "retired": "retire"}[state])(
            found, at=timezone.now()
        )

    assert titles(publisher, q=words) == ["Found"]


def test_staff_find_the_newest_text_of_a_draft_and_what_is_still_live(publisher):
    changed = article(text={"title": "Changed", "body": "<p>Zebras graze.</p>"})
    revision(changed, body="<p>Giraffes browse.</p>")
    assert titles(publisher, q="giraffes") == ["Changed"]

    revision(changed, body="<p>Elephants trumpet.</p>")

    assert titles(publisher, q="elephants") == ["Changed"]
    assert titles(publisher, q="zebras") == ["Changed"]
    assert titles(publisher, q="giraffes browse") == []


def test_visitors_never_find_what_staff_found_in_a_draft(client, publisher):
    draft = article(live_from=None, text={"title": "Hidden", "body": "<p>A secret walrus.</p>"})
    live = article(text={"title": "Live", "body": "<p>Zebras graze.</p>"})
    revision(live, body="<p>A secret walrus.</p>")
    assert len(staff_search.find("walrus")) == 2
    assert RevisionText.objects.filter(draft_of__isnull=False).count() == 2

    for words in ("walrus", "walrsu", "secret", "Hidden", "walr"):
        results = search.search(words)
        assert not results.matches.total
        assert not results.suggestions
        assert "walrus" not in client.get(f"/articles/search/?q={words[:4]}").text.lower()
    publishing.discard_draft(live)
    assert not RevisionText.objects.filter(revision__article=live, draft_of__isnull=False)
    assert draft.pk


def test_however_many_drafts_say_a_word_visitors_find_what_is_live(monkeypatch):
    monkeypatch.setattr("articles.search_indexes.MAX_COUNTED", 2)
    live = article(text={"body": "<p>Zebras graze.</p>"})
    for _ in range(3):
        article(live_from=None, text={"body": "<p>Zebras graze.</p>"})
    assert len(staff_search.find("zebras")) >= 1

    found = search.search("zebras").matches

    assert found.foremost == [live.live_revision().pk]


def test_the_best_match_comes_first_unless_an_order_was_chosen(publisher):
    article(text={"title": "A", "body": "<p>Something about queues.</p>"})
    article(live_from=None, text={"title": "Queues"})

    assert titles(publisher, q="queues") == ["Queues", "A"]
    assert titles(publisher, q="queues", sort="title") == ["A", "Queues"]


@pytest.mark.parametrize("words", ["%", "'", '"', "a " * 40, "()&|!", "日本語", "x" * 500])
def test_any_words_may_be_searched_for(publisher, words):
    article()

    assert publisher.get(url(q=words)).status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        {"tab": "nothing"},
        {"sort": "-nothing"},
        {"after": "x"},
        {"after": "9" * 30},
        {"before": "-1"},
        {"topic": "x", "author": "x"},
    ],
    ids=str,
)
def test_what_an_address_says_wrongly_is_left_aside(publisher, query):
    article(text={"title": "Live"})

    answer = publisher.get(url(**query))

    assert answer.status_code == 200


# The week


def test_the_week_shows_what_is_scheduled_and_what_is_planned(publisher):
    today = timezone.localdate()
    article(live_from=timedelta(hours=30), text={"title": "Scheduled"})
    article(live_from=None, planned_for=today + timedelta(days=2), text={"title": "Planned"})
    article(live_from=None, planned_for=today + timedelta(days=9), text={"title": "Later"})
    off = article(text={"title": "Off"})
    revision(off, live_from=timedelta(hours=30), title="Never")
    publishing.unpublish(off, at=timezone.now())

    days = publisher.get(url()).context["part"]["week"]

    assert [day.date for day in days] == [today + timedelta(days=n) for n in range(7)]
    items = {item.title: (item.is_planned, bool(item.clock)) for day in days for item in day.items}
    assert items == {"Scheduled": (False, True), "Planned": (True, False)}


# Many at once


def send(client, name, rows, **more):
    return client.post(
        reverse("admin:article_list_act", args=[name]),
        {"row": [one.pk for one in rows], "next": url(), **more},
        follow=True,
    )


def undo(client):
    page = client.get(url())
    [number] = lxml.html.fromstring(page.content).xpath("//input[@name='act']/@value")
    return client.post(reverse("admin:undo"), {"act": number}, follow=True)


def test_a_topic_is_given_to_many_and_taken_back(publisher):
    about = topic(name="Queues")
    had, had_not = article(topics=[about], text={"title": "Had it"}), article()

    answer = send(publisher, "topic", [had, had_not], **{"topic-topic": about.pk})

    assert "Had it: It has the topic “Queues” already." in answer.text
    assert had_not.topics.get() == about
    undo(publisher)
    assert had.topics.exists() and not had_not.topics.exists()


def test_many_are_scheduled_and_taken_back(publisher):
    drafts = [article(live_from=None), article(live_from=None)]
    live = article(text={"title": "No draft"})
    at = timezone.localtime() + timedelta(days=2)
    when = {"schedule-moment_0": f"{at:%Y-%m-%d}", "schedule-moment_1": "09:00"}

    answer = send(publisher, "schedule", [*drafts, live], **when)

    assert "No draft: There is no draft" in answer.text
    assert ListedArticle.objects.scheduled().count() == 2
    undo(publisher)
    assert ListedArticle.objects.scheduled().count() == 0
    assert all(one.draft() for one in drafts)


def test_many_are_unpublished_once_it_was_asked_and_taken_back(publisher, client):
    gone = [article(), article()]

    asked = send(publisher, "unpublish", gone)
    before = ListedArticle.objects.unpublished().count()
    send(publisher, "unpublish", gone, sure="yes")

    assert "Unpublish 2 articles?" in asked.text and before == 0
    assert ListedArticle.objects.unpublished().count() == 2
    assert client.get(gone[0].get_absolute_url()).status_code == 404
    undo(publisher)
    assert client.get(gone[0].get_absolute_url()).status_code == 200


def test_all_that_match_are_asked_about_when_they_are_others_than_the_page_said(publisher):
    about = topic()
    article(), article()

    asked = send(publisher, "topic", [], all="1", **{"topic-topic": about.pk})
    assert "Change 2 articles?" in asked.text and not about.articles.exists()
    send(publisher, "topic", [], all="2", **{"topic-topic": about.pk})

    assert about.articles.count() == 2


@pytest.mark.parametrize("name", ["topic", "schedule", "unpublish"])
def test_nothing_is_done_without_its_field_or_to_nothing(publisher, name):
    live = article()

    answer = send(publisher, name, [] if name == "unpublish" else [live])

    assert answer.status_code == (200 if name == "unpublish" else 422)
    assert ListedArticle.objects.unpublished().count() == 0


@pytest.mark.parametrize("role", [AUTHOR, SALES, ""])
def test_only_publishers_do_things_to_many(role):
    live = article()

    answer = send(signed_in(role), "unpublish", [live], sure="yes")

    assert answer.status_code == 403


@pytest.mark.parametrize(("role", "status"), [(AUTHOR, 200), (SALES, 403), ("", 403)])
def test_whoever_may_not_see_articles_sees_no_list_of_them(role, status):
    assert signed_in(role).get(url()).status_code == status


# What they brought


def win(lead, value):
    moves.move(
        lead, Lead.Stage.WON, by=user(), at=timezone.now(), value=Decimal(value), currency="EUR"
    )


def earn(of, *, email, won=None):
    lead = builders.lead(email=email, article=of)
    if won:
        win(lead, won)


def test_the_list_says_what_each_article_brought_without_names(publisher):
    rich, poor = article(text={"title": "Rich"}), article(text={"title": "Poor"})
    article(text={"title": "Nothing"})
    earn(rich, email="a@example.com", won=48_000)
    earn(rich, email="b@example.com")
    earn(poor, email="c@example.com")

    row = cells(publisher, "Rich")

    assert (row["Inquiries"], row["Won"], row["Earned"]) == ("2", "1", "48,000 EUR")
    assert titles(publisher, sort="-earned")[0] == "Rich"
    assert titles(publisher, sort="-inquiries")[:2] == ["Rich", "Poor"]
    assert "a@example.com" not in publisher.get(url()).text


def test_a_lead_counts_for_the_article_of_its_first_inquiry(publisher):
    first, second = article(text={"title": "First"}), article(text={"title": "Second"})
    builders.lead(email="a@example.com", article=first)
    lead = builders.lead(email="a@example.com", article=second, message="And another thing.")
    win(lead, 1_000)

    assert lead.inquiries.count() == 2
    assert cells(publisher, "First")["Earned"] == "1,000 EUR"
    assert (cells(publisher, "Second")["Inquiries"], cells(publisher, "Second")["Earned"]) == (
        "1",
        "–",
    )


@pytest.mark.parametrize("spoil", ["spam", "suspected"])
def test_spam_earns_nothing(publisher, spoil):
    of = article(text={"title": "Article"})
    lead = builders.lead(article=of)
    inquiry = lead.inquiries.get()
    if spoil == "spam":
        spam_marks.mark(inquiry, by=user(), at=timezone.now())
    else:
        Inquiry.objects.filter(pk=inquiry.pk).update(
            verdict=Inquiry.Verdict.SUSPECTED, notified_at=None
        )

    assert cells(publisher, "Article")["Inquiries"] == ""


def test_the_value_needs_a_right_of_its_own():
    earn(article(text={"title": "Rich"}), email="a@example.com", won=48_000)
    writer = signed_in(AUTHOR)

    row = cells(writer, "Rich")

    assert row["Inquiries"] == "1" and "Earned" not in row
    assert "48,000" not in writer.get(url(sort="-earned")).text
    assert "48,000" in signed_in(ADMINISTRATOR).get(url()).text


# What it costs


def test_the_list_takes_few_queries_however_long_it_is(django_assert_max_num_queries):
    client = signed_in(PUBLISHER)
    for number in range(12):
        article(topics=[topic()], text={"title": f"T{number}"})
        one = article(live_from=None)
        reviewing.submit_for_review(one)
    client.get(url())

    with django_assert_max_num_queries(12):
        client.get(url())


def test_a_search_takes_no_more_than_the_list_does(django_assert_max_num_queries):
    client = signed_in(PUBLISHER)
    for number in range(12):
        article(topics=[topic()], text={"title": f"Queue {number}"})
    client.get(url(q="queue"))

    with django_assert_max_num_queries(12):
        answer = client.get(url(q="queue"))

    assert "Queue 11" in answer.text


@pytest.mark.parametrize(("typed", "more"), [("queeu", 2), ("queuees transactoins", 3)])
def test_a_typing_error_costs_what_corrects_it_however_many_words(
    typed, more, django_assert_max_num_queries
):
    """What resembles it, and the search for that; among several words, which of them is wrong."""
    client = signed_in(PUBLISHER)
    for number in range(12):
        article(text={"title": f"Queues and transactions {number}, a queue"})
    client.get(url(q="queue"))

    with django_assert_max_num_queries(12 + more):
        answer = client.get(url(q=typed))

    assert "transactions 11" in answer.text


def test_what_lists_repeat_follows_every_act():
    told = article(live_from=None, text={"title": "One"})
    listed = lambda: ListedArticle.objects.get(pk=told.pk)  # noqa: E731 to ask again each time
    assert (listed().draft_state, listed().live_since) == ("draft", None)

    reviewing.submit_for_review(told)
    assert listed().draft_state == "in_review"
    publishing.publish(told, at=timezone.now() + timedelta(hours=1))
    assert listed().last_from and not listed().draft_state
    publishing.unschedule(told.scheduled_revision())
    assert (listed().draft_state, listed().last_from) == ("draft", None)
    revision(told, live_from=timedelta(0), title="Two")
    revision(told, title="Three")
    assert (listed().title, listed().draft_state) == ("Three", "draft")
    publishing.discard_draft(told)
    assert (listed().title, listed().draft_state) == ("Two", "")
    assert not ListedArticle.objects.wrong().exists()


def test_a_draft_that_is_saved_again_and_again_asks_little_of_the_list():
    draft = article(live_from=None).draft()
    draft.body = "<p>Four words of it.</p>"

    with CaptureQueriesContext(connection) as asked:
        draft.save()

    said = [one["sql"] for one in asked if "articles_listedarticle" in one["sql"]]
    assert [sql.partition(" ")[0] for sql in said] == ["UPDATE"]
    assert ListedArticle.objects.get().words == 4


@pytest.mark.parametrize(
    "written",
    [
        {"title": "By SQL"},
        {"edited_at": timezone.now() - timedelta(days=3)},
        {"state": "discarded"},
        {"edited_by": None},
    ],
    ids=lambda one: next(iter(one)),
)
def test_what_was_written_by_sql_is_in_the_lists_after_an_hour(written):
    told = article(text={"title": "One"})
    revision(told, title="Two", by=user())
    others = [article(), article(live_from=None)]
    ListedArticle.objects.filter(pk=others[0].pk).delete()
    told.revisions.filter(title="Two").update(**written)
    wrong = {told, others[0]}

    assert {*ListedArticle.objects.wrong()} == wrong
    tasks.renew_lists_of_articles()

    assert not ListedArticle.objects.wrong().exists()
    assert ListedArticle.objects.count() == 3


def test_a_change_of_when_it_is_live_by_sql_is_seen():
    told = article()
    before = timezone.now() - timedelta(days=9)
    told.revisions.update(live_from=before, published_at=before)

    assert [*ListedArticle.objects.wrong()] == [told]
