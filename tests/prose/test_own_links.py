"""Links to our own articles and pages: kept by what they lead to, shown at its present address."""

import pytest
from django.urls import reverse
from django.utils import timezone

from articles import publishing
from articles.leading import leading_to
from pages.models import Page
from prose import markdown
from prose.diff import rows_of
from prose.editor import sanitize
from prose.form import as_edited
from prose.rendering import render
from prose.text import plain_text
from tests.builders import article, page, revision, signed_in, user

pytestmark = pytest.mark.django_db


def link(target, *, href="/articles/where-it-was/", words="there"):
    kind = type(target)._meta.model_name
    return f'<p>See <a href="{href}" data-page="{kind}:{target.pk}">{words}</a>.</p>'


def moved(target, slug):
    target.slug = slug
    target.save()
    return target


def test_what_it_leads_to_is_stored_and_nothing_else_by_that_name():
    kept = '<p><a href="/articles/a/" data-page="article:12">a</a></p>'

    assert sanitize(kept) == kept
    assert sanitize(kept.replace("article:12", 'x" onclick="y')) == sanitize(
        '<p><a href="/articles/a/">a</a></p>'
    )
    assert sanitize('<p data-page="article:12">a</p>') == "<p>a</p>"


def test_a_moved_article_stays_linked_on_the_page_in_markdown_and_in_the_editor():
    target = moved(article(), "elsewhere")
    text = link(target, href="/articles/where-it-was/#part")

    assert '<a href="/articles/elsewhere/#part">there</a>' in render(text).html
    assert "data-page" not in render(text).html
    base = "https://clean.example/articles/of/"
    assert markdown.from_html(text, base=base) == (
        "See [there](https://clean.example/articles/elsewhere/#part).\n"
    )
    assert as_edited(text) == link(target, href="/articles/elsewhere/#part")
    assert plain_text(text) == "See there."


def test_a_moved_page_stays_linked():
    target = moved(page(), "who-we-are")

    assert '<a href="/who-we-are/">there</a>' in render(link(target, href="/about/")).html


def test_the_same_link_before_and_after_its_article_moved_is_no_change():
    target = article()
    before = link(target, href=target.get_absolute_url())
    moved(target, "elsewhere")

    old, new = as_edited(before), as_edited(link(target, href="/articles/elsewhere/"))

    assert not any(row.is_change for row in rows_of(old, new))


def test_readers_get_the_words_alone_while_they_cannot_read_what_is_linked():
    unpublished = article(live_from=None)
    gone = article()
    text = link(unpublished) + link(gone)
    publishing.retire(gone, by=user(), at=timezone.now())

    assert "<a" not in render(text).html
    assert render(text).html.count("there") == 2
    assert markdown.from_html(text, base="/") == "See there.\n\nSee there.\n"
    assert as_edited(text).count("<a ") == 2  # its writers still have it


def test_a_link_to_what_was_deleted_is_its_words():
    target = page()
    text = link(target)
    target.delete()

    assert render(text).html == "<p>See there.</p>"


def test_a_link_goes_live_with_what_it_leads_to():
    target = article(live_from=None)
    text = link(target)
    assert "<a" not in render(text).html

    publishing.publish(target, at=timezone.now())

    assert f'href="{target.get_absolute_url()}"' in render(text).html


def test_a_text_costs_few_queries_however_many_links_and_none_without(
    django_assert_num_queries,
):
    texts = "".join(link(article()) for _ in range(5)) + link(page())

    with django_assert_num_queries(3):
        render(texts)
    with django_assert_num_queries(0):
        render("<p>No links of that kind.</p>")


def test_who_takes_an_article_off_the_site_is_told_of_links_by_what_it_is():
    target = article()
    article(text={"body": link(target, href="/articles/an-older-address/")})
    page(body=link(target, href="/articles/an-older-address/"))

    assert leading_to(target) == ["1 live article links to it", "1 page links to it"]


def test_a_page_that_is_linked_by_what_it_is_is_no_page_that_nothing_links_to():
    lonely, linked = page(), page()
    page(body=link(linked, href="/an-older-address/"))

    unlinked = set(Page.objects.unlinked())

    assert lonely in unlinked
    assert linked not in unlinked


# Found while one writes


def found(client, words):
    answer = client.get(reverse("admin:link_targets"), {"q": words})
    return [(one["title"], one["state"]) for one in answer.json()["found"]]


def test_articles_and_pages_are_found_by_title_the_nearest_first():
    live = article(text={"title": "A retry is a loan"})
    article(text={"title": "Loans of books"}, live_from=None)
    page(title="Loan")

    client = signed_in("Publisher")

    assert found(client, "loan") == [
        ("Loan", ""),
        ("Loans of books", "Draft"),
        ("A retry is a loan", ""),
    ]
    answer = client.get(reverse("admin:link_targets"), {"q": "retry"}).json()["found"]
    assert answer == [
        {
            "page": f"article:{live.pk}",
            "title": "A retry is a loan",
            "path": live.get_absolute_url(),
            "state": "",
        }
    ]


def test_without_words_the_articles_edited_last_are_offered():
    first = article(text={"title": "First"})
    article(text={"title": "Second"})
    revision(first, title="First again")

    assert [title for title, _ in found(signed_in("Author"), "")] == ["First again", "Second"]


def test_nobody_finds_what_they_may_not_see():
    article(text={"title": "A retry is a loan"})

    assert found(signed_in("Author"), "loan") == [("A retry is a loan", "")]
    assert found(signed_in("Sales"), "loan") == []
