"""What staff send that no page of the desk would: refused in words, and never an error of ours."""

from datetime import date, timedelta

import lxml.html
import pytest
from django.contrib import admin
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.roles import SALES
from articles.models import Revision
from leads.models import FollowUp, Inquiry, Lead
from mail import outbox
from pages.models import MissingPage, Redirect
from tests.builders import article, author, image, office, page, series, topic, user
from tests.forms import filled_in

pytestmark = pytest.mark.django_db
# PostgreSQL lets nobody go on in a transaction that failed, as a test's would be.
asks_the_database = pytest.mark.django_db(transaction=True)

HUGE = "9" * 40
MODELS = sorted(model._meta.label_lower for model in admin.site._registry)


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
    FollowUp.objects.create(lead=lead, text="Call", due_on=date(2026, 1, 1))
    outbox.put(key="a", to="ada@example.com", subject="Hello", text="Hello")
    article(topics=[topic()], authors=[author(image=image())], series=series(), series_position=1)
    office(), page()
    Redirect.objects.create(path="/old", target="/new/")
    MissingPage.objects.create(path="/nowhere")


def list_of(model):
    return reverse(f"admin:{model.replace('.', '_')}_changelist")


# Lists


def dated_nonsense(field):
    return [
        f"{field}__year=9999", f"{field}__year=0", f"{field}__year=-1", f"{field}__year={HUGE}",
        f"{field}__year=x", f"{field}__year=", f"{field}__year=2026&{field}__month=13",
        f"{field}__year=2026&{field}__month=2&{field}__day=31", f"{field}__year=1&{field}__month=1",
        f"{field}__year=9999&{field}__month=12", f"{field}__month=x", f"{field}__day={HUGE}",
        f"{field}__year=9999&{field}__month=12&{field}__day=31", f"{field}__gte=x",
        f"{field}__year=٢",
    ]  # fmt: skip


ASKED_OF_A_LIST = [
    "q=" + "+".join(["x"] * 1200), "q=" + "x" * 7000, "q=%27%22%25_\\", "o=x", "o=-99.1.x",
    f"id__exact={HUGE}", "id__exact=x", f"pk__in={HUGE},x", "p=x", f"p={HUGE}", "p=-1", "all=",
    "e=1", "e=1&q=x", "_facets=True", "_popup=x", "_to_field=x", "_to_field=id", "unknown=1",
    "unknown__x=1", "_changelist_filters=x", "id__isnull=x", "pk=x&pk=y",
]  # fmt: skip


@asks_the_database
def test_a_list_answers_whatever_its_address_asks(root, a_row_of_everything):
    for model, model_admin in admin.site._registry.items():
        asked = list(ASKED_OF_A_LIST)
        if model_admin.date_hierarchy:
            asked += dated_nonsense(model_admin.date_hierarchy)
        for one in model_admin.list_filter:
            name = one[0] if isinstance(one, tuple) else one
            name = name if isinstance(name, str) else name.parameter_name
            asked += [f"{name}=x", f"{name}={HUGE}", f"{name}__exact={HUGE}"]
            asked += [f"{name}__id__exact=x", f"{name}__id__exact={HUGE}", f"{name}__isnull=x"]
        for query in asked:
            answer = root.get(f"{list_of(model._meta.label_lower)}?{query}")
            assert answer.status_code in (200, 302, 400), (model, query)


def test_a_list_that_cannot_be_filtered_like_that_says_so_and_shows_all(root, a_row_of_everything):
    address = list_of("leads.inquiry")

    answer = root.get(f"{address}?received_at__year=9999", follow=True)

    assert answer.redirect_chain == [(f"{address}?e=1", 302)]
    assert "Here is all of it." in answer.text
    assert "Ada" in answer.text


def test_a_search_for_too_many_words_says_so(root):
    answer = root.get(list_of("articles.article") + "?q=" + "+x" * 21, follow=True)

    assert "Search for at most 20 words." in answer.text


def test_what_is_passed_over_stands_in_the_log(root, a_row_of_everything, caplog):
    root.get(list_of("leads.inquiry") + "?received_at__year=9999")

    assert "year 10000 is out of range" in caplog.text


def test_a_number_that_is_no_fault_of_the_form_is_not_taken_for_nonsense(root, monkeypatch):
    def fail(*args, **kwargs):
        raise OverflowError("ours")

    monkeypatch.setattr("pages.models.Page.save", fail)
    root.raise_request_exception = False

    answer = root.post(
        reverse("admin:pages_page_add"), {"title": "A", "slug": "a", "body": "<p>Words</p>"}
    )

    assert answer.status_code == 500


def test_a_failure_of_ours_is_not_taken_for_nonsense(root):
    """A list that fails although nothing was asked of it."""

    def refuse(execute, sql, params, many, context):
        if '"leads_inquiry"' in sql:
            raise OperationalError("disk full")
        return execute(sql, params, many, context)

    root.raise_request_exception = False
    for query in ("", "?e=1"):
        with connection.execute_wrapper(refuse):
            assert root.get(list_of("leads.inquiry") + query).status_code == 500, query


def test_an_action_that_fails_is_not_taken_for_nonsense(root, a_row_of_everything, monkeypatch):
    def fail(*args):
        raise ValueError("ours")

    monkeypatch.setattr("leads.intake.release", fail)
    root.raise_request_exception = False

    answer = root.post(
        list_of("leads.inquiry") + "?q=Ada",
        {"action": "not_spam", "_selected_action": [Inquiry.objects.get().pk]},
    )

    assert answer.status_code == 500


@pytest.mark.parametrize("selected", ["x", HUGE, "-1", "1.5", "", "1; DROP TABLE", "\ufeff1"])
@pytest.mark.parametrize("more", [{"post": "yes"}, {"index": "x"}, {"select_across": "1"}], ids=str)
def test_no_selection_is_an_error(root, a_row_of_everything, selected, more):
    for model in MODELS:
        sent = {"action": "delete_selected", "_selected_action": ["1", selected], **more}
        answer = root.post(list_of(model) + "?q=zzz", sent)
        assert answer.status_code in (200, 302, 403), model


@asks_the_database
@pytest.mark.parametrize("model", ["pages.service", "pages.menulink"])
@pytest.mark.parametrize(
    "changes",
    [
        {"form-0-id": "x"}, {"form-0-id": HUGE}, {"form-0-position": HUGE},
        {"form-TOTAL_FORMS": "x"}, {"form-TOTAL_FORMS": HUGE}, {"form-INITIAL_FORMS": "1000"}, {},
    ],
    ids=str,
)  # fmt: skip
def test_no_edit_in_a_list_is_an_error(root, a_row_of_everything, model, changes):
    sent = {
        "form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "1", "form-0-id": "1",
        "form-0-position": "1", "_save": "Save",
    }  # fmt: skip

    answer = root.post(list_of(model), sent | changes)

    assert answer.status_code in (200, 302, 400)


# Other rows, by their numbers


@pytest.mark.parametrize(
    "query",
    [
        "", "term=x", "app_label=x&model_name=y&field_name=z", "app_label=&model_name=&field_name=",
        "app_label=articles&model_name=article&field_name=revisions",
        "app_label=articles&model_name=article&field_name=slug",
        "app_label=articles&model_name=article&field_name=pk",
        "app_label=articles&model_name=article&field_name=bylines",
        "app_label=accounts&model_name=user&field_name=groups",
        "app_label=admin&model_name=logentry&field_name=user",
        "app_label=articles.x&model_name=a.b&field_name=c__d",
    ],
)  # fmt: skip
def test_a_strange_question_for_other_rows_is_refused(root, query):
    answer = root.get(f"{reverse('admin:autocomplete')}?{query}")

    assert answer.status_code in (200, 403, 404)


@pytest.mark.parametrize("query", ["term=" + "+x" * 1200, "term=" + "x" * 7000, "page=x"])
def test_a_strange_search_for_other_rows_finds_none(root, a_row_of_everything, query):
    field = "app_label=articles&model_name=byline&field_name=author"

    answer = root.get(f"{reverse('admin:autocomplete')}?{field}&{query}")

    assert answer.status_code in (200, 404)


def test_our_own_questions_for_other_rows_are_answered(root):
    author(name="Grace Hopper")

    answer = root.get(
        reverse("admin:autocomplete"),
        {"app_label": "articles", "model_name": "byline", "field_name": "author", "term": "grace"},
    )

    assert [row["text"] for row in answer.json()["results"]] == ["Grace Hopper"]


@asks_the_database
@pytest.mark.parametrize("junk", ["x", HUGE, "-1", "\ufeff"])
def test_no_number_of_another_row_is_an_error(root, a_row_of_everything, junk):
    shown = Revision.objects.get().article
    lead = Lead.objects.get()
    forms = {
        reverse("admin:articles_article_change", args=[shown.pk]): (
            "article_form",
            ["cover", "topics", "series", "series_position", "bylines-0-author", "bylines-0-id",
             "bylines-0-article", "bylines-TOTAL_FORMS", "base", "planned_for"],
        ),
        reverse("admin:leads_lead_change", args=[lead.pk]): (
            "lead_form",
            ["owner", "office", "stage", "value", "currency", "follow_ups-0-owner",
             "follow_ups-0-id", "follow_ups-0-lead", "follow_ups-0-due_on"],
        ),
        reverse("admin:leads_contact_change", args=[lead.contact_id]): (
            "contact_form", ["company", "timezone"],
        ),
        reverse("admin:articles_author_change", args=[shown.authors.get().pk]): (
            "author_form", ["image", "user"],
        ),
        reverse("admin:accounts_user_add"): ("user_form", ["groups", "usable_password"]),
    }  # fmt: skip
    for address, (form_id, fields) in forms.items():
        form = filled_in(root.get(address), form_id, "_save")
        for field in fields:
            answer = root.post(address, form | {field: junk})
            assert answer.status_code in (200, 302, 400), (address, field)


@pytest.mark.parametrize("key", ["x", HUGE, "-1", "1_2F2", "%F0%9F%92%A5"])
def test_a_row_that_is_not_there_is_not_found(root, key):
    for model in MODELS:
        for page_of in ("", "change/", "history/", "delete/"):
            answer = root.get(f"{list_of(model)}{key}/{page_of}")
            assert answer.status_code in (301, 302, 403, 404), (model, page_of)


# Dates and moments


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "America/New_York"])
@pytest.mark.parametrize("day", ["0001-01-01", "1999-12-31", "2101-01-01", "9999-12-31", "x"])
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
            (lead, "lead_form", "_save", {"follow_ups-0-due_on": day}),
            (lead, "lead_form", "_save", {"next_step": "Call", "next_due": day}),
            (writing, "article_form", "_schedule", {"go_live_at_0": day, "go_live_at_1": time}),
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
    FollowUp.objects.all().delete()
    address = reverse("admin:leads_lead_change", args=[Lead.objects.get().pk])

    for day in (f"{timezone.now() + timedelta(days=2):%Y-%m-%d}", "2100-12-30"):
        form = filled_in(
            root.get(address), "lead_form", "_save", respond_by_0=day, respond_by_1="12:00:00"
        )
        assert root.post(address, form).status_code == 302


# Files


@pytest.mark.parametrize("name", ["x" * 3000 + ".eml", "x.eml", "...eml", "\u2603.eml"])
def test_a_letter_file_that_cannot_be_is_not_found(root, settings, name):
    settings.EMAIL_BACKEND = "mail.backends.EmlFileBackend"

    for page_of in ("", "html/"):
        answer = root.get(f"/admin/mail/message/files/{name}/{page_of}")
        assert answer.status_code == 404


@pytest.mark.parametrize("query", ["q=" + "+x" * 1200, "page=x", "chosen=x"])
def test_a_strange_question_to_the_picture_library_raises_nothing(root, query):
    assert root.get(f"/admin/images/image/pick/?{query}").status_code == 200


# The desk


def test_what_is_due_leads_to_the_leads_it_is_due_for(client, root, a_row_of_everything):
    client.post("/contact/", {"name": "Eve", "email": "eve@example.com", "message": "Later."})
    later = Lead.objects.exclude(contact__name="Ada").get()
    FollowUp.objects.create(
        lead=later, text="Call", due_on=timezone.localdate() + timedelta(days=2)
    )
    sales = Client()
    sales.force_login(user(role=SALES))

    [due] = [one for one in sales.get("/admin/").context["waiting"] if "follow-ups" in one.label]
    found = sales.get(due.url).context["cl"].result_list

    assert due.count == 1
    assert [lead.contact.name for lead in found] == ["Ada"]


# Names for those who cannot see


def test_both_fields_of_a_moment_have_a_name(root, a_row_of_everything):
    for address, field in [
        (reverse("admin:leads_lead_change", args=[Lead.objects.get().pk]), "respond_by"),
        (reverse("admin:articles_article_add"), "go_live_at"),
    ]:
        form = lxml.html.fromstring(root.get(address).content)
        for number, name in enumerate(["Date", "Time"]):
            assert form.xpath(f"//input[@name='{field}_{number}']/@aria-label") == [name]


def test_the_link_around_a_thumbnail_has_a_name(root):
    picture = image(title="A wall")
    shown = lxml.html.fromstring(root.get(list_of("images.image")).content)

    assert shown.xpath(f"//a[contains(@href, '/{picture.pk}/')]/img/@alt") == ["A wall"]
