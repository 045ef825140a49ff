"""What is old is deleted at night, by the rules, and nothing else ever."""

import re
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from articles.models import SearchCount
from desk.models import Act, AuditEvent
from leads.acts import doing
from leads.intake import receiving, spam_marks
from leads.messages.tasks import notify_about_inquiry
from leads.models import Activity, Company, Contact, Inquiry, Kind, Lead, Notification, Recipient
from leads.pipeline import moves, steps
from mail import outbox
from mail.models import Message
from mail.retention import TEXT_DELETED
from privacy import erasing, retention
from privacy.collecting import collect
from privacy.models import Deletion, Hold, Night, NightCount, Period
from privacy.tasks import delete_what_is_old
from readiness.models import Assessment
from redirects.models import MissingPage
from tests import builders, nights
from tests.builders import SPAM
from tests.forms import filled_in
from tests.rows import digests
from web.retention import YEAR, Rule, in_words

pytestmark = pytest.mark.django_db

PAGE = reverse("admin:privacy_period_changelist")
MONTH = 30  # days


@contextmanager
def days_ago(days):
    with time_machine.travel(timezone.now() - timedelta(days=days), tick=False):
        yield timezone.now()


@pytest.fixture
def sales():
    Recipient.objects.create(email="sales@example.net")
    return builders.user(role="Sales", email="sales@example.net")


def receive(name, *, signs=(), **fields):
    said = {"name": name, "email": f"{name}@example.com", "message": f"From {name}."}
    inquiry = receiving.receive(Inquiry(**said | fields), signs=signs)
    if not signs:
        notify_about_inquiry(inquiry.pk)
        Message.objects.undelivered().update(state=Message.State.SENT, sent_at=timezone.now())
    inquiry.refresh_from_db()
    return inquiry


def receive_from(company):
    return receive(company, company=company, email=f"{company}@{company}.example")


def close(inquiry, stage, *, by):
    lost = {"lost_because": "price", "lost_reason": "Too dear"}
    why = lost if stage == "lost" else {"value": Decimal(1000), "currency": "EUR"}
    moves.answer(inquiry.lead, by=by, at=timezone.now())
    moves.move(inquiry.lead, stage, by=by, at=timezone.now(), **why)


def sort(inquiry, kind, *, by):
    doing.sort([inquiry.lead], kind, by=by, at=timezone.now())
    moves.answer(Lead.objects.get(pk=inquiry.lead_id), by=by, at=timezone.now())


# What happens in a month: by name, and for how many days it is kept. None: it is still open.
MONTHLY = {
    "lost": (lambda name, by: close(receive_from(name), "lost", by=by), 2 * YEAR),
    "won": (lambda name, by: close(receive(name), "won", by=by), 10 * YEAR),
    "job": (lambda name, by: sort(receive(name), Kind.JOB, by=by), 180),
    "support": (lambda name, by: sort(receive(name), Kind.SUPPORT, by=by), YEAR),
    "spam": (
        lambda name, by: spam_marks.mark(receive(name), by=by, at=timezone.now()),
        90,
    ),
    "held": (lambda name, by: receive(name, signs=SPAM), 180),
    "open": (lambda name, by: receive(name), None),
}


@pytest.fixture
def three_years(sales):
    """By the name of who wrote, how old it is and when it goes, every second month."""
    made = {}
    for days in range(3 * YEAR, 0, -2 * MONTH):
        with days_ago(days) as then:
            for kind, (happen, kept) in MONTHLY.items():
                name = f"{kind}{days}"
                happen(name, sales)
                made[name] = (days, kept)
            outbox.put(key=f"k{days}", to=f"x{days}@example.com", subject="Hello", text="Dear X")
            Message.objects.filter(key=f"k{days}").update(state="sent", sent_at=then)
            SearchCount.objects.create(day=timezone.localdate(), query=f"ledger {days}")
            MissingPage.objects.create(path=f"/old/{days}", last_seen=then)
    return made


def gone(made):
    return {name for name, (days, kept) in made.items() if kept is not None and days > kept}


def names():
    return set(Inquiry.objects.values_list("name", flat=True))


class TestANightAfterThreeYears:
    def test_exactly_what_the_rules_say_is_deleted(self, three_years):
        old = gone(three_years)
        assert len(old) > 30
        ages = {days for days, _ in three_years.values()}
        old_log = LogEntry.objects.filter(action_time__lt=ago(3 * YEAR)).count()

        counts = nights.pass_by()

        assert names() == three_years.keys() - old
        assert set(Lead.objects.values_list("contact__name", flat=True)) == {
            name for name in names() if not name.startswith("held")
        }
        assert set(Contact.objects.values_list("name", flat=True)) == {
            name for name in names() if not name.startswith("held")
        }
        assert set(Company.objects.values_list("name", flat=True)) == {
            name for name in names() if name.startswith("lost")
        }
        assert {one.query for one in SearchCount.objects.all()} == {
            f"ledger {days}" for days in ages if days <= 180
        }
        assert {one.path for one in MissingPage.objects.all()} == {
            f"/old/{days}" for days in ages if days <= 90
        }
        texts = Message.objects.exclude(text="")
        assert texts.exists() and not texts.filter(created_at__lt=ago(YEAR)).exists()
        emptied = Message.objects.filter(text="")
        assert set(emptied.values_list("subject", "html", "reply_to")) == {(TEXT_DELETED, "", "")}
        assert not Message.objects.filter(
            created_at__lt=ago(2 * YEAR), key__startswith="k"
        ).exists()
        expected = {
            "leads.lost": sum(name.startswith("lost") for name in old),
            "leads.jobs": sum(name.startswith("job") for name in old),
            "leads.others": sum(name.startswith("support") for name in old),
            "leads.spam": sum(name.startswith("spam") for name in old),
            "leads.undecided": sum(name.startswith("held") for name in old),
            "articles.searches": sum(days > 180 for days in ages),
            "redirects.missing": sum(days > 90 for days in ages),
            "mail.alone": sum(days > 2 * YEAR for days in ages),
        }
        if old_log:
            expected["desk.log"] = old_log
        expected["desk.acts"] = sum(
            name.startswith(("job", "support")) and days > 30
            for name, (days, _) in three_years.items()
        )
        assert counts == expected | {"mail.texts": counts["mail.texts"]}
        assert counts["mail.texts"] >= emptied.count()

    def test_every_other_row_is_the_same_by_a_bit(self, three_years):
        Act.objects.all().delete()  # of which the lines of history speak no more
        old, before = gone(three_years), digests()
        kept = Inquiry.objects.exclude(name__in=old)
        of_these = {
            Inquiry: kept,
            Lead: Lead.objects.filter(inquiries__in=kept),
            Contact: Contact.objects.filter(inquiries__in=kept),
            Activity: Activity.objects.filter(lead__inquiries__in=kept),
            Notification: Notification.objects.filter(inquiry__in=kept),
            Message: Message.objects.filter(created_at__gte=ago(YEAR)).filter(
                notification__inquiry__in=kept
            ),
        }
        keys = {
            f"{model._meta.label} {key}"
            for model, rows in of_these.items()
            for key in rows.values_list("pk", flat=True)
        }
        assert len(keys) > 300

        nights.pass_by()

        after = digests()
        assert {key: after.get(key) for key in keys} == {key: before[key] for key in keys}

    def test_a_worker_may_be_killed_at_any_moment(self, three_years, monkeypatch):
        """The next one goes on: no row is left, and none counted twice."""
        monkeypatch.setattr(retention, "BATCH", 4)
        now, old, turns = timezone.now(), gone(three_years), 0

        while night := retention.go_on(now, seconds=0):
            turns += 1
            if Night.objects.get(pk=night.pk).finished_at:
                break

        assert turns > 10
        assert names() == three_years.keys() - old
        counted = dict(night.counts.values_list("rule", "count"))
        assert sum(counted[f"leads.{rule}"] for rule in LEADS) == len(old)
        assert len(old) == Deletion.objects.count()

    def test_a_second_night_has_nothing_left_to_do(self, three_years):
        nights.pass_by()

        assert nights.pass_by() == {}


LEADS = ("lost", "jobs", "others", "spam", "undecided")


def ago(days):
    return timezone.now() - timedelta(days=days)


class TestWhatStays:
    @pytest.fixture
    def lost(self, sales):
        with days_ago(3 * YEAR):
            inquiry = receive("ada", company="Engines")
            close(inquiry, "lost", by=sales)
        return inquiry.lead

    def test_a_lead_with_a_next_step(self, lost, sales):
        steps.add_next_step(
            lost, "Ask again", due_on=date.today(), owner=sales, by=sales, at=timezone.now()
        )

        assert nights.pass_by() == {"mail.texts": 2}
        assert Lead.objects.get() == lost

    def test_a_lead_that_is_opened_again(self, lost, sales):
        moves.move(Lead.objects.get(), "contacted", by=sales, at=timezone.now())

        nights.pass_by()

        assert Lead.objects.get() == lost

    def test_the_open_lead_of_someone_whose_old_one_goes(self, lost):
        now = receive("ada", company="Engines", message="I am back.")

        nights.pass_by()

        assert Lead.objects.get() == now.lead
        assert Inquiry.objects.get() == now
        assert Contact.objects.get().company.name == "Engines"

    def test_a_company_with_someone_else(self, lost):
        receive("grace", company="Engines")

        nights.pass_by()

        assert Company.objects.get().contacts.get().name == "grace"

    def test_what_is_not_answered_however_long_ago_it_came(self, sales):
        with days_ago(4 * YEAR):
            job = receive("ada")
            doing.sort([job.lead], Kind.JOB, by=sales, at=timezone.now())

        nights.pass_by()

        assert Inquiry.objects.get() == job

    def test_an_old_conversation_in_which_someone_noted_something_lately(self, sales):
        with days_ago(2 * YEAR):
            support = receive("ada")
            sort(support, Kind.SUPPORT, by=sales)
        moves.note(Lead.objects.get(), "Called again", by=sales, at=timezone.now())

        nights.pass_by()

        assert Inquiry.objects.get() == support

    def test_whoever_is_to_be_kept(self, lost, sales):
        Hold.objects.create(mailbox="ada@example.com", why="A dispute", by=sales)
        before = digests()

        assert nights.pass_by() == {}

        after = digests()
        assert {key: after.get(key) for key in before} == before

    def test_an_email_that_is_still_to_be_sent(self, sales):
        with days_ago(5 * YEAR):
            outbox.put(key="late", to="ada@example.com", subject="Hello", text="Dear Ada")

        assert nights.pass_by() == {}

    def test_the_names_in_the_log_do_not(self, lost, sales, django_user_model):
        builders.user(role="Administrator")
        LogEntry.objects.log_actions(sales.pk, [lost], 2, change_message="Changed Ada.")

        nights.pass_by()

        [entry] = LogEntry.objects.all()
        assert (entry.object_repr, entry.change_message) == ("Erased", "")


class TestEachNight:
    def test_it_begins_at_two_and_works_once(self, settings):
        zone = timezone.get_default_timezone()
        for hour, nights_so_far in [(1, 1), (2, 2), (3, 2), (23, 2)]:
            moment = timezone.datetime(2026, 5, 5, hour, 30, tzinfo=zone)
            with time_machine.travel(moment, tick=False):
                delete_what_is_old()
            assert Night.objects.count() == nights_so_far

        assert [str(night.day) for night in Night.objects.all()] == ["2026-05-05", "2026-05-04"]
        assert not Night.objects.filter(finished_at=None).exists()

    def test_a_rule_that_fails_stops_none_of_the_others(self, monkeypatch, caplog):
        def fail(rows):
            rows.delete()
            raise RuntimeError("no")

        bad = Rule(
            "bad", "redirects.MissingPage", "Bad", "ever", 1, 1, 1,
            lambda before: MissingPage.objects.filter(path="/stays"), fail,
        )  # fmt: skip
        rules = retention.rules()
        monkeypatch.setattr(retention, "rules", lambda: [bad, *rules])
        MissingPage.objects.create(path="/stays")
        MissingPage.objects.create(path="/goes", last_seen=ago(91))

        retention.go_on(timezone.now())

        assert [one.path for one in MissingPage.objects.all()] == ["/stays"]
        assert dict(NightCount.objects.values_list("rule", "error")) == {
            "bad": "RuntimeError",
            "redirects.missing": "",
        }
        assert retention.check() == "Old records were not deleted (bad): see the log."
        assert "was not deleted by the rule bad" in caplog.text

    @pytest.mark.parametrize("act", ["update", "delete"])
    def test_the_database_refuses_to_touch_what_it_was(self, act):
        MissingPage.objects.create(path="/goes", last_seen=ago(91))
        nights.pass_by()

        for rows, change in [
            (NightCount.objects.all(), {"count": 7}),
            (Night.objects.all(), {"began_at": timezone.now()}),
        ]:
            with pytest.raises(IntegrityError, match=r"_never_|protected"), transaction.atomic():
                rows.update(**change) if act == "update" else rows.delete()

    def test_a_rule_counts_once_a_night(self):
        night = nights.begin()
        NightCount.objects.create(night=night, rule="x", before=timezone.now())

        with pytest.raises(IntegrityError, match=r"counts_once|UNIQUE"), transaction.atomic():
            NightCount.objects.create(night=night, rule="x", before=timezone.now())


class TestRules:
    def test_each_has_a_key_of_its_own_and_a_default_within_its_bounds(self):
        rules = retention.rules()

        assert len({rule.key for rule in rules}) == len(rules)
        assert all(rule.at_least <= rule.days <= rule.at_most for rule in rules)

    def test_what_visitors_are_told_has_a_reason_and_a_basis(self):
        assert all(bool(rule.why) == bool(rule.basis) for rule in retention.rules())

    def test_nothing_about_a_person_is_kept_for_ever(self):
        personal = {"leads", "mail", "readiness", "privacy", "operator"}

        for rule in retention.rules():
            assert not (rule.may_be_forever and rule.key.partition(".")[0] in personal)

    @pytest.mark.parametrize(
        ("days", "words"),
        [(1, "1 day"), (90, "90 days"), (365, "1 year"), (730, "2 years"), (None, "for ever")],
    )
    def test_a_period_in_words(self, days, words):
        assert in_words(days) == words

    def test_the_database_refuses_a_period_of_nothing(self, administrator):
        with pytest.raises(IntegrityError, match="is_a_day_at_least"), transaction.atomic():
            Period.objects.create(rule="leads.lost", days=0, by=administrator)

    @pytest.mark.parametrize(("set_to", "kept"), [(1, 30), (9999, YEAR), (None, YEAR)])
    def test_a_period_that_the_bounds_have_left_behind_is_brought_within(
        self, administrator, set_to, kept
    ):
        Period.objects.create(rule="leads.spam", days=set_to, by=administrator)

        assert retention.periods()["leads.spam"] == kept
        assert retention.kept_for("leads.spam") == timedelta(days=kept)


class TestThePageOfPeriods:
    def form(self, admin, **typed):
        fields = {f"days {rule}": value for rule, value in typed.items()}
        return filled_in(admin.get(PAGE), "periods_form", **fields)

    def test_it_shows_what_goes_tonight_with_examples(self, admin):
        for number in range(7):
            MissingPage.objects.create(path=f"/old/{number}", last_seen=ago(91))

        page = admin.get(PAGE).text

        assert "Tonight: 7 missing pages" in page
        assert page.count("<li>/old/") == 5
        assert MissingPage.objects.count() == 7

    def test_what_is_typed_is_previewed_before_it_is_saved(self, admin):
        MissingPage.objects.create(path="/old", last_seen=ago(40))
        assert "Tonight: 1 missing page" not in admin.get(PAGE).text

        page = admin.post(PAGE, self.form(admin, **{"redirects.missing": "35"}) | {"do": "preview"})

        assert "Tonight: 1 missing page" in page.text and "not saved yet" in page.text
        assert not Period.objects.exists()

    def test_what_is_saved_is_followed_and_only_what_was_changed_is_a_row(self, admin):
        MissingPage.objects.create(path="/old", last_seen=ago(40))

        admin.post(PAGE, self.form(admin, **{"redirects.missing": "35"}) | {"do": "save"})

        period = Period.objects.get()
        assert (period.rule, period.days, period.by.name) == ("redirects.missing", 35, "Root")
        [event] = AuditEvent.objects.filter(kind="settings")
        assert (event.summary, event.by) == ("Added: retention period.", period.by)
        assert nights.pass_by() == {"redirects.missing": 1}

    @pytest.mark.parametrize(
        "typed", ["", "0", "29", "366", "-40", "four", "４0", "4" * 50, "40.5"]
    )
    def test_what_is_no_period_of_the_rule_is_refused(self, admin, typed):
        page = admin.post(PAGE, self.form(admin, **{"redirects.missing": typed}) | {"do": "save"})

        assert "Enter a number from 30 to 365." in page.text
        assert not Period.objects.exists()

    def test_what_says_nothing_about_people_may_be_kept_for_ever(self, admin):
        forms = self.form(admin) | {"forever articles.searches": "on", "forever leads.lost": "on"}
        SearchCount.objects.create(day=timezone.localdate() - timedelta(days=900), query="old")

        admin.post(PAGE, forms | {"do": "save"})

        assert [(one.rule, one.days) for one in Period.objects.all()] == [
            ("articles.searches", None)
        ]
        assert nights.pass_by() == {}

    def test_a_fixed_period_is_not_changed_by_a_forged_form(self, admin):
        admin.post(PAGE, {"days leads.assessments": "1", "do": "save"})

        assert not Period.objects.exists()

    @pytest.mark.parametrize("role", ["Sales", "Publisher", "Author"])
    def test_it_is_for_administrators_alone(self, client, role):
        client.force_login(builders.user(role=role))

        assert client.get(PAGE).status_code == 403
        assert client.post(PAGE, {"days leads.lost": "90", "do": "save"}).status_code == 403
        assert not Period.objects.exists()


class TestPeopleToKeep:
    PERSON = reverse("admin:privacy_erasure_add")

    @pytest.fixture
    def ada(self, sales):
        return receive("ada").contact

    def test_they_are_marked_with_a_reason(self, admin, ada):
        asked = {"address": "ada@example.com"}
        page = admin.post(self.PERSON, asked | {"do": "keep", "why": " "}, follow=True)
        assert "Say why" in page.text and not Hold.objects.exists()

        page = admin.post(self.PERSON, asked | {"do": "keep", "why": "A dispute"})

        hold = Hold.objects.get()
        assert (hold.mailbox, hold.why, hold.by.name) == ("ada@example.com", "A dispute", "Root")
        assert "cannot be erased" in page.text and "Erase permanently" not in page.text

    def test_they_cannot_be_erased_until_that_ends(self, admin, ada, administrator):
        asked = {"address": "ada@example.com"}
        admin.post(self.PERSON, asked | {"do": "keep", "why": "A dispute"})
        stored = collect(["ada@example.com"])
        admin.post(self.PERSON, asked | {"do": "erase", "stamp": stored.stamp})
        with pytest.raises(erasing.Held):
            erasing.erase(stored, by=administrator)
        assert Contact.objects.get() == ada

        page = admin.post(self.PERSON, asked | {"do": "stop-keeping"})
        stamp = re.search(r'name="stamp" value="(\w+)"', page.text)[1]
        admin.post(self.PERSON, asked | {"do": "erase", "stamp": stamp})

        assert not Contact.objects.exists() and not Hold.objects.exists()

    def test_the_database_wants_a_reason(self, administrator):
        with pytest.raises(IntegrityError, match="has_a_reason"), transaction.atomic():
            Hold.objects.create(mailbox="ada@example.com", why="", by=administrator)


def test_an_email_without_its_text_is_not_sent_again(admin):
    message = outbox.put(key="a", to="ada@example.com", subject="Hello", text="Dear Ada")
    Message.objects.update(state="sent", sent_at=ago(YEAR + 1))
    nights.pass_by()

    again = admin.post(
        reverse("admin:mail_message_changelist"),
        {"action": "send_again", "confirmed": "1", "_selected_action": [message.pk]},
        follow=True,
    )

    assert "too old to have a text" in again.text
    assert Message.objects.get().state == "sent"


def test_nothing_of_an_assessment_that_is_still_open_to_its_visitor_goes():
    builders.question_set()
    builders.assessment()

    assert nights.pass_by() == {}
    assert Assessment.objects.exists()
