"""What colleagues are mailed once a day: what nobody looks after, and what is due for each."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import OperationalError, connection
from django.urls import reverse
from django.utils import timezone

from leads.acts import doing
from leads.intake import receiving
from leads.messages import digests, mornings
from leads.models import Absence, Digest, Inquiry, Kind, Lead, Morning, NextStep, Recipient
from leads.pipeline import moves, steps
from leads.tasks import mail_unattended_leads, mail_what_is_due
from mail.models import Message
from privacy import erasing
from privacy.collecting import collect
from tests import builders

pytestmark = pytest.mark.django_db

MONDAY = date(2030, 5, 6)
MORNING = datetime(2030, 5, 6, 8, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def sales():
    return Recipient.objects.create(email="sales@example.org")


@pytest.fixture
def mikkel():
    return builders.user(role="Sales", name="Mikkel", email="mikkel@example.org")


@pytest.fixture
def lone():
    return builders.user(role="Sales", name="Lone", email="lone@example.org")


def lead(name="Ada", owner=None, opened=2 * DAY, due=None, **fields) -> Lead:
    """Of someone new, received so long before the morning, its answer due at that moment."""
    about = {"email": f"{name.lower()}@example.com", "message": f"{name} needs a ledger."}
    inquiry = receiving.receive(
        Inquiry(name=name, received_at=MORNING - opened, **(about | fields))
    )
    moves.assign(inquiry.lead, owner, by=None, at=MORNING - opened)
    Lead.objects.filter(pk=inquiry.lead_id).update(
        respond_by=due or MORNING + 30 * DAY, owner=owner
    )
    return Lead.objects.get(pk=inquiry.lead_id)


def absent(user, cover=None, first=-2, last=2):
    Absence.objects.create(
        user=user, cover=cover, first_day=MONDAY + first * DAY, last_day=MONDAY + last * DAY
    )


class TestWhatNobodyLooksAfter:
    def test_it_is_mailed_to_all_recipients_after_a_day_with_links_to_take_it(self):
        Recipient.objects.create(email="second@example.org")
        lead(company="Engines")
        lead("Grace", opened=23 * HOUR)

        assert digests.send_unattended(MORNING) == 2

        for to in ("sales@example.org", "second@example.org"):
            message = Message.objects.get(to=to)
            assert message.subject == "Nobody looks after 1 lead"
            for words in (message.text, message.html):
                for said in ("Ada", "Engines", "Nobody has it", "needs a ledger", "/decide/"):
                    assert said in words
                assert "Grace" not in words

    def test_it_goes_once_a_day_and_again_the_next_day(self):
        lead()

        sent = [digests.send_unattended(MORNING + hours * HOUR) for hours in (-2, 0, 1, 23, 24)]

        assert sent == [0, 1, 0, 1, 0]

    def test_nothing_is_sent_while_someone_looks_after_everything(self, mikkel):
        lead(owner=mikkel)

        assert digests.send_unattended(MORNING) == 0

    def test_a_day_begins_anew_when_someone_gives_it_back(self, mikkel):
        given_back = lead(owner=mikkel, opened=9 * DAY)
        doing.assign([given_back], None, by=mikkel, at=MORNING - HOUR)

        assert digests.send_unattended(MORNING) == 0
        assert digests.send_unattended(MORNING + DAY) == 1

    def test_that_of_someone_who_has_left_is_nobodys(self, mikkel):
        lead(owner=mikkel)
        mikkel.deactivate()

        digests.send_unattended(MORNING)

        text = Message.objects.get().text
        assert "Mikkel is no longer in sales" in text and "I’ll take it" in text

    @pytest.mark.parametrize("is_covered", [True, False])
    def test_that_of_someone_away_is_when_nobody_covers(self, mikkel, lone, is_covered):
        lead(owner=mikkel)
        absent(mikkel, cover=lone if is_covered else None)

        assert digests.send_unattended(MORNING) == (0 if is_covered else 1)
        if not is_covered:
            text = Message.objects.get().text
            assert "Mikkel is away until Wed 8 May, nobody covers." in text
            assert "I’ll take it" not in text

    def test_what_is_no_work_counts_while_it_waits_for_an_answer(self, mikkel):
        press = lead()
        doing.sort([press], Kind.PRESS, by=mikkel, at=MORNING - 30 * HOUR)
        assert digests.send_unattended(MORNING) == 1

        moves.answer(press, by=mikkel, at=MORNING)
        assert digests.send_unattended(MORNING + DAY) == 0

    def test_spam_and_what_is_closed_do_not_count(self, mikkel):
        doing.spam([lead()], by=mikkel, at=MORNING)
        moves.move(lead("Grace"), "lost", by=None, at=MORNING, lost_because="price")

        assert digests.send_unattended(MORNING) == 0

    def test_it_goes_with_whoever_asks_to_be_forgotten(self, mikkel):
        lead()
        digests.send_unattended(MORNING)

        erasing.erase(collect(["ada@example.com"]), by=mikkel)

        assert not Message.objects.exists() and not Digest.objects.exists()

    def test_it_stands_on_the_home_page_as_trouble_and_leads_to_the_list(self):
        client = builders.signed_in("Sales")
        old = lead(opened=MORNING - timezone.now() + 2 * DAY)
        lead("Grace", opened=MORNING - timezone.now() + HOUR)

        home = client.get(reverse("admin:index"))
        [card] = [one for one in home.context["waiting"] if "looked after" in one.label]
        found = client.get(card.url).context["cl"].queryset

        assert (card.count, card.is_trouble) == (1, True)
        assert list(found) == [old]

    def test_the_job_may_run_without_recipients(self):
        Recipient.objects.all().delete()
        lead(opened=MORNING - timezone.now() + 2 * DAY)

        mail_unattended_leads()

        assert not Message.objects.exists()


class TestTheMorningEmail:
    def step(self, of, text="Call", due=MONDAY, owner=None):
        return steps.add_next_step(of, text, due_on=due, owner=owner, by=None, at=MORNING - DAY)

    def test_it_lists_answers_and_next_steps_due_today_and_before(self, mikkel):
        ada = lead("Ada", mikkel, company="Engines", due=MORNING + 6 * HOUR)
        lead("Grace", mikkel, due=MORNING - DAY)
        lead("Edith", mikkel, due=MORNING + DAY)
        self.step(ada, "Send the quote", owner=mikkel)
        self.step(ada, "Ask again", owner=mikkel, due=MONDAY - 3 * DAY)
        self.step(ada, "Celebrate", owner=mikkel, due=MONDAY + DAY)

        assert mornings.send_due(MORNING) == 1

        message = Message.objects.get()
        assert (message.to, message.subject) == (
            "mikkel@example.org",
            "Due today: 2 answers and 2 next steps",
        )
        for words in (message.text, message.html):
            for said in (
                "Ada", "Engines", "by 14:00", "overdue since Sun 5 May, 08:00",
                "Send the quote (today)", "Ask again (overdue since Fri 3 May)",
            ):  # fmt: skip
                assert said in words
            assert "Edith" not in words and "Celebrate" not in words

    def test_nothing_is_sent_when_nothing_is_due_and_that_counts_for_the_day(self, mikkel):
        assert mornings.send_due(MORNING) == 0

        lead("Ada", mikkel, due=MORNING + 6 * HOUR)

        assert mornings.send_due(MORNING + HOUR) == 0
        assert not Message.objects.exists()

    def test_it_goes_once_a_day_and_again_the_next_day(self, mikkel):
        lead("Ada", mikkel, due=MORNING)

        sent = [mornings.send_due(MORNING + hours * HOUR) for hours in (-1, 0, 1, 15, 23, 24, 25)]

        assert sent == [0, 1, 0, 0, 0, 1, 0]

    def test_it_goes_at_eight_where_each_is_and_says_their_hours(self, mikkel, lone):
        for one, name in ((mikkel, "Asia/Jakarta"), (lone, "America/Chicago")):
            one.timezone = name
            one.save()
        lead("Ada", mikkel, due=MORNING)
        lead("Grace", lone, due=MORNING + 6 * HOUR)

        at = [hour for hour in range(24) if mornings.send_due(MORNING.replace(hour=hour))]

        assert at == [1, 13]
        assert "by 15:00" in Message.objects.get(to="mikkel@example.org").text
        assert "by 09:00" in Message.objects.get(to="lone@example.org").text

    def test_what_is_due_late_in_the_evening_there_is_due_today(self, mikkel):
        mikkel.timezone = "America/Los_Angeles"
        mikkel.save()
        lead("Ada", mikkel, due=datetime(2030, 5, 7, 6, 59, tzinfo=UTC))
        lead("Grace", mikkel, due=datetime(2030, 5, 7, 7, 0, tzinfo=UTC))

        mornings.send_due(MORNING + 7 * HOUR)

        assert Message.objects.get().subject == "Due today: 1 answer"

    @pytest.mark.parametrize(
        ("weekdays", "days"), [(None, [0, 1, 2, 3, 4]), ("12347", [0, 1, 2, 3, 6])]
    )
    def test_it_goes_on_days_on_which_they_work(self, mikkel, weekdays, days):
        builders.office(is_headquarters=True, weekdays="1234567", timezone="Asia/Tokyo")
        if weekdays:
            builders.office(weekdays=weekdays, timezone="Asia/Dubai")
        else:
            builders.office(timezone="Asia/Dubai")
        mikkel.timezone = "Asia/Dubai"
        mikkel.save()
        lead("Ada", mikkel, due=MORNING)

        sent = [day for day in range(7) if mornings.send_due(MORNING + day * DAY)]

        assert sent == days

    def test_what_is_due_for_someone_away_goes_to_who_covers(self, mikkel, lone):
        absent(mikkel, cover=lone)
        ada = lead("Ada", mikkel, due=MORNING)
        self.step(ada, owner=mikkel)
        lead("Grace", lone, due=MORNING)

        assert mornings.send_due(MORNING) == 1

        message = Message.objects.get()
        assert message.to == "lone@example.org"
        assert message.subject == "Due today: 2 answers and 1 next step"
        assert "Mikkel is away until Wed 8 May, Lone covers." in message.text
        assert "Ada (for Mikkel)" in message.text and "Grace (for" not in message.text

    def test_who_is_back_in_the_morning_gets_what_is_due(self, mikkel, lone):
        absent(mikkel, cover=lone, last=-1)
        lead("Ada", mikkel, due=MORNING)

        mornings.send_due(MORNING)

        assert Message.objects.get().to == "mikkel@example.org"

    def test_a_next_step_of_nobody_is_the_owners_of_the_lead(self, mikkel):
        self.step(lead("Ada", mikkel), owner=mikkel)
        NextStep.objects.update(owner=None)

        assert mornings.send_due(MORNING) == 1

    def test_what_is_done_or_spam_or_answered_is_not_due(self, mikkel):
        done = self.step(lead("Ada", mikkel), owner=mikkel)
        doing.complete_step(done, by=mikkel, at=MORNING)
        spam = lead("Grace", mikkel, due=MORNING)
        self.step(spam, owner=mikkel)
        doing.spam([spam], by=mikkel, at=MORNING)
        moves.answer(lead("Edith", mikkel, due=MORNING), by=mikkel, at=MORNING - HOUR)

        assert mornings.send_due(MORNING) == 0

    def test_who_has_left_gets_none(self, mikkel):
        lead("Ada", mikkel, due=MORNING)
        mikkel.deactivate()

        assert mornings.send_due(MORNING) == 0

    def test_one_that_cannot_be_written_holds_up_no_other_and_is_tried_again(self, mikkel, lone):
        lead("Ada", lone, due=MORNING)
        lead("Grace", mikkel, due=MORNING)

        def refuse_lones(execute, sql, params, many, context):
            if 'INSERT INTO "mail_message"' in sql and "lone@example.org" in params:
                raise OperationalError("the server is gone")
            return execute(sql, params, many, context)

        with pytest.raises(OperationalError), connection.execute_wrapper(refuse_lones):
            mornings.send_due(MORNING)
        assert [one.to for one in Message.objects.all()] == ["mikkel@example.org"]

        assert mornings.send_due(MORNING) == 1

    def test_erasing_takes_it_along_and_sends_no_other_that_day(self, mikkel):
        lead("Ada", mikkel, due=MORNING)
        lead("Grace", mikkel, due=MORNING)
        mornings.send_due(MORNING)

        erasing.erase(collect(["ada@example.com"]), by=mikkel)

        assert not Message.objects.exists() and not Digest.objects.exists()
        assert mornings.send_due(MORNING + HOUR) == 0

    def test_the_job_runs(self, mikkel):
        mail_what_is_due()

        assert not Message.objects.exists()

    @pytest.mark.django_db(transaction=True)
    def test_workers_at_once_send_one(self, mikkel):
        lead("Ada", mikkel, due=MORNING)

        def send(_):
            try:
                return mornings.send_due(MORNING)
            finally:
                connection.close()

        with ThreadPoolExecutor(4) as workers:
            sent = sum(workers.map(send, range(8)))

        assert (sent, Message.objects.count(), Morning.objects.count()) == (1, 1, 1)
