"""Lists of the admin as files: who may, which rows, which columns, and at what cost."""

import csv
import io
from itertools import count, islice

import lxml.html
import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from desk.exporting import Exports
from leads.intake import receiving, spam_marks
from leads.models import Inquiry
from leads.pipeline import moves, steps
from readiness import taking
from redirects.models import Redirect
from tests import builders

pytestmark = pytest.mark.django_db

LISTS = ["leads_lead", "leads_inquiry", "redirects_redirect"]
ELSEWHERE = {"desk_auditevent"}  # making rows and looking at them adds to it: desk/test_audit.py
CSV, XLSX = "0", "1"


def page(name):
    return reverse(f"admin:{name}_export")


@pytest.fixture
def staff():
    return builders.signed_in("Administrator", is_superuser=True)


def receive(name="Ada", **fields):
    words = {"name": name, "email": f"{name}@firm.example", "message": "We need a ledger."}
    return receiving.receive(Inquiry(**words | fields))


numbers = count(1)


def make_rows(many):
    for number in islice(numbers, many):
        inquiry = receive(f"visitor-{number}", company=f"Firm {number}")
        inquiry.lead.owner = builders.user(role="Sales")
        inquiry.lead.office = builders.office()
        inquiry.lead.save()
        steps.add_next_step(
            inquiry.lead,
            "Call",
            due_on=timezone.localdate(),
            owner=None,
            by=None,
            at=timezone.now(),
        )
        Redirect.objects.create(path=f"/old-{number}", target="/new/")


def export(client, name, query="", *, kind=CSV, only=None):
    """The file as its page asks for it, with all columns or these."""
    opened = lxml.html.fromstring(client.get(page(name) + query).content)
    form = opened.get_element_by_id("export_form")
    fields = dict(form.form_values()) | {"format": kind}
    if only is not None:
        labels = {
            label.xpath("string()").strip(): label.xpath("string(.//input/@name)")
            for label in form.xpath(".//fieldset[contains(@class, 'columns')]/label")
        }
        unwanted = set(labels.values()) - {labels[one] for one in only}
        fields = {name: value for name, value in fields.items() if name not in unwanted}
    return client.post(page(name) + query, fields)


def table(answer):
    assert answer.status_code == 200, answer.text
    text = answer.getvalue().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_every_list_that_exports_is_tried_here():
    exporting = {
        model._meta.label_lower.replace(".", "_")
        for model, one in admin.site._registry.items()
        if isinstance(one, Exports)
    }

    assert exporting == {*LISTS, *ELSEWHERE}


@pytest.mark.parametrize("name", LISTS)
def test_the_list_leads_to_a_page_that_keeps_its_filters(staff, name):
    at = reverse(f"admin:{name}_changelist")

    assert f'href="{page(name)}?q=ada"' in staff.get(f"{at}?q=ada").text
    opened = staff.get(f"{page(name)}?q=ada").text
    assert f'href="{at}?q=ada"' in opened
    assert "0 rows" in opened


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("kind", [CSV, XLSX])
def test_what_the_page_offers_is_in_the_file(staff, name, kind):
    make_rows(2)

    answer = export(staff, name, kind=kind)

    content = answer.getvalue()
    if kind == CSV:
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    else:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        rows = book.get_sheet_by_index(0).to_python()
    offered = lxml.html.fromstring(staff.get(page(name)).content).xpath(
        "//fieldset[contains(@class, 'columns')]/label"
    )
    assert rows[0] == [label.text_content().strip() for label in offered]
    assert len(rows) == 3
    extension = {CSV: "csv", XLSX: "xlsx"}[kind]
    noun = name.partition("_")[2].replace("inquiry", "inquirie")
    filename = f"{noun}s-{timezone.localdate():%Y-%m-%d}.{extension}"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{filename}"'


def test_a_lead_is_exported_in_the_words_of_its_page(staff):
    inquiry = receive(company="Engines")
    moves.revise(inquiry.lead, {"value": 1250, "currency": "EUR"}, by=None, at=timezone.now())
    moves.move(
        inquiry.lead,
        "lost",
        by=None,
        at=timezone.now(),
        lost_because="price",
        lost_reason="=too dear",
    )

    [row] = table(export(staff, "leads_lead"))

    names = ("contact", "email", "company", "stage", "lost because", "in words")
    told = {name: row[name] for name in names}
    assert told == {
        "contact": "Ada",
        "email": "Ada@firm.example",
        "company": "Engines",
        "stage": "Lost",
        "lost because": "Price",
        "in words": "'=too dear",
    }
    assert (row["value"], row["currency"], row["inquiries"]) == ("1250.000", "EUR", "1")
    assert row["received"] == f"{timezone.localtime(inquiry.lead.opened_at):%Y-%m-%d %H:%M}"
    assert row["score"] == "32"  # company 10, address 10, no assessment 12
    assert row["readiness"] == row["looking for"] == row["next step"] == ""


def test_what_was_chosen_is_exported_as_its_label(staff):
    asked = builders.question_set()
    assessment, key = taking.begin(asked)
    wishes = {"wanted": "project", "start": "month", "team": "up_to_20"}
    taking.save(assessment, answers=dict.fromkeys(asked.questions, 3), wishes=wishes)
    taking.finish(assessment)
    words = {"name": "Ada", "email": "ada@firm.example", "message": "Hi."}
    receiving.receive(Inquiry(**words), assessment=taking.result_key(key))

    [row] = table(export(staff, "leads_lead"))

    assert (row["looking for"], row["start"], row["team"]) == (
        "One bounded project", "Within a month", "6 to 20",
    )  # fmt: skip
    assert (row["readiness"], row["readiness total"]) == ("Ready", "100.0")


def test_an_inquiry_is_exported_with_its_state_and_word_for_word(staff):
    receive(message="=1+1\nand more", utm_source="letter")

    [row] = table(export(staff, "leads_inquiry"))

    assert row["message"] == "'=1+1\nand more"
    assert (row["state"], row["lead"], row["campaign source"]) == (
        "Not notified yet", "New", "letter",
    )  # fmt: skip


def test_spam_is_left_out_as_in_the_list_until_somebody_asks_for_it(staff):
    spam_marks.mark(receive("Spammer"), by=builders.user(), at=timezone.now())
    receive("Ada")

    for name, column in [("leads_inquiry", "name"), ("leads_lead", "contact")]:
        assert [row[column] for row in table(export(staff, name))] == ["Ada"]
        assert [row[column] for row in table(export(staff, name, "?spam=spam"))] == ["Spammer"]


def test_search_filters_and_order_of_the_list_hold_for_the_file(staff):
    for name in ("Ada", "Grace", "Adam"):
        receive(name)

    found = table(export(staff, "leads_inquiry", "?q=ada&o=1"))
    turned = table(export(staff, "leads_inquiry", "?q=ada&o=-1"))

    assert [row["name"] for row in found] == ["Ada", "Adam"]
    assert [row["name"] for row in turned] == ["Adam", "Ada"]


@pytest.mark.parametrize("name", LISTS)
def test_columns_that_nobody_wants_are_left_out(staff, name):
    make_rows(1)
    wanted = {"leads_lead": "email", "leads_inquiry": "email", "redirects_redirect": "path"}[name]

    [row] = table(export(staff, name, only=[wanted]))

    assert list(row) == [wanted]


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("kind", ["", "2", "-1", "x", "0\0"])
def test_a_file_of_no_kind_and_without_columns_is_refused_in_words(staff, name, kind):
    for answer in (export(staff, name, kind=kind), export(staff, name, only=[])):
        assert answer.status_code == 422
        assert "No file was made." in answer.text


@pytest.mark.parametrize(
    ("name", "roles"),
    [
        ("leads_lead", {"Sales", "Administrator"}),
        ("leads_inquiry", {"Sales", "Administrator"}),
        ("redirects_redirect", {"Publisher", "Administrator"}),
    ],
)
def test_only_who_may_see_the_list_gets_the_file(name, roles):
    make_rows(1)
    for role in ("Author", "Publisher", "Sales", "Administrator", ""):
        client = builders.signed_in(role)
        may = role in roles
        at = reverse(f"admin:{name}_changelist")

        assert client.get(at).status_code == (200 if may else 403), role
        assert client.get(page(name)).status_code == (200 if may else 403), role
        assert client.post(page(name), {"format": "0"}).status_code == (422 if may else 403), role
    assert Client().get(page(name)).status_code == 302


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("query", ["?pk__in=x", "?nonsense=1", "?q=" + "a+" * 30])
def test_a_filter_that_makes_no_sense_leads_back_to_the_list(staff, name, query):
    answer = staff.get(page(name) + query)

    assert answer.status_code == 302
    assert answer.url == reverse(f"admin:{name}_changelist")


@pytest.mark.parametrize("name", LISTS)
def test_twenty_rows_cost_no_more_queries_than_two(staff, name, django_assert_num_queries):
    make_rows(2)
    table(export(staff, name))
    with CaptureQueriesContext(connection) as of_two:
        table(export(staff, name))
    make_rows(18)

    with django_assert_num_queries(len(of_two)):
        assert len(table(export(staff, name))) == 20
