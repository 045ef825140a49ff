"""What visitors read: lists, the page of an article, and what stands below it."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import lxml.html
import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles import publishing
from articles.models import MoreArticle, Revision
from images.tasks import make_renditions
from tests.builders import article, author, image, office, revision, series, topic

pytestmark = pytest.mark.django_db


def titles(answer):
    """The articles on a page, in the order they are listed."""
    return lxml.html.fromstring(answer.content).xpath("//article//h3/a/text()")


def covered(**fields):
    """An article with all that a card or a page can show."""
    cover, portrait, figure = image(), image(), image()
    for picture in (cover, portrait, figure):
        make_renditions(picture.pk)
    text = {
        "cover": cover,
        "body": f'<h2>One</h2><p>Look:</p><img src="/x" data-file="{figure.pk}">',
    }
    return article(text=text, authors=[author(image=portrait), author()], **fields)


def queries_for(client, address):
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


# Lists


def test_the_list_shows_the_newest_first(client):
    article(live_from=-timedelta(days=3), text={"title": "The oldest"})
    article(live_from=-timedelta(days=1), text={"title": "The newest"})
    article(live_from=-timedelta(days=2), text={"title": "The middle one"})

    assert titles(client.get("/articles/")) == ["The newest", "The middle one", "The oldest"]


def test_a_card_says_what_it_is_about_by_whom_and_when(client):
    article(
        live_from=datetime(2026, 3, 2, tzinfo=UTC),
        authors=[author(name="Ada Byron"), author(name="Grace Brewster")],
        text={"title": "On queues", "summary": "Why they fill"},
    )

    text = client.get("/articles/").text

    for word in ("On queues", "Why they fill", "Ada Byron", "Grace Brewster", "2 March 2026"):
        assert word in text


def test_a_long_list_goes_on_over_pages_and_loses_nobody(client):
    everyone = {article().live_revision().title for _ in range(25)}

    pages = [titles(client.get(f"/articles/?page={number}")) for number in (1, 2, 3)]

    assert [len(page) for page in pages] == [12, 12, 1]
    assert {title for page in pages for title in page} == everyone


@pytest.mark.parametrize(
    "number",
    [
        "0", "-1", "99", "x", "1e9", "9" * 5000, "last", "", "01", "+1", "1.0", " 1", "1%20", "٣",
        "1e3", "1_0", "1\u200b", "½",
    ],
)  # fmt: skip
def test_a_page_of_the_list_that_does_not_exist_is_not_found(client, number):
    for _ in range(13):
        article()

    assert client.get(f"/articles/?page={number}").status_code == 404


def test_the_first_page_is_one_page_with_or_without_its_number(client, settings):
    for _ in range(13):
        article()

    bare, numbered = client.get("/articles/"), client.get("/articles/?page=1")

    assert numbered.content == bare.content
    [canonical] = lxml.html.fromstring(numbered.content).xpath("//link[@rel='canonical']/@href")
    assert canonical == f"{settings.SITE_URL}/articles/"


def test_lists_say_that_the_page_number_alone_makes_a_difference(client):
    shared, apart, ada = topic(), series(), author()
    article(topics=[shared], series=apart, authors=[ada])

    for address in ("/articles/", *(one.get_absolute_url() for one in (shared, apart, ada))):
        said = client.get(address).headers["No-Vary-Search"]
        assert said == 'params, except=("page")'


def test_an_empty_site_has_its_lists_all_the_same(client):
    for address in ("/articles/", topic().get_absolute_url(), author().get_absolute_url()):
        assert client.get(address).status_code == 200


def test_a_topic_lists_its_articles_and_no_others(client):
    queues = topic(name="Queues", description="Why they fill")
    article(topics=[queues], text={"title": "On queues"})
    article(topics=[queues], live_from=None, text={"title": "A draft"})
    article(topics=[topic()], text={"title": "On tables"})

    answer = client.get(queues.get_absolute_url())

    assert titles(answer) == ["On queues"]
    assert "Why they fill" in answer.text


def test_an_author_has_a_page_with_what_they_signed(client):
    ada = author(name="Ada Byron", job_title="Analyst", bio="Wrote the first program.")
    article(authors=[author(), ada], text={"title": "Signed by two"})
    article(text={"title": "Signed by another"})

    answer = client.get(ada.get_absolute_url())

    assert titles(answer) == ["Signed by two"]
    assert "Analyst" in answer.text and "Wrote the first program." in answer.text


def test_a_series_is_read_from_its_beginning(client):
    apart = series(title="A team apart")
    article(series=apart, text={"title": "Afterword"})
    article(series=apart, series_position=2, text={"title": "Part two"})
    article(series=apart, series_position=1, text={"title": "Part one"})

    answer = client.get(apart.get_absolute_url())

    assert titles(answer) == ["Part one", "Part two", "Afterword"]


@pytest.mark.parametrize("kind", ["topics", "authors", "series"])
def test_a_topic_series_or_author_that_does_not_exist_is_not_found(client, kind):
    assert client.get(f"/articles/{kind}/nowhere/").status_code == 404


# An article


def test_the_page_of_an_article_says_who_wrote_it_when_and_how_long_it_takes(client):
    signed = article(
        live_from=datetime(2026, 3, 2, tzinfo=UTC),
        authors=[author(name="Ada Byron", job_title="Analyst")],
        topics=[topic(name="Queues")],
        text={"title": "On queues", "summary": "Why they fill", "body": "<p>They do.</p>"},
    )

    answer = client.get(signed.get_absolute_url())

    page = lxml.html.fromstring(answer.content)
    text = " ".join(page.text_content().split())
    assert page.xpath("string(//h1)") == "On queues"
    assert "by Ada Byron, Analyst at Clean Systems Consulting" in text
    assert "2 March 2026" in text and "1-minute read" in text
    assert "They do." in text
    assert page.xpath("//a[@href and text()='Queues']")


def test_search_results_get_their_own_words_where_there_are_some(client):
    own = article(text={"seo_title": "Full queues, explained", "seo_description": "A long read"})
    none = article(text={"title": "On queues", "summary": "Why they fill"})

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
    long, short = article(text={"body": chapters}), article()

    long_page, short_page = (client.get(one.get_absolute_url()) for one in (long, short))

    contents = lxml.html.fromstring(long_page.content).xpath("//nav//a[@href='#part-two']/text()")
    assert contents == ["Part two"]
    assert "Contents" not in short_page.text


def test_words_that_look_like_markup_are_shown_as_words(client):
    tricky = article(
        authors=[author(name="<b>Ada</b>", job_title="R&D")],
        text={
            "title": "<script>alert(1)</script>",
            "summary": '"><b>',
            "seo_description": '"><i>',
        },
    )

    for address in (tricky.get_absolute_url(), "/articles/", "/"):
        text = client.get(address).text
        assert "<script>alert(1)" not in text
        assert "<b>" not in text and "<i>" not in text


# A series


def part(client, of):
    """What the page says of the article's series: its words, and where it leads."""
    [nav] = lxml.html.fromstring(client.get(of.get_absolute_url()).content).xpath(
        "//nav[@class='series']"
    )
    links = {link.get("rel"): link.get("href") for link in nav.xpath(".//a")}
    return " ".join(nav.text_content().split()), links


def test_an_article_says_which_part_of_its_series_it_is_and_leads_to_its_neighbors(client):
    apart = series(title="A team apart")
    first, second, third = (
        article(series=apart, series_position=place, text={"title": f"On {name}"})
        for place, name in ((10, "trust"), (20, "specs"), (30, "notes"))
    )

    begins, goes_on, ends = (part(client, one) for one in (first, second, third))

    assert begins == (
        "Part 1 of 3 in A team apart Next On specs",
        {None: apart.get_absolute_url(), "next": second.get_absolute_url()},
    )
    assert goes_on == (
        "Part 2 of 3 in A team apart Previous On trust Next On notes",
        {
            None: apart.get_absolute_url(),
            "prev": first.get_absolute_url(),
            "next": third.get_absolute_url(),
        },
    )
    assert ends[0] == "Part 3 of 3 in A team apart Previous On specs"


def test_parts_that_are_not_live_are_neither_counted_nor_led_to(client):
    apart = series(title="A team apart")
    first = article(series=apart, series_position=1)
    article(series=apart, series_position=2, live_from=None)
    article(series=apart, series_position=3, live_from=timedelta(days=1))
    unpublished = article(series=apart, series_position=4)
    publishing.unpublish(unpublished, at=timezone.now())
    article(series=apart, series_position=5, text={"title": "Last"})

    assert part(client, first)[0] == "Part 1 of 2 in A team apart Next Last"


def test_a_series_of_one_is_not_called_a_series(client):
    lonely = article(series=series(), series_position=1)

    assert "Series" not in client.get(lonely.get_absolute_url()).text


# More articles


def more(client, of):
    return titles(client.get(of.get_absolute_url()))


def test_more_articles_come_by_hand_then_by_shared_topic_then_the_latest(client):
    revision(article(live_from=None), title="So that an article and its revision differ in number")
    changed = article(live_from=-timedelta(days=90), text={"title": "Changed"})
    for age in range(30, 80, 10):
        revision(changed, title="Changed", live_from=-timedelta(days=110 - age))
    queues, tables = topic(), topic()
    read = article(topics=[queues, tables])
    for title, age, topics in (
        ("Shares none, latest", 1, []),
        ("Shares both, older", 5, [queues, tables]),
        ("Shares one, newer", 4, [queues]),
        ("Chosen second", 9, []),
        ("Chosen first", 10, []),
    ):
        article(live_from=-timedelta(days=age), topics=topics, text={"title": title})
    for position, title in enumerate(["Chosen first", "Chosen second"]):
        other = Revision.objects.get(title=title).article
        MoreArticle.objects.create(article=read, other=other, position=position)

    assert more(client, read) == [
        "Chosen first",
        "Chosen second",
        "Shares one, newer",
        "Shares both, older",
    ]


def test_what_was_chosen_by_hand_but_is_not_live_leaves_its_place_to_others(client):
    queues = topic()
    read = article(topics=[queues], live_from=-timedelta(days=20))
    hidden = article(live_from=None)
    MoreArticle.objects.create(article=read, other=hidden)
    for age in range(1, 7):
        article(live_from=-timedelta(days=age), text={"title": f"Latest {age}"})
    article(live_from=-timedelta(days=9), topics=[queues], text={"title": "On queues"})

    assert more(client, read) == ["On queues", "Latest 1", "Latest 2", "Latest 3"]


def test_without_choice_or_topics_the_latest_are_more_articles(client):
    read = article(live_from=-timedelta(hours=1))
    article(live_from=-timedelta(days=2), text={"title": "Older"})
    article(live_from=-timedelta(days=1), text={"title": "Newer"})

    assert more(client, read) == ["Newer", "Older"]


def test_more_articles_never_lead_to_what_is_not_live(client):
    read = article()
    draft, planned, unpublished = (
        article(live_from=None),
        article(live_from=timedelta(days=1)),
        article(),
    )
    publishing.unpublish(unpublished, at=timezone.now())
    for other in (draft, planned, unpublished):
        MoreArticle.objects.create(article=read, other=other)

    answer = client.get(read.get_absolute_url())

    assert titles(answer) == []
    assert "More articles" not in answer.text


def test_what_was_chosen_by_hand_for_one_article_does_not_stand_below_another(client):
    chooser, read = article(), article(live_from=-timedelta(days=9))
    chosen = article(live_from=-timedelta(days=5), text={"title": "Chosen elsewhere"})
    MoreArticle.objects.create(article=chooser, other=chosen)

    assert more(client, read)[-1] == "Chosen elsewhere"


# What pages cost

# Each promised in docs/performance.md.
MAX_ARTICLE_BYTES = 6
MAX_LIST_BYTES = 7


def test_an_article_takes_no_more_queries_than_promised(client, django_assert_max_num_queries):
    apart, queues = series(), topic()
    read = covered(topics=[queues, topic()], series=apart, series_position=1)
    for position in range(2, 9):
        covered(topics=[queues], series=apart, series_position=position)
    for _ in range(4):
        MoreArticle.objects.create(article=read, other=covered())

    with django_assert_max_num_queries(MAX_ARTICLE_BYTES):
        answer = client.get(read.get_absolute_url())

    assert len(titles(answer)) == 4 and "Part 1 of 8" in answer.text


def test_a_list_takes_no_more_queries_than_promised(client, django_assert_max_num_queries):
    shared, apart, ada = topic(), series(), author(image=image())
    for position in range(25):
        covered(topics=[shared], series=apart, series_position=position).bylines.create(
            author=ada, position=9
        )

    for address in ("/articles/", *(one.get_absolute_url() for one in (shared, apart, ada))):
        with django_assert_max_num_queries(MAX_LIST_BYTES):
            answer = client.get(f"{address}?page=2")
        assert len(titles(answer)) == 12


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


def test_what_stands_around_a_page_is_never_older_than_its_rows(client):
    place = office(name="The old mill", image=image())
    before = client.get("/").text

    make_renditions(place.image.pk)
    place.name = "The new mill"
    place.save()
    after = client.get("/").text

    assert "The old mill" in before and "image/avif" not in before
    assert "The new mill" in after and "The old mill" not in after
    assert "image/avif" in after


def test_an_offices_clock_is_set_forward_on_a_page_that_was_shown_before(client):
    office(timezone="Europe/Copenhagen")
    last_winter_second = datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC)

    with time_machine.travel(last_winter_second, tick=False):
        winter = client.get("/").text
    with time_machine.travel(last_winter_second + timedelta(seconds=1), tick=False):
        summer = client.get("/").text

    assert "(UTC+1)" in winter
    assert "(UTC+2)" in summer


def test_a_list_leaves_the_texts_in_the_database(client):
    article()

    with CaptureQueriesContext(connection) as queries:
        client.get("/articles/")

    assert not [query for query in queries if '"articles_revision"."body"' in query["sql"]]


# Around the text


def test_an_article_can_be_passed_on_by_mail_whatever_its_title(client, settings):
    shown = article(text={"title": 'Q&A: "100 %" + more? #1'})

    page = lxml.html.fromstring(client.get(shown.get_absolute_url()).content)

    [link] = page.xpath("//a[starts-with(@href, 'mailto:?')]/@href")
    asked = parse_qs(urlsplit(link).query)
    assert asked["subject"] == ['Q&A: "100 %" + more? #1']
    assert asked["body"] == [f"{settings.SITE_URL}{shown.get_absolute_url()}"]


def test_a_card_names_the_first_topic_of_its_article(client):
    queues = topic(name="Queues")
    article(topics=[queues], text={"title": "Shown"})

    page = lxml.html.fromstring(client.get("/articles/").content)

    assert page.xpath("string(//article//p[@class='kicker'])") == "Queues"


def test_a_list_of_nothing_says_what_to_do(client):
    answer = client.get(topic().get_absolute_url())

    assert "Nothing has been published here yet" in answer.text
    assert 'href="/contact/"' in answer.text
