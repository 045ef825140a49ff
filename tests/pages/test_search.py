"""The search finds more than articles: whatever has an address and a name."""

import lxml.html
import pytest

from pages.models import Page, Service
from tests.builders import article, author, office, series, topic

pytestmark = pytest.mark.django_db


def ask(client, words):
    return client.get("/articles/search/", {"q": words})


def places(answer):
    links = lxml.html.fromstring(answer.content).xpath("//nav[@aria-label='Pages']//a")
    return [" ".join(link.text_content().split()) for link in links]


@pytest.fixture
def site_with_everything():
    Page.objects.create(
        slug="how-we-work-here", title="How we work", body="<p>A fixed price for a paid week.</p>"
    )
    Service.objects.create(heading="Database reviews", text="We read your slow queries.")
    office(name="Magelang", city="Magelang", country="ID", description="Among rice fields")
    article(
        text={"title": "On queues"},
        authors=[author(name="Søren Ågård", job_title="Engineer")],
        topics=[topic(name="Reliability")],
        series=series(title="Slow but sure"),
    )


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("how we work", "How we work"),
        ("fixed price", "How we work"),
        ("contact", "Contact"),
        ("services", "Services"),
        ("pricing", "Services"),
        ("offices", "Our offices"),
        ("brief", "Write a brief"),
        ("readiness", "Are you ready?"),
        ("database review", "Database reviews Services"),
        ("slow queries", "Database reviews Services"),
        ("magelang", "Magelang Office"),
        ("indonesia", "Magelang Office"),
        ("rice", "Magelang Office"),
        ("soren", "Søren Ågård Author"),
        ("ågård", "Søren Ågård Author"),
        ("reliab", "Reliability Topic"),
        ("slow but sure", "Slow but sure Series"),
    ],
)
def test_whatever_has_a_name_is_found_by_it(client, site_with_everything, typed, expected):
    assert expected in places(ask(client, typed))


def test_what_bears_the_words_in_its_name_comes_first(client, site_with_everything):
    Page.objects.create(slug="z", title="All about Magelang and us", body="<p>Magelang</p>")
    Page.objects.create(slug="a", title="Other", body="<p>Our house in Magelang</p>")

    shown = places(ask(client, "magelang"))

    assert shown == ["Magelang Office", "All about Magelang and us", "Other"]


def test_every_place_that_is_shown_can_be_opened(client, site_with_everything):
    for typed in ["how we work", "contact", "services", "database", "magelang", "søren", "sure"]:
        answer = ask(client, typed)
        for link in lxml.html.fromstring(answer.content).xpath("//nav[@aria-label='Pages']//a"):
            assert client.get(link.get("href").partition("#")[0]).status_code == 200


def test_a_word_that_a_page_bears_is_not_taken_for_mistyped(client):
    article(text={"title": "The contract", "body": "<p>One contract.</p>"})

    answer = ask(client, "contact")

    assert "Contact" in places(answer)
    assert "The contract" not in answer.text
    assert "No results" not in answer.text


def test_an_unlisted_office_is_not_found(client):
    office(name="Secret lab", is_listed=False)

    assert places(ask(client, "secret lab")) == []


def test_words_in_names_are_shown_as_words(client):
    topic(name="<script>alert(1)</script>")

    answer = ask(client, "alert")

    assert "<script>alert" not in answer.text
    assert places(answer) == ["<script>alert(1)</script> Topic"]


@pytest.mark.parametrize("typed", ["", " ", "!!!", "x" * 5000, "the", "\u200b"])
def test_anything_may_be_typed(client, site_with_everything, typed):
    assert ask(client, typed).status_code == 200


def test_the_places_cost_the_same_however_many_there_are(client, django_assert_max_num_queries):
    for number in range(12):
        topic(name=f"Reliability {number}")

    with django_assert_max_num_queries(30):
        answer = ask(client, "reliability")

    assert len(places(answer)) == 5
