"""What sales do, and taking each of it back: afterwards everything is as it was."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from desk import acts
from desk.models import Act
from leads.acts import doing, undoing
from leads.acts.each import Shown
from leads.intake import receiving
from leads.models import Activity, Answer, Contact, Inquiry, Kind, Lead, NextStep
from leads.pipeline import moves, steps
from leads.tasks import send_missing_notifications
from mail.models import Message
from tests import builders
from tests.builders import DOUBT, SPAM

pytestmark = pytest.mark.django_db

TOMORROW = timezone.localdate() + timedelta(days=1)


def receive(name="Ada", signs=(), **fields) -> Inquiry:
    about = {"email": f"{name.lower()}@example.com", "message": f"We need a ledger, {name}."}
    return receiving.receive(Inquiry(name=name, **(about | fields)), signs=signs)


@pytest.fixture
def lead():
    return receive().lead


@pytest.fixture
def mikkel():
    return builders.user(role="Sales", name="Mikkel Sørensen")


@pytest.fixture
def lone():
    return builders.user(role="Sales", name="Lone Vestergaard")


def shown(*leads):
    return {lead.pk: Shown.of(lead) for lead in leads}


def state():
    """All that acts change, of every lead, but for the history."""
    return {
        "leads": list(Lead.objects.order_by("pk").values()),
        "kinds": list(Inquiry.objects.order_by("pk").values_list("pk", "sorted_as__kind")),
        "spam": list(Inquiry.objects.order_by("pk").values_list("pk", "spam_mark")),
        "verdicts": list(Inquiry.objects.order_by("pk").values_list("pk", "verdict", "lead")),
        "answers": list(Answer.objects.order_by("pk").values("lead", "by", "at", "was_needed")),
        "steps": list(NextStep.objects.order_by("pk").values()),
        "notes": list(Activity.objects.filter(kind="note").order_by("pk").values("text")),
        "contacts": list(Contact.objects.order_by("pk").values()),
    }


ACTS = {
    "take": lambda lead, by, at: doing.take([lead], by=by, at=at),
    "assign": lambda lead, by, at: doing.assign(
        [lead], builders.user(role="Sales", name="Ratna"), by=by, at=at
    ),
    "sort": lambda lead, by, at: doing.sort([lead], Kind.PRIVACY, by=by, at=at),
    "answer": lambda lead, by, at: doing.answer([lead], by=by, at=at, shown=shown(lead)),
    "needs no answer": lambda lead, by, at: doing.answer(
        [lead], by=by, at=at, shown=shown(lead), is_needed=False
    ),
    "spam": lambda lead, by, at: doing.spam([lead], by=by, at=at),
    "note": lambda lead, by, at: doing.note(lead, "They want two people.", by=by, at=at),
    "add a step": lambda lead, by, at: doing.add_step(
        [lead], "Call", due_on=TOMORROW, owner=None, by=by, at=at
    ),
    "complete a step": lambda lead, by, at: doing.complete_step(
        lead.next_steps.get(), by=by, at=at
    ),
    "proposal": lambda lead, by, at: doing.move(
        [lead], "proposal", by=by, at=at, value=Decimal(48000), currency="DKK"
    ),
    "won": lambda lead, by, at: doing.move(
        [lead], "won", by=by, at=at, value=Decimal("1234.5"), currency="DKK"
    ),
    "lost": lambda lead, by, at: doing.move(
        [lead], "lost", by=by, at=at, lost_because="price", lost_reason="110 was too much"
    ),
    "revise": lambda lead, by, at: doing.revise(
        lead,
        {"value": Decimal(5), "currency": "JPY", "respond_by": at + timedelta(days=3)},
        by=by,
        at=at,
    ),
}  # fmt: skip


class TestEachActAndItsOpposite:
    @pytest.mark.parametrize("name", ACTS)
    def test_undo_puts_everything_back(self, lead, mikkel, name):
        steps.add_next_step(
            lead, "Write", due_on=TOMORROW, owner=mikkel, by=None, at=timezone.now()
        )
        before = state()

        done = ACTS[name](lead, mikkel, timezone.now())
        changed = state()
        said = undoing.take_back(done.act, mikkel, timezone.now())

        assert done.count == 1
        assert changed != before
        assert said == ["Undone."]
        assert state() == before

    @pytest.mark.parametrize("name", ACTS)
    def test_it_is_one_line_in_the_history_and_undo_another(self, lead, mikkel, name):
        steps.add_next_step(
            lead, "Write", due_on=TOMORROW, owner=mikkel, by=None, at=timezone.now()
        )
        count = lead.activities.count()

        done = ACTS[name](lead, mikkel, timezone.now())

        lines = list(done.act.activities.all())
        assert lead.activities.count() == count + len(lines)
        assert {line.by for line in lines} == {mikkel}
        undoing.take_back(done.act, mikkel, timezone.now())
        taken_back = lead.activities.filter(text__startswith="Taken back: ").count()
        assert taken_back == (0 if name == "note" else len(lines))

    @pytest.mark.parametrize("name", ACTS)
    def test_undo_after_a_colleague_has_acted_is_refused_with_who_and_what(
        self, lead, mikkel, lone, name
    ):
        steps.add_next_step(
            lead, "Write", due_on=TOMORROW, owner=mikkel, by=None, at=timezone.now()
        )
        done = ACTS[name](lead, mikkel, timezone.now())
        doing.note(lead, "They called me.", by=lone, at=timezone.now())
        after = state()

        said = undoing.take_back(done.act, mikkel, timezone.now())

        assert said == [
            "Ada was not changed: Lone Vestergaard has worked on it since (They called me.)."
        ]
        assert state() == after

    def test_what_was_changed_again_is_undone_in_turn(self, lead, mikkel):
        before = state()
        first = doing.move([lead], "qualified", by=mikkel, at=timezone.now())
        second = doing.move([lead], "contacted", by=mikkel, at=timezone.now())

        refused = acts.take_back(first.act.pk, by=mikkel, now=timezone.now())
        for act in (second.act, first.act):
            assert acts.take_back(act.pk, by=mikkel, now=timezone.now()) == ["Undone."]

        assert refused == ["Ada was not changed: you have changed it again since. Undo that first."]
        assert state() == before

    def test_many_at_once_are_one_act(self, mikkel, lone):
        leads = [receive(name).lead for name in ("Ada", "Bo", "Carla")]
        before = state()

        done = doing.assign(leads, lone, by=mikkel, at=timezone.now())

        assert done.count == 3
        assert undoing.tell(done.act) == "3 leads: Assigned to Lone Vestergaard"
        assert undoing.take_back(done.act, mikkel, timezone.now()) == ["Undone: 3 of them."]
        assert state() == before

    def test_nothing_done_is_no_act(self, lead, mikkel):
        doing.take([lead], by=mikkel, at=timezone.now())

        again = doing.take([lead], by=mikkel, at=timezone.now())

        assert (again.count, again.act) == (0, None)
        assert again.left_out == ["You have Ada already."]
        assert Act.objects.count() == 1


class TestSuspectedSpam:
    def test_marking_it_can_be_undone(self, mikkel):
        suspected = receive("Spammer", signs=SPAM)
        before = state()

        done = doing.spam_inquiries([suspected], by=mikkel, at=timezone.now())

        assert undoing.tell(done.act) == "Spammer: Marked as spam"
        assert undoing.take_back(done.act, mikkel, timezone.now()) == ["Undone."]
        assert state() == before

    def test_letting_it_through_can_be_undone_until_an_email_has_left(self, mikkel):
        suspected = receive("Dina", signs=SPAM)
        before = state()

        done = doing.not_spam([suspected], by=mikkel, at=timezone.now())
        assert Lead.objects.get().inquiries.get() == suspected
        send_missing_notifications()
        waiting = Inquiry.objects.awaiting_notification().exists()
        said = undoing.take_back(done.act, mikkel, timezone.now())

        assert not waiting
        assert said == ["Undone."]
        assert state() == before

    def test_its_emails_leave_when_undo_is_no_longer_expected(self, mikkel):
        suspected = receive("Dina", signs=SPAM)
        doing.not_spam([suspected], by=mikkel, at=timezone.now() - Act.EMAILS_AFTER)

        assert Inquiry.objects.awaiting_notification().get() == suspected

    def test_once_people_are_notified_undo_says_what_to_do_instead(self, mikkel):
        suspected = receive("Dina", signs=SPAM)
        done = doing.not_spam([suspected], by=mikkel, at=timezone.now())
        Inquiry.objects.update(notified_at=timezone.now())

        said = undoing.take_back(done.act, mikkel, timezone.now())

        assert said == ["Sales and Dina have been notified already. Mark it as spam instead."]

    def test_a_doubt_removed_comes_back(self, mikkel):
        doubtful = receive("Emil", signs=DOUBT)
        before = state()

        done = doing.not_spam([doubtful], by=mikkel, at=timezone.now())
        undoing.take_back(done.act, mikkel, timezone.now())

        assert state() == before

    def test_a_second_inquiry_stays_where_the_first_was_let_through(self, mikkel):
        suspected = receive("Dina", signs=SPAM)
        done = doing.not_spam([suspected], by=mikkel, at=timezone.now())
        later = receive("Dina", message="Did you get it?")

        undoing.take_back(done.act, mikkel, timezone.now())

        assert Lead.objects.get().inquiries.get() == later
        assert Inquiry.objects.suspected().get() == suspected


class TestKinds:
    @pytest.mark.parametrize("kind", [kind for kind in Kind if kind != Kind.WORK])
    def test_what_is_not_work_leaves_the_pipeline_and_still_waits(self, lead, mikkel, kind):
        doing.sort([lead], kind, by=mikkel, at=timezone.now())

        assert not Lead.objects.work().exists()
        assert Lead.objects.unanswered().get().kind == kind

    def test_a_privacy_request_has_thirty_days(self, lead, mikkel):
        doing.sort([lead], Kind.PRIVACY, by=mikkel, at=timezone.now())

        lead.refresh_from_db()
        assert lead.respond_by == lead.inquiries.get().received_at + timedelta(days=30)

    def test_a_new_inquiry_of_an_applicant_is_unsorted_again(self, lead, mikkel):
        doing.sort([lead], Kind.JOB, by=mikkel, at=timezone.now())

        receive("Ada", message="And now we need a ledger.")

        assert Lead.objects.work().get().kind == ""

    def test_a_lead_is_work_if_any_of_its_inquiries_is(self, lead, mikkel):
        doing.sort([lead], Kind.WORK, by=mikkel, at=timezone.now())
        doing.answer([lead], by=mikkel, at=timezone.now(), shown=shown(lead))
        receive("Ada", message="Do you hire?")

        doing.sort([lead], Kind.JOB, by=mikkel, at=timezone.now())

        assert Lead.objects.get().kind == Kind.WORK
        kinds = Inquiry.objects.order_by("pk").values_list("sorted_as__kind", flat=True)
        assert list(kinds) == ["work", "job"]

    def test_one_kind_in_the_list_repeats_what_the_inquiries_say(self, mikkel):
        """The column is only a copy, whatever was done in whatever order."""
        lead = receive().lead
        receive("Ada", message="A second one.")
        moment = timezone.now()
        doing.sort([lead], Kind.PRESS, by=mikkel, at=moment)
        spam = doing.spam([lead], by=mikkel, at=moment)
        assert Lead.objects.get().kind == "spam"

        undoing.take_back(spam.act, mikkel, timezone.now())

        assert Lead.objects.get().kind == "press"

    def test_no_other_kind_can_be_stored(self, lead):
        with pytest.raises(Exception, match="leads_lead_kind_is_known"):
            Lead.objects.update(kind="nonsense")


class TestAnswers:
    def test_what_has_come_since_the_page_was_opened_is_not_answered_unread(self, lead, mikkel):
        opened = shown(lead)
        receive("Ada", message="One more thing.")

        done = doing.answer([lead], by=mikkel, at=timezone.now(), shown=opened)

        assert done.left_out == [
            "Ada has written again since you opened the page. Read that first."
        ]
        assert Lead.objects.unanswered().exists()

    def test_a_second_answer_asks_first(self, lead, mikkel, lone):
        opened = shown(lead)
        doing.answer([lead], by=mikkel, at=timezone.now(), shown=opened)

        asked = doing.answer([lead], by=lone, at=timezone.now(), shown=opened)
        given = doing.answer([lead], by=lone, at=timezone.now(), shown=opened, again=True)

        assert asked.count == 0
        assert asked.left_out[0].startswith("Mikkel Sørensen answered Ada already, ")
        assert given.count == 1
        assert Answer.objects.count() == 2

    def test_no_answer_needed_is_no_answer_given(self, lead, mikkel):
        doing.answer([lead], by=mikkel, at=timezone.now(), shown=shown(lead), is_needed=False)

        lead.refresh_from_db()
        assert not lead.is_waiting
        assert lead.first_responded_at is None
        assert lead.stage == "new"


class TestStages:
    @pytest.mark.parametrize(
        ("stage", "field"), [("proposal", "value"), ("won", "value"), ("lost", "lost_because")]
    )
    def test_a_stage_asks_for_what_it_needs(self, lead, mikkel, stage, field):
        with pytest.raises(ValidationError) as error:
            doing.move([lead], stage, by=mikkel, at=timezone.now())

        assert list(error.value.message_dict) == [field]
        assert not Act.objects.exists()

    def test_many_say_which_could_not_be_moved(self, mikkel):
        leads = [receive(name).lead for name in ("Ada", "Bo")]
        moves.revise(leads[0], {"value": Decimal(1)}, by=None, at=timezone.now())

        done = doing.move(leads, "won", by=mikkel, at=timezone.now())

        assert done.count == 1
        assert done.left_out == ["Bo: Say what it is worth. Enter 0 if it earns nothing."]


class TestEmailsToColleagues:
    def test_a_new_owner_gets_one_email_about_all(self, mikkel, lone):
        leads = [receive(name).lead for name in ("Ada", "Bo", "Carla")]

        doing.assign(leads, lone, by=mikkel, at=timezone.now())

        email = Message.objects.get(to=lone.email)
        assert email.subject == "3 leads are yours now"
        assert all(name in email.text for name in ("Ada", "Bo", "Carla"))
        assert email.due_at > timezone.now()

    def test_who_takes_a_lead_gets_none(self, lead, mikkel):
        doing.take([lead], by=mikkel, at=timezone.now())

        assert not Message.objects.filter(to=mikkel.email).exists()

    def test_undo_takes_the_email_back(self, lead, mikkel, lone):
        done = doing.assign([lead], lone, by=mikkel, at=timezone.now())

        undoing.take_back(done.act, mikkel, timezone.now())

        assert not Message.objects.filter(to=lone.email).exists()

    def test_undo_says_so_when_the_email_has_left(self, lead, mikkel, lone):
        done = doing.assign([lead], lone, by=mikkel, at=timezone.now())
        Message.objects.filter(to=lone.email).update(state="sent", sent_at=timezone.now())

        said = undoing.take_back(done.act, mikkel, timezone.now())

        assert said == ["Undone.", f"The email to {lone.email} had already been sent."]

    @pytest.mark.parametrize("called", ["@Lone", "@lone", "@LoneVestergaard", "(@lone)", "@Lone,"])
    def test_a_note_reaches_the_colleague_it_names(self, lead, mikkel, lone, called):
        doing.note(lead, f"{called} can you hold January?", by=mikkel, at=timezone.now())

        email = Message.objects.get(to=lone.email)
        assert "can you hold January?" in email.text

    def test_accents_may_be_left_out(self, lead, mikkel, lone):
        doing.note(lead, "@mikkelsorensen?", by=lone, at=timezone.now())
        doing.note(lead, "@MikkelSørensen?", by=lone, at=timezone.now())

        assert Message.objects.filter(to=mikkel.email).count() == 2

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("@nobody, see this", "Nobody in sales is called @nobody"),
            ("@mikkel, see this", "More than one is called @mikkel"),
        ],
    )
    def test_a_name_that_is_not_clear_is_refused_and_nothing_is_saved(
        self, lead, mikkel, lone, text, reason
    ):
        builders.user(role="Sales", name="Mikkel Hansen")

        with pytest.raises(ValidationError, match=reason):
            doing.note(lead, text, by=lone, at=timezone.now())

        assert not Activity.objects.filter(kind="note").exists()

    def test_an_address_names_nobody(self, lead, mikkel):
        doing.note(lead, "Write to ada@nobody.example", by=mikkel, at=timezone.now())

        assert Activity.objects.filter(kind="note").exists()


class TestTheButton:
    def test_it_takes_back_the_latest_act_of_whoever_presses_it(self, lead, mikkel, client):
        client.force_login(mikkel)
        done = doing.take([lead], by=mikkel, at=timezone.now())

        page = client.post(reverse("admin:undo"), {"act": done.act.pk}, follow=True)

        assert "Undone." in page.content.decode()
        lead.refresh_from_db()
        assert lead.owner is None

    @pytest.mark.parametrize("act", ["", "0", "x", "99999999", "٣"])
    def test_nonsense_is_answered_in_words(self, mikkel, client, act):
        client.force_login(mikkel)

        page = client.post(reverse("admin:undo"), {"act": act}, follow=True)

        assert "There is nothing left to undo." in page.content.decode()

    def test_a_second_press_does_nothing(self, lead, mikkel, client):
        client.force_login(mikkel)
        done = doing.take([lead], by=mikkel, at=timezone.now())
        client.post(reverse("admin:undo"), {"act": done.act.pk})

        page = client.post(reverse("admin:undo"), {"act": done.act.pk}, follow=True)

        assert "There is nothing left to undo." in page.content.decode()

    def test_nobody_takes_back_what_a_colleague_did(self, lead, mikkel, lone, client):
        done = doing.take([lead], by=mikkel, at=timezone.now())
        client.force_login(lone)

        client.post(reverse("admin:undo"), {"act": done.act.pk})

        lead.refresh_from_db()
        assert lead.owner == mikkel

    def test_it_leads_nowhere_else(self, mikkel, client):
        client.force_login(mikkel)

        answer = client.post(reverse("admin:undo"), {"act": 1, "next": "https://evil.example/"})

        assert answer["Location"] == reverse("admin:index")

    def test_after_an_hour_it_is_gone(self, lead, mikkel, client):
        client.force_login(mikkel)
        done = doing.take([lead], by=mikkel, at=timezone.now() - Act.UNDOABLE_FOR)

        client.post(reverse("admin:undo"), {"act": done.act.pk})

        lead.refresh_from_db()
        assert lead.owner == mikkel


@pytest.mark.django_db(transaction=True)
def test_of_two_who_answer_at_the_same_moment_one_is_told(mikkel, lone):
    """Two hundred times, over two connections: never two answers."""
    leads = [
        receive(f"Visitor {number}", email=f"v{number}@example.com").lead for number in range(200)
    ]
    opened = shown(*leads)

    def answer(lead, by):
        try:
            fresh = Lead.objects.select_related("contact").get(pk=lead.pk)
            return doing.answer([fresh], by=by, at=timezone.now(), shown=opened).count
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=4) as pool:
        pairs = [
            (pool.submit(answer, lead, mikkel), pool.submit(answer, lead, lone)) for lead in leads
        ]
        counts = [one.result() + other.result() for one, other in pairs]

    assert counts == [1] * 200
    assert Answer.objects.count() == 200
