"""The editor's desk, through its real addresses."""

import json
import re
from datetime import UTC, datetime, timedelta
from html import unescape

import lxml.html
import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.roles import ADMINISTRATOR, AUTHOR, PUBLISHER, SALES
from articles import publishing
from articles.models import Article, Revision
from leads.intake import receiving
from leads.models import Inquiry
from tests.builders import article, author, image, revision, series, signed_in, topic, user
from tests.forms import filled_in
from tests.prose.stored import words_in

pytestmark = pytest.mark.django_db

LIST = reverse("admin:articles_article_changelist")
ADD = reverse("admin:articles_article_add")
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
NEW = {
    "title": "On queues",
    "slug": "on-queues",
    "summary": "Why they fill",
    "body": "<p>They fill.</p>",
}


@pytest.fixture
def writer():
    return signed_in(AUTHOR)


@pytest.fixture
def publisher():
    return signed_in(PUBLISHER)


def form_of(of):
    return reverse("admin:articles_article_change", args=[of.pk])


def send(client, address, button, **changes):
    form = filled_in(client.get(address, follow=True), "article_form", button, **changes)
    return client.post(address, form, follow=True)


def publish(client, address, **changes):
    """Press Publish…, and then the button of the sheet that it leads to."""
    return in_sheet(client, send(client, address, "_publish_dialog", **changes))


def in_sheet(client, sheet, **changes):
    form = filled_in(sheet, "publish-form", **changes)
    return client.post(sheet.request["PATH_INFO"], form, follow=True)


def act(client, of, action, **more):
    address = reverse("admin:articles_article_act", args=[of.pk])
    return client.post(address, {"action": action, **more}, follow=True)


def discard(client, of):
    """Press the button, and then the one of the page that asks."""
    asked = act(client, of, "discard")
    [stamp] = lxml.html.fromstring(asked.content).xpath("//input[@name='discard']/@value")
    return act(client, of, "discard", discard=stamp)


def preview_of(of):
    return reverse("admin:articles_article_preview", args=[of.pk])


def errors(answer):
    return answer.context["adminform"].form.errors


def says(answer, words):
    return words in unescape(answer.text)


# An author writes


def test_an_author_writes_an_article_and_nobody_else_sees_it(writer, client):
    send(writer, ADD, "_draft", **NEW, **{"bylines-0-author": author().pk})

    draft = Article.objects.get(slug="on-queues")
    assert draft.draft().title == "On queues"
    assert draft.bylines.count() == 1
    assert client.get(draft.get_absolute_url()).status_code == 404


def test_an_author_saves_again_and_again_into_the_same_draft(writer):
    draft = article(live_from=None)

    for title in ("One", "Two"):
        send(writer, form_of(draft), "_draft", title=title)

    assert [copy.title for copy in draft.revisions.all()] == ["Two"]


def test_saving_says_how_it_stands_with_the_article(writer):
    draft = article(live_from=None)

    answer = send(writer, form_of(draft), "_draft", title="Another")

    assert says(answer, "Saved. Not live yet. The draft is not published.")


def test_the_draft_keeps_who_wrote_it_and_the_note():
    draft = article(live_from=None)

    send(signed_in(AUTHOR, name="Ada"), form_of(draft), "_draft", title="New", note="Shorter")

    copy = draft.draft()
    assert (copy.edited_by.name, copy.note) == ("Ada", "Shorter")


def test_saving_a_form_that_nobody_changed_makes_no_revision(writer):
    code = '<p>Look:</p><pre><code class="language-sql">SELECT 1\nFROM t</code></pre>'
    live = article(text={"body": code, "cover": image(), "seo_title": "Seen"})

    send(writer, form_of(live), "_draft")

    assert live.revisions.count() == 1


def test_the_editors_empty_paragraph_is_no_text(writer):
    live = article(live_from=None, text={"body": ""})

    answer = send(writer, form_of(live), "_review", body="<p></p>")

    assert "body" in errors(answer)


def test_an_author_previews_the_draft(writer):
    live = article(text={"title": "The old title"})

    answer = send(
        writer, form_of(live), "_preview", title="The new title", body="<h2>New</h2><p>words</p>"
    )

    assert answer.redirect_chain[-1][0] == preview_of(live)
    assert says(answer, "Preview") and says(answer, "The new title")
    assert "no-store" in answer.headers["Cache-Control"]


def test_an_older_revision_can_be_looked_at(writer):
    changed = article(live_from=-timedelta(days=2), text={"title": "The first title"})
    revision(changed, live_from=-timedelta(days=1), title="The second title")

    answer = writer.get(reverse("admin:articles_article_revision", args=[changed.pk, 1]))

    assert "The first title" in answer.text


def test_a_preview_is_for_those_who_may_see_articles(client):
    draft = article(live_from=None, text={"title": "A secret"})

    as_visitor = client.get(preview_of(draft))
    as_sales = signed_in(SALES).get(preview_of(draft))

    assert as_visitor.status_code == 302 and "/login/" in as_visitor.headers["Location"]
    assert as_sales.status_code == 403
    assert "A secret" not in as_sales.text


@pytest.mark.parametrize("path", ["999999/preview/", "999999/revisions/1/", f"{'9' * 40}/preview/"])
def test_a_preview_of_nothing_is_not_found(writer, path):
    assert writer.get(LIST + path).status_code == 404


def test_a_preview_of_an_article_without_words_is_not_found(writer):
    assert writer.get(preview_of(Article.objects.create(slug="bare"))).status_code == 404


def test_a_revision_that_does_not_exist_is_not_found(writer):
    address = reverse("admin:articles_article_revision", args=[article().pk, 99])

    assert writer.get(address).status_code == 404


def test_an_author_submits_for_review(writer):
    draft = article(live_from=None)

    answer = send(writer, form_of(draft), "_review", title="Finished")

    assert draft.draft().state == Revision.State.IN_REVIEW
    assert says(answer, "The draft is in review.")


def test_what_is_unfinished_cannot_be_reviewed(writer):
    draft = article(live_from=None)

    answer = send(writer, form_of(draft), "_review", summary="", body="")

    assert {"summary", "body"} <= errors(answer).keys()
    assert draft.draft().state == Revision.State.DRAFT


# What an author cannot do


def test_an_author_is_offered_no_button_to_publish(writer):
    page = writer.get(form_of(article(live_from=None))).text

    assert "_ask" in page
    assert "_publish_dialog" not in page and "_schedule_dialog" not in page


def test_an_author_cannot_touch_what_readers_of_a_live_article_see_at_once(writer):
    queues, ada = topic(), author()
    live = article(slug="queues", topics=[queues], authors=[ada])
    other = article(live_from=None)
    byline = live.bylines.get()
    forged = {
        "slug": "forged",
        "topics": [str(topic().pk)],
        "series": str(series().pk),
        "series_position": "7",
        "bylines-TOTAL_FORMS": "2",
        "bylines-INITIAL_FORMS": "1",
        "bylines-0-id": str(byline.pk),
        "bylines-0-article": str(live.pk),
        "bylines-0-author": str(ada.pk),
        "bylines-0-DELETE": "on",
        "bylines-1-article": str(live.pk),
        "bylines-1-author": str(author().pk),
        "bylines-1-position": "5",
        "more_links-TOTAL_FORMS": "1",
        "more_links-INITIAL_FORMS": "0",
        "more_links-0-article": str(live.pk),
        "more_links-0-other": str(other.pk),
        "more_links-0-position": "0",
    }

    send(writer, form_of(live), "_draft", title="Allowed", **forged)

    live.refresh_from_db()
    assert live.draft().title == "Allowed"
    assert (live.slug, live.series, live.series_position) == ("queues", None, None)
    assert list(live.topics.all()) == [queues]
    assert [byline.author for byline in live.bylines.all()] == [ada]
    assert not live.more_links.exists()


def test_an_author_may_do_all_of_that_to_a_draft(writer):
    draft = article(live_from=None, authors=[])
    queues, ada = topic(), author()

    send(
        writer,
        form_of(draft),
        "_draft",
        slug="renamed",
        topics=[queues.pk],
        **{"bylines-0-author": ada.pk},
    )

    draft.refresh_from_db()
    assert draft.slug == "renamed"
    assert list(draft.topics.all()) == [queues]
    assert draft.bylines.get().author == ada


@pytest.mark.parametrize("action", ["unpublish", "retire", "republish", "unschedule 1", "approve"])
def test_an_author_cannot_take_an_article_off_the_site_or_put_it_back(writer, action):
    live = article(live_from=timedelta(days=1) if "unschedule" in action else -timedelta(days=1))

    answer = act(writer, live, action)

    live.refresh_from_db()
    assert answer.status_code == 403
    assert live.off_site_since is None
    assert live.revisions.published().count() == 1


def test_an_author_cannot_delete_an_article(writer):
    live = article()

    answer = writer.post(reverse("admin:articles_article_delete", args=[live.pk]), {"post": "yes"})

    assert answer.status_code == 403
    assert Article.objects.exists()


@pytest.mark.parametrize("role", [SALES, ""])
@pytest.mark.parametrize("action", ["unpublish", "retire", "approve", "discard", "restore 1"])
def test_whoever_may_not_write_may_not_act(role, action):
    live = article()
    revision(live, title="Newer")

    answer = act(signed_in(role), live, action)

    assert answer.status_code == 403
    assert live.revisions.count() == 2


def test_acting_is_a_post(writer):
    address = reverse("admin:articles_article_act", args=[article().pk])

    assert writer.get(address).status_code == 405


# A publisher publishes


@pytest.mark.parametrize("is_live", [False, True])
def test_removing_the_last_byline_is_an_error_and_publishes_nothing(publisher, is_live):
    signed = article(live_from=-timedelta(days=1) if is_live else None)

    answer = publish(publisher, form_of(signed), title="Changed", **{"bylines-0-DELETE": "on"})

    assert says(answer, "It has no author. Add at least one.")
    assert not signed.bylines.exists()
    assert signed.draft().title == "Changed"
    assert signed.revisions.published().count() == is_live


def test_a_byline_that_comes_with_the_same_save_counts(publisher):
    unsigned = article(live_from=None, authors=[])

    answer = publish(publisher, form_of(unsigned), **{"bylines-0-author": author().pk})

    assert not says(answer, "It has no author")
    assert unsigned.revisions.published().count() == 1


def test_a_publisher_writes_and_publishes_at_once(publisher, client):
    answer = publish(publisher, ADD, **NEW, **{"bylines-0-author": author().pk})

    assert says(answer, "Live: revision 1")
    assert "They fill." in client.get("/articles/on-queues/").text


def test_a_publisher_publishes_what_is_in_review(publisher, writer, client):
    draft = article(live_from=None)
    send(writer, form_of(draft), "_review", title="Finished")

    publish(publisher, form_of(draft))

    assert "Finished" in client.get(draft.get_absolute_url()).text
    assert draft.live_revision().edited_by.groups.get().name == AUTHOR


def test_what_is_incomplete_is_saved_but_not_published_and_says_why(publisher):
    unsigned = article(live_from=None, authors=[])

    answer = publish(publisher, form_of(unsigned), title="Nearly there", summary="", body="")

    for missing in ("It has no author. Add at least one.", "summary", "The text is empty"):
        assert says(answer, missing)
    assert unsigned.draft().title == "Nearly there"
    assert not unsigned.live_revision()


def test_publishing_twice_says_that_there_is_nothing_to_publish(publisher):
    live = article()

    answer = send(publisher, form_of(live), "_publish_dialog")

    assert says(answer, "There is nothing to publish")
    assert live.revisions.count() == 1


@time_machine.travel(NOON, tick=False)
def test_a_publisher_schedules_a_change(publisher, client):
    live = article(text={"title": "The old title"})

    sheet = send(publisher, form_of(live), "_schedule_dialog", title="The new title")
    offered = filled_in(sheet, "publish-form")
    answer = in_sheet(publisher, sheet, moment_0="2026-03-02", moment_1="13:00:00")

    assert (offered["when"], offered["moment_0"]) == (["later"], ["2026-03-03"])
    assert says(answer, "Revision 2 goes live on 2 March 2026, 13:00 UTC.")
    assert "The old title" in client.get(live.get_absolute_url()).text
    with time_machine.travel(NOON + timedelta(hours=1), tick=False):
        assert "The new title" in client.get(live.get_absolute_url()).text


def test_a_publisher_unpublishes_an_article_and_republishes_it(publisher, client):
    live = article()

    unpublished = act(publisher, live, "unpublish", sure="yes")
    gone = client.get(live.get_absolute_url()).status_code
    republished = act(publisher, live, "republish")

    assert says(unpublished, "Unpublished since")
    assert gone == 404
    assert says(republished, "Back on the site. Live: revision 1")
    assert client.get(live.get_absolute_url()).status_code == 200


def test_an_unpublished_article_promises_no_scheduled_change(publisher):
    planned = article()
    revision(planned, live_from=timedelta(days=1), title="Planned")

    answer = act(publisher, planned, "unpublish", sure="yes")

    assert says(answer, "Unpublished since")
    assert not says(answer, "goes live")


def test_a_publisher_unschedules_a_revision(publisher):
    planned = article(live_from=timedelta(days=1))

    answer = act(publisher, planned, "unschedule 1")

    assert says(
        answer,
        "Unscheduled revision 1. Not live yet. The draft is not published.",
    )
    assert planned.draft().number == 1


def test_an_author_discards_their_draft_and_may_take_it_back(writer):
    live = article()
    send(writer, form_of(live), "_draft", title="Regretted")
    asked = act(writer, live, "discard")
    was_there = live.draft() is not None

    answer = discard(writer, live)
    is_gone = live.draft() is None
    act(writer, live, "restore 2")

    assert was_there and is_gone
    assert says(asked, "It has never been published")
    assert (
        "Regretted" not in lxml.html.fromstring(answer.content).get_element_by_id("id_title").value
    )
    assert says(answer, "Discarded the draft.") and says(answer, "Live: revision 1")
    assert live.history_lines.filter(kind="discarded").exists()
    assert live.draft().title == "Regretted"


def test_an_author_cannot_discard_the_draft_of_a_colleague(writer, publisher):
    live = article()
    send(signed_in(AUTHOR, name="Ada"), form_of(live), "_draft", title="Ada’s words")
    form = writer.get(form_of(live)).text

    answers = [act(writer, live, "discard"), act(writer, live, "discard", discard="x")]

    assert "Discard this draft" not in form
    assert [answer.status_code for answer in answers] == [403, 403]
    assert live.draft().title == "Ada’s words"
    discard(publisher, live)
    assert live.draft() is None


def test_words_that_were_saved_since_the_question_are_not_discarded(publisher, writer):
    live = article()
    send(writer, form_of(live), "_draft", title="Before")
    asked = act(publisher, live, "discard")
    [stamp] = lxml.html.fromstring(asked.content).xpath("//input[@name='discard']/@value")
    send(writer, form_of(live), "_draft", title="After")

    answer = act(publisher, live, "discard", discard=stamp)

    assert says(answer, "Nothing was discarded")
    assert live.draft().title == "After"


def test_an_author_uses_the_words_of_an_older_revision_again(writer):
    changed = article(live_from=-timedelta(days=2), text={"title": "The first title"})
    revision(changed, live_from=-timedelta(days=1), title="The second title")

    act(writer, changed, "restore 1")

    assert changed.draft().title == "The first title"


def test_an_act_that_cannot_be_done_says_why(publisher):
    answer = act(publisher, article(), "discard")

    assert says(answer, "There is no draft: everything is published.")


@pytest.mark.parametrize("action", ["", "explode", "\0", "x" * 5000])
def test_an_act_that_does_not_exist_says_so(publisher, action):
    assert says(act(publisher, article(), action), "There is no such action.")


@pytest.mark.parametrize("number", ["", "x", "99", "-1", "1.5", "9" * 30, "9" * 5000, "\0"])
@pytest.mark.parametrize("action", ["unschedule", "restore"])
def test_an_act_on_a_revision_that_does_not_exist_is_not_found(publisher, action, number):
    live = article()

    assert act(publisher, live, f"{action} {number}").status_code == 404
    assert live.revisions.count() == 1


def test_the_history_lists_every_revision(publisher):
    changed = article(live_from=-timedelta(days=2), text={"title": "The first title"})
    revision(changed, live_from=timedelta(days=1), title="The second title")
    revision(changed, title="The third title")

    page = publisher.get(form_of(changed)).text

    for title in ("The first title", "The second title", "The third title"):
        assert title in page
    assert "Unschedule revision 2" in page


# What changes immediately


def test_saving_a_live_article_says_what_readers_see_at_once(publisher, client):
    live = article(slug="old")
    about, part_of, ada = topic(), series(), author()

    answer = send(
        publisher,
        form_of(live),
        "_draft",
        slug="new",
        topics=[about.pk],
        series=part_of.pk,
        series_position="1",
        **{"bylines-TOTAL_FORMS": "2", "bylines-1-author": ada.pk, "bylines-1-position": "1"},
    )

    assert says(
        answer,
        "Already changed on the live page: address, topics, series, position in the series, "
        "authors.",
    )
    assert says(answer, "/articles/old/ now redirects to /articles/new/.")
    assert says(answer, "Old addresses that redirect here:")
    assert client.get("/articles/old/").headers["Location"] == "/articles/new/"


@pytest.mark.parametrize("is_live", [False, True])
def test_only_a_live_article_says_so(publisher, is_live):
    one = article(live_from=-timedelta(days=1) if is_live else None)

    before = publisher.get(form_of(one))
    saved = send(publisher, form_of(one), "_draft", title="New words alone")

    assert says(before, "Changes at once") is is_live
    assert not says(saved, "Already changed on the live page")


# Two editors at once


@pytest.fixture
def ada():
    return signed_in(AUTHOR, name="Ada")


@pytest.fixture
def grace():
    return signed_in(PUBLISHER, name="Grace")


def opened(client, of, button="_draft", **changes):
    """What the page sends that is open by now."""
    return filled_in(client.get(form_of(of)), "article_form", button, **changes)


def again(client, of, answer, button="_draft", **changes):
    """The page that came back is saved."""
    return client.post(form_of(of), filled_in(answer, "article_form", button, **changes))


def test_two_editors_who_write_different_parts_are_merged(ada, grace):
    draft = article(live_from=None, text={"title": "Before", "body": "<p>Before</p>"})
    open_at_grace = opened(grace, draft, body="<p>By Grace</p>", planned_for="2030-05-06")
    ada.post(form_of(draft), opened(ada, draft, title="By Ada", summary="By Ada"))

    answer = grace.post(form_of(draft), open_at_grace)

    saved = draft.draft()
    assert answer.status_code == 302
    assert (saved.title, saved.summary, saved.body) == ("By Ada", "By Ada", "<p>By Grace</p>")
    assert says(grace.get(form_of(draft)), "changes were kept as well: Title, Summary.")


@pytest.mark.parametrize(
    ("decision", "kept"),
    [
        ("both", "<p>Here she wrote.</p><p>Here he sang.</p>"),
        ("mine", "<p>Here she wrote.</p>"),
        ("theirs", "<p>Here he sang.</p>"),
    ],
)
def test_of_a_text_that_two_wrote_both_versions_and_their_difference_are_shown(
    ada, grace, decision, kept
):
    draft = article(live_from=None, text={"title": "Before", "body": "<p>Here.</p>"})
    open_at_grace = opened(grace, draft, body="<p>Here she wrote.</p>")
    ada.post(form_of(draft), opened(ada, draft, body="<p>Here he sang.</p>"))

    refused = grace.post(form_of(draft), open_at_grace)

    assert draft.draft().body == "<p>Here he sang.</p>"
    page = lxml.html.fromstring(refused.content)
    [said] = page.xpath("//*[@class='contested']")
    assert "Ada changed this" in said.text_content()
    assert [one.text for one in said.xpath(".//*[@class='pair']//ins")] == ["she wrote", "he sang"]
    assert said.xpath("string(.//input[@checked]/@value)") == "both"
    assert "Here he sang." in said.xpath("string(.//details)")
    assert page.xpath("string(//textarea[@name='body'])").strip() == "<p>Here she wrote.</p>"
    again(grace, draft, refused, **{"body-decide": decision})
    assert draft.draft().body == kept


def test_what_two_wrote_at_two_places_of_a_text_is_put_together(ada, grace):
    draft = article(live_from=None, text={"title": "T", "body": "<p>One two.</p><p>Three.</p>"})
    open_at_grace = opened(grace, draft, body="<p>One two.</p><p>Three and four.</p>")
    ada.post(form_of(draft), opened(ada, draft, body="<p>One or two.</p><p>Three.</p>"))

    saved = grace.post(form_of(draft), open_at_grace, follow=True)

    assert draft.draft().body == "<p>One or two.</p><p>Three and four.</p>"
    assert says(saved, "A colleague’s changes were kept as well: Body.")


def test_what_was_put_together_is_read_before_it_is_submitted(ada, grace):
    draft = article(
        live_from=None, text={"title": "T", "summary": "S", "body": "<p>One two.</p><p>Three.</p>"}
    )
    open_at_grace = opened(grace, draft, "_ask", body="<p>One two.</p><p>Three and four.</p>")
    ada.post(form_of(draft), opened(ada, draft, body="<p>One or two.</p><p>Three.</p>"))

    refused = grace.post(form_of(draft), open_at_grace)

    assert says(refused, "Nothing was submitted")
    page = lxml.html.fromstring(refused.content)
    together = "<p>One or two.</p><p>Three and four.</p>"
    assert page.xpath("string(//textarea[@name='body'])").strip() == together
    assert again(grace, draft, refused, "_ask").url.endswith("/review/")
    assert draft.draft().body == together


@pytest.mark.parametrize("choice", ["mine", "theirs", "both"])
def test_a_choice_decides_only_where_both_changed_the_same(ada, grace, choice):
    text = "<p>One two three.</p><p>Four five six.</p><p>Seven eight nine.</p>"
    draft = article(live_from=None, text={"title": "T", "body": text})
    mine = text.replace("two", "2").replace("five", "5")
    theirs = text.replace("two", "II").replace("eight", "VIII")
    open_at_grace = opened(grace, draft, body=mine)
    ada.post(form_of(draft), opened(ada, draft, body=theirs))

    refused = grace.post(form_of(draft), open_at_grace)
    again(grace, draft, refused, **{"body-decide": choice})

    first = {"mine": "<p>One 2 three.</p>", "theirs": "<p>One II three.</p>"}
    first["both"] = first["mine"] + first["theirs"]
    rest = "<p>Four 5 six.</p><p>Seven VIII nine.</p>"
    assert draft.draft().body == first[choice] + rest


def test_a_contested_text_is_asked_about_until_somebody_chooses(ada, grace):
    draft = article(live_from=None, text={"title": "T", "body": "<p>Here.</p>"})
    open_at_grace = opened(grace, draft, body="<p>Here she wrote.</p>")
    ada.post(form_of(draft), opened(ada, draft, body="<p>Here he sang.</p>"))
    refused = grace.post(form_of(draft), open_at_grace)

    sent = filled_in(refused, "article_form", "_draft")
    del sent["body-decide"]
    again = grace.post(form_of(draft), sent)

    assert says(again, "Ada changed this")
    assert draft.draft().body == "<p>Here he sang.</p>"


@pytest.mark.parametrize("base", ["", "x", "eJwDAAAAAAE=", "=" * 40])
def test_a_page_that_does_not_say_what_its_text_was_is_asked(ada, grace, base):
    draft = article(live_from=None, text={"title": "T", "body": "<p>One.</p><p>Two.</p>"})
    open_at_grace = opened(grace, draft, body="<p>One.</p><p>Two, too.</p>")
    seen = json.loads(open_at_grace["seen"][0])
    open_at_grace["seen"] = [json.dumps(seen | {"body=": base})]
    ada.post(form_of(draft), opened(ada, draft, body="<p>One and all.</p><p>Two.</p>"))

    refused = grace.post(form_of(draft), open_at_grace)
    again(grace, draft, refused)

    said = words_in(draft.draft().body)
    assert said == ["One.", "Two,", "too.", "One", "and", "all.", "Two."]


def test_two_summaries_are_put_together_by_words_or_kept_both(ada, grace):
    said = "Three layers that each try three times send twenty-seven requests to the slow service."
    draft = article(live_from=None, text={"title": "T", "summary": said})
    open_at_grace = opened(grace, draft, summary=said.replace("slow", "slowest"))
    ada.post(form_of(draft), opened(ada, draft, summary=said.replace("Three layers", "Layers")))

    grace.post(form_of(draft), open_at_grace)

    together = said.replace("slow", "slowest").replace("Three layers", "Layers")
    assert draft.draft().summary == together


def test_both_are_not_offered_where_together_they_are_too_long(ada, grace):
    draft = article(live_from=None, text={"title": "T", "summary": "Short."})
    open_at_grace = opened(grace, draft, summary="mine " * 50)
    ada.post(form_of(draft), opened(ada, draft, summary="theirs " * 40))

    refused = grace.post(form_of(draft), open_at_grace)

    choices = lxml.html.fromstring(refused.content).xpath("//input[@name='summary-decide']/@value")
    assert choices == ["mine", "theirs"]


def test_nobody_submits_what_a_colleague_wrote_before_they_have_read_it(ada, grace):
    draft = article(live_from=None, text={"title": "Before", "summary": "S", "body": "<p>B</p>"})
    open_at_grace = opened(grace, draft, "_ask", title="By Grace")
    ada.post(form_of(draft), opened(ada, draft, body="<p>By Ada</p>"))

    refused = grace.post(form_of(draft), open_at_grace)

    assert says(refused, "Nothing was submitted") and says(refused, "<p>By Ada</p>")
    assert draft.draft().title == "Before"
    again(grace, draft, refused, "_ask")
    assert [(one.title, one.body) for one in draft.revisions.all()] == [
        ("By Grace", "<p>By Ada</p>")
    ]


def test_the_sheet_shows_what_a_colleague_wrote_meanwhile(ada, grace):
    live = article(text={"title": "Before", "summary": "S", "body": "<p>B</p>"})
    open_at_grace = opened(grace, live, "_publish_dialog", title="By Grace")
    ada.post(form_of(live), opened(ada, live, body="<p>By Ada</p>"))

    sheet = grace.post(form_of(live), open_at_grace, follow=True)

    shown = lxml.html.fromstring(sheet.text).cssselect("[data-sheet] .diff ins")
    assert {"By Grace", "By Ada"} <= {one.text_content().strip() for one in shown}


def test_whoever_wrote_while_a_colleague_published_goes_on_in_a_new_draft(ada, grace):
    draft = article(live_from=None, text={"title": "Before", "summary": "S", "body": "<p>B</p>"})
    open_at_ada = opened(ada, draft, body="<p>By Ada</p>")
    publish(grace, form_of(draft), title="By Grace")

    answer = ada.post(form_of(draft), open_at_ada)

    assert answer.status_code == 302
    assert (draft.live_revision().title, draft.live_revision().body) == ("By Grace", "<p>B</p>")
    assert (draft.draft().title, draft.draft().body) == ("By Grace", "<p>By Ada</p>")


def test_what_an_author_can_no_longer_change_is_shown_once_it_is_live(ada, grace):
    draft = article(live_from=None, text={"summary": "S", "body": "<p>B</p>"})
    other = author(name="Other")
    open_at_ada = opened(
        ada, draft, slug="my-address", title="By Ada", **{"bylines-0-position": "7"},
        **{"bylines-0-author": other.pk},
    )  # fmt: skip
    publish(grace, form_of(draft))

    refused = ada.post(form_of(draft), open_at_ada)

    told = [
        re.sub(r"\s+", " ", one.text_content())
        for one in lxml.html.fromstring(refused.content).xpath("//*[@class='contested']")
    ]
    assert len(told) == 3 and all("can no longer be changed" in one for one in told)
    assert any("my-address" in one for one in told) and any(" 7 " in one for one in told)
    assert again(ada, draft, refused).status_code == 302
    assert draft.draft().title == "By Ada"


def test_a_draft_that_a_colleague_has_started_is_not_replaced_by_an_older_revision(ada, grace):
    live = article(live_from=-timedelta(days=2), text={"title": "First"})
    revision(live, live_from=-timedelta(days=1), title="Second")
    ada.post(form_of(live), opened(ada, live, title="By Ada"))

    answer = act(grace, live, "restore 1")

    assert says(answer, "Ada has started a draft since you opened the page.")
    assert live.draft().title == "By Ada"


@pytest.mark.parametrize("seen", ["", "1", "[]", "x" * 30_000, "\0", '{"@":"2026-99-99"}'])
def test_a_form_that_does_not_say_what_it_showed_is_refused(writer, seen):
    draft = article(live_from=None, text={"title": "Before"})

    answer = send(writer, form_of(draft), "_draft", title="After", seen=seen)

    assert answer.status_code == 200
    assert draft.draft().title == "Before"


# Bad input

BAD = {
    "title": ["", "   ", "x" * 161, "a\0b"],
    "summary": ["x" * 301, "a\0b"],
    "body": ["a\0b"],
    "slug": ["", "not a slug", "x" * 121, "ümlaut", "a/b", "a\0b"],
    "seo_title": ["x" * 71, "a\0b"],
    "seo_description": ["x" * 161, "a\0b"],
    "note": ["x" * 251, "a\0b"],
    "topics": ["999999", "x", "-1", "a\0b"],
    "series": ["999999", "x", "9" * 30, "a\0b"],
    "series_position": ["-1", "x", "1.5", "9" * 30, "a\0b"],
    "planned_for": ["yesterday", "0000-00-00", "99999-01-01", "a\0b"],
    "cover": ["999999"],
}


@pytest.mark.parametrize("field", BAD)
def test_bad_input_is_an_error_beside_its_field(publisher, field):
    draft = article(live_from=None, text={"title": "Before"})
    form = filled_in(publisher.get(form_of(draft)), "article_form", "_draft", title="After")

    for value in BAD[field]:
        answer = publisher.post(form_of(draft), form | {field: [value]})
        assert answer.status_code == 200, value
        assert list(errors(answer)) == [field], value

    assert draft.draft().title == "Before"


def test_a_byline_of_nobody_is_a_form_error(publisher):
    draft = article(live_from=None, authors=[])

    answer = send(publisher, form_of(draft), "_draft", **{"bylines-0-author": "999999"})

    assert answer.status_code == 200
    assert answer.context["errors"]
    assert not draft.bylines.exists()


@pytest.mark.parametrize("position", ["-1", "x", "9" * 30])
def test_a_byline_in_no_place_is_a_form_error(publisher, position):
    draft = article(live_from=None, authors=[])

    answer = send(
        publisher,
        form_of(draft),
        "_draft",
        **{"bylines-0-author": author().pk, "bylines-0-position": position},
    )

    assert answer.context["errors"]
    assert not draft.bylines.exists()


def test_an_author_who_signs_twice_is_a_form_error(publisher):
    ada = author()
    draft = article(live_from=None, authors=[])

    answer = send(
        publisher,
        form_of(draft),
        "_draft",
        **{
            "bylines-TOTAL_FORMS": "2",
            "bylines-0-author": ada.pk,
            "bylines-1-author": ada.pk,
            "bylines-1-position": "1",
        },
    )

    assert answer.context["errors"]
    assert not draft.bylines.exists()


def test_an_article_that_leads_to_itself_is_a_form_error(publisher):
    draft = article(live_from=None)

    answer = send(
        publisher,
        form_of(draft),
        "_draft",
        **{
            "more_links-TOTAL_FORMS": "1",
            "more_links-0-other": draft.pk,
            "more_links-0-position": "0",
        },
    )

    assert "An article cannot be related to itself." in str(answer.context["errors"])


def test_the_address_of_another_article_is_a_form_error(publisher):
    taken, draft = article(slug="taken"), article(live_from=None)

    answer = send(publisher, form_of(draft), "_draft", slug="taken")

    assert list(errors(answer)) == ["slug"]
    assert Article.objects.get(slug="taken") == taken


def test_the_former_address_of_another_article_is_a_form_error(publisher):
    moved, draft = article(slug="old"), article(live_from=None)
    send(publisher, form_of(moved), "_draft", slug="new")

    answer = send(publisher, form_of(draft), "_draft", slug="old")

    assert says(answer, "This address redirects to another article.")


def test_a_place_in_a_series_that_is_taken_is_a_form_error(publisher):
    apart = series()
    article(series=apart, series_position=1)
    draft = article(live_from=None)

    answer = send(publisher, form_of(draft), "_draft", series=apart.pk, series_position="1")

    assert says(answer, "Another article has this position in the series.")


def test_an_empty_form_names_what_it_needs(publisher):
    answer = publisher.post(ADD, {})

    assert answer.status_code == 200
    assert {"title", "slug"} <= errors(answer).keys()
    assert not Article.objects.exists()


def test_harm_typed_into_the_editor_is_not_kept(publisher):
    draft = article(live_from=None)

    send(publisher, form_of(draft), "_draft", body="<p>Words</p><script>alert(1)</script>")

    assert draft.draft().body == "<p>Words</p>"


# Notes, windows, and what cannot be deleted


def test_a_note_alone_is_kept(writer):
    draft = article(live_from=None)

    send(writer, form_of(draft), "_draft", note="Needs new figures")

    assert draft.draft().note == "Needs new figures"


def test_the_note_of_the_draft_is_in_the_form_and_stays(writer):
    draft = article(live_from=None)
    send(writer, form_of(draft), "_draft", note="Needs new figures")

    page = writer.get(form_of(draft))
    send(writer, form_of(draft), "_draft", title="Another title")

    assert says(page, "Needs new figures")
    assert draft.draft().note == "Needs new figures"


def test_a_note_can_be_taken_away_again(writer):
    draft = article(live_from=None)
    send(writer, form_of(draft), "_draft", note="Needs new figures")

    send(writer, form_of(draft), "_draft", note="")

    assert draft.draft().note == ""


def test_the_note_of_a_published_revision_does_not_return_with_the_next_draft(writer):
    live = article(live_from=None)
    publish(signed_in(PUBLISHER), form_of(live), note="First words")

    send(writer, form_of(live), "_draft", title="Changed")

    assert live.draft().note == ""


@time_machine.travel(NOON, tick=False)
def test_publishing_a_newer_revision_before_a_scheduled_one_says_what_to_do_about_it(publisher):
    live = article(live_from=NOON - timedelta(days=1))
    revision(live, live_from=NOON + timedelta(days=1), title="For tomorrow")

    answer = publish(publisher, form_of(live), title="For today")
    page = publisher.get(form_of(live))

    assert says(answer, "Revision 2 is older, but is scheduled for")
    assert says(page, "Unschedule revision 2")
    assert live.live_revision().number == 1


def test_unpublishing_what_readers_never_saw_is_refused(publisher):
    draft = article(live_from=None)

    answer = act(publisher, draft, "unpublish")

    assert says(answer, "This article has never been live, so it cannot be unpublished.")


def test_a_draft_can_be_deleted_and_a_live_article_can_only_be_unpublished(publisher):
    draft, live = article(live_from=None), article()
    delete = reverse("admin:articles_article_delete", args=[draft.pk])

    assert delete in publisher.get(form_of(draft)).text
    assert "Delete this article" not in publisher.get(form_of(live)).text
    publisher.post(delete, {"post": "yes"})
    assert not Article.objects.filter(pk=draft.pk).exists()


@pytest.mark.parametrize("is_unpublished", [False, True])
def test_what_readers_ever_saw_is_not_deleted_by_any_door(is_unpublished):
    administrator = signed_in(ADMINISTRATOR)
    seen = article()
    if is_unpublished:
        publishing.unpublish(seen, at=timezone.now())
    delete = reverse("admin:articles_article_delete", args=[seen.pk])
    chosen = {
        "action": "delete_selected",
        "_selected_action": [seen.pk, article(live_from=None).pk],
    }

    answers = [
        administrator.get(delete),
        administrator.post(delete, {"post": "yes"}),
        administrator.post(LIST, chosen),
        administrator.post(LIST, {**chosen, "post": "yes"}),
    ]

    for answer in answers:
        assert says(answer, "unpublished but not deleted")
    assert Article.objects.count() == 2


def test_before_a_topic_goes_its_articles_are_named(publisher):
    about = topic(name="Queues")
    article(topics=[about], text={"title": "On queues"})

    answer = publisher.get(reverse("admin:articles_topic_delete", args=[about.pk]))

    assert says(answer, "It will be removed from “On queues”")
    assert "object (" not in answer.text


def test_an_article_that_earned_an_inquiry_is_not_deleted_and_its_page_says_what_to_do():
    administrator = signed_in(ADMINISTRATOR)
    earned = article(text={"title": "On queues"})
    receiving.receive(Inquiry(name="Ada", email="a@b.example", message="Hi.", article=earned))
    delete = reverse("admin:articles_article_delete", args=[earned.pk])

    answers = [administrator.get(delete), administrator.post(delete, {"post": "yes"})]
    bulk = administrator.post(LIST, {"action": "delete_selected", "_selected_action": [earned.pk]})

    for answer in [*answers, bulk]:
        assert says(answer, "so it can be unpublished but not deleted")
    assert form_of(earned) in answers[0].text
    assert Article.objects.filter(pk=earned.pk).exists()


@pytest.mark.parametrize("button", ["_save", "_draft", "_publish_dialog"])
def test_a_window_in_which_an_article_is_added_closes(publisher, button):
    address = f"{ADD}?_popup=1"

    answer = send(
        publisher, address, button, **NEW, _popup="1", **{"bylines-0-author": author().pk}
    )

    assert answer.templates[0].name.endswith("popup_response.html")
    assert str(Article.objects.get(slug="on-queues").pk) in answer.text


def test_who_may_add_pictures_does_not_depend_on_who_looked_before(publisher):
    draft = article(live_from=None)
    looker = user()
    looker.user_permissions.add(Permission.objects.get(codename="change_article"))
    limited = Client()
    limited.force_login(looker)

    first = publisher.get(form_of(draft)).text
    between = limited.get(form_of(draft)).text
    again = publisher.get(form_of(draft)).text

    assert "add_id_cover" in first and "add_id_cover" in again
    assert "add_id_cover" not in between


# The list


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("live", {"Live", "Changing", "Edited"}),
        ("scheduled", {"Scheduled", "Changing"}),
        ("in_review", {"In review"}),
        ("draft", {"Draft", "In review", "Edited"}),
        ("unpublished", {"Unpublished"}),
        (
            "nonsense",
            {"Live", "Changing", "Edited", "Scheduled", "In review", "Draft", "Unpublished"},
        ),
    ],
)
def test_the_list_can_be_narrowed_by_status(publisher, status, expected):
    article(text={"title": "Live"})
    article(live_from=timedelta(days=1), text={"title": "Scheduled"})
    article(live_from=None, text={"title": "Draft"})
    revision(article(), title="Changing", live_from=timedelta(days=1))
    revision(article(), title="Edited")
    send(publisher, form_of(article(live_from=None)), "_review", title="In review")
    act(publisher, article(text={"title": "Unpublished"}), "unpublish", sure="yes")

    answer = publisher.get(LIST, {"status": status})

    assert {one.latest_title for one in answer.context["cl"].queryset} == expected


@pytest.mark.parametrize("words", ["queues", "on-queues", "FILL"])
def test_articles_are_found_by_title_and_address(publisher, words):
    found = article(slug="on-queues", text={"title": "Why they fill"})
    article()

    answer = publisher.get(LIST, {"q": words})

    assert list(answer.context["cl"].queryset) == [found]


def test_the_list_costs_the_same_for_one_article_and_for_ten(publisher, django_assert_num_queries):
    article(topics=[topic()])
    with CaptureQueriesContext(connection) as for_one:
        publisher.get(LIST)
    for _ in range(9):
        revision(article(authors=[author(), author()], topics=[topic()]), title="Another")

    with django_assert_num_queries(len(for_one)):
        answer = publisher.get(LIST)

    assert len(answer.context["cl"].result_list) == 10


def test_an_article_is_viewed_on_the_site_only_when_it_is_there(publisher):
    live, draft = article(), article(live_from=None)

    assert live.get_absolute_url() in publisher.get(form_of(live)).text
    assert draft.get_absolute_url() not in publisher.get(form_of(draft)).text


def test_an_administrator_may_do_what_a_publisher_may():
    draft = article(live_from=None)

    publish(signed_in(ADMINISTRATOR), form_of(draft), title="Published")

    assert draft.live_revision()


def test_a_right_to_look_is_no_right_to_write():
    looker = user()
    looker.user_permissions.add(Permission.objects.get(codename="view_article"))
    client = Client()
    client.force_login(looker)
    draft = article(live_from=None, text={"title": "Before"})

    page = client.get(form_of(draft))
    answer = client.post(form_of(draft), {"title": "After", "_draft": "Press"})

    assert page.status_code == 200 and "_publish" not in page.text
    assert answer.status_code == 403
    assert draft.draft().title == "Before"
