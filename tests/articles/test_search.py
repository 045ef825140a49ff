"""Search: what visitors find, what they are told when they find nothing, and what is kept of it."""

import re
import threading
from datetime import UTC, date, datetime, timedelta
from urllib.parse import quote, urlencode

import lxml.html
import pytest
import time_machine
from django.db import connection, transaction
from django.db.utils import IntegrityError
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.roles import ADMINISTRATOR, PUBLISHER, SALES
from articles import publishing, search_indexes, search_log
from articles.models import Article, Revision, RevisionText, SearchCount, SearchWord, Topic
from articles.search import MAX_ASKED, MAX_QUERY_LENGTH, MAX_TERMS, search, understand
from images.tasks import make_renditions
from prose.text import Marker, distance, plain_text, words_of
from tests import nights
from tests.builders import article, author, image, revision, series, signed_in, topic
from tests.cpu import costs_more

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def ask(client, words, **more):
    return client.get(f"/articles/search/?{urlencode({'q': words, **more})}")


def parsed(answer):
    return lxml.html.fromstring(answer.content)


def found(client, words, **more):
    """The titles of what was found, in the order they are listed."""
    answer = ask(client, words, **more)
    assert answer.status_code == 200
    titles = parsed(answer).xpath("//section[@aria-labelledby='results']//article//h3")
    return [title.text_content() for title in titles]


def said(answer):
    """All that the page says, on one line."""
    return " ".join(parsed(answer).xpath("string(//main)").split())


def marked(answer):
    return parsed(answer).xpath("//mark/text()")


# What is found


def test_words_are_found_in_title_summary_and_text(client):
    article(text={"title": "On queues"})
    article(text={"title": "In the summary", "summary": "Why queues fill"})
    article(text={"title": "In the text", "body": "<p>They are called queues.</p>"})
    article(text={"title": "On tables"})

    assert set(found(client, "queues")) == {"On queues", "In the summary", "In the text"}


def test_all_words_must_be_there_in_whichever_part(client):
    article(text={"title": "On queues", "body": "<p>They need a broker.</p>"})
    article(text={"title": "On queues alone"})

    assert found(client, "queues broker") == ["On queues"]


@pytest.mark.parametrize("typed", ["TRANSACTIONS", "transaction", "transactional", "Transactions!"])
def test_a_word_is_found_in_its_other_forms(client, typed):
    article(text={"title": "Transactions and their ends"})

    assert found(client, typed) == ["Transactions and their ends"]


@pytest.mark.parametrize("typed", ["ide", "idemp", "idempotenc", "idempotency"])
def test_the_last_word_need_not_be_finished(client, typed):
    article(text={"title": "Keys", "body": "<p>Idempotency is a promise.</p>"})

    assert found(client, f"keys {typed}") == ["Keys"]


def test_a_blank_finishes_the_last_word(client):
    article(text={"title": "On idempotency"})

    assert not [term for term in understand("on idemp ").terms if term.is_begun]
    assert [term.word for term in understand("on idemp").terms if term.is_begun] == ["idemp"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("kuberntes", "Kubernetes"),
        ("transacton", "transaction"),
        ("migratoins", "migrations"),
        ("qeue", "queue"),
        ("databse", "database"),
    ],
)
def test_a_mistyped_word_is_found_and_the_visitor_sees_how(client, typed, meant):
    article(text={"title": "The one", "body": f"<p>It is about the {meant} we had.</p>"})
    article(text={"title": "Another"})

    answer = ask(client, typed)

    assert found(client, typed) == ["The one"]
    assert f"No article mentions {typed}. Showing results for {meant.lower()}" in said(answer)
    assert meant in marked(answer)


@pytest.mark.parametrize(
    ("typed", "said_word"),
    [
        ("DDD", "odd"),
        ("ORM", "form"),
        ("zebra", "zero"),
        ("rust", "rest"),
        ("node", "none"),
        ("http2", "http"),
        ("contact", "context"),
        ("hero", "zero"),
    ],
)
def test_a_word_that_nobody_would_call_mistyped_is_not_exchanged(client, typed, said_word):
    article(text={"title": "The one", "body": f"<p>It is about {said_word} we had.</p>"})

    answer = ask(client, typed)

    assert found(client, typed) == []
    assert "Did you mean" not in said(answer)


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("timezones", "time zones"),
        ("timezone", "time zones"),
        ("time zones", "timezones"),
        ("webhooks", "a web hook here"),
        ("email", "by e-mail only"),
        ("e-mail", "by email only"),
        ("on-call", "the oncall week"),
    ],
)
def test_a_compound_is_found_in_one_word_and_in_two(client, typed, written):
    article(text={"title": "The one", "body": f"<p>All about {written}.</p>"})
    article(text={"title": "Zones", "body": "<p>The zones came before their time, by mail.</p>"})

    assert "The one" in found(client, typed)
    assert found(client, "timezones") in ([], ["The one"])  # the words alone are no compound


@pytest.mark.parametrize("written", ["Daten\u00adschutz", "Daten\u200bschutz", "\ufeffDatenschutz"])
@pytest.mark.parametrize("part", ["title", "summary", "body"])
@pytest.mark.parametrize(
    "typed", ["Datenschutz", "Daten\u00adschutz", "datens", "Daten\u2060schutz"]
)
def test_what_nobody_sees_cuts_no_word(client, written, part, typed):
    article(text={"title": "The one", "body": "<p>x</p>"} | {part: f"{written} one"})

    assert len(found(client, typed)) == 1


@pytest.mark.parametrize(
    "written",
    [
        "django.db.transaction.on_commit", "C++", "C#", "node.js", "v2beta1", "3.11", "1,250,000",
        "Q&A", "x86_64", "Ærø", "naïve", "e\u0301tude", "हिन्दी", "ภาษาไทย", "עברית", "won’t",
        "5e3", "foo/bar", "user@host", "TCP/IP", "k8s", "日本語", "Straße", "l’eau",
    ],
)  # fmt: skip
def test_a_word_typed_as_it_is_written_is_found(client, written):
    article(text={"title": "The one", "body": f"<p>It says {written} somewhere.</p>"})
    article(text={"title": "Another"})

    assert found(client, written) == ["The one"]


@pytest.mark.parametrize("part", ["title", "summary", "body"])
@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("who", "a band, The Who, was"),
        ("IT", "we call it IT today"),
        ("AT&T", "we worked for AT&T once"),
        ("at&t ", "we worked for AT&T once"),
        ("the who", "a band, The Who, was"),
        ("It’s", "he says it’s late"),
        ("to be or not to be", "asked: to be or not to be, that"),
        ("US", "an e-mail from us"),
    ],
)
def test_words_that_are_in_most_texts_are_found_where_they_are_all_that_is_typed(
    client, typed, written, part
):
    article(text={"title": "x", "body": "<p>x</p>"} | {part: written})
    article(text={"title": "Another", "summary": "Queues", "body": "<p>They fill.</p>"})

    answer = ask(client, typed)

    assert len(found(client, typed)) == 1
    assert "No article mentions" not in said(answer)
    assert marked(answer)


def test_common_words_are_found_in_their_order_first_and_then_in_any(client):
    article(text={"title": "Who was the first"})

    apart = ask(client, "the who")
    assert found(client, "the who") == ["Who was the first"]
    assert "No article mentions the who. Showing results for the and who" in said(apart)

    article(text={"title": "Songs of The Who"})
    assert found(client, "the who") == ["Songs of The Who"]


@pytest.mark.parametrize("typed", ["will", "the who", "IT"])
def test_a_name_of_common_words_is_found(client, typed):
    will, group, it = author(name="Will Byron"), series(title="The Who"), topic(name="IT")
    article(text={"title": "The one"}, authors=[will], series=group, topics=[it])
    article(text={"title": "Another"})

    assert found(client, typed) == ["The one"]


def test_common_words_are_marked_as_they_were_typed(client):
    article(text={"title": "Others", "body": "<p>They say it is the others who hers.</p>"})

    assert marked(ask(client, "the who")) == ["the", "who"]


def test_common_words_beside_others_are_not_searches(client):
    article(text={"title": "Queues"})

    assert found(client, "what are the queues") == ["Queues"]


def test_a_title_that_has_all_the_words_comes_first(client):
    words = "<p>zero downtime deployments, zero downtime, zero downtime</p>"
    article(text={"title": "Deployments with zero downtime"}, live_from=timedelta(days=-900))
    article(text={"title": "Zero", "summary": "Downtime deployments", "body": words})
    article(text={"title": "Downtime of zero", "body": words}, topics=[topic(name="Deployments")])

    assert found(client, "zero downtime deployments")[0] == "Deployments with zero downtime"


@pytest.mark.parametrize("typed", ["hanson", "Eric", "eri", "eric hanson", "ERIC hanson queues"])
def test_articles_are_found_by_who_wrote_them(client, typed):
    eric = author(name="Eric Hanson")
    article(text={"title": "On queues"}, authors=[eric])
    article(text={"title": "Queues, too"})

    assert found(client, typed) == ["On queues"]


@pytest.mark.parametrize(("typed", "count"), [("reliability", 2), ("reliable brokers", 1)])
def test_articles_are_found_by_topic_and_series(client, typed, count):
    reliable = topic(name="Reliability")
    article(text={"title": "On queues"}, topics=[reliable])
    article(text={"title": "Brokers"}, series=series(title="Reliable things"), topics=[reliable])
    article(text={"title": "Else"})

    assert len(found(client, typed)) == count


def test_a_name_beside_a_mistyped_word_does_not_hide_it(client):
    article(text={"title": "On queues"}, authors=[author(name="Eric Hanson")])

    assert found(client, "eric quueues") == ["On queues"]


def test_names_of_articles_that_are_not_live_find_nothing(client):
    article(text={"title": "Draft"}, authors=[author(name="Eric Hanson")], live_from=None)

    assert found(client, "hanson") == []


def test_a_mistyped_word_among_others_is_corrected_alone(client):
    article(text={"title": "Queues and transactions"})
    article(text={"title": "Queues"})

    assert found(client, "queues transactons") == ["Queues and transactions"]


def test_a_word_that_only_a_hidden_article_says_is_never_offered(client):
    article(live_from=timedelta(days=1), text={"title": "Kubernetes"})
    gone = article(text={"title": "Kubernetes as well"})
    publishing.unpublish(gone, at=timezone.now())
    article(live_from=None, text={"title": "Kubernetes in a draft"})
    article(text={"title": "Queues"})

    text = ask(client, "kuberntes").text.lower()

    assert "kubernetes" not in text


def test_without_an_article_that_says_all_words_those_that_say_some_are_shown(client):
    article(text={"title": "Queues"})
    article(text={"title": "Brokers"})
    article(text={"title": "Tables"})

    answer = ask(client, "queues brokers xylophones")

    assert set(found(client, "queues brokers xylophones")) == {"Queues", "Brokers"}
    assert "No article mentions xylophones. Showing results for queues or brokers" in said(answer)


@pytest.mark.parametrize("typed", ["node", "js", "node.js", "Node JS"])
def test_signs_within_a_name_keep_none_of_its_parts_from_being_found(client, typed):
    article(text={"title": "Why we left", "body": "<p>We ran node.js/express, once.</p>"})

    assert found(client, typed) == ["Why we left"]


def test_what_looks_like_an_operator_is_only_words(client):
    article(text={"title": "Queues"})
    article(text={"title": "Tables"})

    assert found(client, "queues -tables") == found(client, "queues & !tables")
    assert set(found(client, "queues -tables")) == {"Queues", "Tables"}


# Live, by the clock


@time_machine.travel(MONDAY, tick=False)
def test_at_its_hour_the_new_words_are_searched_and_the_old_ones_no_more(client):
    live = article(live_from=MONDAY, text={"title": "Aardvarks"})
    revision(live, live_from=NOON, title="Buffaloes")

    with time_machine.travel(NOON - timedelta(seconds=1), tick=False):
        before = found(client, "aardvarks"), found(client, "buffaloes")
    with time_machine.travel(NOON, tick=False):
        after = found(client, "aardvarks"), found(client, "buffaloes")

    assert before == (["Aardvarks"], [])
    assert after == ([], ["Buffaloes"])


def test_only_what_is_live_is_found(client):
    article(live_from=None, text={"title": "Queues in a draft"})
    article(live_from=timedelta(days=1), text={"title": "Queues tomorrow"})
    gone = article(text={"title": "Queues of the past"})
    publishing.unpublish(gone, at=timezone.now())
    live = article(text={"title": "Queues"})
    revision(live, title="Queues, edited")

    assert found(client, "queues") == ["Queues"]


def test_what_is_brought_back_is_found_again(client):
    gone = article(text={"title": "Queues"})
    publishing.unpublish(gone, at=timezone.now())
    publishing.republish(gone)

    assert found(client, "queues") == ["Queues"]


def test_an_unscheduled_revision_is_no_longer_searched():
    planned = article(live_from=timedelta(days=1), text={"title": "Queues"})
    assert RevisionText.objects.get().title == "Queues"

    publishing.unschedule(planned.scheduled_revision())

    assert not RevisionText.objects.exists()


def test_there_is_one_text_for_each_published_revision_and_none_for_a_draft():
    live = article()
    revision(live, live_from=timedelta(days=1), title="Tomorrow")
    revision(live, title="In hand")

    published = set(Revision.objects.published().values_list("pk", flat=True))
    assert set(RevisionText.objects.values_list("pk", flat=True)) == published
    assert len(published) == 2


def test_the_index_follows_its_rows_whichever_way_they_change(client):
    """The database derives it: not even an update past our code makes them differ."""
    changed, deleted = article(text={"title": "Queues"}), article(text={"title": "Tables"})

    RevisionText.objects.filter(revision__article=changed).update(title="Buffaloes")
    RevisionText.objects.filter(revision__article=deleted).delete()

    assert search("buffaloes").matches.total == 1
    assert search("queues").matches.total == search("tables").matches.total == 0


def test_words_that_no_revision_contains_any_more_can_be_deleted():
    article(text={"title": "Queues", "summary": "Why", "body": "<p>full</p>"})
    article(text={"title": "Aardvarks fill queues"}, live_from=timedelta(days=1)).delete()

    SearchWord.objects.delete_unused()

    assert {one.word for one in SearchWord.objects.all()} == {"queues", "full"}


# In which order


def test_title_before_summary_before_text_however_often_it_is_said_there(client):
    often = "<p>Queues fill. Queues empty. Queues, queues, queues.</p>"
    article(live_from=-timedelta(days=1), text={"title": "In the text", "body": often})
    article(live_from=-timedelta(days=2), text={"title": "Summed up", "summary": "Queues fill"})
    article(live_from=-timedelta(days=9), text={"title": "On queues"})

    assert found(client, "queues") == ["On queues", "Summed up", "In the text"]


def test_of_two_that_are_alike_the_fresher_one_comes_first(client):
    for days in (5, 1, 3):
        article(
            live_from=-timedelta(days=days),
            text={"title": f"Queues {days}", "summary": "Same", "body": "<p>Same words</p>"},
        )

    assert found(client, "queues") == ["Queues 1", "Queues 3", "Queues 5"]


def test_a_fixed_typo_does_not_make_an_old_article_a_fresh_one(client):
    words = {"summary": "Same", "body": "<p>Same words</p>"}
    old = article(live_from=-timedelta(days=9), text={"title": "Queues old", **words})
    article(live_from=-timedelta(days=5), text={"title": "Queues new", **words})
    revision(old, live_from=timedelta(0))

    assert found(client, "queues") == ["Queues new", "Queues old"]


# What is shown of it


def test_an_excerpt_shows_the_words_in_the_text_around_them(client):
    body = f"<p>{'Nothing here. ' * 60}</p><p>The relay reads the outbox.</p><p>{'No. ' * 99}</p>"
    article(text={"title": "Relays", "body": body})

    [card] = parsed(ask(client, "outbox relay")).xpath("//article")

    excerpt = card.xpath("string(.//p[@class='card__summary'])")
    assert "The relay reads the outbox." in excerpt
    assert len(excerpt) < 300
    assert excerpt.startswith("… ") and excerpt.endswith(" …")
    assert card.xpath(".//mark/text()") == ["Relays", "relay", "outbox"]


def test_a_hit_in_the_title_alone_shows_the_summary(client):
    article(text={"title": "Queues", "summary": "Why they fill"})

    assert "Why they fill" in said(ask(client, "queues"))


def test_an_excerpt_prefers_prose_to_code(client):
    body = "<pre><code>outbox.read()</code></pre><p>We call it the outbox.</p>"
    article(text={"title": "Relays", "body": body})

    page = said(ask(client, "outbox"))

    assert page.index("We call it the outbox.") < page.index("outbox.read()")


def test_words_of_articles_and_visitors_are_shown_as_words(client):
    article(
        text={
            "title": "Queues <script>alert(1)</script>",
            "summary": "<b>queues</b>",
            "body": "<p>queues &lt;img src=x onerror=alert(2)&gt; &amp; more queues</p>",
        }
    )

    for words in ("queues script", '"><script>alert(3)</script><i class="', "queues <mark>"):
        answer = ask(client, words)
        assert "<script>alert" not in answer.text
        assert "<img src=x" not in answer.text
        assert '<i class="' not in answer.text
        assert not parsed(answer).xpath("//main//script[not(@src)] | //b//* | //mark//*")
    assert "&lt;img src=x onerror=alert(2)&gt; &amp; more" in ask(client, "queues").text


def test_marking_changes_nothing_but_adds_marks():
    text = "Queues & <queue> “queueing” requeue"

    shown = Marker(["queue"]).mark(text)

    assert lxml.html.fromstring(f"<p>{shown}</p>").text_content() == text
    assert re.findall("<mark>(.*?)</mark>", shown) == ["Queues", "queue", "queueing"]


def test_the_page_says_how_many_there_are_and_the_form_keeps_the_words(client):
    article(text={"title": "Queues"})
    article(text={"title": "More queues"})

    page = parsed(ask(client, 'queues "full"'))

    assert page.xpath("normalize-space(//*[@role='status'])") == "2 articles"
    assert page.xpath("//form[@role='search']//input[@name='q']/@value") == ['queues "full"']


# By topic


@pytest.fixture
def shelved():
    """Queues in two topics: three articles, and one that stands in both."""
    design, reliability = topic(name="Design", slug="design"), topic(name="Reliability", slug="r")
    article(topics=[design, reliability], text={"title": "Queues in both"})
    article(topics=[reliability], text={"title": "Queues that hold"})
    article(text={"title": "Queues nowhere"})
    article(topics=[topic(name="Hiring")], text={"title": "People"})


def test_topics_are_offered_with_the_number_of_what_was_found(client, shelved):
    links = parsed(ask(client, "queues")).xpath("//nav[@class='topics']//a")

    assert [link.text_content() for link in links] == ["All 3", "Reliability 2", "Design 1"]


def test_a_topic_narrows_what_is_shown_and_says_what_the_others_have(client, shelved):
    answer = ask(client, "queues", topic="design")

    page = parsed(answer)
    assert found(client, "queues", topic="design") == ["Queues in both"]
    assert page.xpath("normalize-space(//*[@role='status'])") == "1 article in Design"
    assert page.xpath("//nav[@class='topics']//a[@aria-current]/text()") == ["Design "]
    [everywhere] = page.xpath("//nav[@class='topics']//a[starts-with(., 'All 3')]/@href")
    assert len(parsed(client.get(f"/articles/search/{everywhere}")).xpath("//section//h3")) == 3


def test_a_topic_without_any_of_it_leads_to_those_that_have_some(client, shelved):
    topic(name="Empty", slug="empty")

    answer = ask(client, "queues", topic="empty")

    assert "Nothing in Empty, but there are matches in other topics" in said(answer)
    assert "Try fewer words" not in said(answer)
    assert "Reliability 2" in said(answer)


@pytest.mark.parametrize("slug", ["nowhere", "", "x" * 5000, "'--", "%F0%9F"])
def test_an_unknown_topic_is_none(client, shelved, slug):
    assert len(found(client, "queues", topic=slug)) == 3


# When nothing is found


def test_an_empty_search_says_why_and_where_to_go(client):
    queues = topic(name="Queueing")
    article(topics=[queues], text={"title": "The latest of all"})

    answer = ask(client, "xylophones")

    page = parsed(answer)
    assert page.xpath("normalize-space(//*[@role='status'])") == "No results"
    assert "No article mentions xylophones." in said(answer)
    assert page.xpath(f"//a[@href='{queues.get_absolute_url()}']")
    assert "The latest of all" in said(answer)


def test_a_word_that_is_far_off_is_asked_about(client):
    article(text={"title": "Idempotency"})

    answer = ask(client, "idenpotensie")

    assert "Did you mean idempotency?" in said(answer)
    [link] = parsed(answer).xpath("//main//a[text()='idempotency']/@href")
    assert "Idempotency" in client.get(f"/articles/search/{link}").text


def test_common_words_that_no_article_has_are_not_taken_for_mistyped(client):
    article(text={"title": "Shoulders of three", "body": "<p>Shoulder three</p>"})

    answer = ask(client, "should there")

    assert "No article mentions should there." in said(answer)
    assert "No results" in said(answer) and "Did you mean" not in said(answer)


def test_a_topic_that_is_deleted_while_it_is_counted_is_left_out(shelved):
    results = search("queues")
    gone = results.topics[0][0]

    Topic.objects.filter(pk=gone.pk).delete()

    assert gone not in [topic for topic, _ in results.topics]


def test_few_words_are_looked_for_to_be_suggested_and_all_at_once():
    near = " ".join(f"internationalisation{letter}" for letter in "abcdfg")
    article(text={"title": "Words", "body": f"<p>{near}</p>"})

    with CaptureQueriesContext(connection) as queries:
        suggestions = search("internxtionxlisxtion").suggestions

    assert len(suggestions) == 3
    [asked] = [one["sql"] for one in queries if one["sql"].startswith("SELECT EXISTS")]
    assert asked.count("EXISTS") <= MAX_ASKED


def test_an_empty_search_shows_topics_and_the_latest(client):
    article(topics=[topic(name="Queueing")], text={"title": "The latest of all"})

    for address in ("/articles/search/", "/articles/search/?q=", "/articles/search/?q=%20+"):
        answer = client.get(address)
        assert answer.status_code == 200
        assert "Queueing" in said(answer) and "The latest of all" in said(answer)
        assert "No results" not in said(answer)


# Whatever anyone sends

ODD = {
    "10 KB of words": "queues " * 1500,
    "10 KB of one word": "q" * 10_000,
    "10 KB of other words": " ".join(f"word{n}" for n in range(1200)),
    "operators": "& | ! <-> :* ( ) ~ - + AND OR NOT NEAR(a b, 2) title:queues ^queues",
    "emoji": "😀 queues 👩‍👩‍👧‍👦",
    "only emoji": "🚀",
    "SQL": "'; DROP TABLE articles_article; --",
    "a union": "' UNION SELECT password FROM accounts_user --",
    "a regex": "(q+)+$ [a-z]* .*",
    "quotes": '"queues \'and "" `more` “these”',
    "backslashes": "\\queues\\ \\' \\0",
    "percent signs": "% %s %(x)s _ %%",
    "other scripts": "очередь 队列 キュー طابور क़तार",
    "combining marks": "z̸͓̎a̴l̷g̶o̵",
    "half a pair": "\udc80",
    "controls": "queues\x01\x1f\x7f\u200b\u202e",
    "superscripts": "² ³ ½ ⅷ",
    "numbers": "1e9 0x41 -1 3.14 999999999999999999999999",
    "a wide word": "ｑｕｅｕｅｓ",
    "a letter": "q",
}


@pytest.mark.parametrize("words", ODD.values(), ids=ODD.keys())
def test_anything_may_be_searched_for_and_costs_less_than_a_second(client, words):
    article(text={"title": "Queues"})
    typed = quote(words, errors="surrogatepass")
    ask(client, "queues")  # whoever comes first waits for the templates to be read

    def search_for_it():
        answer = client.get(f"/articles/search/?q={typed}")
        assert answer.status_code == 200
        assert len(answer.text) < 60_000

    assert not costs_more(search_for_it, 1)


def test_a_nul_is_refused_with_a_page(client):
    assert client.get("/articles/search/?q=a%00b").status_code == 400


def test_other_spellings_of_the_same_letters_are_found(client):
    article(text={"title": "Queues in Ålborg"})

    assert found(client, "ｑｕｅｕｅｓ A\u030alborg") == ["Queues in Ålborg"]


def test_no_more_is_searches_than_anyone_types(client):
    article(text={"title": "Queues"})

    many = understand(" ".join(f"word{n}" for n in range(50)))
    long = understand("x" * (MAX_QUERY_LENGTH + 50))

    assert len(many.terms) == MAX_TERMS and many.is_cut
    assert len(long.terms[0].word) == MAX_QUERY_LENGTH and long.is_cut
    assert "only its first words" in said(ask(client, "queues " + "word " * 60))


@pytest.mark.parametrize("number", ["0", "-1", "2", "99", "x", "last", "1e9", "9" * 5000, ""])
def test_a_page_that_does_not_exist_is_not_found(client, number):
    article(text={"title": "Queues"})

    assert ask(client, "queues", page=number).status_code == 404


def test_long_results_go_on_over_pages_and_lose_nobody(client):
    about = topic(slug="storage")
    everyone = {f"Queues {n}" for n in range(25)}
    for title in everyone:
        article(topics=[about], text={"title": title})

    pages = [found(client, "queues", topic="storage", page=number) for number in (1, 2, 3)]

    assert [len(page) for page in pages] == [12, 12, 1]
    assert {title for page in pages for title in page} == everyone
    links = parsed(ask(client, "queues", topic="storage", page=2)).xpath(
        "//nav[@class='paging']//a"
    )
    assert [link.get("href") for link in links] == [
        "?q=queues&topic=storage",
        "?page=3&q=queues&topic=storage",
    ]


def test_of_a_word_that_is_everywhere_the_foremost_are_shown_and_at_least_so_many_counted(
    client, monkeypatch
):
    monkeypatch.setattr(search_indexes, "MAX_COUNTED", 5)
    monkeypatch.setattr(search_indexes, "FOREMOST", 3)
    about = topic(slug="storage", name="Storage")
    article(text={"title": "Said in the text", "body": "<p>queues</p>"})
    for days in range(8, 0, -1):
        article(live_from=-timedelta(days=days), topics=[about], text={"title": f"Queues {days}"})

    answer = ask(client, "queues")

    assert found(client, "queues") == ["Queues 1", "Queues 2", "Queues 3"]
    assert "5+ articles, showing the best 3" in said(answer)
    assert "8 articles in Storage, showing the best 3" in said(
        ask(client, "queues", topic="storage")
    )


# The page


def test_nobody_keeps_a_copy_of_the_results_and_no_search_engine_lists_them(client):
    article(text={"title": "Queues"})

    for words in ("queues", "nothing like it", ""):
        answer = ask(client, words)
        assert answer.headers["Cache-Control"] == "no-store"
        assert "ETag" not in answer.headers and not answer.cookies
        page = parsed(answer)
        assert page.xpath("//meta[@name='robots']/@content") == ["noindex"]
        assert not page.xpath("//link[@rel='canonical']")
        assert len(page.xpath("//h1")) == 1
        ids = page.xpath("//@id")
        assert len(ids) == len(set(ids))


def test_the_form_stands_where_people_look_for_articles(client):
    for address, status in (("/articles/", 200), ("/articles/search/", 200), ("/nowhere/", 404)):
        answer = client.get(address)
        assert answer.status_code == status
        [form] = parsed(answer).xpath("//form[@role='search']")
        assert form.get("action") == "/articles/search/"
        assert form.method == "GET"
        assert form.xpath(".//label[@for='search-query']") and form.xpath(".//button")


def test_results_cost_the_same_for_one_article_and_for_ten(client, django_assert_num_queries):
    def covered():
        cover = image()
        make_renditions(cover.pk)
        return article(
            authors=[author(image=cover), author()],
            topics=[topic(), topic()],
            text={"title": "Queues", "cover": cover},
        )

    covered()
    ask(client, "queues")  # the first of the day makes its row
    with CaptureQueriesContext(connection) as for_one:
        ask(client, "queues")
    for _ in range(9):
        covered()

    with django_assert_num_queries(len(for_one)):
        assert len(found(client, "queues")) == 10


# Words


def test_plain_text_sets_blocks_apart_and_keeps_words_whole():
    html = (
        "<h2>Why</h2><p>A <strong>bro</strong>ker<br>waits.</p><ul><li>One</li><li>Two</li></ul>"
        "<table><tr><td>Left</td><td>Right</td></tr></table><script>alert(1)</script>"
        "<pre><code>x = 1</code></pre>After"
    )

    assert plain_text(html) == "Why A broker waits. One Two Left Right After x = 1"


def test_an_excerpt_of_a_long_text_that_says_nothing_else_takes_no_time():
    def mark():
        assert Marker(["queue"]).excerpt("queue " * 25_000).count("<mark>") > 10

    assert not costs_more(mark, 0.5)


def test_words_are_letters_and_digits_in_small():
    assert words_of("It’s node.js, PostgreSQL_16 & C++") == [
        *("it", "s", "node", "js", "postgresql", "16", "c")
    ]


@pytest.mark.parametrize(
    ("one", "other", "letters"),
    [
        ("queue", "queue", 0),
        ("qeue", "queue", 1),
        ("qeueu", "queue", 2),
        ("kafak", "kafka", 1),
        ("", "abc", 3),
        ("abc", "", 3),
    ],
)
def test_distance_counts_letters_changed_added_left_out_and_swapped(one, other, letters):
    assert distance(one, other) == letters


def test_a_very_long_article_is_published_and_found(client):
    words = " ".join(f"w{n:x}" for n in range(60_000))
    article(text={"title": "Endless", "body": f"<p>{words}</p>"})

    assert found(client, "endless") == ["Endless"]


# What is kept of it


def counts():
    return {one.query: (one.count, one.results) for one in SearchCount.objects.all()}


def test_a_search_is_counted_by_its_words_and_what_it_found(client):
    article(text={"title": "Queues"})

    for words in ("Queues", " queues! ", "kafka"):
        ask(client, words)

    assert counts() == {"queues": (2, 1), "kafka": (1, 0)}


def test_only_a_search_that_was_sent_off_is_counted(client):
    article(topics=[topic(slug="storage")], text={"title": "Queues"})

    client.get("/articles/search/?q=queues", headers={"search-while-typing": "1"})
    client.get("/articles/search/?q=queues", headers={"sec-purpose": "prefetch;prerender"})
    client.head("/articles/search/?q=queues")
    ask(client, "queues", page=1)
    ask(client, "queues", topic="storage")
    ask(client, "")
    ask(client, "🚀")

    assert counts() == {}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("ada@example.com", ""),
        ("who is ada.byron+x@example.com", "who is"),
        ("mail ada @ home", "mail ada home"),
        ("+45 33 12 34 56", ""),
        ("call 0281-555-0143 now", "call now"),
        ("invoice 123456", "invoice"),
        ("(020) 7946 0958", ""),
        ("http 404 in 2026", "http 404 in 2026"),
        ("a" * 200, "a" * 80),
        ("word " * 40, " ".join(["word"] * 16)),
    ],
)
def test_what_may_tell_who_looked_is_not_kept(client, typed, kept):
    ask(client, typed)

    assert list(counts()) == ([kept] if kept else [])


def test_counting_keeps_nothing_about_the_visitor():
    names = {field.name for field in SearchCount._meta.get_fields()}

    assert names == {"id", "day", "query", "count", "results"}


def test_a_program_that_searches_for_anything_fills_no_disk(client, monkeypatch):
    monkeypatch.setattr(search_log, "MAX_PER_DAY", 3)

    for number in range(6):
        ask(client, f"word{number}")
    ask(client, "word0")

    assert counts() == {"word0": (2, 0), "word1": (1, 0), "word2": (1, 0)}


def test_there_is_never_a_second_count_of_the_same_words_on_a_day():
    SearchCount.objects.create(day=date(2026, 3, 2), query="queues")

    with pytest.raises(IntegrityError), transaction.atomic():
        SearchCount.objects.create(day=date(2026, 3, 2), query="queues")


def test_whoever_searches_has_their_answer_when_it_cannot_be_counted(client, caplog):
    article(text={"title": "Queues"})
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE articles_searchcount RENAME TO articles_gone")
    try:
        assert found(client, "queues") == ["Queues"]
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE articles_gone RENAME TO articles_searchcount")
    assert "could not be counted" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_whoever_searches_does_not_wait_for_a_count_that_is_locked(client, caplog):
    article(text={"title": "Queues"})
    ask(client, "queues")
    is_locked, is_done = threading.Event(), threading.Event()

    def hold():
        try:
            with transaction.atomic():
                SearchCount.objects.update(count=9)
                is_locked.set()
                is_done.wait(60)
        finally:
            connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    try:
        assert is_locked.wait(60)
        assert found(client, "queues") == ["Queues"]
        assert holder.is_alive(), "it was answered after the lock was gone"
    finally:
        is_done.set()
        holder.join()

    assert "could not be counted" in caplog.text


# What staff see of it

LIST = "/admin/articles/searchcount/"


def rows(answer):
    """Words, times and articles found, line by line."""
    lines = parsed(answer).xpath("//table[@id='result_list']/tbody/tr")
    return [[cell.text_content() for cell in line.xpath("*")][:3] for line in lines]


@pytest.fixture
def searches():
    for day, query, count, results in (
        (1, "queues", 2, 0),
        (2, "queues", 3, 4),
        (2, "kafka", 1, 0),
        (1, "outbox", 9, 1),
    ):
        SearchCount.objects.create(
            day=date(2026, 3, day), query=query, count=count, results=results
        )


@pytest.mark.parametrize("role", [PUBLISHER, ADMINISTRATOR])
def test_staff_see_each_search_once_with_how_often_and_its_latest_answer(role, searches):
    assert rows(signed_in(role).get(LIST)) == [
        ["outbox", "9", "1"],
        ["queues", "5", "4"],
        ["kafka", "1", "0"],
    ]


def test_staff_can_ask_what_found_nothing(searches):
    assert rows(signed_in(PUBLISHER).get(f"{LIST}?answer=nothing")) == [["kafka", "1", "0"]]
    assert len(rows(signed_in(PUBLISHER).get(f"{LIST}?answer=something"))) == 2


@pytest.mark.parametrize("role", [SALES, ""])
def test_others_do_not_see_the_searches(role):
    assert signed_in(role).get(LIST).status_code == 403


def test_nobody_changes_the_searches(searches):
    for address in (f"{LIST}add/", f"{LIST}{SearchCount.objects.first().pk}/delete/"):
        assert signed_in(ADMINISTRATOR).get(address).status_code == 403


def test_an_article_can_be_deleted_with_its_words():
    unwanted = article(text={"title": "Queues"}, live_from=timedelta(days=1))

    unwanted.delete()

    assert not RevisionText.objects.exists()
    assert not Article.objects.exists()


def test_what_nobody_looks_for_any_more_is_forgotten():
    now = timezone.now()
    SearchCount.objects.create(day=now - timedelta(days=181), query="old")
    SearchCount.objects.create(day=now, query="new")

    nights.pass_by()

    assert [one.query for one in SearchCount.objects.all()] == ["new"]
