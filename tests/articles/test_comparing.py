"""What changed between two revisions, and what publishing would change."""

import re
from datetime import timedelta

import lxml.html
import pytest
from django.test import Client
from django.urls import reverse

from accounts.roles import AUTHOR, PUBLISHER, SALES
from articles import comparing
from tests.builders import article, image, revision, signed_in, user

pytestmark = pytest.mark.django_db

YESTERDAY = -timedelta(days=1)


def compare_page(of, **query):
    return reverse("admin:articles_article_compare", args=[of.pk], query=query)


def change_page(of):
    return reverse("admin:articles_article_change", args=[of.pk])


@pytest.fixture
def changed():
    """Live, changed since, with another draft."""
    found = article(
        live_from=2 * YESTERDAY,
        text={"title": "A loan", "summary": "One two three.", "body": "<p>One two three.</p>"},
    )
    revision(
        found,
        live_from=YESTERDAY,
        title="A loan",
        summary="One two three.",
        body="<p>One 2 three.</p>",
    )
    revision(
        found, title="A debt", summary="One two three.", body="<p>One 2 three.</p><p>Four.</p>"
    )
    return found


class TestWhatPublishingChanges:
    def test_is_told_field_by_field_in_the_order_of_the_page(self, changed):
        draft = changed.draft()
        draft.cover = image(title="Three knocks")
        draft.seo_title = "Debts"
        draft.save()

        found = comparing.what_publishing_changes(changed)

        assert [row.where for row in found.rows if row.is_change] == [
            "Title",
            "Cover",
            "A new paragraph",
            "Title for search results",
        ]
        assert found.said == "four changes"

    def test_is_nothing_without_a_draft_or_with_nothing_live(self):
        assert comparing.what_publishing_changes(article(live_from=None)) is None
        assert comparing.what_publishing_changes(article(live_from=YESTERDAY)) is None

    def test_a_picture_whose_file_was_replaced_is_no_change(self):
        shown = image()
        tag = '<p>A chart:</p><figure><img src="{}" alt="" data-file="{}"></figure>'
        live = article(live_from=YESTERDAY, text={"body": tag.format("/old.webp", shown.pk)})
        revision(live, body=tag.format(shown.file.url, shown.pk))

        assert not comparing.what_publishing_changes(live)


class TestThePage:
    @pytest.mark.parametrize(
        ("query", "said", "shown"),
        [
            ({}, "Two changes", "<ins>Four.</ins>"),  # the draft, against what readers see
            ({"to": 2}, "One change", "<del>two</del><ins>2</ins>"),
            ({"from": 1, "to": 3}, "Three changes", "<del>two</del><ins>2</ins>"),
            ({"from": 3, "to": 1}, "Three changes", "<del>2</del><ins>two</ins>"),
            ({"from": 2, "to": 2}, "Nothing changed", "Both versions say the same."),
        ],
    )
    def test_shows_any_two_revisions(self, changed, query, said, shown):
        page = signed_in(AUTHOR).get(compare_page(changed, **query)).text

        assert said in page and shown in page

    def test_leads_to_each_change(self, changed):
        page = lxml.html.fromstring(signed_in(AUTHOR).get(compare_page(changed)).content)

        links = page.xpath("//nav[@aria-label='Changes']//a/@href")
        assert links == ["#change-1", "#change-2"]
        assert all(page.xpath(f"//*[@id='{link[1:]}']") for link in links)

    def test_is_one_click_from_each_revision_and_from_publishing(self, changed):
        page = lxml.html.fromstring(signed_in(PUBLISHER).get(change_page(changed)).content)

        links = {" ".join(one.text_content().split()): one.get("href") for one in page.iter("a")}
        assert compare_page(changed) in links["What would change?"]
        for_each = page.xpath("//a[starts-with(., 'What changed')]/@href")
        assert for_each == [compare_page(changed, to=3), compare_page(changed, to=2)]

    def test_shows_the_whole_text_where_that_is_asked_for(self):
        long = "".join(f"<p>This is paragraph {number}.</p>" for number in range(9))
        live = article(live_from=YESTERDAY, text={"body": long})
        revision(live, body=long.replace("graph 4", "graph four"))
        reader = signed_in(AUTHOR)

        short, whole = (
            reader.get(compare_page(live, **query)).text for query in ({}, {"whole": 1})
        )

        assert "3 blocks as before" in short and "paragraph 8." not in short
        assert "paragraph 8." in whole

    @pytest.mark.parametrize("query", [{"to": 9}, {"from": "x"}, {"to": "1" * 30}, {"from": "-1"}])
    def test_a_revision_that_is_not_there_is_not_found(self, changed, query):
        assert signed_in(AUTHOR).get(compare_page(changed, **query)).status_code == 404

    def test_whoever_does_not_see_articles_does_not_see_it(self, changed):
        assert signed_in(SALES).get(compare_page(changed)).status_code == 403

    def test_what_is_stored_is_shown_as_text(self, changed):
        changed.revisions.update(title="<script>alert(1)</script>")
        changed.revisions.filter(number=3).update(body="<p onclick=x>a</p><script>b</script>")

        page = signed_in(AUTHOR).get(compare_page(changed)).text

        assert "<script>alert" not in page and "onclick" not in page

    def test_asks_the_database_as_often_for_a_long_history(
        self, changed, django_assert_max_num_queries
    ):
        for _ in range(10):
            changed.draft().delete()
            revision(changed, live_from=None)
        reader = signed_in(AUTHOR)
        reader.get(compare_page(changed))

        with django_assert_max_num_queries(30):
            reader.get(compare_page(changed))


class TestWhatWasTyped:
    """Compared for the browser that kept it."""

    def typed(self, client, of, **fields):
        address = reverse("admin:articles_article_compare_typed", args=[of.pk])
        return client.post(address, fields)

    def test_is_compared_with_what_is_stored_and_not_stored(self, changed):
        before = list(changed.revisions.values())

        answer = self.typed(
            signed_in(AUTHOR),
            changed,
            title="A debt",
            summary="One two or three.",
            body="<p>One 2 three.</p><p>Four five.</p>",
            planned_for="2030-05-06",
        ).json()

        assert answer["fields"].keys() == {"summary", "body", "planned_for"}
        assert "<ins>or </ins>" in answer["fields"]["summary"]["html"]
        assert answer["fields"]["body"]["said"] == "one change"
        assert answer["fields"]["body"]["words_added"] == 1
        assert "6 May 2030" in answer["fields"]["planned_for"]["html"]
        assert list(changed.revisions.values()) == before

    def test_of_an_empty_form_with_nothing(self):
        answer = signed_in(AUTHOR).post(
            reverse("admin:articles_article_compare_typed_new"), {"body": "<p>New words.</p>"}
        )

        assert re.search("<ins>New words.</ins>", answer.json()["fields"]["body"]["html"])

    def test_what_is_typed_is_never_executed(self, changed):
        html = '<p>a<script>b</script></p><img src=x onerror="c">'

        answer = self.typed(signed_in(AUTHOR), changed, title=html, body=html).json()

        shown = "".join(one["html"] for one in answer["fields"].values())
        assert "<script" not in shown and "<img src=x" not in shown
        assert 'onerror="' not in shown

    @pytest.mark.parametrize("method", ["get", "put", "delete"])
    def test_only_by_post(self, changed, method):
        address = reverse("admin:articles_article_compare_typed", args=[changed.pk])

        assert getattr(signed_in(AUTHOR), method)(address).status_code == 405

    def test_only_for_whoever_may_change_the_row(self, changed, client):
        assert self.typed(signed_in(SALES), changed, title="x").status_code == 403
        assert self.typed(client, changed, title="x").status_code == 302  # to sign in
        gone = reverse("admin:articles_article_compare_typed", args=[0])
        assert signed_in(AUTHOR).post(gone, {"title": "x"}).status_code == 404

    def test_only_from_our_own_pages(self, changed):
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(user(role=AUTHOR))

        assert self.typed(strict, changed, title="x").status_code == 403
