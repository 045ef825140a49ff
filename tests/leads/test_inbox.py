"""The inbox and the record: what waits, who it is, and one press for each act."""

from datetime import timedelta
from decimal import Decimal
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from leads.acts import doing
from leads.inbox.paging import ON_A_PAGE
from leads.intake import receiving
from leads.models import Absence, Answer, Company, Inquiry, Kind, Lead, NextStep
from leads.pipeline import moves
from tests import builders
from tests.builders import DOUBT, SPAM

pytestmark = pytest.mark.django_db

INBOX = reverse("admin:inbox")


def receive(name="Ada", signs=(), days_ago=0, **fields) -> Inquiry:
    about = {
        "email": f"{name.lower()}@example.com",
        "message": f"We need a ledger, {name}.",
        "received_at": timezone.now() - timedelta(days=days_ago),
    }
    return receiving.receive(Inquiry(name=name, **(about | fields)), signs=signs)


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


def see(client, **query):
    page = client.get(INBOX, query)
    assert page.status_code == 200
    return page


def names(page):
    return [row.name for row in page.context["rows"]]


def press(client, act, lead, **more):
    page = see(client, tab="all", open=lead.pk)
    data = {"lead": lead.pk, "seen": f"{lead.pk}:{page.context['seen']}", "next": INBOX}
    return client.post(reverse("admin:lead_act", args=[act]), data | more, follow=True)


class TestTheList:
    def test_the_longest_wait_is_first_and_opens_by_itself(self, sales):
        receive("Bo", days_ago=1)
        receive("Ada", days_ago=10)  # over no weekend are both due at the same hour

        page = see(sales)

        assert names(page) == ["Ada", "Bo"]
        assert page.context["record"].name == "Ada"
        assert "We need a ledger, Ada." in page.content.decode()

    def test_each_tab_has_what_it_says_and_a_count(self, sales, mikkel, lone):
        now = timezone.now()
        mine, theirs, free = (receive(name).lead for name in ("Mine", "Theirs", "Free"))
        moves.assign(mine, mikkel, by=None, at=now)
        moves.assign(theirs, lone, by=None, at=now)
        receive("Suspect", signs=SPAM)
        quiet = receive("Quiet", days_ago=30).lead
        moves.answer(quiet, by=mikkel, at=now - timedelta(days=20))
        due = receive("Due").lead
        moves.answer(due, by=mikkel, at=now)
        NextStep.objects.create(lead=due, text="Call", due_on=timezone.localdate(), owner=mikkel)
        Lead.objects.filter(pk=free.pk).update(respond_by=now - timedelta(minutes=1))
        Lead.objects.filter(pk=mine.pk).update(respond_by=now + timedelta(days=5))

        found = {tab.key: names(see(sales, tab=tab.key)) for tab, _ in see(sales).context["tabs"]}

        assert found == {
            "mine": ["Mine"],
            "unassigned": ["Free"],
            "all": ["Free", "Theirs", "Mine"],
            "today": ["Free", "Due"],
            "quiet": ["Quiet"],
            "suspected": ["Suspect"],
        }
        counts = {tab.key: count for tab, count in see(sales).context["tabs"]}
        assert counts == {key: str(len(rows)) for key, rows in found.items()}

    def test_a_row_says_who_they_are_to_us(self, sales, mikkel, lone):
        nordpay = Company.objects.create(name="NordPay")
        won = receive("Freja").lead
        won.contact.company = nordpay
        won.contact.save()
        moves.assign(won, lone, by=None, at=timezone.now())
        moves.move(won, "won", by=lone, at=timezone.now(), value=Decimal(52000), currency="DKK")
        again = receive("Freja", message="URGENT: payments are failing.", signs=DOUBT).lead
        doing.sort([again], Kind.SUPPORT, by=mikkel, at=timezone.now())
        other = receive("Jonas").lead
        other.contact.company = nordpay
        other.contact.save()

        rows = {row.name: row for row in see(sales).context["rows"]}

        texts = [mark.text for mark in rows["Freja"].marks]
        assert texts[:2] == ["Urgent", "Client"]
        assert texts[2].startswith("won 52,000 DKK, ")
        assert texts[2].endswith("Lone Vestergaard")
        assert "Support" in texts
        assert "May be spam" in texts
        # Freja's lead is support, and so no open lead of a colleague.
        assert [mark.text for mark in rows["Jonas"].marks] == []

    def test_a_colleague_of_an_open_lead_is_said_to_be_one(self, sales):
        nordpay = Company.objects.create(name="NordPay")
        for name in ("Freja", "Jonas"):
            lead = receive(name).lead
            lead.contact.company = nordpay
            lead.contact.save()

        rows = {row.name: row for row in see(sales).context["rows"]}

        assert [mark.text for mark in rows["Jonas"].marks] == ["Colleague: Freja, New"]

    def test_what_nobody_has_opened_is_new(self, sales, mikkel):
        receive("Ada", days_ago=2)
        receive("Bo")

        see(sales)  # opens Ada
        page = see(sales)

        assert {row.name: row.is_new for row in page.context["rows"]} == {"Ada": False, "Bo": True}
        receive("Ada", message="And another thing.")
        rows = see(sales, open=Lead.objects.get(contact__name="Bo").pk).context["rows"]
        assert {row.name: row.is_new for row in rows} == {"Ada": True, "Bo": True}

    @pytest.mark.parametrize("tab", ["mine", "unassigned", "all", "today", "quiet", "suspected"])
    def test_nobody_waiting_is_said_in_words(self, sales, tab):
        page = see(sales, tab=tab)

        assert page.context["tab"].empty in page.content.decode()

    @pytest.mark.parametrize(
        "query",
        [
            {"tab": "nonsense"},
            {"open": "x"},
            {"open": "i"},
            {"open": "99999999999999999999999"},
            {"open": "٣"},
            {"page": "-1"},
            {"page": "999999999999"},
            {"open": "1", "after": "'"},
        ],
    )
    def test_nonsense_in_the_address_shows_a_page(self, sales, query):
        receive()

        assert sales.get(INBOX, query).status_code == 200

    def test_a_page_holds_fifty_and_leads_on(self, sales):
        for number in range(51):
            receive(f"Visitor{number}", email=f"v{number}@example.com")

        first, second = see(sales), see(sales, page=2)

        assert (len(names(first)), len(names(second))) == (50, 1)
        assert not set(names(first)) & set(names(second))

    def test_each_kind_has_a_place_of_its_own(self, sales, mikkel):
        for name, kind in [("Jo", Kind.JOB), ("Pia", Kind.PRESS), ("Peer", Kind.PRESS)]:
            doing.sort([receive(name).lead], kind, by=mikkel, at=timezone.now())
        receive("Ada")

        page = see(sales, tab="all", kind="press")

        assert sorted(names(page)) == ["Peer", "Pia"]
        counts = [(kind.label, count) for kind, count in page.context["waiting_kinds"]]
        assert counts == [("Press", "2"), ("Job", "1")]
        assert "kind=press" in page.context["here"]

    def test_an_owner_who_is_away_is_said_to_be(self, sales, mikkel, lone):
        lead = receive().lead
        moves.assign(lead, lone, by=None, at=timezone.now())
        today = timezone.localdate()
        Absence.objects.create(user=lone, first_day=today, last_day=today, cover=mikkel)

        assert "Lone Vestergaard is away" in see(sales).content.decode()


class TestOpening:
    def test_the_next_one_opens_when_the_row_has_left_the_list(self, sales, mikkel):
        first, second = receive("Ada", days_ago=3).lead, receive("Bo", days_ago=2).lead
        receive("Carla", days_ago=1)
        doing.spam([first], by=mikkel, at=timezone.now())

        page = see(sales, open=first.pk, after=second.pk)

        assert page.context["record"].name == "Bo"

    def test_it_stays_where_the_row_stays(self, sales):
        first, second = receive("Ada", days_ago=3).lead, receive("Bo", days_ago=2).lead

        page = see(sales, open=second.pk, after=first.pk)

        assert page.context["record"].name == "Bo"

    def test_a_link_to_an_answered_one_opens_it_beside_the_list(self, sales, mikkel):
        lead = receive("Ada").lead
        receive("Bo")
        moves.answer(lead, by=mikkel, at=timezone.now())

        page = see(sales, open=lead.pk)

        assert page.context["record"].name == "Ada"
        assert names(page) == ["Bo"]

    def test_one_that_was_erased_is_said_to_be(self, sales):
        receive()

        assert "its person was erased" in see(sales, open=4711).content.decode()

    def test_a_whole_record_has_a_page_of_its_own(self, sales):
        lead = receive().lead

        page = sales.get(reverse("admin:lead", args=[lead.pk]))

        assert "We need a ledger, Ada." in page.content.decode()
        assert sales.get(reverse("admin:lead", args=[4711])).status_code == 404

    def test_words_are_shown_as_they_were_typed(self, sales):
        receive(message='<script>alert(1)</script>\n\nA "table" & more\tיש לנו')

        page = see(sales).content.decode()

        assert "&lt;script&gt;alert(1)&lt;/script&gt;\n\nA &quot;table&quot; &amp; more\t" in page


class TestPresses:
    @pytest.mark.parametrize(
        ("act", "told", "is_done"),
        [
            ("take", "Ada: Assigned to Mikkel Sørensen", lambda lead: lead.owner),
            ("answered", "Ada: Answered for the first time", lambda lead: lead.responded_at),
            ("no-answer", "Ada: Needs no answer", lambda lead: lead.responded_at),
            ("spam", "Ada: Marked as spam", lambda lead: lead.is_spam()),
        ],
    )
    def test_it_is_done_and_offers_undo(self, sales, act, told, is_done):
        lead = receive().lead

        page = press(sales, act, lead)

        lead.refresh_from_db()
        assert is_done(lead)
        assert told in page.content.decode()
        act_number = page.context["latest_act"].act.pk
        sales.post(reverse("admin:undo"), {"act": act_number})
        lead.refresh_from_db()
        assert not is_done(lead)

    def test_a_key_gives_a_kind(self, sales):
        lead = receive().lead

        press(sales, "kind", lead, kind="job")

        lead.refresh_from_db()
        assert lead.kind == Kind.JOB

    def test_a_stale_page_answers_nothing_unread(self, sales):
        lead = receive().lead
        page = see(sales, open=lead.pk)
        receive(message="One more thing.")

        answer = sales.post(
            reverse("admin:lead_act", args=["answered"]),
            {"lead": lead.pk, "seen": f"{lead.pk}:{page.context['seen']}", "next": INBOX},
            follow=True,
        )

        assert "Ada has written again since you opened the page." in answer.content.decode()
        assert not Answer.objects.exists()

    def test_suspected_spam_is_decided_in_place(self, sales):
        suspect = receive("Suspect", signs=SPAM)
        page = see(sales, tab="suspected")
        assert page.context["suspected"] == suspect

        decide = reverse("admin:inbox_act", args=["not-spam"])
        sales.post(decide, {"row": suspect.pk, "filters": "tab=suspected", "next": INBOX})

        assert Lead.objects.get().inquiries.get() == suspect

    def test_an_act_that_there_is_not_is_not_found(self, sales):
        lead = receive().lead

        answer = sales.post(reverse("admin:lead_act", args=["erase"]), {"lead": lead.pk})

        assert answer.status_code == 404

    @pytest.mark.parametrize("lead", ["", "0", "x", "9" * 30])
    def test_nothing_chosen_is_said(self, sales, lead):
        receive()

        page = sales.post(
            reverse("admin:lead_act", args=["take"]), {"lead": lead, "next": INBOX}, follow=True
        )

        assert "Nothing was selected" in page.content.decode()


class TestForms:
    def send(self, client, act, lead, **data):
        return client.post(
            reverse("admin:lead_act", args=[act]),
            {"lead": lead.pk, "next": reverse("admin:lead", args=[lead.pk])} | data,
            follow=True,
        )

    def seen(self, client, lead, form):
        page = client.get(reverse("admin:lead", args=[lead.pk]))
        return page.context["forms"][form]["was"].value()

    def test_a_note_is_added(self, sales):
        lead = receive().lead

        page = self.send(sales, "note", lead, note="They want two people.")

        assert "They want two people." in page.content.decode()

    def test_a_next_step_is_added_and_ticked_off(self, sales, mikkel):
        lead = receive().lead
        tomorrow = timezone.localdate() + timedelta(days=1)

        self.send(sales, "step", lead, text="Call", due_on=tomorrow, owner=mikkel.pk)
        step = NextStep.objects.get()
        sales.post(reverse("admin:step_done", args=[step.pk]))

        step.refresh_from_db()
        assert (step.owner, step.is_done) == (mikkel, True)

    @pytest.mark.parametrize(
        ("act", "data", "reason"),
        [
            ("stage", {"stage": "won"}, "Say what it is worth."),
            ("stage", {"stage": "lost"}, "Say why the lead was lost."),
            ("stage", {"stage": "won", "value": "1.234,50,3"}, "Write"),
            ("value", {"value": "much", "currency": "EUR"}, "Write"),
            ("step", {"text": "Call", "due_on": "2020-01-01"}, "This date has passed."),
            ("step", {"text": "", "due_on": "x"}, "This field is required."),
            ("note", {"note": "@nobody!"}, "Nobody in sales is called @nobody."),
            ("person", {"timezone": "Mars/Olympus"}, "time zone"),
        ],
    )
    def test_an_error_keeps_what_was_typed(self, sales, act, data, reason):
        lead = receive().lead
        was = self.seen(sales, lead, act) if act not in ("step", "note") else ""

        page = self.send(sales, act, lead, was=was, **data)

        assert page.status_code == 422
        assert reason in page.content.decode()
        for typed in data.values():
            assert typed in page.content.decode()
        lead.refresh_from_db()
        assert (lead.stage, lead.value) == ("new", None)

    def test_a_value_may_be_written_as_in_half_of_europe(self, sales):
        lead = receive().lead
        was = self.seen(sales, lead, "stage")

        self.send(sales, "stage", lead, was=was, stage="won", value="1.234,50", currency="DKK")

        lead.refresh_from_db()
        assert (lead.stage, lead.value, lead.currency) == ("won", Decimal("1234.5"), "DKK")

    @pytest.mark.parametrize(
        ("act", "theirs", "mine"),
        [
            ("stage", {"stage": "qualified"}, {"stage": "contacted"}),
            ("value", {"value": "10", "currency": "EUR"}, {"value": "20", "currency": "EUR"}),
            ("person", {"phone": "1"}, {"phone": "2"}),
            (
                "answer-by",
                {"respond_by": "2035-05-01T10:00"},
                {"respond_by": "2035-05-02T10:00"},
            ),
        ],
    )
    def test_who_changes_what_a_colleague_has_changed_since_is_asked_once(
        self, sales, lone, act, theirs, mine
    ):
        lead = receive().lead
        form = act.replace("-", "_")
        was = self.seen(sales, lead, form)
        colleague = builders.signed_in("Sales", name="Ratna")
        self.send(colleague, act, lead, was=was, **theirs)

        asked = self.send(sales, act, lead, was=was, **mine)

        assert asked.status_code == 422
        assert "A colleague has changed this since you opened the page." in asked.content.decode()
        again = asked.context["forms"][form]["was"].value()
        assert self.send(sales, act, lead, was=again, **mine).status_code == 200

    def test_handing_over_says_nobody_when_it_is_nobodys(self, sales, lone):
        lead = receive().lead
        was = self.seen(sales, lead, "owner")

        self.send(sales, "owner", lead, was=was, owner=lone.pk)

        lead.refresh_from_db()
        assert lead.owner == lone

    def test_handing_over_to_someone_away_says_so(self, sales, mikkel, lone):
        lead, today = receive().lead, timezone.localdate()
        Absence.objects.create(user=lone, first_day=today, last_day=today, cover=mikkel)
        was = self.seen(sales, lead, "owner")

        answer = self.send(sales, "owner", lead, was=was, owner=lone.pk)

        said = f"Lone Vestergaard is away until {today:%a %-d %b}, {mikkel} covers."
        assert said in [str(message) for message in answer.context["messages"]]


class TestWhoMay:
    @pytest.mark.parametrize("role", ["Author", "Publisher"])
    def test_those_who_do_not_sell_see_nothing(self, role):
        lead = receive().lead
        client = builders.signed_in(role)

        assert client.get(INBOX).status_code == 403
        assert client.get(reverse("admin:lead", args=[lead.pk])).status_code == 403
        for act in ("take", "answered", "spam", "note", "stage"):
            url = reverse("admin:lead_act", args=[act])
            assert client.post(url, {"lead": lead.pk}).status_code == 403

    def test_a_visitor_is_asked_to_sign_in(self, client):
        assert client.get(INBOX).status_code == 302


class TestALongHistory:
    def write_often(self, lead, count):
        first = Inquiry.objects.get(lead=lead)
        Inquiry.objects.bulk_create(
            Inquiry(
                name="Ada", email=first.email, message=f"Number {number}.", contact=first.contact,
                lead=lead, submission_key=str(number), fingerprint=str(number),
                received_at=first.received_at, wording=first.wording,
            )
            for number in range(count)
        )  # fmt: skip

    def test_it_comes_by_pages_each_line_once_though_all_came_at_one_moment(self, sales, lone):
        lead = receive().lead
        self.write_often(lead, 100)
        moves.note(lead, "Called.", by=lone, at=timezone.now())
        url, seen, pages = reverse("admin:lead", args=[lead.pk]), [], 0

        while url:
            page = sales.get(url)
            found = page.context["history"]
            seen += [entry.words for entry in found.entries if entry.words]
            assert len(found.entries) <= ON_A_PAGE
            pages += 1
            url = (
                f"{page.request['PATH_INFO']}?before={quote(str(found.next))}" if found.next else ""
            )
            if pages == 1:
                receive(message="I write while you read.")
                assert 'rel="next"' in page.content.decode()

        assert pages == 4
        assert sorted(seen) == sorted(
            ["Called.", "We need a ledger, Ada.", *(f"Number {number}." for number in range(100))]
        )

    def test_the_inbox_shows_its_beginning_and_leads_to_the_rest(self, sales):
        lead = receive().lead
        self.write_often(lead, 40)

        page = see(sales, open=lead.pk)

        assert f"{reverse('admin:lead', args=[lead.pk])}?before=" in page.content.decode()

    def test_the_texts_of_many_inquiries_are_not_all_loaded(self, sales):
        lead = receive().lead
        self.write_often(lead, 40)

        with CaptureQueriesContext(connection) as asked:
            page = sales.get(reverse("admin:lead", args=[lead.pk]))

        assert page.status_code == 200
        whole = [one["sql"] for one in asked.captured_queries if '"message",' in one["sql"]]
        assert not [sql for sql in whole if "LIMIT" not in sql]

    def test_next_steps_stand_on_its_first_page_alone(self, sales, mikkel):
        lead = receive().lead
        self.write_often(lead, 40)
        NextStep.objects.create(lead=lead, text="Call", due_on=timezone.localdate(), owner=mikkel)
        address = reverse("admin:lead", args=[lead.pk])

        first = sales.get(address).context["history"]
        second = sales.get(address, {"before": str(first.next)}).context["history"]

        assert first.entries[0].step and not any(entry.step for entry in second.entries)

    @pytest.mark.parametrize("place", ["x", "2026-13-45~0~1", "~~", "2026-01-01T00:00~0~1"])
    def test_a_place_that_is_none_is_the_beginning(self, sales, place):
        lead = receive().lead

        page = sales.get(reverse("admin:lead", args=[lead.pk]), {"before": place})

        assert page.context["history"].entries


@pytest.fixture
def somebody_with_a_past(mikkel, lone):
    """A client who writes again, at a company with colleagues, whose owner may be away."""
    builders.question_set()
    nordpay = Company.objects.create(name="NordPay", domain="nordpay.example")
    for number in range(3):
        lead = receive(f"Visitor{number}", email=f"v{number}@nordpay.example").lead
        lead.contact.company = nordpay
        lead.contact.save()
    moves.assign(lead, lone, by=None, at=timezone.now())
    moves.move(lead, "won", by=lone, at=timezone.now(), value=Decimal(52000), currency="DKK")
    again = receive("Visitor2", email="v2@nordpay.example", message="Once more.").lead
    moves.assign(again, lone, by=None, at=timezone.now())
    today = timezone.localdate()
    Absence.objects.create(user=lone, first_day=today, last_day=today, cover=mikkel)
    NextStep.objects.create(lead=again, text="Call", due_on=today, owner=mikkel)
    moves.note(again, "Called.", by=mikkel, at=timezone.now())
    return again


def test_a_record_takes_fifteen_queries_at_most(
    sales, somebody_with_a_past, django_assert_max_num_queries
):
    address = reverse("admin:lead", args=[somebody_with_a_past.pk])
    sales.get(address)

    with django_assert_max_num_queries(15):
        page = sales.get(address)

    assert page.context["record"].former() and page.context["record"].away


def test_an_inbox_with_such_a_record_takes_fifteen_queries_at_most(
    sales, somebody_with_a_past, django_assert_max_num_queries
):
    see(sales, open=somebody_with_a_past.pk)

    with django_assert_max_num_queries(15):
        see(sales, open=somebody_with_a_past.pk)


def test_a_full_inbox_takes_fifteen_queries(sales, mikkel, django_assert_max_num_queries):
    builders.question_set()
    for number in range(12):
        lead = receive(f"Visitor{number}", email=f"v{number}@firm{number % 3}.example").lead
        moves.note(lead, "Called.", by=mikkel, at=timezone.now())
    doing.take([lead], by=mikkel, at=timezone.now())

    with django_assert_max_num_queries(15):
        see(sales, open=lead.pk)


class TestANoteWithANextStep:
    def send(self, client, lead, **data):
        url = reverse("admin:lead_act", args=["note"])
        return client.post(url, {"lead": lead.pk, "next": INBOX} | data, follow=True)

    def test_both_are_one_act_and_undone_together(self, sales, mikkel):
        lead, tomorrow = receive().lead, timezone.localdate() + timedelta(days=1)

        page = self.send(sales, lead, note="Called.", text="Send it", due_on=tomorrow)

        assert "Ada: Note and next step added" in page.text
        assert NextStep.objects.get().owner == mikkel
        sales.post(reverse("admin:undo"), {"act": page.context["latest_act"].act.pk})
        assert not NextStep.objects.exists()
        assert not lead.activities.filter(kind="note").exists()

    def test_a_day_without_a_step_is_not_read(self, sales):
        lead = receive().lead

        self.send(sales, lead, note="Called.", text="", due_on="2020-01-01")

        assert lead.activities.filter(kind="note").exists()
        assert not NextStep.objects.exists()

    @pytest.mark.parametrize(
        ("due_on", "reason"), [("", "Choose a date."), ("2020-01-01", "This date has passed.")]
    )
    def test_a_step_needs_a_day_to_come(self, sales, due_on, reason):
        lead = receive().lead

        page = self.send(sales, lead, note="Called.", text="Send it", due_on=due_on)

        assert page.status_code == 422
        assert reason in page.text
        assert "Called." in page.text
        assert not lead.activities.filter(kind="note").exists()
