"""What an assessment came to is told with its inquiry, or in emails of its own; never twice."""

from concurrent.futures import ThreadPoolExecutor

import lxml.html
import pytest
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from leads.intake import receiving
from leads.messages import limits
from leads.messages.tasks import notify_about_inquiry, notify_about_result
from leads.models import Activity, Inquiry, InquiryAssessment, Notification, Recipient
from leads.pipeline import assessments
from leads.tasks import send_missing_notifications
from mail.models import Message, Suppression
from pages.models import SiteSettings
from privacy import erasing
from privacy.collecting import collect
from readiness import taking
from readiness.models import Assessment, Question
from tests import builders
from tests.builders import SPAM

pytestmark = pytest.mark.django_db

ADA = {
    "name": "Ada",
    "email": "ada@example.com",
    "company": "Engines",
    "message": "We need a ledger.",
}
SALES = "sales@example.net"


@pytest.fixture(autouse=True)
def published(question_set):
    return question_set


@pytest.fixture
def sales():
    return Recipient.objects.create(email=SALES)


@pytest.fixture
def taken(published):
    """Take it, with the same answer everywhere; the key of the result."""

    def take(value=2, **wishes):
        assessment, key = taking.begin(published)
        answer(assessment, value, **wishes)
        return taking.result_key(key)

    return take


def answer(assessment, value=2, **wishes):
    answers = dict.fromkeys(assessment.question_set.questions, value)
    taking.save(assessment, answers=answers, wishes=wishes)
    taking.finish(assessment)


def receive(announced=True, **fields):
    inquiry = receiving.receive(Inquiry(**{**ADA, **fields}))
    if announced:
        notify_about_inquiry(inquiry.pk)
        inquiry.refresh_from_db()
    return inquiry


def begin(inquiry, published):
    """Accept the invitation; what comes with the inquiry from now on."""
    assessments.begin_for(inquiry, published)
    return inquiry.assessments.latest("pk")


def finish(inquiry, published, value=2, **wishes):
    came_with = begin(inquiry, published)
    answer(came_with.assessment, value, **wishes)
    return came_with


def emails_of(kind):
    return [one.message for one in Notification.objects.filter(kind=kind).order_by("message__pk")]


def email_of(kind):
    [found] = emails_of(kind)
    return found


class TestWithTheInquiry:
    def test_the_acknowledgment_says_what_it_came_to_and_why(self, sales, taken):
        topic = builders.topic()
        first = Question.objects.get(dimension__letter="B", position=1)
        first.topics.add(topic)
        builders.article(slug="a-spec", topics=[topic], text={"title": "A Spec & More"})
        inquiry = receiving.receive(Inquiry(**ADA), assessment=taken(1))

        notify_about_inquiry(inquiry.pk)

        acknowledgment = email_of("acknowledgment")
        html = lxml.html.fromstring(acknowledgment.html).text_content()
        for words in (" ".join(acknowledgment.text.split()), " ".join(html.split())):
            assert "Foundations first" in words
            assert "one dimension is below 40%. The weakest dimension" in words
            assert "Your total is 33 of 100" in words
            for dimension in ("Documentation and process roles", "How work gets defined"):
                assert dimension in words
            assert "You answered: A title and a few lines" in words
            assert "What to do: For the next piece of work, write down five things" in words
            assert "Read: A Spec & More" in words
            assert "Get your documentation and the way you define work in order first" in words
        assert "33%  How work gets defined" in acknowledgment.text
        assert "\n%" not in acknowledgment.text
        for body in (acknowledgment.text, acknowledgment.html):
            assert "http://testserver/articles/a-spec/" in body

    def test_it_says_nothing_that_was_typed(self, sales, taken):
        key = taken(2, system="Cheap-watches", timezone="Buy-pills", wanted="not_sure")
        late = receive(name="Casino-inc", message="Typed", company="Firm-inc")
        notify_about_inquiry(
            receiving.receive(Inquiry(**ADA | {"name": "Casino-inc"}), assessment=key).pk
        )
        came_with = InquiryAssessment.objects.create(
            inquiry=late, assessment=Assessment.objects.get()
        )
        InquiryAssessment.objects.exclude(pk=came_with.pk).update(notified_at=None)
        notify_about_result(came_with.pk)

        emails = [*emails_of("acknowledgment"), *emails_of("result")]
        assert len(emails) == 3
        for one in emails:
            whole = f"{one.subject} {one.text} {one.html}"
            typed = ("Cheap-watches", "Buy-pills", "Casino-inc", "Typed", "Firm-inc")
            assert not any(words in whole for words in typed)

    def test_what_is_not_known_is_listed(self, sales, taken):
        notify_about_inquiry(receiving.receive(Inquiry(**ADA), assessment=taken(None)).pk)

        acknowledgment = email_of("acknowledgment")
        assert acknowledgment.html.count("<li") == 9
        assert "WHAT TO FIND OUT" in acknowledgment.text
        assert "with 9 “Not sure” answers" in " ".join(acknowledgment.text.split())

    @pytest.mark.parametrize(("value", "full", "rest"), [(0, 0, 3), (2, 3, 3), (3, 3, 0)])
    def test_its_bars_are_cells_with_a_width(self, sales, taken, value, full, rest):
        notify_about_inquiry(receiving.receive(Inquiry(**ADA), assessment=taken(value)).pk)

        page = lxml.html.fromstring(email_of("acknowledgment").html)
        assert len(page.xpath("//td[@class='bar-full']")) == full
        assert len(page.xpath("//td[@class='bar']")) == rest
        assert not page.xpath("//img | //svg | //script")
        widths = {cell.get("width") for cell in page.xpath("//td[@class='bar-full']")}
        assert widths <= {"67%", "100%"}

    def test_without_one_the_acknowledgment_is_as_short_as_ever(self, sales):
        receive()

        acknowledgment = email_of("acknowledgment")
        assert "assessment" not in acknowledgment.text + acknowledgment.html
        assert (
            "the\nform again or reply to this email.\n\nIn the meantime, here are our articles:"
            in acknowledgment.text
        )

    def test_the_announcement_says_it_once_and_the_history_says_so(self, sales, taken):
        inquiry = receiving.receive(Inquiry(**ADA), assessment=taken(3))

        notify_about_inquiry(inquiry.pk)
        send_missing_notifications()
        notify_about_result(inquiry.assessments.get().pk)

        assert Message.objects.count() == 2
        line = inquiry.lead.activities.get(kind=Activity.Kind.ASSESSMENT)
        assert line.text == "Readiness: Ready, 100 of 100"
        assert line.inquiry == inquiry

    def test_what_is_finished_before_there_was_anyone_to_tell_reaches_the_visitor_too(
        self, published
    ):
        inquiry = receive()
        finish(inquiry, published)
        notify_about_inquiry(inquiry.pk)
        assert not Notification.objects.exclude(kind="acknowledgment").exists()

        Recipient.objects.create(email=SALES)
        for _ in range(2):
            notify_about_inquiry(inquiry.pk)
            send_missing_notifications()

        assert "Readiness: Ready for a pilot" in email_of("notification").text
        assert "Ready for a pilot" in email_of("result").subject
        assert Message.objects.count() == 3


class TestFinishedLater:
    def test_sales_are_notified_in_the_thread_of_the_first_notification(self, sales, published):
        inquiry = receive(message="An email.", name="Ada\r\nBcc: x")
        came_with = finish(inquiry, published, system="A mint", wanted="project")

        notify_about_result(came_with.pk)

        notification = email_of("readiness")
        assert (notification.to, notification.reply_to) == (SALES, "ada@example.com")
        assert notification.subject == "Readiness result from Ada Bcc: x: Ready for a pilot"
        first = email_of("notification").message_id
        email = notification.as_email().message()
        assert email["In-Reply-To"] == email["References"] == first
        assert email["Message-ID"] not in (None, first)
        lead_url = reverse("admin:lead", args=[inquiry.lead_id])
        for words in (notification.text, notification.html):
            assert "Readiness: Ready for a pilot (67 of 100)" in words
            assert "Offer a pilot of two to four weeks" in words
            assert "A named person, in writing, within two working days" in words
            assert "A mint" in words and "One bounded project" in words
            assert f"http://testserver{lead_url}" in words

    def test_markup_is_only_words_in_it(self, sales, published):
        inquiry = receive(name="<b>Ada</b>", company="<i>Engines</i>")
        notify_about_result(finish(inquiry, published, system="<img src=x>").pk)

        html = email_of("readiness").html
        assert not any(tag in html for tag in ("<b>Ada", "<i>Engines", "<img"))

    def test_a_recipient_who_had_no_notification_is_notified_without_a_thread(
        self, sales, published
    ):
        came_with = finish(receive(), published)
        Recipient.objects.create(email="new@example.net")
        notify_about_result(came_with.pk)

        headers = {one.to: one.headers for one in emails_of("readiness")}
        assert headers["new@example.net"] == {}
        assert headers[SALES]["In-Reply-To"]

    def test_the_visitor_gets_the_result(self, sales, published):
        notify_about_result(finish(receive(), published, 3).pk)

        result = email_of("result")
        assert (result.to, result.reply_to) == ("ada@example.com", SALES)
        assert result.subject == f"{SiteSettings.load().name}: your readiness result is “Ready”"
        assert result.headers["Auto-Submitted"] == "auto-replied"
        assert "Start with one bounded piece of work" in result.text

    def test_the_history_says_what_it_came_to(self, sales, published):
        inquiry = receive()
        notify_about_result(finish(inquiry, published, 0).pk)

        line = inquiry.lead.activities.first()
        assert (line.kind, line.text) == ("assessment", "Readiness: Not yet, 0 of 100")

    def test_the_sweep_finds_it_and_notifying_again_sends_nothing(
        self, sales, published, worker_at_hand
    ):
        inquiry = receive()
        came_with = finish(inquiry, published)

        send_missing_notifications()
        send_missing_notifications()
        notify_about_result(came_with.pk)
        # A worker that died before it wrote this down:
        InquiryAssessment.objects.update(notified_at=None)
        notify_about_result(came_with.pk)

        assert Message.objects.count() == Notification.objects.count() == 4
        came_with.refresh_from_db()
        assert came_with.notified_at

    def test_each_that_is_taken_again_is_reported(self, sales, published):
        inquiry = receive()
        for value in (1, 3):
            notify_about_result(finish(inquiry, published, value).pk)

        assert [one.subject for one in emails_of("readiness")] == [
            "Readiness result from Ada: Foundations first",
            "Readiness result from Ada: Ready",
        ]
        assert len(emails_of("result")) == 2

    def test_one_that_is_not_finished_is_never_reported(self, sales, published, worker_at_hand):
        came_with = begin(receive(), published)
        taking.save(came_with.assessment, answers={"A1": 2})

        send_missing_notifications()
        notify_about_result(came_with.pk)

        assert Message.objects.count() == 2

    def test_with_nobody_to_tell_it_waits(self, sales, published):
        came_with = finish(receive(), published)
        Recipient.objects.all().delete()
        for _ in range(2):
            notify_about_result(came_with.pk)
        assert not emails_of("readiness") and len(emails_of("result")) == 1

        Recipient.objects.create(email=SALES)
        notify_about_result(came_with.pk)

        assert len(emails_of("readiness")) == len(emails_of("result")) == 1

    def test_the_sweep_asks_the_same_few_questions_however_many_wait(
        self, sales, published, django_assert_num_queries
    ):
        for number in range(10):
            finish(receive(message=f"No. {number}"), published)

        with django_assert_num_queries(2):
            send_missing_notifications()

    def test_telling_costs_no_more_for_who_has_taken_it_often(
        self, sales, published, django_assert_max_num_queries
    ):
        inquiry = receive()
        for _ in range(10):
            came_with = finish(inquiry, published)

        with django_assert_max_num_queries(60):
            notify_about_result(came_with.pk)


class TestNobodyIsBothered:
    def test_a_suppressed_address_gets_no_result(self, sales, published):
        came_with = finish(receive(), published)
        Suppression.objects.create(address="ADA@example.com", why="Asked for it")

        notify_about_result(came_with.pk)

        assert not emails_of("result")
        assert len(emails_of("readiness")) == 1

    def test_one_address_gets_three_a_day_and_sales_hear_of_all(self, sales, published):
        for value in (0, 1, 2, 3, 2):
            notify_about_result(finish(receive(message=f"No. {value}"), published, value).pk)

        assert len(emails_of("result")) == limits.MAX_A_DAY["result"] == 3
        assert len(emails_of("readiness")) == 5

    def test_suspected_spam_notifies_nobody_until_it_is_marked_as_not_spam(
        self, sales, published, worker_at_hand
    ):
        held = receiving.receive(Inquiry(**ADA), signs=SPAM)
        came_with = finish(held, published)
        send_missing_notifications()
        notify_about_result(came_with.pk)
        assert not Message.objects.exists()

        receiving.mark_not_spam(held, by=builders.user(role="Sales"), at=timezone.now())
        send_missing_notifications()
        send_missing_notifications()

        assert "Readiness: Ready for a pilot" in email_of("notification").text
        assert "Ready for a pilot" in email_of("acknowledgment").text
        assert Message.objects.count() == 2


class TestWithSeveralInquiries:
    def test_two_people_are_each_notified(self, sales, published):
        ada = receive()
        came_with = finish(ada, published)
        grace = receive(email="grace@example.com")
        other = InquiryAssessment.objects.create(inquiry=grace, assessment=came_with.assessment)

        notify_about_result(came_with.pk)
        notify_about_result(other.pk)

        assert [one.reply_to for one in emails_of("readiness")] == [ada.email, grace.email]
        assert [one.to for one in emails_of("result")] == [ada.email, grace.email]

    def test_what_a_second_email_has_said_is_not_said_of_the_first(self, sales, published):
        """They finish, and send the form below the result before the sweep comes."""
        first = receive()
        came_with = finish(first, published)
        second = receive(announced=False, message="The outline, please.")
        InquiryAssessment.objects.create(inquiry=second, assessment=came_with.assessment)
        notify_about_inquiry(second.pk)

        notify_about_result(came_with.pk)

        assert not emails_of("readiness") and not emails_of("result")
        assert first.lead.activities.filter(kind="assessment").count() == 1
        assert not InquiryAssessment.objects.awaiting_notification().exists()


class TestErasure:
    def test_these_emails_go_as_well(self, sales, published):
        notify_about_result(finish(receive(), published).pk)
        stored = collect(["ada@example.com"])
        assert "4 emails" in stored.going

        erasing.erase(stored, by=builders.user(role="Administrator"))

        assert not Message.objects.exists()
        assert not Assessment.objects.exists()

    def test_an_assessment_that_was_erased_meanwhile_costs_nothing(self, sales, published):
        inquiry = receive()
        came_with = finish(inquiry, published)
        erasing.erase(collect([inquiry.email]), by=builders.user(role="Administrator"))

        notify_about_result(came_with.pk)

        assert not Message.objects.exists()

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite has no row locks")
    def test_who_is_being_erased_is_left_alone(self, sales, published):
        inquiry = receive()
        came_with = finish(inquiry, published)
        administrator = builders.user(role="Administrator")

        def notify():
            try:
                notify_about_result(came_with.pk)
            finally:
                connection.close()

        with ThreadPoolExecutor(1) as worker, transaction.atomic():
            erasing.erase(collect([inquiry.email]), by=administrator)
            worker.submit(notify).result(timeout=20)  # does not wait for the erasure

        assert not Message.objects.exists()

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite has no row locks")
    def test_any_number_of_workers_tell_it_once(self, sales, published):
        came_with = finish(receive(), published)

        def notify(_):
            try:
                notify_about_result(came_with.pk)
            finally:
                connection.close()

        with ThreadPoolExecutor(4) as workers:
            list(workers.map(notify, range(8)))

        assert Message.objects.count() == Notification.objects.count() == 4
        assert Activity.objects.filter(kind="assessment").count() == 1
