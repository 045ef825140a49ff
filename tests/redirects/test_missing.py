"""Addresses where nothing answers: what readers are told, and what staff learn of it."""

import threading
from contextlib import contextmanager
from datetime import timedelta

import lxml.html
import pytest
from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.roles import AUTHOR, PUBLISHER, SALES
from articles.models import Article
from redirects import missing
from redirects.models import MissingPage, Redirect
from tests import nights
from tests.builders import article, author, office, page, series, signed_in, topic

pytestmark = pytest.mark.django_db

LIST = reverse("admin:redirects_missingpage_changelist")


@pytest.fixture
def publisher():
    return signed_in(PUBLISHER)


def named(slug, title, **fields):
    return article(slug=slug, text={"title": title}, **fields)


def suggested(client, address):
    """The addresses that the page for what is not found offers, the nearest first."""
    answer = client.get(address)
    assert answer.status_code == 404
    return lxml.html.fromstring(answer.content).xpath("//main//li/a/@href")


def counted():
    return dict(MissingPage.objects.values_list("path", "count"))


def ever_missing(path, count=1, **fields):
    return MissingPage.objects.create(path=path, count=count, **fields)


@contextmanager
def a_database_that_refuses(*words):
    """Every statement that holds one of these words; without words, every statement."""

    def refuse(execute, sql, params, many, context):
        if not words or any(word in sql for word in words):
            raise OperationalError("the server closed the connection unexpectedly")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        yield


# What readers are told


@pytest.mark.parametrize(
    "asked",
    [
        "/articles/idempotancy-and-the-outbox/",  # a letter is wrong
        "/articles/idempotency-and-outbox/",  # a word is gone
        "/articles/idempotency/",
        "/articles/outbox/",
        "/articles/Idempotency_and_the_Outbox/",
        "/articles/idempotency-and-the-outbox.html",
        "/articles/idempotency-and-the-outbox-2/",
        "/articles/idempotencyandtheoutbox/",
        "/blog/2024/05/idempotency-and-the-outbox",
        "/idempotency-and-the-outbox/",
    ],
)
def test_a_mistyped_article_is_found_again(client, asked):
    wanted = named("idempotency-and-the-outbox", "Exactly once is a myth")
    named("on-call-is-a-contract", "On call is a contract")
    named("apis-are-not-tables", "APIs are not tables")

    assert suggested(client, asked)[0] == wanted.get_absolute_url()


def test_everything_with_an_address_is_suggested(client):
    rows = [
        page(slug="how-we-work"),
        topic(slug="databases"),
        series(slug="from-zero"),
        author(slug="ada-lovelace"),
        office(slug="copenhagen"),
    ]

    for row in rows:
        wrong = row.get_absolute_url().rstrip("/") + "e/"
        assert suggested(client, wrong)[0] == row.get_absolute_url(), wrong
    assert suggested(client, "/contacts/") == ["/contact/"]
    assert suggested(client, "/article/")[0] == "/articles/"


def test_a_part_of_the_site_is_suggested_before_others(client):
    topic(slug="queue", name="Queue")
    page(slug="queue", title="Queue")

    assert suggested(client, "/articles/topics/queues/")[0] == "/articles/topics/queue/"


def test_what_readers_cannot_open_is_not_suggested(client):
    unpublished = named("on-queues", "On queues")
    Article.objects.filter(pk=unpublished.pk).update(retired_at=timezone.now())
    named("on-queuing", "On queuing", live_from=None)
    named("on-queueing", "On queueing", live_from=timedelta(hours=1))
    office(slug="on-queue", is_listed=False)

    assert suggested(client, "/articles/on-queuess/") == []


@pytest.mark.parametrize("asked", ["/zzzzzzzz/", "/a/", "/articles/x/", "/...", "/-/", "/ \u2603/"])
def test_nothing_is_better_than_something_far_off(client, asked):
    named("idempotency-and-the-outbox", "Idempotency and the outbox")

    assert suggested(client, asked) == []


def test_there_are_always_ways_on_and_home(client):
    hrefs = lxml.html.fromstring(client.get("/nowhere/").content).xpath("//main//a/@href")

    assert {"/", "/articles/", "/services/", "/contact/"} <= set(hrefs)


def test_it_is_the_same_for_everyone_and_is_not_for_search_engines(client, publisher):
    named("on-queues", "On queues")
    answers = [
        client.get("/articles/on-queue/"),
        client.get("/articles/on-queue/", headers={"referer": "https://example.com/"}),
        publisher.get("/articles/on-queue/"),
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert not any(answer.cookies for answer in answers)
    assert '<meta name="robots" content="noindex">' in answers[0].text


@pytest.mark.parametrize(
    "asked",
    [
        "/<script>alert(1)</script>/",
        "/%3Cscript%3Ealert(1)%3C/script%3E/",
        "/articles/%22%3E%3Cscript%3Ealert(1)/",
        "/{{ 7|add:7 }}/{% debug %}/",
        "/' OR 1=1 --/",
        "/%25%5F/",
        "/" + "a-" * 3000 + "/",
        "/" + "/".join("abcdefgh") * 100 + "/",
        "/%F0%9F%92%A5/",
        "/%ff%fe/",
        "/a%0d%0ab/",
        "/-----/",
        "/.../",
        "/ /",
        "/\u202egnp.exe/",
    ],
    ids=lambda text: text[:24],
)
def test_a_strange_address_is_neither_repeated_nor_an_error(client, asked):
    named("on-queues", "On queues")

    answer = client.get(asked)

    assert answer.status_code in (301, 404)
    assert "alert(1)" not in answer.text


def test_no_title_is_taken_for_markup(client):
    page(slug="on-queues", title="<b>On</b> queues")

    assert "&lt;b&gt;On" in client.get("/on-queue/").text


def test_it_holds_while_the_database_is_down(client):
    with a_database_that_refuses():
        answer = client.get("/nowhere/at/all/")

    assert answer.status_code == 404
    assert "Page not found" in answer.text
    assert "noindex" in answer.text


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_requests_that_are_not_reads_get_a_plain_404(client, method, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = getattr(client, method)("/nowhere/at/all/")

    assert answer.status_code == 404


def test_it_costs_the_same_however_large_the_site(client, django_assert_max_num_queries):
    for number in range(3):
        named(f"on-queues-{number}", f"On queues {number}")
    client.get("/articles/on-queue/")
    with CaptureQueriesContext(connection) as before:
        client.get("/articles/on-queue/")
    for number in range(20):
        named(f"on-queuing-{number}", f"On queuing {number}")
        page(slug=f"queues-{number}")

    with django_assert_max_num_queries(len(before)):
        client.get("/articles/on-queue/")


# What staff learn


def test_each_miss_is_counted(client):
    for _ in range(3):
        client.get("/nowhere/")
    client.get("/nowhere/at/all")
    client.head("/nowhere/at/all/?page=2")

    assert counted() == {"/nowhere": 3, "/nowhere/at/all": 2}


def test_who_asked_without_the_last_slash_is_counted_once(client):
    client.get("/nowhere", follow=True)

    assert counted() == {"/nowhere": 1}


def test_what_answers_is_not_counted(client):
    live = article()
    Redirect.objects.create(path="/blog/old", target="/articles/")

    for address in ("/", "/articles", live.get_absolute_url(), "/blog/old", "/blog/old/"):
        client.get(address)

    assert counted() == {}


def test_the_site_that_linked_there_is_kept_and_nothing_else(client):
    client.get("/nowhere/", headers={"referer": "https://user:secret@Example.com:8443/page?id=7"})
    client.get("/nowhere/")

    [row] = MissingPage.objects.values()
    assert row["referrer_host"] == "example.com"
    assert row["count"] == 2
    assert set(row) == {"id", "path", "count", "first_seen", "last_seen", "referrer_host"}


@pytest.mark.parametrize("referrer", ["", "x", "https://[", "https://" + "x" * 300, "//\n", "\x7f"])
def test_a_referrer_that_is_none_is_left_out(client, referrer):
    client.get("/nowhere/", headers={"referer": referrer})

    assert MissingPage.objects.get().referrer_host == ""


@pytest.mark.parametrize(
    "probe",
    [
        "/wp-login.php", "/blog/wp-includes/x", "/xmlrpc.php", "/index.php/a", "/.env",
        "/a/.git/config", "/cgi-bin/x", "/phpMyAdmin/", "/backup.sql", "/site.tar.gz",
        "/config.yml", "/default.aspx",
        "/admin/x/", "/static/x.css", "/" + "x" * 501, "/a%0ab", "//evil.example/", "/%00",
    ],
)  # fmt: skip
def test_programs_that_look_for_holes_are_not_counted(client, probe):
    client.get(probe)

    assert counted() == {}


@pytest.mark.parametrize("path", ["/.well-known/x", "/old.html", "/old.xml", "/php", "/my-wp-site"])
def test_what_readers_may_have_meant_is_counted(client, path):
    client.get(path, follow=True)

    assert counted() == {path: 1}


def test_a_count_that_fails_harms_nobody(client):
    with a_database_that_refuses('"redirects_missingpage"'):
        answer = client.get("/nowhere/")

    assert answer.status_code == 404
    assert "home page" in answer.text
    assert counted() == {}


def test_a_use_that_cannot_be_counted_leads_on_all_the_same(client):
    Redirect.objects.create(path="/blog/old", target="/articles/")

    with a_database_that_refuses('UPDATE "redirects_redirect"'):
        assert client.get("/blog/old").status_code == 301


def test_there_are_never_more_than_so_many(client, monkeypatch):
    monkeypatch.setattr(missing, "MAX_KEPT", 40)
    ever_missing("/wanted", count=9)
    for number in range(100):
        client.get(f"/random/{number}/")

    assert MissingPage.objects.count() <= 40
    assert "/wanted" in counted()
    assert "/random/99" in counted()


@pytest.mark.django_db(transaction=True)
def test_many_may_ask_at_once_and_a_count_never_runs_ahead():
    def ask():
        try:
            assert Client().get("/nowhere/").status_code == 404
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    # One that would have to wait long for its turn gives up: the answer matters, not the figure.
    assert counted().keys() == {"/nowhere"}
    assert 1 <= counted()["/nowhere"] <= 8


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("path", "status"), [("/nowhere/", 404), ("/old/", 301)])
def test_nobody_waits_for_a_count_that_is_locked(client, caplog, path, status):
    Redirect.objects.create(path="/old", target="/articles/")
    ever_missing("/nowhere")
    client.get(path)
    is_locked, is_done = threading.Event(), threading.Event()

    def hold():
        try:
            with transaction.atomic():
                MissingPage.objects.update(count=9)
                Redirect.objects.update(hits=9)
                is_locked.set()
                is_done.wait(60)
        finally:
            connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    try:
        assert is_locked.wait(60)
        assert client.get(path).status_code == status
        assert holder.is_alive(), "it was answered after the lock was gone"
    finally:
        is_done.set()
        holder.join()

    assert "was not counted" in caplog.text


@pytest.mark.parametrize("path", ["nowhere", "/nowhere/"])
def test_an_address_is_never_counted_under_two_forms(path):
    with pytest.raises(IntegrityError), transaction.atomic():
        ever_missing(path)


def test_an_address_is_never_counted_in_two_rows():
    ever_missing("/a")

    with pytest.raises(DatabaseError), transaction.atomic():
        ever_missing("/a")


# The list


def shown(client, query=""):
    return [row.path for row in client.get(LIST + query).context["cl"].result_list]


def test_what_is_asked_for_most_stands_on_top(publisher):
    ever_missing("/b", 2)
    ever_missing("/a", 1)
    ever_missing("/c", 3)

    assert shown(publisher) == ["/c", "/b", "/a"]


def test_what_has_an_answer_by_now_leaves_the_list(publisher):
    rows = [
        page(), article(), topic(), series(), author(), office(), Redirect(path="/moved/on"),
    ]  # fmt: skip
    moved = article(slug="its-old-address")
    moved.slug = "its-new-address"
    moved.save()
    Redirect.objects.create(path="/moved/on", target="/articles/")
    paths = [getattr(row, "path", None) or row.get_absolute_url().rstrip("/") for row in rows]
    paths.append("/articles/its-old-address")
    for path in paths:
        ever_missing(path)
    ever_missing("/still/missing")
    draft = article(live_from=None)
    ever_missing(draft.get_absolute_url().rstrip("/"))

    assert set(shown(publisher)) == {"/still/missing", draft.get_absolute_url().rstrip("/")}
    assert len(shown(publisher, "?answer=all")) == len(paths) + 2


@pytest.mark.parametrize("path", ["/blog/old", "/a b%20c", "/käse&x=y", "/100%", "/'\"<b>"])
def test_a_redirect_is_one_step_away(publisher, client, path):
    ever_missing(path)
    page_of_list = lxml.html.fromstring(publisher.get(LIST).content)
    [link] = page_of_list.xpath("//a[contains(., 'Create a redirect')]/@href")

    shown_in_form = publisher.get(link).context["adminform"].form.initial["path"]
    publisher.post(link, {"path": shown_in_form, "target": "/articles/"})

    assert Redirect.objects.get().path == path
    assert shown(publisher) == []


def test_the_list_is_for_looking_and_clearing(publisher):
    row = ever_missing("/a")

    assert publisher.get(reverse("admin:redirects_missingpage_add")).status_code == 403
    publisher.post(reverse("admin:redirects_missingpage_delete", args=[row.pk]), {"post": "yes"})
    assert counted() == {}


@pytest.mark.parametrize("role", [AUTHOR, SALES, ""])
def test_it_belongs_to_publishers(role):
    assert signed_in(role).get(LIST).status_code == 403


@pytest.mark.parametrize("query", ["?answer=x", "?answer=", "?last_seen__gte=x", "?q=%25", "?o=9"])
def test_a_strange_question_to_the_list_raises_nothing(publisher, query):
    assert publisher.get(LIST + query).status_code in (200, 302)


# The desk


def waiting(client):
    return {item.label: item for item in client.get("/admin/").context["waiting"]}


LABEL = "missing page that visitors often request"


def test_the_desk_shows_what_is_missing_often(publisher):
    ever_missing("/often", MissingPage.OFTEN)
    ever_missing("/seldom", MissingPage.OFTEN - 1)
    ever_missing("/long/ago", 99, last_seen=timezone.now() - timedelta(days=31))
    ever_missing("/answered", 99)
    Redirect.objects.create(path="/answered", target="/articles/")

    item = waiting(publisher)[LABEL]

    assert item.count == 1
    assert publisher.get(item.url).status_code == 200
    assert LABEL not in waiting(signed_in(SALES))


def test_the_desk_is_silent_while_nothing_is(publisher):
    assert LABEL not in waiting(publisher)


@pytest.mark.parametrize(
    "address",
    ["ada@corp.example", "ada%40corp.example", "ada%2540corp.example", "ada＠corp.example",
     "%EF%BC%A0corp", "x/mailto:ada@corp.example/y"],
)  # fmt: skip
def test_an_email_address_in_an_address_is_not_counted(client, address):
    assert client.get(f"/unsubscribe/{address}/").status_code == 404

    assert counted() == {}


def test_what_nobody_asks_for_any_more_is_forgotten():
    now = timezone.now()
    ever_missing("/long-ago", last_seen=now - timedelta(days=91))
    ever_missing("/lately", first_seen=now - timedelta(days=400), last_seen=now)

    nights.pass_by()

    assert counted() == {"/lately": 1}
