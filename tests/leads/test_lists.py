"""The lists of leads, people, companies and inquiries: filters, order, pages, many at once."""

from datetime import timedelta
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from desk.models import Act
from leads.acts import doing
from leads.bulk.acts import KindAct
from leads.intake import receiving
from leads.lists import listed
from leads.models import Activity, Inquiry, Kind, Lead, NextStep
from leads.pipeline import moves, steps
from tests import builders
from tests.builders import SPAM

pytestmark = pytest.mark.django_db

LISTS = ("pipeline", "people", "companies", "inquiries")
TOMORROW = timezone.localdate() + timedelta(days=1)


def receive(name, signs=(), **fields) -> Inquiry:
    about = {"email": f"{name.lower()}@{name.lower()}.example", "message": f"A ledger, {name}."}
    return receiving.receive(Inquiry(name=name, **(about | fields)), signs=signs)


@pytest.fixture
def mikkel():
    return builders.user(role="Sales", name="Mikkel Sørensen")


@pytest.fixture
def sales(client, mikkel):
    client.force_login(mikkel)
    return client


def get(client, key="pipeline", **query):
    response = client.get(reverse(f"admin:{key}"), query)
    assert response.status_code == 200
    return response


def names(response):
    return [row.name for row in response.context["listed"].rows]


def act(client, name, key="pipeline", **data):
    return client.post(reverse("admin:list_act", args=[key, name]), data)


class TestWhatNarrowsThem:
    """Ada is a client, Bo has an open lead, and Carla looks for a job."""

    @pytest.fixture(autouse=True)
    def three(self, mikkel):
        now = timezone.now()
        office = builders.office(name="Aarhus")
        self.office = office.pk
        received = {
            "Ada": receive("Ada", company="Ada Ltd"),
            "Bo": receive("Bo", company="Bo Ltd", office=office, utm_campaign="November"),
            "Carla": receive("Carla", company="Carla Ltd", received_at=now - timedelta(days=9)),
        }
        moves.move(received["Ada"].lead, "won", by=mikkel, at=now, value=Decimal(1), currency="DKK")
        doing.sort([received["Carla"].lead], Kind.JOB, by=mikkel, at=now)
        Inquiry.objects.filter(name="Ada").update(language="da")
        Inquiry.objects.filter(name="Bo").update(language="en")
        receive("Mallory", signs=SPAM)

    @pytest.mark.parametrize("key", ["people", "companies"])
    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ({"standing": "open"}, {"Bo"}),
            ({"standing": "client"}, {"Ada"}),
            ({"domain": "bo.example"}, {"Bo"}),
            ({"domain": " @Bo.Example "}, {"Bo"}),
            ({"domain": "example"}, {"Ada", "Bo", "Carla"}),
            ({"q": "carla"}, {"Carla"}),
        ],
    )
    def test_people_and_companies(self, sales, key, query, found):
        shown = {name.removesuffix(" Ltd") for name in names(get(sales, key, **query))}

        assert shown - {"Mallory"} == found

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ({"kind": "job"}, {"Carla"}),
            ({"kind": "unsorted"}, {"Ada", "Bo"}),
            ({"language": "foreign"}, {"Ada"}),
            ({"language": "en"}, {"Bo"}),
            ({"office": "Aarhus"}, {"Bo"}),
            ({"received_to": -5}, {"Carla"}),
            ({"received_from": -1}, {"Ada", "Bo"}),
            ({"source": "November"}, {"Bo"}),
            ({"state": "suspected"}, {"Mallory"}),
            ({"state": "spam"}, set()),
            ({"state": "all"}, {"Ada", "Bo", "Carla", "Mallory"}),
        ],
    )
    def test_inquiries(self, sales, query, found):
        said = {
            name: str(timezone.localdate() + timedelta(days=value))
            if isinstance(value, int)
            else value
            for name, value in query.items()
        }
        if "office" in said:
            said["office"] = str(self.office)

        assert set(names(get(sales, "inquiries", **said))) == found


class TestEachList:
    @pytest.mark.parametrize("key", LISTS)
    def test_it_shows_who_there_is(self, sales, key):
        receive("Ada", company="Ledgerhaus")

        response = get(sales, key)

        assert names(response) == ["Ledgerhaus" if key == "companies" else "Ada"]

    @pytest.mark.parametrize("key", LISTS)
    def test_an_empty_one_says_what_to_do(self, sales, key):
        assert "yet. " in get(sales, key).text or "yet." in get(sales, key).text

    @pytest.mark.parametrize("key", LISTS)
    def test_authors_see_none(self, key):
        author = builders.signed_in("Author")

        assert author.get(reverse(f"admin:{key}")).status_code == 403

    @pytest.mark.parametrize("key", LISTS)
    def test_every_column_can_be_shown_and_every_order_asked_for(self, sales, key):
        for name in ("Ada", "Bo", "Carla"):
            receive(name, company=f"{name} Ltd")
        screen = get(sales, key).context["listed"].screen
        every = [column.key for column in screen.columns[1:]]
        sales.post(reverse("admin:list_columns", args=[key]), {"column": every})

        for column in screen.columns:
            if column.order:
                up = names(get(sales, key, sort=column.key))
                down = names(get(sales, key, sort=f"-{column.key}"))
                assert sorted(up) == sorted(down)
                assert len(up) == 3
        shown = get(sales, key).context["listed"].columns
        assert [column.key for column in shown[1:]] == every

    @pytest.mark.parametrize("key", LISTS)
    @pytest.mark.parametrize(
        "query",
        [
            {"sort": "__import__"},
            {"sort": "contact__owner__password"},
            {"after": "1e9"},
            {"after": "9" * 40},
            {"before": "-1"},
            {"after": "٣"},
            {"after": "1", "before": "2"},
            {"value_from": "1" + "0" * 30},
            {"value_from": "NaN"},
            {"owner": "0' OR 1=1"},
            {"owner": "9" * 30},
            {"stage": "nonsense", "kind": "nonsense", "state": "x", "q": "\u202e"},
            {"opened_from": "0001-01-01", "received_to": "9999-12-31"},
            {"q": "word " * 30},
            {"q": "%_\\'\""},
            {"columns": "password"},
        ],
    )
    def test_nonsense_in_the_address_is_left_aside(self, sales, key, query):
        receive("Ada", company="Ada Ltd")

        assert get(sales, key, **query)


class TestPages:
    @pytest.fixture(autouse=True)
    def short_pages(self, monkeypatch):
        monkeypatch.setattr(listed, "ROWS_ON_A_PAGE", 3)

    def walk(self, client, direction, response):
        pages = [names(response)]
        while url := getattr(response.context["listed"], f"{direction}_url"):
            response = client.get(url)
            pages.append(names(response))
        return pages, response

    def test_every_row_is_on_one_page_there_and_back_in_every_order(self, sales, mikkel):
        people = ["Ada", "Bo", "Carla", "Dina", "Emil", "Freja", "Gro", "Hal"]
        for number, name in enumerate(people):
            lead = receive(name, company=f"Firm {number % 3}" if number % 2 else "").lead
            now = timezone.now() - timedelta(days=number)
            if number % 3 == 0:
                doing.take([lead], by=mikkel, at=now)
                doing.move([lead], "proposal", by=mikkel, at=now, value=Decimal(number % 2))
            if number % 2:
                due = TOMORROW + timedelta(days=number % 3)
                doing.add_step([lead], "Call", due_on=due, owner=None, by=mikkel, at=now)
        wrong = {}

        for column in ["name", "company", "stage", "owner", "value", "opened", "days", "step"]:
            for sort in (column, f"-{column}"):
                pages, last = self.walk(sales, "next", get(sales, sort=sort))
                back, _ = self.walk(sales, "previous", last)
                is_right = (
                    [len(page) for page in pages] == [3, 3, 2]
                    and len({name for page in pages for name in page}) == len(people)
                    and back[::-1][:-1] == pages[:-1]
                )
                if not is_right:
                    wrong[sort] = pages, back

        assert wrong == {}

    def test_what_has_no_value_comes_last_in_either_direction(self, sales, mikkel):
        for name, value in [("Ada", None), ("Bo", 5), ("Carla", 9)]:
            lead = receive(name).lead
            doing.revise(lead, {"value": value}, by=mikkel, at=timezone.now())

        assert names(get(sales, sort="value")) == ["Bo", "Carla", "Ada"]
        assert names(get(sales, sort="-value")) == ["Carla", "Bo", "Ada"]

    def test_by_the_first_open_next_step_whatever_becomes_of_steps(self, sales, mikkel):
        ada, bo, _ = (receive(name).lead for name in ("Ada", "Bo", "Carla"))
        now, day = timezone.now(), timedelta(days=1)
        by = {"owner": None, "by": mikkel, "at": now}
        for lead, days in [(ada, (5, 2)), (bo, (3,))]:
            for number in days:
                doing.add_step([lead], "Call", due_on=TOMORROW + number * day, **by)

        assert names(get(sales, sort="step")) == ["Ada", "Bo", "Carla"]
        first = ada.next_steps.earliest("due_on")
        done = doing.complete_step(first, by=mikkel, at=now)
        assert names(get(sales, sort="step")) == ["Bo", "Ada", "Carla"]
        sales.post(reverse("admin:undo"), {"act": done.act.pk})
        assert names(get(sales, sort="step")) == ["Ada", "Bo", "Carla"]
        first.refresh_from_db()
        first.due_on = TOMORROW + 4 * day
        steps.update_next_step(first, by=mikkel, at=now)
        assert names(get(sales, sort="step")) == ["Bo", "Ada", "Carla"]
        steps.cancel_next_step(bo.next_steps.get(), by=mikkel, at=now)
        assert names(get(sales, sort="step")) == ["Ada", "Bo", "Carla"]
        assert names(get(sales, step="none", sort="name")) == ["Bo", "Carla"]

    def test_after_a_row_that_is_gone_it_begins_anew(self, sales):
        for name in ("Ada", "Bo", "Carla", "Dina"):
            receive(name)

        assert names(get(sales, sort="name", after=10**9)) == ["Ada", "Bo", "Carla"]


class TestFilters:
    def test_by_owner_stage_kind_and_value(self, sales, mikkel):
        for name in ("Ada", "Bo", "Carla", "Dina"):
            receive(name)
        ada, bo, carla, dina = Lead.objects.order_by("pk")
        now = timezone.now()
        doing.take([ada], by=mikkel, at=now)
        doing.move([bo], "lost", by=mikkel, at=now, lost_because="price")
        doing.sort([carla], Kind.JOB, by=mikkel, at=now)
        doing.revise(dina, {"value": Decimal(5000)}, by=mikkel, at=now)

        assert names(get(sales, owner="me")) == ["Ada"]
        assert names(get(sales, owner="nobody", sort="name")) == ["Dina"]
        assert names(get(sales, stage="lost")) == ["Bo"]
        assert names(get(sales, kind="job")) == ["Carla"]
        assert names(get(sales, value_from=5000, value_to=5000)) == ["Dina"]
        assert names(get(sales, opened_from="2100-01-01")) == []

    def test_by_what_is_due(self, sales, mikkel):
        for name in ("Ada", "Bo", "Carla"):
            receive(name)
        ada, bo, carla = Lead.objects.order_by("pk")
        now = timezone.now()
        Lead.objects.filter(pk=ada.pk).update(respond_by=now - timedelta(hours=1))
        doing.answer([bo], by=mikkel, at=now, shown={})
        doing.add_step([carla], "Call", due_on=timezone.localdate(), owner=None, by=mikkel, at=now)

        assert names(get(sales, answer="overdue")) == ["Ada"]
        assert names(get(sales, answer="waiting", sort="name")) == ["Ada", "Carla"]
        assert names(get(sales, answer="answered")) == ["Bo"]
        assert names(get(sales, step="due")) == ["Carla"]
        assert names(get(sales, step="none", sort="name")) == ["Ada", "Bo"]

    def test_by_where_they_came_from(self, sales):
        article = builders.article(slug="a-spec-somebody-can-build-from")
        receive("Ada", utm_source="LinkedIn")
        receive("Bo", article=article)
        receive("Carla")

        assert names(get(sales, source="linkedin")) == ["Ada"]
        assert names(get(sales, source=article.slug)) == ["Bo"]
        assert names(get(sales, "inquiries", source="linkedin")) == ["Ada"]

    @pytest.mark.parametrize("key", LISTS)
    def test_by_any_word_that_was_said(self, sales, key):
        receive("Ada", company="Ledgerhaus", message="Our reconciliation fails at night.")
        receive("Bo", company="Bo Ltd")

        found = names(get(sales, key, q="reconcilation"))

        assert found == ["Ledgerhaus" if key == "companies" else "Ada"]

    def test_suspected_spam_among_inquiries_is_asked_for(self, sales):
        receive("Ada")
        receive("Spammer", signs=SPAM)

        assert names(get(sales, "inquiries")) == ["Ada"]
        assert names(get(sales, "inquiries", state="suspected")) == ["Spammer"]

    def test_what_is_filtered_is_added_up_by_currency(self, sales, mikkel):
        for name, value, currency in [("Ada", 1000, "DKK"), ("Bo", 250, "DKK"), ("Cy", 70, "EUR")]:
            details = {"value": Decimal(value), "currency": currency}
            doing.revise(receive(name).lead, details, by=mikkel, at=timezone.now())

        assert get(sales).context["listed"].sums == ["1,250 DKK", "70 EUR"]


class TestManyAtOnce:
    FIELDS = {
        "owner": {"owner-owner": "nobody"},
        "stage": {"stage-stage": "qualified"},
        "kind": {"kind-kind": "vendor"},
        "step": {"step-text": "Call", "step-due_on": TOMORROW.isoformat()},
        "spam": {},
    }

    @pytest.fixture
    def leads(self, mikkel):
        leads = [receive(name).lead for name in ("Ada", "Bo", "Carla")]
        doing.take(leads, by=mikkel, at=timezone.now() - timedelta(hours=2))
        return leads

    def state(self):
        return (
            list(Lead.objects.order_by("pk").values()),
            list(Inquiry.objects.order_by("pk").values("pk", "sorted_as__kind", "spam_mark")),
            NextStep.objects.count(),
        )

    @pytest.mark.parametrize("name", FIELDS)
    def test_each_act_and_undo(self, sales, leads, name):
        before = self.state()

        done = act(sales, name, row=[one.pk for one in leads[:2]], **self.FIELDS[name])
        changed, latest = self.state(), Act.objects.first()
        sales.post(reverse("admin:undo"), {"act": latest.pk})

        assert done.status_code == 302
        assert latest.count == 2
        assert changed != before
        assert self.state() == before

    @pytest.mark.parametrize("name", FIELDS)
    def test_who_may_only_look_does_nothing(self, leads, name):
        viewer = builders.signed_in("Author")

        assert act(viewer, name, row=leads[0].pk, **self.FIELDS[name]).status_code == 403
        assert Activity.objects.filter(act__isnull=False).count() == 3

    def test_all_that_match_when_they_are_as_many_as_the_page_said(self, sales, leads):
        act(sales, "kind", **{"all": 3, "filters": "owner=me", "kind-kind": "job"})

        assert Lead.objects.filter(kind="job").count() == 3

    @pytest.mark.parametrize("said", [2, 4, ""])
    def test_if_they_are_not_it_asks_first(self, sales, leads, said):
        fields = {"filters": "owner=me", "kind-kind": "job", "next": "/admin/pipeline/"}

        asked = act(sales, "kind", all=said, **fields)
        assert not Lead.objects.filter(kind="job").exists()
        act(sales, "kind", all=3, **fields)

        assert "Change 3 leads?" in asked.text and "Nothing is done yet." in asked.text
        assert Lead.objects.filter(kind="job").count() == 3

    def test_too_many_are_refused(self, sales, leads, monkeypatch):
        monkeypatch.setattr(KindAct, "max_at_once", 2)

        said = sales.post(
            reverse("admin:list_act", args=["pipeline", "kind"]),
            {"all": 3, "kind-kind": "job", "next": reverse("admin:pipeline")},
            follow=True,
        )

        assert "Narrow the list." in said.text
        assert not Lead.objects.filter(kind="job").exists()

    def test_what_a_stage_needs_is_asked_for_and_what_was_typed_stays(self, sales, leads):
        wrong = act(
            sales, "stage", row=[leads[0].pk], **{"stage-stage": "lost", "stage-lost_reason": "Why"}
        )

        assert wrong.status_code == 422
        assert "Say why they were lost." in wrong.text
        assert 'value="Why"' in wrong.text
        assert wrong.context["selected"] == [leads[0].pk]
        assert not Lead.objects.filter(stage="lost").exists()

    def test_those_that_cannot_be_moved_are_named(self, sales, leads):
        said = sales.post(
            reverse("admin:list_act", args=["pipeline", "stage"]),
            {"row": [one.pk for one in leads], "stage-stage": "won"},
            follow=True,
        )

        assert "Ada: Say what it is worth." in said.text

    def test_rows_that_are_gone_are_left_aside(self, sales, leads):
        act(sales, "kind", row=[leads[0].pk, 10**9, "x"], **{"kind-kind": "job"})

        assert Lead.objects.get(kind="job") == leads[0]

    def test_spam_among_inquiries_and_back(self, sales):
        chosen = receive("Spammer", signs=SPAM)

        act(sales, "spam", "inquiries", row=[chosen.pk])
        assert Inquiry.objects.spam().get() == chosen
        sales.post(reverse("admin:undo"), {"act": Act.objects.first().pk})
        act(sales, "not-spam", "inquiries", row=[chosen.pk])

        assert Inquiry.objects.get().verdict == "not_spam"

    def test_an_act_of_another_list_is_none(self, sales):
        assert act(sales, "owner", "inquiries").status_code == 403
        assert act(sales, "nonsense").status_code == 403
        assert act(sales, "owner", "nonsense").status_code == 404


@pytest.mark.parametrize("key", LISTS)
def test_a_page_takes_at_most_fifteen_queries_however_many_rows(sales, mikkel, key):
    for number in range(12):
        lead = receive(f"Ada{number}", company=f"Firm {number}").lead
        doing.add_step([lead], "Call", due_on=TOMORROW, owner=None, by=mikkel, at=timezone.now())
    get(sales, key)

    with CaptureQueriesContext(connection) as queries:
        get(sales, key, sort="name")

    assert len(queries) <= 15, "\n".join(one["sql"][:150] for one in queries)


def test_an_export_has_what_the_list_shows(sales, mikkel):
    for name in ("Ada", "Bo"):
        receive(name)
    doing.take(Lead.objects.filter(contact__name="Ada"), by=mikkel, at=timezone.now())
    url = get(sales, owner="me").context["listed"].export_url

    page = sales.get(url)

    assert parse_qs(urlsplit(url).query)["list"] == ["pipeline"]
    assert page.context["count"] == 1
