"""Whom a notification goes to: the owner, who covers, whose turn it is, or all recipients."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from desk.models import Act
from leads.acts import doing
from leads.duty import absences, turns
from leads.duty.absences import Absences
from leads.duty.care import care_of
from leads.intake import receiving
from leads.messages.tasks import notify_about_inquiry, notify_about_result
from leads.models import Absence, Activity, Duty, Inquiry, Lead, Notification, Recipient
from leads.pipeline import moves
from mail.models import Message
from tests import builders
from tests.builders import DOUBT, SPAM
from tests.forms import filled_in
from tests.locks import wait_until_held_up

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("worker_at_hand")]

TODAY = timezone.localdate()
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def sales():
    return Recipient.objects.create(email="sales@example.org")


@pytest.fixture
def mikkel():
    return builders.user(role="Sales", name="Mikkel", email="mikkel@example.org")


@pytest.fixture
def lone():
    return builders.user(role="Sales", name="Lone", email="lone@example.org")


@pytest.fixture
def ratna():
    return builders.user(role="Sales", name="Ratna", email="ratna@example.org")


def receive(name="Ada", signs=(), **fields) -> Inquiry:
    message = f"We need a ledger, number {next(builders.numbers)}."  # other words each time
    about = {"email": f"{name.lower()}@example.com", "message": message}
    return receiving.receive(Inquiry(name=name, **(about | fields)), signs=signs)


def notified(inquiry) -> dict[str, Message]:
    """The notifications of an inquiry, by recipient."""
    notify_about_inquiry(inquiry.pk)
    found = inquiry.notifications.filter(kind="notification").select_related("message")
    return {one.recipient: one.message for one in found}


def owned_by(owner, name="Ada") -> Lead:
    inquiry = receive(name)
    notify_about_inquiry(inquiry.pk)
    moves.assign(inquiry.lead, owner, by=None, at=timezone.now())
    return inquiry.lead


def absent(user, cover=None, first=-1, last=1) -> Absence:
    return Absence.objects.create(
        user=user, first_day=TODAY + first * DAY, last_day=TODAY + last * DAY, cover=cover
    )


def won(name="Ada", owner=None, worth=52000) -> Lead:
    lead = receive(name).lead
    moves.assign(lead, owner, by=None, at=timezone.now())
    at = datetime(2026, 11, 27, 12, tzinfo=UTC)
    moves.revise(lead, {"currency": "DKK"}, by=None, at=at)
    moves.move(lead, "won", by=owner, at=at, value=Decimal(worth))
    return lead


class TestWhoIsNotified:
    def test_of_a_new_person_all_recipients_and_nobody_has_it(self, mikkel):
        Recipient.objects.create(email="second@example.org")

        found = notified(receive())

        assert found.keys() == {"sales@example.org", "second@example.org"}
        for message in found.values():
            assert "Nobody has it yet." in message.text and "Nobody has it yet." in message.html

    def test_of_a_second_inquiry_only_the_owner(self, mikkel):
        owned_by(mikkel)

        found = notified(receive())

        assert found.keys() == {"mikkel@example.org"}
        assert "You have it." in found["mikkel@example.org"].text

    def test_of_an_assessment_that_comes_later_only_the_owner(self, mikkel, question_set):
        lead = owned_by(mikkel)
        came = lead.inquiries.get().assessments.create(assessment=builders.assessment())

        notify_about_result(came.pk)

        assert [one.recipient for one in Notification.objects.filter(kind="readiness")] == [
            "mikkel@example.org"
        ]

    @pytest.mark.parametrize("change", [{"is_active": False}, {"is_staff": False}, {"role": ""}])
    def test_an_owner_who_has_left_is_none(self, mikkel, change):
        lead = owned_by(mikkel)
        if change.pop("role", None) is not None:
            mikkel.groups.clear()
        type(mikkel).objects.filter(pk=mikkel.pk).update(**(change or {"name": "Mikkel"}))

        found = notified(receive())

        assert found.keys() == {"sales@example.org"}
        text = found["sales@example.org"].text
        assert "Nobody has it: Mikkel is no longer in sales." in text
        assert "/decide/" in text
        assert Lead.objects.get(pk=lead.pk).owner == mikkel

    def test_with_an_owner_no_recipient_need_be_named(self, mikkel):
        owned_by(mikkel)
        Recipient.objects.all().delete()

        assert notified(receive()).keys() == {"mikkel@example.org"}

    def test_a_name_is_only_words_in_the_html(self, mikkel, lone):
        type(mikkel).objects.filter(pk=mikkel.pk).update(name="<b>M</b>")
        absent(mikkel, cover=lone)
        owned_by(mikkel)

        [message] = notified(receive()).values()

        assert "<b>M</b>" not in message.html and "&lt;b&gt;M&lt;/b&gt;" in message.html
        assert "<b>M</b> has it" in message.text

    def test_nothing_is_left_of_what_differs_by_recipient(self, mikkel):
        free, taken = notified(receive()), notified(receive("Grace"))
        owned_by(mikkel, "Grace")

        for message in [*free.values(), *taken.values(), *notified(receive("Grace")).values()]:
            for words in (message.text, message.html):
                assert not re.search(r"\b[0-9a-f]{32}\b|\.invalid", words)


class TestAClientWhoWritesAgain:
    def test_is_said_to_be_one_with_what_was_won_when_and_by_whom(self, mikkel):
        won(owner=mikkel)

        [message] = notified(receive()).values()

        assert message.subject == "Client: Inquiry from Ada"
        first = message.text.splitlines()[0]
        assert first == "Client: won 52,000 DKK on 27 Nov 2026 by Mikkel."
        assert first in message.html

    def test_stays_with_whoever_won_it(self, mikkel):
        earlier = won(owner=mikkel)

        found = notified(receive())

        lead = Lead.objects.open().get(contact=earlier.contact)
        assert lead.owner == mikkel
        assert found.keys() == {"mikkel@example.org"}
        assert "You have it: you won their earlier lead." in found["mikkel@example.org"].text
        line = lead.activities.get(kind=Activity.Kind.OWNER)
        assert (line.text, line.by) == ("Assigned to Mikkel: won their earlier lead", None)

    def test_goes_to_all_when_whoever_won_it_has_left(self, mikkel):
        won(owner=mikkel)
        mikkel.deactivate()

        found = notified(receive())

        assert found.keys() == {"sales@example.org"}
        assert Lead.objects.open().get().owner is None
        assert found["sales@example.org"].subject.startswith("Client: ")

    def test_of_several_leads_won_the_latest_counts_and_the_others_are_counted(self, mikkel, lone):
        won(owner=mikkel)
        later = won(owner=lone, worth=9)
        Lead.objects.filter(pk=later.pk).update(closed_at=timezone.now())

        [message] = notified(receive()).values()

        assert message.to == "lone@example.org"
        assert "and 1 lead before" in message.text

    def test_has_it_said_before_what_may_be_spam(self, mikkel):
        won(owner=mikkel)

        [message] = notified(receive(signs=DOUBT)).values()

        assert message.subject == "May be spam: Client: Inquiry from Ada"

    def test_of_a_lost_lead_is_none(self, mikkel):
        lead = owned_by(mikkel)
        moves.move(lead, "lost", by=None, at=timezone.now(), lost_because="price")

        found = notified(receive())

        assert found["sales@example.org"].subject == "Inquiry from Ada"


def test_that_a_colleague_has_an_open_lead_is_said_without_the_name_of_that_other_visitor(mikkel):
    freja = receive("Freja", company="NordPay")
    moves.assign(freja.lead, mikkel, by=None, at=timezone.now())

    [message] = notified(receive("Jonas", company="NordPay")).values()

    for words in (message.text, message.html):
        assert "A colleague of theirs has" in words and "Mikkel has it" in words
        assert freja.lead.get_absolute_url() in words
        assert "Freja" not in words


class TestAbsence:
    def test_what_comes_for_the_owner_goes_to_who_covers_and_says_so(self, mikkel, lone):
        owned_by(mikkel)
        absence = absent(mikkel, cover=lone)

        found = notified(receive())

        until = f"{absence.last_day:%a %-d %b}"
        assert found.keys() == {"lone@example.org"}
        text = f"Mikkel has it and is away until {until}. You cover."
        assert text in found["lone@example.org"].text

    def test_a_chain_of_cover_is_followed(self, mikkel, lone, ratna):
        owned_by(mikkel)
        absent(mikkel, cover=lone)
        absent(lone, cover=ratna)

        assert notified(receive()).keys() == {"ratna@example.org"}
        assert absences.away(mikkel, timezone.now()).endswith("Ratna covers")

    @pytest.mark.parametrize("why", ["a circle", "nobody", "left", "no longer in sales"])
    def test_where_nobody_covers_it_goes_to_all_and_says_so(self, mikkel, lone, why):
        owned_by(mikkel)
        absent(mikkel, cover=None if why == "nobody" else lone)
        if why == "a circle":
            absent(lone, cover=mikkel)
        elif why == "left":
            lone.deactivate()
        elif why == "no longer in sales":
            lone.groups.clear()

        found = notified(receive())

        assert found.keys() == {"sales@example.org"}
        assert "Nobody covers." in found["sales@example.org"].text

    def test_it_holds_on_its_days_by_the_calendar_of_who_is_away(self, mikkel):
        mikkel.timezone = "Asia/Jakarta"
        mikkel.save()
        day = date(2026, 12, 1)
        Absence.objects.create(user=mikkel, first_day=day, last_day=day)
        moments = [
            datetime(2026, 11, 30, 16, 59, tzinfo=UTC),
            datetime(2026, 11, 30, 17, 1, tzinfo=UTC),
            datetime(2026, 12, 1, 16, 59, tzinfo=UTC),
            datetime(2026, 12, 1, 17, 1, tzinfo=UTC),
        ]

        held = [bool(Absences.at(moment).of(mikkel)) for moment in moments]

        assert held == [False, True, True, False]

    def test_a_new_owner_who_is_away_has_the_email_go_to_who_covers(self, mikkel, lone, ratna):
        absent(mikkel, cover=lone)

        done = doing.assign([receive().lead], mikkel, by=ratna, at=timezone.now())

        message = Message.objects.get(to_colleague__isnull=False)
        assert message.to == "lone@example.org"
        assert message.subject == "Ada is Mikkel’s now"
        assert "Ratna gave Mikkel this lead" in message.text
        [remark] = done.remarks
        assert remark.startswith("Mikkel is away until ") and remark.endswith("Lone covers.")

    def test_whoever_covers_need_not_be_told_what_they_gave_themselves(self, mikkel, lone):
        absent(mikkel, cover=lone)

        done = doing.assign([receive().lead], mikkel, by=lone, at=timezone.now())

        assert not Message.objects.exists()
        assert done.remarks

    @pytest.mark.parametrize(("days", "is_said"), [(0, True), (1, True), (2, False)])
    def test_a_next_step_on_a_day_on_which_its_owner_is_away_says_so(
        self, mikkel, lone, days, is_said
    ):
        absent(mikkel, cover=lone)
        lead, due = receive().lead, TODAY + days * DAY

        done = doing.add_step([lead], "Call", due_on=due, owner=mikkel, by=lone, at=timezone.now())
        own = doing.add_step([lead], "Call", due_on=due, owner=mikkel, by=mikkel, at=timezone.now())

        assert [one.endswith("Lone covers.") for one in done.remarks] == [True] * is_said
        assert own.remarks == []

    def test_the_leads_own_page_says_it_too_and_mails_who_covers(self, mikkel, lone):
        absent(mikkel, cover=lone)
        lead = receive().lead
        address = reverse("admin:leads_lead_change", args=[lead.pk])
        client = builders.signed_in("Sales")

        sent = filled_in(client.get(address), "lead_form", "_continue", owner=mikkel.pk)
        page = client.post(address, sent, follow=True).content.decode()

        assert "Mikkel is away until" in page and "Lone covers." in page
        assert Message.objects.get(to_colleague__isnull=False).to == "lone@example.org"

    def test_where_nobody_covers_the_new_owner_is_told_all_the_same(self, mikkel, lone):
        absent(mikkel)

        doing.assign([receive().lead], mikkel, by=lone, at=timezone.now())

        assert Message.objects.get().to == "mikkel@example.org"

    def test_who_is_mentioned_and_who_covers_both_get_the_note(self, mikkel, lone, ratna):
        absent(mikkel, cover=lone)

        doing.note(receive().lead, "@mikkel please call", by=ratna, at=timezone.now())

        subjects = {one.to: one.subject for one in Message.objects.all()}
        assert subjects == {
            "mikkel@example.org": "Ratna mentioned you: Ada",
            "lone@example.org": "Ratna mentioned Mikkel: Ada",
        }

    def test_two_of_one_person_never_overlap(self, mikkel, lone):
        absent(mikkel, first=0, last=3)
        absent(lone, first=0, last=3)
        absent(mikkel, first=4, last=5)

        for first, last in [(3, 3), (-2, 0), (1, 2), (-1, 9)]:
            with pytest.raises(IntegrityError, match="do_not_overlap"), transaction.atomic():
                absent(mikkel, first=first, last=last)
        other = absent(mikkel, first=8, last=9)
        with pytest.raises(IntegrityError, match="do_not_overlap"), transaction.atomic():
            Absence.objects.filter(pk=other.pk).update(first_day=TODAY)

    @pytest.mark.parametrize(
        ("fields", "constraint"),
        [({"first": 2, "last": 1}, "ends_after_it_begins"), ({"is_own": True}, "covers_for")],
    )
    def test_it_ends_after_it_begins_and_nobody_covers_for_themselves(
        self, mikkel, fields, constraint
    ):
        cover = mikkel if fields.pop("is_own", False) else None

        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            absent(mikkel, cover=cover, **fields)

    def test_who_is_back_early_ends_it_yesterday(self, mikkel, lone):
        begun, ahead = absent(mikkel, cover=lone), absent(mikkel, first=4, last=5)

        assert absences.end(begun, at=timezone.now())
        assert absences.end(ahead, at=timezone.now())

        begun.refresh_from_db()
        assert begun.last_day == TODAY - DAY
        assert Absence.objects.count() == 1
        assert not absences.end(begun, at=timezone.now())
        assert not absences.end(ahead, at=timezone.now())


class TestDuty:
    def on(self, user, office=None):
        turns.switch(user, office, is_on=True, by=user, at=timezone.now())

    def test_new_leads_go_in_turn_to_those_on_duty_and_to_nobody_else(self, mikkel, lone, ratna):
        self.on(mikkel)
        self.on(lone)
        names = ["Ada", "Grace", "Edith", "Joan"]

        got = [list(notified(receive(name))) for name in names]

        assert got == [[one] for one in ["mikkel@example.org", "lone@example.org"] * 2]
        owners = [str(lead.owner) for lead in Lead.objects.order_by("pk")]
        assert owners == ["Mikkel", "Lone", "Mikkel", "Lone"]

    def test_who_gets_one_is_told_why_in_the_notification_alone(self, mikkel):
        self.on(mikkel)

        inquiry = receive()
        [message] = notified(inquiry).values()

        assert "You have it: it was your turn." in message.text
        assert "I’ll take it" not in message.text
        assert Message.objects.filter(to="mikkel@example.org").count() == 1
        assert inquiry.lead.activities.get(kind="owner").text == "Assigned to Mikkel: on duty"

    def test_who_comes_on_duty_later_is_next(self, mikkel, lone, ratna):
        self.on(mikkel)
        notified(receive())
        self.on(lone)

        assert list(notified(receive("Grace"))) == ["lone@example.org"]
        assert list(notified(receive("Edith"))) == ["mikkel@example.org"]

    def test_going_off_and_on_again_gets_nobody_another_turn(self, mikkel, lone):
        self.on(mikkel)
        self.on(lone)
        notified(receive())
        turns.switch(mikkel, None, is_on=False, by=mikkel, at=timezone.now())
        self.on(mikkel)

        assert list(notified(receive("Grace"))) == ["lone@example.org"]

    def test_it_is_by_office_and_a_turn_at_one_counts_at_the_other(self, mikkel, lone):
        copenhagen, magelang = builders.office(is_headquarters=True), builders.office()
        self.on(mikkel)
        self.on(lone, copenhagen)

        got = [
            list(notified(receive("Ada", office=magelang))),
            list(notified(receive("Grace", office=copenhagen))),
            list(notified(receive("Edith", office=magelang))),
            list(notified(receive("Joan", office=copenhagen))),
        ]

        mikkels, lones = ["mikkel@example.org"], ["lone@example.org"]
        assert got == [mikkels, lones, mikkels, lones]

    def test_nobody_of_the_office_on_duty_leaves_everything_as_it_was(self, mikkel):
        self.on(mikkel, builders.office())
        builders.office(is_headquarters=True)

        found = notified(receive())

        assert found.keys() == {"sales@example.org"}
        assert Lead.objects.get().owner is None

    def test_who_is_away_or_has_left_or_is_off_gets_none(self, mikkel, lone, ratna):
        for one in (mikkel, lone, ratna):
            self.on(one)
        absent(mikkel, cover=lone)
        lone.deactivate()
        turns.switch(ratna, None, is_on=False, by=ratna, at=timezone.now())

        assert notified(receive()).keys() == {"sales@example.org"}

    def test_what_may_be_spam_is_nobodys_turn_and_goes_to_all_on_duty(self, mikkel, lone):
        self.on(mikkel)
        self.on(lone)

        found = notified(receive(signs=DOUBT))

        assert found.keys() == {"mikkel@example.org", "lone@example.org"}
        assert Lead.objects.get().owner is None
        assert list(notified(receive("Grace"))) == ["mikkel@example.org"]

    def test_a_client_stays_with_whoever_won_them(self, mikkel, lone):
        self.on(lone)
        won(owner=mikkel)

        assert list(notified(receive())) == ["mikkel@example.org"]

    def test_notifying_again_gives_nothing_a_second_time(self, mikkel, lone):
        self.on(mikkel)
        self.on(lone)
        inquiry = receive()

        notified(inquiry)
        Inquiry.objects.update(notified_at=None)  # a worker that died before it wrote this down

        assert list(notified(inquiry)) == ["mikkel@example.org"]
        assert Lead.objects.get().activities.filter(kind="owner").count() == 1

    def test_a_second_inquiry_of_nobodys_lead_is_given_too(self, mikkel):
        notified(receive())
        self.on(mikkel)

        assert list(notified(receive())) == ["mikkel@example.org"]

    def test_switching_twice_changes_nothing(self, mikkel):
        now = timezone.now()

        switched = [
            turns.switch(mikkel, None, is_on=is_on, by=mikkel, at=now)
            for is_on in (False, True, True, False, False)
        ]

        assert switched == [False, True, False, True, False]
        assert Duty.objects.count() == 1

    @pytest.mark.parametrize("is_for_all", [True, False])
    def test_there_is_one_row_for_each_office_and_one_for_every(self, mikkel, is_for_all):
        office = None if is_for_all else builders.office()
        Duty.objects.create(user=mikkel, office=office)

        with pytest.raises(IntegrityError), transaction.atomic():
            Duty.objects.create(user=mikkel, office=office)

    @pytest.mark.django_db(transaction=True)
    def test_workers_at_once_give_no_two_leads_out_of_turn(self, mikkel, lone, ratna):
        for one in (mikkel, lone, ratna):
            self.on(one)
        inquiries = [receive(f"Visitor{number}") for number in range(12)]

        def notify(inquiry):
            try:
                notify_about_inquiry(inquiry.pk)
            finally:
                connection.close()

        with ThreadPoolExecutor(4) as workers:
            list(workers.map(notify, inquiries))

        given = Activity.objects.filter(kind="owner").order_by("at", "pk")
        counts = [Lead.objects.filter(owner=one).count() for one in (mikkel, lone, ratna)]
        assert counts == [4, 4, 4]
        assert given.count() == 12
        assert sorted(Duty.objects.values_list("turn", flat=True)) == [10, 11, 12]

    @pytest.mark.django_db(transaction=True)
    def test_a_second_worker_waits_until_the_first_has_had_its_turn(self, mikkel, lone):
        self.on(mikkel)
        self.on(lone)
        here = Absences.at(timezone.now())

        def next_one(here):
            taking = turns.Turns(here, User.objects.values_list("pk", flat=True))
            person = taking.take(None)
            taking.save()
            return person

        def take_turn():
            try:
                with transaction.atomic():
                    return next_one(here)
            finally:
                connection.close()

        with ThreadPoolExecutor(1) as other:
            with transaction.atomic():
                first = next_one(here)
                second = other.submit(take_turn)
                wait_until_held_up(second)

            assert (first, second.result()) == (mikkel, lone)


def test_care_of_a_lead_changes_nothing(mikkel):
    turns.switch(mikkel, None, is_on=True, by=mikkel, at=timezone.now())
    lead = receive().lead

    care = care_of(lead, at=timezone.now())

    assert care.owner is None and list(care.recipients) == ["mikkel@example.org"]
    assert Lead.objects.get().owner is None


def test_held_spam_takes_no_turn_until_it_is_let_through(mikkel):
    turns.switch(mikkel, None, is_on=True, by=mikkel, at=timezone.now())
    held = receive(signs=SPAM)
    notify_about_inquiry(held.pk)
    assert Duty.objects.get().turn == 0

    doing.not_spam([held], by=mikkel, at=timezone.now() - Act.EMAILS_AFTER)
    notify_about_inquiry(held.pk)

    assert Lead.objects.get().owner == mikkel
