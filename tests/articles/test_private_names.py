"""The confidentiality guard: what is on the private list does not get out, nor does the list."""

import pytest
from django.contrib.admin.models import LogEntry
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.roles import ADMINISTRATOR, AUTHOR, PUBLISHER, SALES
from articles import doing, fixing, publishing, undoing
from articles.checking.allowing import allow
from articles.checking.findings import Kind
from articles.checking.revisions import check
from articles.models import PrivateName
from desk.models import Act
from tests.builders import article, image, page, revision, signed_in, user
from tests.forms import filled_in

pytestmark = pytest.mark.django_db

LIST = "/admin/articles/privatename/"


def listed(name, kind="client"):
    return PrivateName.objects.create(name=name, kind=kind)


def draft(body="<p>Words</p>", **fields):
    text = fields.pop("text", {})
    return article(live_from=None, text={"body": body} | text, **fields)


def found(of):
    return [one for one in check(of.draft()).findings if one.kind is Kind.PRIVATE]


# The match

SAME = [
    ("NordPay", "We helped NordPay’s team."),
    ("NordPay", "NORDPAY"),
    ("NordPay", "nord pay"),
    ("NordPay", "Nord-Pay"),
    ("NordPay", "nord\u00adpay"),
    ("NordPay", "no\u200brd\ufeffpay"),
    ("NordPay", "class NordPayClient:"),
    ("NordPay", "nordpay_client"),
    ("NordPay", "ＮｏｒｄＰａｙ"),
    ("Project Falcon", "project\u00a0falcon"),
    ("Project Falcon", "ProjectFalcon"),
    ("Ørsted", "at orsted"),
    ("Müller", "mu\u0308ller"),
    ("Straße", "STRASSE"),
    ("B&O", "for B & O"),
    ("J.P. Morgan", "JP Morgan"),
    ("J.P. Morgan", "J. P. Morgan"),
    ("db1.internal", "ssh db1.internal:22"),
    ("corp.example", "https://wiki.corp.example/x"),
]
OTHERS = [
    ("NordPay", "nordpayment"),
    ("NordPay", "to the nord. Pay in time."),
    ("Maya", "we may a thousand times"),
    ("Falcon", "falcons"),
    ("Ørsted", "forsted"),
    ("B&O", "a bo tree"),
    ("db1.internal", "db1.internals"),
]


@pytest.mark.parametrize(("name", "text"), SAME)
def test_a_name_is_found_however_it_is_written(name, text):
    listed(name)

    assert found(draft(f"<p>{text}</p>"))


@pytest.mark.parametrize(("name", "text"), OTHERS)
def test_another_word_is_left_alone(name, text):
    listed(name)

    assert not found(draft(f"<p>{text}</p>"))


def everywhere():
    """A draft that says it in one place, by place."""
    name = "NordPay"
    yield "title", lambda: draft(text={"title": f"With {name}"})
    yield "summary", lambda: draft(text={"summary": f"With {name}."})
    yield "seo_title", lambda: draft(text={"seo_title": name})
    yield "seo_description", lambda: draft(text={"seo_description": name})
    yield "slug", lambda: draft(slug="how-nord-pay-retries")
    yield "heading", lambda: draft(f"<h2>{name}</h2><p>x</p>")
    yield "split by tags", lambda: draft("<p>N<strong>ord</strong><em>P</em>ay</p>")
    yield "over two lines", lambda: draft("<p>Nord<br>Pay</p>")
    yield "code", lambda: draft("<pre><code>nordpay = 1</code></pre>")
    yield "caption", lambda: with_picture("<figcaption>nordpay</figcaption>")
    yield "alt text", lambda: with_picture(alt="The office of NordPay")
    yield "credit", lambda: with_picture(credit="NordPay")
    yield "cover", lambda: draft(text={"cover": image(alt="NordPay’s office")})
    yield "link address", lambda: draft('<p><a href="https://nordpay.example/">k</a></p>')
    yield "encoded", lambda: draft('<p><a href="https://x.example/nord%20pay">k</a></p>')
    yield "table", lambda: draft("<table><tbody><tr><td>NordPay</td></tr></tbody></table>")
    yield "list", lambda: draft("<ul><li><p>NordPay</p></li></ul>")


def with_picture(caption="", **fields):
    shown = image(**fields)
    return draft(f'<p>x</p><figure><img src="/x" data-file="{shown.pk}">{caption}</figure>')


@pytest.mark.parametrize("place", [place for place, _ in everywhere()])
def test_it_is_found_wherever_it_stands_and_cannot_go_live_from_there(place):
    listed("NordPay")
    said = dict(everywhere())[place]()

    assert found(said)
    with pytest.raises(ValidationError, match="must not be published"):
        publishing.publish(said, at=timezone.now())


def test_words_of_two_paragraphs_are_no_name():
    listed("NordPay")

    assert not found(draft("<p>to the Nord</p><p>Pay in time</p>"))


def test_the_longer_of_two_names_is_said_once():
    listed("Nord")
    listed("Nord Pay")

    [one] = found(draft("<p>We helped Nord Pay.</p>"))

    assert one.place.quote == "Nord Pay"


# The list


def test_only_administrators_open_the_list():
    name = listed("Secret Client")

    for role in ("", AUTHOR, PUBLISHER, SALES):
        client = signed_in(role)
        for url in (LIST, f"{LIST}add/", f"{LIST}{name.pk}/change/", f"{LIST}{name.pk}/history/"):
            assert client.get(url).status_code in (302, 403), (role, url)
    assert "Secret Client" in signed_in(ADMINISTRATOR).get(LIST).text


def test_nobody_else_comes_upon_a_line_of_the_list():
    """Neither in search nor in history nor on a page of an article that says something like it."""
    administrator = signed_in(ADMINISTRATOR)
    form = filled_in(
        administrator.get(f"{LIST}add/"),
        "privatename_form",
        "_save",
        name="Zebra Holding",
        note="Until March",
    )
    administrator.post(f"{LIST}add/", form)
    line = PrivateName.objects.get()
    said = draft("<p>We worked for zebra holding.</p>")
    administrator.post(f"{LIST}{line.pk}/delete/", {"post": "yes"})
    PrivateName.objects.create(name="Zebra Holding", note="Until March")

    assert not LogEntry.objects.filter(object_repr__icontains="zebra").exists()
    for role in (AUTHOR, PUBLISHER, SALES):
        client = signed_in(role)
        pages = [
            "/admin/",
            "/admin/find/?q=zebra",
            f"/admin/articles/article/{said.pk}/change/",
            f"/admin/articles/article/{said.pk}/history/",
        ]
        for url in pages:
            text = client.get(url).text
            assert "Zebra Holding" not in text, (role, url)
            assert "Until March" not in text, (role, url)


def test_who_writes_learns_which_of_their_own_words_matched():
    listed("Project Zebra")

    [one] = found(draft("<p>Then project-zebra began.</p>"))

    assert "project-zebra" in one.sentence
    assert "Project Zebra" not in one.sentence + one.passage


def test_a_name_stands_on_the_list_once_however_it_is_written():
    listed("NordPay")

    with pytest.raises(ValidationError, match="is the same name"):
        PrivateName(name="nord-pay").full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        listed("NORD PAY")
    with pytest.raises(ValidationError, match="at least two characters"):
        PrivateName(name="–").full_clean()


def test_a_new_line_of_the_list_counts_at_once():
    said = draft("<p>We helped NordPay.</p>")
    assert not found(said)

    listed("NordPay")

    assert found(said)


# Allowing


@pytest.fixture
def blocked():
    listed("NordPay")
    return draft("<p>We helped NordPay grow.</p><p>Other words.</p>")


def test_a_named_person_allows_a_passage_with_a_reason_and_history_tells(blocked):
    ada = user(role=ADMINISTRATOR, name="Ada")
    [one] = found(blocked)

    allow(blocked, one.key, reason="They agreed, 3 March", by=ada)

    publishing.publish(blocked, at=timezone.now(), by=ada)
    published, allowed = blocked.history_lines.all()
    assert (allowed.kind, allowed.by_name) == ("allowed", "Ada")
    assert "They agreed, 3 March" in allowed.text and "We helped NordPay grow." in allowed.text
    [told] = published.checks["allowed"]
    assert (told["by"], told["reason"]) == ("Ada", "They agreed, 3 March")


def test_a_changed_passage_asks_again_and_another_change_does_not(blocked):
    [one] = found(blocked)
    allow(blocked, one.key, reason="They agreed", by=user())

    revision(blocked, body="<p>We helped NordPay grow.</p><p>New words.</p>")
    assert not found(blocked)

    revision(blocked, body="<p>We saved NordPay.</p><p>New words.</p>")
    assert found(blocked)


def test_what_is_allowed_here_is_allowed_nowhere_else(blocked):
    [one] = found(blocked)
    allow(blocked, one.key, reason="They agreed", by=user())

    twice = "<p>We helped NordPay grow.</p><p>NordPay paid.</p>"
    assert found(draft("<p>We helped NordPay grow.</p>"))
    revision(blocked, body=twice)
    [other] = found(blocked)
    assert other.passage == "NordPay paid."


def test_nothing_is_allowed_without_a_reason_or_of_a_passage_that_is_gone(blocked):
    [one] = found(blocked)

    with pytest.raises(ValidationError, match="Say why"):
        allow(blocked, one.key, reason=" ", by=user())
    with pytest.raises(ValidationError, match="has changed"):
        allow(blocked, "0" * 64, reason="They agreed", by=user())
    with pytest.raises(ValidationError, match="has changed"):
        allow(blocked, "", reason="They agreed", by=user())


# What was published before


def test_what_must_not_be_published_by_now_does_not_come_back():
    said = article(text={"body": "<p>We helped NordPay.</p>"})
    publishing.unpublish(said, at=timezone.now())
    listed("NordPay")

    with pytest.raises(ValidationError, match="must not be published"):
        publishing.republish(said)


def test_taking_back_what_took_a_name_away_is_refused():
    said = article(text={"body": "<p>We helped NordPay.</p>"})
    live, ada, now = said.live_revision(), user(role=PUBLISHER), timezone.now()
    text = {"body": "<p>We helped a bank.</p>"}
    doing.each(
        [said],
        lambda one, act: fixing.fix_live(one, text=text, of=live, at=now, by=ada, act=act),
        by=ada,
        at=now,
    )
    listed("NordPay")

    told = undoing.take_back(Act.objects.latest("pk"), ada, timezone.now())

    assert "must not be published" in " ".join(told)
    assert "NordPay" not in said.live_revision().body


def test_a_page_that_says_a_private_name_is_saved_with_a_warning():
    listed("NordPay")
    about = page(slug="about-us")
    client = signed_in(PUBLISHER)
    url = f"/admin/pages/page/{about.pk}/change/"

    form = filled_in(client.get(url), "page_form", "_save", body="<p>For nordpay.</p>")
    answer = client.post(url, form, follow=True)

    assert "“nordpay” is private" in answer.text
