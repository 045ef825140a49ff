"""What visitors read: lists, the page of an article, and what stands below it."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import lxml.html
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles import publishing
from articles.models import MoreArticle, Revision
from images.tasks import make_renditions
from tests.builders import article, author, image, revision, series, topic

pytestmark = pytest.mark.django_db


def titles(answer):
    """The articles on a page, in the order they are listed."""
    return lxml.html.fromstring(answer.content).xpath("//article//h3/a/text()")


def covered(**fields):
    """An article with all that a card or a page can show."""
    cover, portrait, figure = image(), image(), image()
    for picture in (cover, portrait, figure):
        make_renditions(picture.pk)
    words = {
        "cover": cover,
        "body": f'<h2>One</h2><p>Look:</p><img src="/x" data-file="{figure.pk}">',
    }
    return article(words=words, authors=[author(image=portrait), author()], **fields)


def queries_for(client, address):
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


# Lists


def test_the_list_shows_the_newest_first(client):
    article(live_from=-timedelta(days=3), words={"title": "The oldest"})
    article(live_from=-timedelta(days=1), words={"title": "The newest"})
    article(live_from=-timedelta(days=2), words={"title": "The middle one"})

    assert titles(client.get("/articles/")) == ["The newest", "The middle one", "The oldest"]


def test_a_card_says_what_it_is_about_by_whom_and_when(client):
    article(
        live_from=datetime(2026, 3, 2, tzinfo=UTC),
        authors=[author(name="Ada Byron"), author(name="Grace Brewster")],
        words={"title": "On queues", "summary": "Why they fill"},
    )

    text = client.get("/articles/").text

    for word in ("On queues", "Why they fill", "Ada Byron", "Grace Brewster", "2 March 2026"):
        assert word in text


def test_a_long_list_goes_on_over_pages_and_loses_nobody(client):
    everybody = {article().live_revision().title for _ in range(25)}

    pages = [titles(client.get(f"/articles/?page={number}")) for number in (1, 2, 3)]

    assert [len(page) for page in pages] == [12, 12, 1]
    assert set(sum(pages, [])) == everybody


@pytest.mark.parametrize("number", ["0", "-1", "99", "x", "1e9", "9" * 5000])
def test_a_page_of_the_list_that_does_not_exist_is_not_found(client, number):
    article()

    assert client.get(f"/articles/?page={number}").status_code == 404


def test_an_empty_site_has_its_lists_all_the_same(client):
    for address in ("/articles/", topic().get_absolute_url(), author().get_absolute_url()):
        assert client.get(address).status_code == 200


def test_a_topic_lists_its_articles_and_no_others(client):
    queues = topic(name="Queues", description="Why they fill")
    article(topics=[queues], words={"title": "On queues"})
    article(topics=[queues], live_from=None, words={"title": "A draft"})
    article(topics=[topic()], words={"title": "On tables"})

    answer = client.get(queues.get_absolute_url())

    assert titles(answer) == ["On queues"]
    assert "Why they fill" in answer.text


def test_an_author_has_a_page_with_what_they_signed(client):
    ada = author(name="Ada Byron", job_title="Analyst", bio="Wrote the first program.")
    article(authors=[author(), ada], words={"title": "Signed by two"})
    article(words={"title": "Signed by another"})

    answer = client.get(ada.get_absolute_url())

    assert titles(answer) == ["Signed by two"]
    assert "Analyst" in answer.text and "Wrote the first program." in answer.text


def test_a_series_is_read_from_its_beginning(client):
    apart = series(title="A team apart")
    article(series=apart, words={"title": "Afterword"})
    article(series=apart, series_position=2, words={"title": "Part two"})
    article(series=apart, series_position=1, words={"title": "Part one"})

    answer = client.get(apart.get_absolute_url())

    assert titles(answer) == ["Part one", "Part two", "Afterword"]


@pytest.mark.parametrize("kind", ["topics", "authors", "series"])
def test_a_shelf_that_does_not_exist_is_not_found(client, kind):
    assert client.get(f"/articles/{kind}/nowhere/").status_code == 404


# An article


def test_the_page_of_an_article_says_who_wrote_it_when_and_how_long_it_takes(client):
    signed = article(
        live_from=datetime(2026, 3, 2, tzinfo=UTC),
        authors=[author(name="Ada Byron", job_title="Analyst")],
        topics=[topic(name="Queues")],
        words={"title": "On queues", "summary": "Why they fill", "body": "<p>They do.</p>"},
    )

    answer = client.get(signed.get_absolute_url())

    page = lxml.html.fromstring(answer.content)
    text = " ".join(page.text_content().split())
    assert page.xpath("string(//h1)") == "On queues"
    assert "by Ada Byron, Analyst at Clean Systems Consulting" in text
    assert "2 March 2026" in text and "1 minute to read" in text
    assert "They do." in text
    assert page.xpath("//a[@href and text()='Queues']")


def test_search_results_get_their_own_words_where_there_are_some(client):
    own = article(words={"seo_title": "Full queues, explained", "seo_description": "A long read"})
    none = article(words={"title": "On queues", "summary": "Why they fill"})

    with_own, without = client.get(own.get_absolute_url()), client.get(none.get_absolute_url())

    for answer, title, description in (
        (with_own, "Full queues, explained", "A long read"),
        (without, "On queues", "Why they fill"),
    ):
        head = lxml.html.fromstring(answer.content)
        assert title in head.xpath("string(//title)")
        assert head.xpath("//meta[@name='description']/@content") == [description]


def test_a_long_article_shows_its_contents_and_a_short_one_does_not(client):
    chapters = "".join(f"<h2>Part {n}</h2><p>{'word ' * 300}</p>" for n in ("one", "two", "three"))
    long, short = article(words={"body": chapters}), article()

    long_page, short_page = (client.get(one.get_absolute_url()) for one in (long, short))

    contents = lxml.html.fromstring(long_page.content).xpath("//nav//a[@href='#part-two']/text()")
    assert contents == ["Part two"]
    assert "Contents" not in short_page.text


def test_words_that_look_like_markup_are_shown_as_words(client):
    tricky = article(
        authors=[author(name="<b>Ada</b>", job_title="R&D")],
        words={
            "title": "<script>alert(1)</script>",
            "summary": '"><b>',
            "seo_description": '"><i>',
        },
    )

    for address in (tricky.get_absolute_url(), "/articles/", "/"):
        text = client.get(address).text
        assert "<script>alert(1)" not in text
        assert "<b>" not in text and "<i>" not in text


# More articles


def more(client, of):
    return titles(client.get(of.get_absolute_url()))


def test_more_articles_come_by_hand_then_by_shared_topics_then_the_latest(client):
    queues, tables = topic(), topic()
    read = article(topics=[queues, tables])
    for title, age, topics in (
        ("Shares none, latest", 1, []),
        ("Shares both", 5, [queues, tables]),
        ("Shares one", 4, [queues]),
        ("Chosen second", 9, []),
        ("Chosen first", 10, []),
    ):
        article(live_from=-timedelta(days=age), topics=topics, words={"title": title})
    for position, title in enumerate(["Chosen first", "Chosen second"]):
        other = Revision.objects.get(title=title).article
        MoreArticle.objects.create(article=read, other=other, position=position)

    assert more(client, read) == ["Chosen first", "Chosen second", "Shares both", "Shares one"]


def test_without_choice_or_topics_the_latest_are_more_articles(client):
    read = article(live_from=-timedelta(hours=1))
    article(live_from=-timedelta(days=2), words={"title": "Older"})
    article(live_from=-timedelta(days=1), words={"title": "Newer"})

    assert more(client, read) == ["Newer", "Older"]


def test_more_articles_never_lead_to_what_is_not_live(client):
    read = article()
    draft, planned, retired = (
        article(live_from=None),
        article(live_from=timedelta(days=1)),
        article(),
    )
    publishing.retire(retired, at=timezone.now())
    for other in (draft, planned, retired):
        MoreArticle.objects.create(article=read, other=other)

    answer = client.get(read.get_absolute_url())

    assert titles(answer) == []
    assert "More articles" not in answer.text


def test_what_was_chosen_by_hand_for_one_article_does_not_stand_below_another(client):
    chooser, read = article(), article(live_from=-timedelta(days=9))
    chosen = article(live_from=-timedelta(days=5), words={"title": "Chosen elsewhere"})
    MoreArticle.objects.create(article=chooser, other=chosen)

    assert more(client, read)[-1] == "Chosen elsewhere"


# What pages cost


def test_a_list_costs_the_same_for_one_article_and_for_ten(client, django_assert_num_queries):
    shared, apart, ada = topic(), series(), author()
    covered(topics=[shared], series=apart, series_position=0).bylines.create(author=ada, position=9)
    addresses = ["/articles/", *(one.get_absolute_url() for one in (shared, apart, ada))]
    for_one = {address: queries_for(client, address) for address in addresses}

    for position in range(1, 10):
        more = covered(topics=[shared, topic()], series=apart, series_position=position)
        more.bylines.create(author=ada, position=9)

    for address, cost in for_one.items():
        with django_assert_num_queries(cost):
            answer = client.get(address)
        assert len(titles(answer)) == 10


def test_an_article_costs_the_same_however_much_it_shows(client, django_assert_num_queries):
    read = covered(topics=[topic()])
    covered()
    for_little = queries_for(client, read.get_absolute_url())

    pictures = [image() for _ in range(5)]
    for picture in pictures:
        make_renditions(picture.pk)
        read.bylines.create(author=author(image=picture), position=9)
        read.topics.add(topic())
    figures = "".join(f'<img src="/x" data-file="{picture.pk}">' for picture in pictures)
    revision(read, body=f"<p>Many</p>{figures}", live_from=timedelta(0))
    for _ in range(9):
        MoreArticle.objects.create(article=read, other=covered(topics=read.topics.all()))

    with django_assert_num_queries(for_little):
        answer = client.get(read.get_absolute_url())
    page = lxml.html.fromstring(answer.content)
    assert len(page.xpath("//div[@class='prose']//img")) == 5
    assert len(titles(answer)) == 4


def test_a_list_leaves_the_texts_in_the_database(client):
    article()

    with CaptureQueriesContext(connection) as queries:
        client.get("/articles/")

    assert not [query for query in queries if '"articles_revision"."body"' in query["sql"]]


# Around the text


def test_an_article_in_a_series_shows_its_parts_in_their_order(client):
    apart = series(title="Apart")
    third = article(series=apart, series_position=3, words={"title": "Third"})
    first = article(series=apart, series_position=1, words={"title": "First"})
    article(series=apart, series_position=2, live_from=None, words={"title": "Not yet"})

    page = lxml.html.fromstring(client.get(third.get_absolute_url()).content)

    [parts] = page.xpath("//nav[@class='series']")
    assert [" ".join(item.text_content().split()) for item in parts.iter("li")] == [
        "First",
        "Third",
    ]
    assert parts.xpath(".//li//a/@href") == [first.get_absolute_url()]
    assert parts.xpath("string(.//*[@aria-current])") == "Third"
    assert apart.get_absolute_url() in parts.xpath(".//a/@href")


def test_the_only_part_of_a_series_is_no_series_yet(client):
    alone = article(series=series(), series_position=1)

    assert "series__title" not in client.get(alone.get_absolute_url()).text


def test_an_article_can_be_passed_on_by_mail_whatever_its_title(client, settings):
    shown = article(words={"title": 'Q&A: "100 %" + more? #1'})

    page = lxml.html.fromstring(client.get(shown.get_absolute_url()).content)

    [letter] = page.xpath("//a[starts-with(@href, 'mailto:?')]/@href")
    asked = parse_qs(urlsplit(letter).query)
    assert asked["subject"] == ['Q&A: "100 %" + more? #1']
    assert asked["body"] == [f"{settings.SITE_URL}{shown.get_absolute_url()}"]


def test_a_card_names_the_first_topic_of_its_article(client):
    queues = topic(name="Queues")
    article(topics=[queues], words={"title": "Shown"})

    page = lxml.html.fromstring(client.get("/articles/").content)

    assert page.xpath("string(//article//p[@class='kicker'])") == "Queues"


def test_a_list_of_nothing_says_what_to_do(client):
    answer = client.get(topic().get_absolute_url())

    assert "Nothing is published here yet" in answer.text
    assert 'href="/contact/"' in answer.text
