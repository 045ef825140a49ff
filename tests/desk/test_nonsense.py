"""What staff send by accident: refused in words, beside the field where there is one."""

from datetime import date, timedelta

import lxml.html
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.roles import SALES
from articles.models import Revision
from leads.models import Inquiry, Lead, NextStep
from mail import outbox
from redirects.models import MissingPage, Redirect
from tests.builders import article, author, image, office, page, series, topic, user
from tests.forms import filled_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def root():
    """Whoever may do everything may do everything wrong."""
    client = Client()
    client.force_login(user(is_superuser=True))
    return client


@pytest.fixture
def a_row_of_everything(client):
    client.post("/contact/", {"name": "Ada", "email": "ada@example.com", "message": "A ledger."})
    lead = Lead.objects.get()
    NextStep.objects.create(lead=lead, text="Call", due_on=date(2026, 1, 1))
    outbox.put(key="a", to="ada@example.com", subject="Hello", text="Hello")
    article(topics=[topic()], authors=[author(image=image())], series=series(), series_position=1)
    office(), page()
    Redirect.objects.create(path="/old", target="/new/")
    MissingPage.objects.create(path="/nowhere")


def list_of(model):
    return reverse(f"admin:{model.replace('.', '_')}_changelist")


# Lists


def test_a_search_for_too_many_words_says_so(root):
    answer = root.get(list_of("articles.article") + "?q=" + "+x" * 21, follow=True)

    assert "Search for at most 20 words." in answer.text


@pytest.mark.parametrize(
    ("query", "selected"),
    [("", ["x"]), ("", ["1", "1; DROP TABLE"]), ("?id__exact=x", None), ("?unknown=1", None)],
)
def test_no_action_is_taken_on_what_the_list_cannot_show(
    root, a_row_of_everything, query, selected
):
    inquiry = Inquiry.objects.get()
    asked = {"action": "spam", "_selected_action": selected or [inquiry.pk]}

    answer = root.post(list_of("leads.inquiry") + query, asked | {"select_across": "1"})

    assert answer.status_code == 302
    assert not Inquiry.objects.spam().exists()
    if selected:
        assert "Your selection is not in this list." in root.get(answer.url).text


# Other rows, by their numbers


def test_our_own_questions_for_other_rows_are_answered(root):
    author(name="Grace Hopper")

    answer = root.get(
        reverse("admin:autocomplete"),
        {"app_label": "articles", "model_name": "byline", "field_name": "author", "term": "grace"},
    )

    assert [row["text"] for row in answer.json()["results"]] == ["Grace Hopper"]


# Dates and moments


@pytest.mark.parametrize(
    ("day", "zone"),
    [
        ("0001-01-01", "Pacific/Kiritimati"),  # before the first day in UTC
        ("1999-12-31", "UTC"),
        ("2101-01-01", "UTC"),
        ("9999-12-31", "America/New_York"),  # after the last day in UTC
        ("x", "UTC"),
    ],
)
def test_a_year_far_from_now_is_an_error_beside_its_field(
    root, a_row_of_everything, settings, zone, day
):
    settings.TIME_ZONE = zone
    timezone.activate(zone)
    lead = reverse("admin:leads_lead_change", args=[Lead.objects.get().pk])
    writing = reverse("admin:articles_article_change", args=[Revision.objects.get().article.pk])
    time = "23:59:59"

    try:
        for address, form_id, button, changes in [
            (lead, "lead_form", "_save", {"respond_by_0": day, "respond_by_1": time}),
            (lead, "lead_form", "_save", {"next_steps-0-due_on": day}),
            (lead, "lead_form", "_save", {"next_step": "Call", "next_due": day}),
            (writing, "article_form", "_save", {"planned_for": day}),
        ]:  # fmt: skip
            form = filled_in(root.get(address), form_id, button, **changes)
            answer = root.post(address, form)
            assert answer.status_code == 200, changes
            assert "errorlist" in answer.text, changes
            if day in ("1999-12-31", "2101-01-01"):
                assert "Choose a year from 2000 to 2100." in answer.text, changes
    finally:
        timezone.deactivate()


def test_a_year_to_come_is_taken(root, a_row_of_everything):
    NextStep.objects.all().delete()
    address = reverse("admin:leads_lead_change", args=[Lead.objects.get().pk])

    for day in (f"{timezone.now() + timedelta(days=2):%Y-%m-%d}", "2100-12-30"):
        form = filled_in(
            root.get(address), "lead_form", "_save", respond_by_0=day, respond_by_1="12:00:00"
        )
        assert root.post(address, form).status_code == 302


# Files


@pytest.mark.parametrize("name", ["x" * 3000 + ".eml", "x.eml", "...eml", "\u2603.eml"])
def test_an_email_file_that_cannot_be_is_not_found(root, settings, name):
    settings.EMAIL_BACKEND = "mail.backends.EmlFileBackend"

    for page_of in ("", "html/"):
        answer = root.get(f"/admin/mail/message/files/{name}/{page_of}")
        assert answer.status_code == 404


# The desk


def test_what_is_due_leads_to_the_leads_it_is_due_for(client, root, a_row_of_everything):
    client.post("/contact/", {"name": "Eve", "email": "eve@example.com", "message": "Later."})
    later = Lead.objects.exclude(contact__name="Ada").get()
    NextStep.objects.create(
        lead=later, text="Call", due_on=timezone.localdate() + timedelta(days=2)
    )
    Lead.objects.filter(pk=later.pk).update(respond_by=timezone.now() + timedelta(days=2))
    sales, lone = Client(), user(role=SALES)
    NextStep.objects.update(owner=lone)
    sales.force_login(lone)

    [due] = [one for one in sales.get("/admin/").context["lists"] if one.title == "Due today"]
    rows = sales.get(due.url).context["rows"]

    assert len(due.items) == 1
    assert [row.name for row in rows] == ["Ada"]


# Names for those who cannot see


def test_both_fields_of_a_moment_have_a_name(root, a_row_of_everything):
    for address, field in [
        (reverse("admin:leads_lead_change", args=[Lead.objects.get().pk]), "respond_by"),
        (reverse("admin:articles_article_publish", args=[article(live_from=None).pk]), "moment"),
    ]:
        form = lxml.html.fromstring(root.get(address, follow=True).content)
        for number, name in enumerate(["Date", "Time"]):
            assert form.xpath(f"//input[@name='{field}_{number}']/@aria-label") == [name]


def test_the_link_around_a_thumbnail_has_a_name(root):
    picture = image(title="A wall")
    shown = lxml.html.fromstring(root.get(list_of("images.image")).content)

    assert shown.xpath(f"//a[contains(@href, '/{picture.pk}/')]/img/@alt") == ["A wall"]
