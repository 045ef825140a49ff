"""Many at once in the inbox: the acts, refusals and Undo of the lists, in every tab."""

from datetime import timedelta

import lxml.html
import pytest
from django.urls import reverse
from django.utils import timezone

from desk.models import Act
from leads.acts import doing
from leads.bulk.acts import NotSpamAct
from leads.inbox import views
from leads.intake import receiving
from leads.models import Answer, Inquiry, Kind, Lead, NextStep
from tests import builders
from tests.builders import SPAM

pytestmark = pytest.mark.django_db

INBOX = reverse("admin:inbox")
TOMORROW = (timezone.localdate() + timedelta(days=1)).isoformat()
FIELDS = {
    "take": {},
    "owner": {"owner-owner": "nobody"},
    "kind": {"kind-kind": "vendor"},
    "stage": {"stage-stage": "lost", "stage-lost_because": "timing"},
    "step": {"step-text": "Call", "step-due_on": TOMORROW},
    "answered": {},
    "no-answer": {},
    "spam": {},
}


@pytest.fixture
def mikkel():
    return builders.user(role="Sales", name="Mikkel Sørensen")


@pytest.fixture
def lone():
    return builders.user(role="Sales", name="Lone Vestergaard")


@pytest.fixture
def sales(client, mikkel):
    client.force_login(mikkel)
    return client


def receive(*names, signs=(), **fields):
    return [
        receiving.receive(
            Inquiry(
                name=name,
                email=f"{name.lower()}@example.com",
                message=f"We need a ledger, {name}.",
                **fields,
            ),
            signs=signs,
        )
        for name in names
    ]


def see(client, **query):
    return client.get(INBOX, query)


def act(client, name, *rows, tab="all", **fields):
    """As the form sends it: with what the page shows of each row."""
    page = see(client, tab=tab)
    sent = {
        "row": [row.pk for row in rows],
        "filters": f"tab={tab}",
        "next": INBOX,
        "seen": [row.seen for row in page.context["rows"] if row.seen],
    }
    url = reverse("admin:inbox_act", args=[name])
    return client.post(url, sent | fields, follow=True)


def state():
    """All that the acts change."""
    return (
        list(Lead.objects.order_by("pk").values()),
        list(Inquiry.objects.order_by("pk").values("lead", "verdict", "spam_mark__by")),
        list(NextStep.objects.values("lead", "text")),
        list(Answer.objects.values("lead")),
    )


class TestLeads:
    @pytest.fixture
    def leads(self, lone):
        leads = [one.lead for one in receive("Ada", "Bo", "Carla")]
        doing.assign(leads[:1], lone, by=lone, at=timezone.now() - timedelta(hours=2))
        return leads

    @pytest.mark.parametrize("name", FIELDS)
    def test_each_act_and_undo(self, sales, leads, name):
        rows = leads[1:] if name == "take" else leads[:2]
        if name == "owner":
            rows = leads[:1]
        before = state()

        done = act(sales, name, *rows, **FIELDS[name])
        changed, latest = state(), Act.objects.first()
        sales.post(reverse("admin:undo"), {"act": latest.pk})

        assert changed != before
        assert latest.count == len(rows)
        assert done.context["latest_act"].act == latest
        assert state() == before

    @pytest.mark.parametrize("tab", ["mine", "unassigned", "all", "today", "quiet"])
    def test_every_tab_offers_them(self, sales, tab):
        page = see(sales, tab=tab)

        assert [one.name for one, _ in page.context["acts"]] == [*FIELDS]

    def test_all_of_a_tab_are_those_that_the_page_counted(self, sales, leads):
        done = act(sales, "kind", tab="unassigned", **{"all": 2, "kind-kind": "job"})

        assert done.redirect_chain
        assert {one.contact.name for one in Lead.objects.filter(kind="job")} == {"Bo", "Carla"}

    @pytest.mark.parametrize("said", ["1", "3", ""])
    def test_when_their_number_has_changed_it_asks(self, sales, leads, said):
        page = act(sales, "kind", tab="unassigned", **{"all": said, "kind-kind": "job"})

        assert "Change 2 leads?" in page.text and "Nothing is done yet." in page.text
        assert not Lead.objects.filter(kind="job").exists()

    def test_all_of_one_kind(self, sales, leads, mikkel):
        doing.sort(leads[:2], Kind.JOB, by=mikkel, at=timezone.now())

        act(sales, "no-answer", **{"filters": "tab=all&kind=job", "all": 2})

        assert Lead.objects.unanswered().get() == leads[2]

    def test_refusals_are_said_as_in_lists(self, sales, leads):
        page = act(sales, "take", *leads)

        assert Lead.objects.filter(owner__name="Mikkel Sørensen").count() == 2
        assert "Lone Vestergaard has Ada already. To take it over, assign it." in page.text

    def test_what_a_stage_needs_is_asked_for_and_the_rows_stay_selected(self, sales, leads):
        page = act(sales, "stage", *leads[:2], **{"stage-stage": "lost"})

        assert page.status_code == 422
        assert "Say why they were lost." in page.text
        assert page.context["selected"] == [one.pk for one in leads[:2]]

    def test_what_was_filled_in_wrongly_comes_back_on_its_page_of_the_list(
        self, sales, leads, monkeypatch
    ):
        monkeypatch.setattr(views, "ON_A_PAGE", 2)
        second = see(sales, tab="all", page=2)
        [filters] = lxml.html.fromstring(second.text).xpath("//input[@name='filters']/@value")

        wrong = act(sales, "stage", *leads[2:], filters=filters, **{"stage-stage": "lost"})

        assert wrong.status_code == 422
        rows = [[row.key for row in page.context["rows"]] for page in (second, wrong)]
        assert rows[0] == rows[1] != []

    def test_nobody_answers_what_came_since_the_page_was_opened(self, sales, leads):
        seen = [row.seen for row in see(sales).context["rows"]]
        receiving.receive(Inquiry(name="Ada", email="ada@example.com", message="One more thing."))

        page = act(sales, "answered", *leads, seen=seen)

        assert "Ada has written again since you opened the page. Read that first." in page.text
        assert {one.lead.contact.name for one in Answer.objects.all()} == {"Bo", "Carla"}

    def test_nobody_answers_what_stands_on_another_page(self, sales, leads):
        seen = [row.seen for row in see(sales).context["rows"]][:1]

        page = act(sales, "answered", **{"all": 3, "seen": seen})

        assert Answer.objects.count() == 1
        assert "2 on other pages were left alone" in page.text

    @pytest.mark.parametrize("name", ["not-spam", "erase", "columns"])
    def test_an_act_of_elsewhere_is_none(self, sales, leads, name):
        assert act(sales, name, *leads).status_code == 403

    def test_rows_that_are_gone_are_said(self, sales, leads):
        page = act(sales, "spam", row=["", "x", "9" * 30, 4711])

        assert "Nothing was selected, or it has been deleted meanwhile." in page.text

    def test_who_may_not_sell_does_nothing(self, leads):
        author = builders.signed_in("Author")
        url = reverse("admin:inbox_act", args=["spam"])

        assert author.post(url, {"row": leads[0].pk}).status_code == 403

    def test_someone_who_has_left_is_not_offered(self, sales, leads, lone):
        lone.is_active = False
        lone.save()

        [owner] = [one for one, _ in see(sales).context["acts"] if one.name == "owner"]

        assert [one.label for one in owner.presses()] == ["Me", "Nobody"]


class TestSuspectedSpam:
    @pytest.mark.parametrize("name", ["spam", "not-spam"])
    def test_nine_at_once_and_undo(self, sales, name):
        nine = receive(*(f"Suspect{number}" for number in range(9)), signs=SPAM)
        before = state()

        act(sales, name, tab="suspected", **{"all": 9})
        left, latest = Inquiry.objects.suspected().count(), Act.objects.first()
        sales.post(reverse("admin:undo"), {"act": latest.pk})

        assert (left, latest.count) == (0, len(nine))
        assert state() == before

    def test_only_those_acts_are_offered(self, sales):
        receive("Suspect", signs=SPAM)

        page = see(sales, tab="suspected")

        assert [one.name for one, _ in page.context["acts"]] == ["spam", "not-spam"]
        assert act(sales, "owner", tab="suspected").status_code == 403

    def test_two_inquiries_of_one_person_come_onto_one_lead(self, sales):
        about = {"name": "Ada", "email": "ada@example.com", "company": "Ledgerhaus"}
        both = [
            receiving.receive(Inquiry(message=f"A ledger, {turn}.", **about), signs=SPAM)
            for turn in ("please", "again")
        ]

        act(sales, "not-spam", *both, tab="suspected")

        assert Lead.objects.get().inquiries.count() == 2

    def test_what_a_colleague_decided_meanwhile_is_said(self, sales, lone):
        ada, bo = receive("Ada", "Bo", signs=SPAM)
        doing.not_spam([ada], by=lone, at=timezone.now())

        page = act(sales, "not-spam", ada, bo, tab="suspected")

        assert "Ada is not spam already." in page.text
        assert Act.objects.first().count == 1

    def test_more_than_can_be_let_through_at_once_are_refused(self, sales, monkeypatch):
        monkeypatch.setattr(NotSpamAct, "max_at_once", 2)
        receive("Ada", "Bo", "Carla", signs=SPAM)

        page = act(sales, "not-spam", tab="suspected", **{"all": 3})

        assert "More than 2 match, and so many cannot be changed at once." in page.text
        assert Inquiry.objects.suspected().count() == 3

    def test_letting_many_through_asks_little_for_each(self, mikkel, django_assert_max_num_queries):
        many = receive(*(f"Suspect{number}" for number in range(20)), signs=SPAM)

        with django_assert_max_num_queries(20 + 20 * 5):
            doing.not_spam(many, by=mikkel, at=timezone.now())
