"""Find anything: whatever the person may see, and nothing else."""

import re

import pytest
from django.template import Context, Template
from django.urls import reverse

from accounts.roles import ADMINISTRATOR, AUTHOR, PUBLISHER, SALES
from desk.finding import MAX_OF_A_KIND
from desk.matching import excerpt
from leads.intake import receiving
from leads.models import Inquiry
from mail.models import Message
from readiness import publishing
from redirects.models import Redirect
from tests import builders
from tests.builders import signed_in

pytestmark = pytest.mark.django_db

FIND = reverse("admin:find")


@pytest.fixture
def everything():
    """One of each kind, all named for a quokka."""
    receiving.receive(
        Inquiry(
            name="Ada Quokka", email="ada@example.com", company="Quokka Ltd", message="A quokka."
        )
    )
    builders.article(text={"title": "Quokkas at rest"})
    builders.topic(name="Quokkas")
    builders.series(title="Quokka after quokka")
    builders.author(name="Bo Quokka")
    builders.page(title="Quokka terms")
    builders.office(name="Quokka Island")
    builders.image(title="A quokka")
    builders.user(name="Cy Quokka")
    Redirect.objects.create(path="/quokka", target="/articles/")
    Message.objects.create(key="q", to="a@example.com", subject="Quokka", text="-", message_id="q")
    publishing.draft(note="Asked of quokkas")


def kinds(client, words, **more):
    page = client.get(FIND, {"q": words, **more}).text
    return {
        kind: re.findall(r"<bdi>(.*?)</bdi>", section)
        for kind, section in re.findall(
            r'<h2 class="palette__kind">(.*?)</h2>(.*?)</section>', page, re.DOTALL
        )
    }


OF_SALES = {"People", "Companies", "Leads", "Inquiries", "Emails"}
OF_AUTHORS = {"Articles", "Topics", "Authors", "Pictures"}
OF_PUBLISHERS = OF_AUTHORS | {"Series", "Pages", "Offices", "Redirects", "Question sets"}


@pytest.mark.parametrize(
    ("role", "found"),
    [
        (SALES, OF_SALES),
        (AUTHOR, OF_AUTHORS),
        (PUBLISHER, OF_PUBLISHERS),
        (ADMINISTRATOR, OF_SALES | OF_PUBLISHERS | {"Staff"}),
        ("", set()),
    ],
)
def test_each_role_finds_what_it_may_see(everything, role, found):
    assert kinds(signed_in(role), "quok").keys() == found


@pytest.mark.parametrize("role", [SALES, AUTHOR, PUBLISHER, ADMINISTRATOR])
def test_whatever_is_found_can_be_opened(everything, role):
    client = signed_in(role)
    for words in ("quokka", "a"):
        page = client.get(FIND, {"q": words}).text
        section = page[page.index('class="palette__results"') :]
        for path in set(re.findall(r'href="(/[^"]*)"', section)):
            assert client.get(path, follow=True).status_code in (200, 503), path


def test_each_word_has_to_match(everything):
    sales = signed_in(SALES)

    assert kinds(sales, "ada quokka")["People"]
    assert kinds(sales, "ada wombat") == {}
    assert "Nothing found for “ada wombat”" in sales.get(FIND, {"q": "ada wombat"}).text


def test_what_is_found_by_a_word_of_its_text_says_where(everything):
    builders.article(
        text={"title": "Queues", "body": "<p>Somewhere in here stands a pangolin, asleep.</p>"}
    )

    page = signed_in(AUTHOR).get(FIND, {"q": "pangolin"}).text

    assert "Queues" in page
    assert "stands a <mark>pangolin</mark>, asleep" in page


def test_drafts_are_found_by_those_who_write(everything):
    builders.article(live_from=None, text={"title": "Numbats in review"})

    assert kinds(signed_in(AUTHOR), "numbats") == {"Articles": ["<mark>Numbats</mark> in review"]}


def test_an_article_is_found_once_however_many_revisions_it_has():
    one = builders.article(text={"title": "Bilbies"})
    builders.revision(one, title="Bilbies again")

    assert kinds(signed_in(AUTHOR), "bilbies") == {"Articles": ["<mark>Bilbies</mark> again"]}


def test_a_few_of_each_kind_the_nearest_first():
    for number in range(MAX_OF_A_KIND):
        builders.topic(name=f"A wombat {number}")
    builders.topic(name="Wombats")

    found = kinds(signed_in(PUBLISHER), "wombat")["Topics"]

    assert len(found) == MAX_OF_A_KIND
    assert found[0] == "<mark>Wombat</mark>s"


def test_the_kind_stands_first_whose_title_is_nearest():
    builders.topic(name="On time zones")

    assert [*kinds(signed_in(PUBLISHER), "time zone")] == ["Go to", "Do", "Topics"]


@pytest.mark.parametrize(
    ("role", "words", "kind", "title"),
    [
        (AUTHOR, "write", "Do", "<mark>Write</mark> an article"),
        (AUTHOR, "new art", "Do", "Write an <mark>art</mark>icle"),
        (PUBLISHER, "redirect", "Do", "Add a <mark>redirect</mark>"),
        (PUBLISHER, "404", "Go to", "Missing pages"),
        (SALES, "pipe", "Go to", None),
        (SALES, "contacts", "Go to", "People"),
        (ADMINISTRATOR, "gdpr", "Do", "Erase or export what is stored about a person"),
    ],
)
def test_screens_and_things_to_do_are_found_by_their_names(role, words, kind, title):
    found = kinds(signed_in(role), words).get(kind, [])

    assert (title in found) if title else not found  # Pipeline itself is only its tabs


def test_nobody_is_offered_what_they_may_not_do():
    assert kinds(signed_in(SALES), "redirect") == {}
    assert kinds(signed_in(AUTHOR), "add a page") == {}


def test_without_words_it_says_what_one_can_do():
    assert [*kinds(signed_in(AUTHOR), "")] == ["Do"]


@pytest.mark.parametrize(
    "words",
    ["%", "_", "\\", "'", '"><script>', "a" * 5000, "a " * 500, "مريم", "½", "?", "((", "*"],
)
def test_whatever_is_typed_is_only_words(everything, words):
    for role in (ADMINISTRATOR, AUTHOR):
        answer = signed_in(role).get(FIND, {"q": words})
        assert answer.status_code == 200
        assert "<script>" not in answer.text.replace("<script src=", "")


def test_the_palette_gets_options_alone(everything):
    part = signed_in(SALES).get(FIND, {"q": "ada", "part": "results"}).text

    assert 'role="option"' in part and 'role="group" aria-label="People"' in part
    assert "<html" not in part and "<h2" not in part


def test_a_visitor_finds_nothing(client):
    assert client.get(FIND, {"q": "ada", "part": "results"}).status_code == 302


def test_what_is_found_costs_one_or_two_queries_a_kind(everything, django_assert_max_num_queries):
    sales, administrator = signed_in(SALES), signed_in(ADMINISTRATOR)

    with django_assert_max_num_queries(15):
        sales.get(FIND, {"q": "quokka", "part": "results"})
    with django_assert_max_num_queries(36):
        administrator.get(FIND, {"q": "quokka", "part": "results"})


@pytest.mark.parametrize(
    ("text", "words", "marked"),
    [
        ("Ledgerhaus", "ledger", "<mark>Ledger</mark>haus"),
        (
            "a <b> ledger & co",
            "ledger <b>",
            "a <mark>&lt;b&gt;</mark> <mark>ledger</mark> &amp; co",
        ),
        ("Ada", "", "Ada"),
        ("1+1", "+", "1<mark>+</mark>1"),
        ("called a ledger", "led", "called a <mark>led</mark>ger"),
    ],
)
def test_matched_words_are_marked_and_nothing_else_is_html(text, words, marked):
    template = Template("{% load desk %}{{ text|marked:words }}")

    assert template.render(Context({"text": text, "words": words})) == marked


def test_an_excerpt_is_cut_around_the_first_word():
    assert excerpt("We need a ledger.", "ledger") == "We need a ledger."
    assert excerpt("x" * 50 + " ledger " + "y" * 50, "LEDGER").startswith("…xxx")
    assert excerpt("nothing", "ledger") == ""
    assert excerpt("They called.", "led") == ""


def test_only_beginnings_of_words_count_where_words_have_spaces_between_them():
    for name in ("Ledgerhaus", "Gabled", "The led", "予約管理"):
        builders.topic(name=name)
    publisher = signed_in(PUBLISHER)

    assert kinds(publisher, "led")["Topics"] == ["<mark>Led</mark>gerhaus", "The <mark>led</mark>"]
    assert kinds(publisher, "管理")["Topics"] == ["予約<mark>管理</mark>"]
