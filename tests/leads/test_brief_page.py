"""The page on which a brief is written: looked over, taken away or sent, and nothing is lost."""

import re

import lxml.html
import pytest
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as trials
from hypothesis import strategies as st

from leads.briefs import sections
from leads.intake import receiving
from leads.messages.tasks import notify_about_inquiry
from leads.models import MAX_TEXT, Brief, Inquiry, InquiryAssessment, Lead, Recipient
from leads.pipeline import assessments
from mail.models import Message
from privacy import erasing
from privacy.collecting import collect
from readiness import taking
from tests.builders import user
from tests.forms import filled_in

pytestmark = pytest.mark.django_db

PAGE = reverse("leads:brief")
ADA = {"name": "Ada", "email": "ada@example.com", "message": "Please have a look."}
WORDS = {
    "title": "Orders to the warehouse",
    "context": "Orders get lost, and the OMS is slow.",
    "acceptance_criteria": "- It should be fast\r\n- 500 orders arrive within 10 minutes",
}


@pytest.fixture
def sales(client):
    client.force_login(user(role="Sales"))
    return client


def send(client, **fields):
    return client.post(PAGE, ADA | WORDS | fields)


def receive(**words):
    return receiving.receive(Inquiry(**ADA), brief=Brief(**(words or WORDS)))


def parsed(answer):
    return lxml.html.fromstring(answer.text)


def shown(answer):
    """What is in the fields. The first line end in a textarea is none of its words."""
    return {name: value[0].strip() for name, value in filled_in(answer, "brief-form").items()}


# Looking it over


def test_looking_it_over_names_what_is_open_beside_each_section_and_saves_nothing(client):
    answer = client.post(PAGE, WORDS | {"do": "look"})

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert not answer.cookies
    page = parsed(answer)
    [status] = page.xpath("//*[@role='status' and @id='hints']")
    assert "8 things to look at" in status.text_content()
    assert status.xpath(".//a/@href")[:2] == ["#brief-context", "#brief-interfaces"]
    said = page.xpath("//ul[@id='brief-acceptance_criteria_hints']/li")
    assert [" ".join(one.text_content().split())[:40] for one in said] == [
        "It should be fast Is this required, or a",
        "It should be fast How fast? Give a numbe",
    ]
    assert [mark.text for mark in said[1].xpath(".//q/mark")] == ["fast"]
    assert not Inquiry.objects.exists() and not Brief.objects.exists()


def test_every_hint_belongs_to_its_field_for_those_who_hear_the_page(client):
    page = parsed(client.post(PAGE, WORDS | {"do": "look"}))

    for field in page.xpath("//textarea[starts-with(@id, 'brief-')]"):
        for described in field.get("aria-describedby").split():
            assert page.xpath(f"//*[@id='{described}']"), described
    assert len(page.xpath("//ul[@class='hints']")) == 6


def test_looking_it_over_keeps_what_was_typed_and_asks_for_no_name_yet(client):
    answer = client.post(
        PAGE,
        WORDS | {"do": "look", "name": "", "email": "ada@", "company": "A & B", "seconds": "9"},
    )

    form = shown(answer)
    assert form["context"] == WORDS["context"]
    assert form["acceptance_criteria"] == WORDS["acceptance_criteria"]
    assert (form["email"], form["company"], form["seconds"]) == ("ada@", "A & B", "9")
    assert not parsed(answer).xpath("//*[@aria-invalid]")


def test_a_brief_with_nothing_to_point_out_says_so(client):
    good = {section.name: section.example for section in sections.SECTIONS}

    answer = client.post(PAGE, good | {"do": "look"})

    assert "Nothing to point out" in answer.text


def test_markup_is_shown_as_typed_and_does_nothing(client):
    answer = client.post(PAGE, {"do": "look", "context": "<script>x</script> is fast"})

    assert b"<script>x" not in answer.content
    assert b"&lt;script&gt;x&lt;/script&gt; is <mark>fast</mark>" in answer.content


# Taking it away


def test_the_brief_is_taken_away_as_a_markdown_file(client):
    answer = client.post(PAGE, WORDS | {"do": "download"})

    assert answer.headers["Content-Type"] == "text/markdown; charset=utf-8"
    disposition = answer.headers["Content-Disposition"]
    assert disposition == 'attachment; filename="orders-to-the-warehouse.md"'
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.text.startswith("# Orders to the warehouse\n\n## Context\n\nOrders get lost")
    assert "- [ ] 500 orders arrive within 10 minutes\n" in answer.text
    assert not Inquiry.objects.exists()


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("", 'filename="brief.md"'),
        ("../../etc/passwd", 'filename="etcpasswd.md"'),
        ('a"; filename="b.exe', 'filename="a-filenamebexe.md"'),
        ("???", 'filename="brief.md"'),
        ("Ordrer på lager", "filename*=utf-8''ordrer-p%C3%A5-lager.md"),
        ("x" * 160, f'filename="{"x" * 60}.md"'),
    ],
)
def test_the_file_has_a_harmless_name(client, title, name):
    answer = client.post(PAGE, {"title": title, "do": "download"})

    assert answer.headers["Content-Disposition"] == f"attachment; {name}"


def test_an_empty_brief_is_taken_away_as_a_form_to_fill_in(client):
    answer = client.post(PAGE, {"do": "download"})

    assert answer.text.count("_Not specified yet._") == 6


# Sending it


def test_a_brief_that_is_sent_is_kept_with_its_inquiry_word_for_word(client):
    form = filled_in(client.get(PAGE), "brief-form", **WORDS, name="Ada", email="ada@example.com")

    answer = client.post(PAGE, form)

    assert answer.status_code == 302
    assert answer.url.startswith(reverse("leads:thanks"))
    inquiry = Inquiry.objects.get()
    assert inquiry.message == "Here is a brief. What do you think of it?"
    assert inquiry.source_path == PAGE
    assert inquiry.lead
    assert {name: getattr(inquiry.brief, name) for name in WORDS} == WORDS
    assert inquiry.brief.interfaces == ""


def test_one_line_is_a_brief(client):
    client.post(PAGE, ADA | {"constraints": "Before June."})

    assert Inquiry.objects.get().brief.constraints == "Before June."


def test_without_a_brief_it_is_an_inquiry_like_any_other(client):
    client.post(PAGE, ADA | {"context": "  \n"})

    assert Inquiry.objects.get().message == ADA["message"]
    assert not Brief.objects.exists()


def test_a_message_that_announces_a_brief_does_not_go_without_it(client):
    form = filled_in(client.get(PAGE), "brief-form", name="Ada", email="ada@example.com")

    answer = client.post(PAGE, form)

    assert answer.status_code == 422
    assert "The brief is empty" in answer.text
    assert not Inquiry.objects.exists()


@pytest.mark.parametrize("field", ["name", "email", "message"])
def test_a_mistake_in_the_inquiry_never_loses_the_brief(client, field):
    answer = send(client, **{field: ""})

    assert answer.status_code == 422
    assert parsed(answer).xpath(f"//*[@role='alert']//a[@href='#inquiry-{field}']")
    again = shown(answer)
    assert {name: again[name] for name in WORDS} == WORDS
    client.post(PAGE, again | ADA)
    assert Brief.objects.get().title == WORDS["title"]


@pytest.mark.parametrize("do", ["look", "download", ""])
def test_what_is_too_long_is_said_and_nothing_of_it_is_lost(client, do):
    long = "x" * (MAX_TEXT + 1)

    answer = send(client, interfaces=long, do=do)

    assert answer.status_code == 422
    [error] = parsed(answer).xpath("//*[@id='brief-interfaces_error']")
    assert "“Interfaces” is 50,001 characters long; the limit is 50,000." in error.text
    assert shown(answer)["interfaces"] == long
    assert not Inquiry.objects.exists()


def test_what_was_not_looked_at_is_said(client):
    short, long = (
        send(client, interfaces="x " * count, do="look").content.decode() for count in (99, 9000)
    )

    assert "Only the first 10,000 characters of each section were checked." not in short
    assert "Only the first 10,000 characters of each section were checked." in long


def test_the_same_brief_sent_twice_is_one_inquiry(client):
    first, second = send(client), send(client, context=f"  {WORDS['context'].replace(' ', '  ')}")

    assert first.url == second.url
    assert Inquiry.objects.count() == Brief.objects.count() == 1


@pytest.mark.parametrize("key", ["", "3f2b8c1e-9a4d-4e6f-8b7a-1c2d3e4f5a6b"])
def test_another_brief_with_the_same_message_is_another_inquiry(client, key):
    send(client, key=key)
    send(client, key=key, constraints="Before June.")
    client.post(PAGE, ADA | {"key": key})

    assert Inquiry.objects.count() == 3
    assert Brief.objects.count() == 2


def test_words_that_move_to_another_section_make_another_brief():
    said = {
        receiving.fingerprint("a@b.dk", "Hi", None),
        receiving.fingerprint("a@b.dk", "Hi", Brief(context="x")),
        receiving.fingerprint("a@b.dk", "Hi", Brief(interfaces="x")),
        receiving.fingerprint("a@b.dk", "Hi x", Brief(context="x")),
        receiving.fingerprint("a@b.dk", "Hi\nx"),
    }

    assert len(said) == 5


def test_a_suspected_inquiry_keeps_its_brief_and_has_it_when_it_is_no_spam(client):
    send(client, reference_2="x", message="Free spins, no deposit bonus")

    inquiry = Inquiry.objects.get()
    assert inquiry.is_suspected
    assert receiving.mark_not_spam(inquiry, by=user(), at=timezone.now())
    assert sections.of_lead(Lead.objects.get()) == [inquiry.brief]


def test_a_brief_begun_at_a_result_takes_the_result_along(client, question_set):
    assessment, key = taking.begin(question_set)
    taking.save(assessment, answers=dict.fromkeys(question_set.questions, 2))
    taking.finish(assessment)
    page = client.get(reverse("readiness:result", args=[taking.result_key(key)]))
    [form] = parsed(page).xpath(f"//form[@action='{PAGE}']")

    begun = client.post(PAGE, dict(form.form_values()) | {"do": "begin"})
    assert begun.headers["Cache-Control"] == "private, no-store"
    looked = client.post(PAGE, filled_in(begun, "brief-form", **WORDS, do="look"))
    answer = client.post(PAGE, filled_in(looked, "brief-form", **ADA, do=""))

    assert "Your message will include your result." in begun.text
    assert answer.url.startswith(reverse("leads:thanks"))
    assert InquiryAssessment.objects.get().inquiry.brief.title == WORDS["title"]
    assert len(assessments.of_lead(Lead.objects.get())) == 1


def test_the_privacy_text_names_the_draft_and_the_brief(client):
    text = " ".join(parsed(client.get("/privacy/")).text_content().split())

    assert "with two exceptions that you choose. When you write a brief, your browser keeps" in text
    assert "company and message, and the brief if you wrote one, as you typed them" in text


# From strangers and programs


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        ("application/x-www-form-urlencoded; charset=utf-16", b"context=x", 400),
        ("application/x-www-form-urlencoded", b"context=%ff%fe&do=%c3%28", 422),
        ("application/x-www-form-urlencoded", b"do=look&context=" + b"y" * 20_000_000, 400),
        ("multipart/form-data", b"no boundary", 400),
        ("multipart/form-data; boundary=x", b"--x\r\nnonsense", 422),
        ("application/json", b'{"do": "look"}', 415),
        ("", b"", 415),
    ],
)
def test_a_body_that_no_form_sends_is_refused(client, content_type, body, status):
    assert client.generic("POST", PAGE, body, content_type=content_type).status_code == status


@pytest.mark.parametrize("do", ["look", "download", ""])
def test_a_nul_is_an_error_beside_its_field(client, do):
    answer = send(client, context="a\0b", do=do)

    assert answer.status_code == 422
    assert parsed(answer).xpath("//*[@id='brief-context_error']")


@trials(
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(
    fields=st.fixed_dictionaries(
        {"do": st.sampled_from(["look", "download", "begin", "", "forged", "send"])},
        optional={
            name: st.text(max_size=300)
            for name in (
                *Brief.TEXT_FIELDS,
                "name",
                "email",
                "message",
                "seconds",
                "assessment",
                "inquiry",
            )
        },
    )
)
def test_whatever_is_sent_is_answered(client, fields):
    cache.clear()  # each is another visitor
    assert client.post(PAGE, ADA | fields).status_code in (200, 302, 422)


@pytest.mark.parametrize("do", ["look", "download", "begin", ""])
def test_another_site_may_not_send_it(client, do):
    answer = client.post(PAGE, ADA | WORDS | {"do": do}, headers={"origin": "https://evil.example"})

    assert answer.status_code == 403
    assert not Inquiry.objects.exists()


def test_no_token_is_asked_of_a_visitor():
    answer = send(Client(enforce_csrf_checks=True))

    assert answer.status_code == 302
    assert not answer.cookies


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_the_page_is_read_and_sent_and_nothing_else(client, method):
    assert client.generic(method, PAGE).status_code == 405


# What there never is


@pytest.mark.parametrize("change", [{"title": "x"}, {"context": ""}, {"constraints": "More."}])
def test_a_brief_is_never_edited(change):
    receive()

    with pytest.raises(IntegrityError, match="leads_brief_never_changes"), transaction.atomic():
        Brief.objects.update(**change)


def test_a_brief_never_says_nothing():
    inquiry = receiving.receive(Inquiry(**ADA))

    with pytest.raises(IntegrityError, match="leads_brief_says_something"), transaction.atomic():
        Brief.objects.create(inquiry=inquiry)


def test_an_inquiry_never_has_two_briefs():
    inquiry = receive()

    with pytest.raises(IntegrityError), transaction.atomic():
        Brief.objects.create(inquiry=inquiry, title="Another")


# What sales see


def test_the_notification_carries_the_brief_and_what_to_ask():
    Recipient.objects.create(email="sales@example.net")
    inquiry = receive()

    notify_about_inquiry(inquiry.pk)

    notification = Message.objects.get(to="sales@example.net")
    link = f"http://testserver/admin/leads/inquiry/{inquiry.pk}/brief.md"
    assert "## Context\n\nOrders get lost, and the OMS is slow." in notification.text
    assert "- [ ] 500 orders arrive within 10 minutes" in notification.text
    assert "- Acceptance criteria, “fast”: How fast?" in notification.text
    for words in (notification.text, notification.html):
        assert "Orders to the warehouse" in words
        assert "500 orders arrive within 10 minutes" in words
        assert "“OMS”: Not everyone knows this" in words
        assert link in words


def test_without_a_brief_the_notification_says_nothing_of_one():
    Recipient.objects.create(email="sales@example.net")
    notify_about_inquiry(receiving.receive(Inquiry(**ADA)).pk)

    notification = Message.objects.get(to="sales@example.net")
    assert "brief" not in (notification.text + notification.html).lower()


def test_markup_in_a_brief_does_nothing_in_the_notification():
    Recipient.objects.create(email="sales@example.net")
    notify_about_inquiry(receive(context="<b>fast</b>", title="<i>x</i>").pk)

    notification = Message.objects.get(to="sales@example.net")
    assert (
        "&lt;b&gt;fast&lt;/b&gt;" in notification.html
        and "&lt;i&gt;x&lt;/i&gt;" in notification.html
    )
    assert "<b>" not in notification.html and "<i>" not in notification.html


@pytest.mark.parametrize("place", ["lead", "inquiry"])
def test_the_desk_shows_the_brief_as_text_with_what_to_ask(sales, place):
    inquiry = receive(**WORDS | {"interfaces": "<b>Ours</b>"})
    row = inquiry if place == "inquiry" else inquiry.lead

    page = sales.get(reverse(f"admin:leads_{place}_change", args=[row.pk]))

    assert "Orders to the warehouse" in page.text
    assert "&lt;b&gt;Ours&lt;/b&gt;" in page.text and "<b>Ours" not in page.text
    text = " ".join(parsed(page).text_content().split())
    assert "Questions to ask (8), suggested by a program" in text
    assert "Context, “OMS”: Not everyone knows this" in text


def test_a_lead_shows_the_brief_of_each_of_its_inquiries_the_latest_first(sales):
    receive(title="The first")
    inquiry = receive(title="The second")

    page = parsed(sales.get(reverse("admin:leads_lead_change", args=[inquiry.lead_id])))

    assert page.xpath("//details[@class='readiness']/summary/strong/text()") == [
        "The second",
        "The first",
    ]


def test_sales_take_the_brief_away_as_a_file(sales):
    inquiry = receive()
    page = sales.get(reverse("admin:leads_lead_change", args=[inquiry.lead_id]))
    [link] = re.findall(r'href="([^"]+/brief\.md)"', page.text)

    answer = sales.get(link)

    assert answer.text == sections.markdown(inquiry.brief)
    assert "orders-to-the-warehouse.md" in answer.headers["Content-Disposition"]


def test_nobody_else_does(client):
    url = reverse("admin:leads_inquiry_brief", args=[receive().pk])

    assert client.get(url).url.startswith(reverse("admin:login"))
    client.force_login(user(role="Publisher"))
    assert client.get(url).status_code == 403


def test_there_is_no_file_where_there_is_no_brief(sales):
    inquiry = receiving.receive(Inquiry(**ADA))

    assert sales.get(reverse("admin:leads_inquiry_brief", args=[inquiry.pk])).status_code == 404
    assert sales.get(reverse("admin:leads_inquiry_brief", args=[10**30])).status_code == 404


# Forgetting


def test_a_brief_goes_with_the_person_who_sent_it_and_is_counted(client):
    receive()
    administrator = user(role="Administrator")
    stored = collect(["ada@example.com"])
    assert "1 brief" in stored.going
    client.force_login(administrator)
    page = client.post(reverse("admin:privacy_erasure_add"), {"address": "ada@example.com"})
    assert "Orders to the warehouse" in page.text

    erasing.erase(stored, by=administrator)

    assert not Brief.objects.exists()
