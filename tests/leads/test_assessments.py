"""Readiness comes with inquiries: sales see it, and it goes with a person who is forgotten."""

from datetime import timedelta

import lxml.html
import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from leads.intake import receiving, spam_marks
from leads.messages.tasks import notify_about_inquiry
from leads.models import Inquiry, InquiryAssessment, Lead, Recipient
from leads.pipeline import assessments
from mail.models import Message
from privacy import erasing
from privacy.collecting import collect
from readiness import taking
from readiness.models import Abandoned, Assessment, PastAnswer, QuestionSet
from readiness.statistics import statistic
from tests import nights
from tests.builders import SPAM, assessment, signed_in, user
from tests.forms import filled_in

pytestmark = pytest.mark.django_db

ADA = {"name": "Ada", "email": "ada@example.com", "message": "We need a ledger."}
LEADS = reverse("admin:leads_lead_changelist")


@pytest.fixture(autouse=True)
def published(question_set):
    return question_set


@pytest.fixture
def sales(client):
    client.force_login(user(role="Sales"))
    return client


@pytest.fixture
def taken(published):
    """Take it, with the same answer everywhere; the key of the result."""

    def take(value=2, **wishes):
        assessment, key = taking.begin(published)
        taking.save(assessment, answers=dict.fromkeys(published.questions, value), wishes=wishes)
        taking.finish(assessment)
        return taking.result_key(key)

    return take


def result_page(key):
    return reverse("readiness:result", args=[key])


def test_the_form_below_a_result_sends_it_along(client, taken):
    key = taken()
    form = filled_in(client.get(result_page(key)), "inquiry-form", **ADA)

    answer = client.post("/contact/", form)

    thanks = client.get(answer.url)
    assert "Your assessment is attached" in thanks.text
    assert "See if you’re ready" not in thanks.text
    assert thanks.headers["Cache-Control"] == "private, no-store"
    inquiry = Inquiry.objects.get()
    [report] = assessments.of_inquiry(inquiry)
    assert report.result.name == "Ready for a pilot"
    assert inquiry.source_path == "/readiness/"
    assert key not in str(Inquiry.objects.values().get())


def test_no_other_form_knows_of_assessments(client):
    assert 'name="assessment"' not in client.get("/contact/").text
    assert 'name="assessment"' not in client.get("/").text


def test_a_mistake_in_the_form_does_not_lose_the_result(client, taken):
    form = filled_in(client.get(result_page(taken())), "inquiry-form", **ADA | {"email": "ada@"})

    again = client.post("/contact/", form)
    assert again.status_code == 422
    client.post("/contact/", filled_in(again, "inquiry-form", **ADA))

    assert len(assessments.of_inquiry(Inquiry.objects.get())) == 1


@pytest.mark.parametrize("key", ["", "x", "x" * 43, "x" * 9999])
def test_a_forged_key_brings_nothing_and_costs_nothing(client, key):
    client.post("/contact/", ADA | {"assessment": key})

    assert assessments.of_inquiry(Inquiry.objects.get()) == []


def test_a_key_that_opens_the_answers_is_not_the_key_of_a_result(client, published):
    _, key = taking.begin(published)

    client.post("/contact/", ADA | {"assessment": key})

    assert not InquiryAssessment.objects.exists()


def test_the_same_email_twice_brings_its_assessment_once(taken):
    key = taken()
    for _ in range(2):
        receiving.receive(Inquiry(**ADA), assessment=key)

    assert Inquiry.objects.count() == InquiryAssessment.objects.count() == 1


def test_the_notification_gives_sales_all_of_it(taken):
    Recipient.objects.create(email="sales@example.net")
    inquiry = receiving.receive(Inquiry(**ADA), assessment=taken(system="A mint", wanted="project"))

    notify_about_inquiry(inquiry.pk)

    notification = Message.objects.get(to="sales@example.net")
    for words in (notification.text, notification.html):
        assert "Readiness: Ready for a pilot (67 of 100)" in words
        assert "The total is 50 or more" in words
        assert "Offer a pilot of two to four weeks" in words
        assert words.count("What to do:") == 1 and "Propose" not in words
        assert "How work gets defined" in words and "67%" in words
        assert "A named person, in writing, within two working days" in words
        assert "A mint" in words and "One bounded project" in words


def test_without_an_assessment_the_notification_says_nothing_of_it():
    Recipient.objects.create(email="sales@example.net")
    notify_about_inquiry(receiving.receive(Inquiry(**ADA)).pk)

    notification = Message.objects.get(to="sales@example.net")
    assert "Readiness" not in notification.text and "Readiness" not in notification.html


def test_the_lead_shows_the_latest_and_the_earlier_ones(sales, taken):
    receiving.receive(Inquiry(**ADA), assessment=taken(1))
    inquiry = receiving.receive(Inquiry(**ADA | {"message": "Again."}), assessment=taken(3))

    page = sales.get(reverse("admin:leads_lead_change", args=[inquiry.lead_id])).text

    assert page.index("<strong>Ready</strong>, 100 of 100") < page.index("Foundations first</str")
    assert page.count('class="readiness" open') == 1
    assert "Propose a scope for one bounded piece of work" in page


def test_an_inquiry_shows_its_own(sales, taken):
    inquiry = receiving.receive(Inquiry(**ADA), assessment=taken(0))
    other = receiving.receive(Inquiry(**ADA | {"message": "Again."}))

    page = sales.get(reverse("admin:leads_inquiry_change", args=[inquiry.pk])).text
    plain = sales.get(reverse("admin:leads_inquiry_change", args=[other.pk])).text

    assert "<strong>Not yet</strong>" in page and "holds back" in page
    assert "holds back" not in plain


def test_leads_are_found_by_their_latest_result(sales, taken):
    for email, value in [("ada@example.com", 3), ("grace@example.com", 1)]:
        receiving.receive(Inquiry(**ADA | {"email": email}), assessment=taken(value))
    receiving.receive(Inquiry(**ADA | {"message": "Worse."}), assessment=taken(0))
    receiving.receive(Inquiry(**ADA | {"email": "alan@example.com"}))

    def found(result):
        rows = sales.get(LEADS, {"readiness": result}).context["cl"].result_list
        return [lead.contact.email for lead in rows]

    assert found("not_yet") == ["ada@example.com"]
    assert found("foundations") == ["grace@example.com"]
    assert found("ready") == []
    assert found("nonsense") == []


# Invited on the thanks page


def thanks_of(client, **changes):
    answer = client.post("/contact/", ADA | changes)
    assert answer.url.startswith("/contact/thanks/?for=")
    return client.get(answer.url)


def accept(client, thanks):
    return client.post(reverse("leads:assess"), filled_in(thanks, "assess"), follow=True)


def test_who_wrote_is_invited_and_the_assessment_joins_the_email(client):
    thanks = thanks_of(client)
    assert thanks.headers["Cache-Control"] == "private, no-store"

    first = accept(client, thanks)
    assert "Step 1 of 4" in first.text
    assert first.request["PATH_INFO"] == "/readiness/1/" and not first.request["QUERY_STRING"]
    for number in (1, 2, 3):
        page = client.get(f"/readiness/{number}/") if number > 1 else first
        chosen = {f"{'ABC'[number - 1]}{place}": "2" for place in (1, 2, 3)}
        [form] = lxml.html.fromstring(page.content).xpath("//main//form")
        client.post(form.get("action"), dict(form.form_values()) | chosen)
    client.post("/readiness/4/", {"version": "1", "start": "month"})

    [report] = assessments.of_inquiry(Inquiry.objects.get())
    assert report.result.key == "pilot"
    assert ("When", "Within a month") in report.wishes


def test_the_thanks_page_without_an_invitation_is_the_same_for_everyone(client):
    plain = client.get(reverse("leads:thanks"))
    thanks_of(client)

    assert client.get(reverse("leads:thanks")).content == plain.content
    assert "public" in plain.headers["Cache-Control"]
    assert plain.headers["No-Vary-Search"] == 'params, except=("for")'
    assert 'id="assess"' not in plain.text
    assert plain.headers["Referrer-Policy"] == "same-origin"


def test_an_invitation_accepted_twice_leaves_one_assessment(client):
    thanks = thanks_of(client)
    accept(client, thanks)
    accept(client, thanks)

    assert Assessment.objects.count() == InquiryAssessment.objects.count() == 1


def test_an_inquiry_that_is_erased_as_its_invitation_is_accepted_takes_none(published, client):
    client.post("/contact/", ADA)
    invited = Inquiry.objects.get()
    erasing.erase(collect([ADA["email"]]), by=user())

    assert assessments.begin_for(invited, published) is None
    assert not Assessment.objects.exists()


def test_an_invitation_says_nothing_of_who_was_invited(client):
    address = client.post("/contact/", ADA).url

    assert "ada" not in address.lower()
    assert assessments.invitation(Inquiry.objects.get()) == assessments.invitation(
        Inquiry.objects.get()
    )


def test_an_old_invitation_says_so(client, time_machine):
    thanks = thanks_of(client)
    time_machine.move_to(timezone.now() + timedelta(days=8))

    assert "more than a week old" in accept(client, thanks).text
    assert not Assessment.objects.exists()


@pytest.mark.parametrize("token", ["", "x", "x:y", "é", "x" * 9999])
def test_a_forged_invitation_joins_nothing(client, token):
    client.post("/contact/", ADA)

    assert client.get(reverse("leads:thanks"), {"for": token}).status_code == 200
    assert client.post(reverse("leads:assess"), {"for": token}).url == "/readiness/1/?why=late"
    assert not Assessment.objects.exists()


def test_an_invitation_is_accepted_from_our_own_page_only(client):
    form = filled_in(thanks_of(client), "assess")

    foreign = client.post(reverse("leads:assess"), form, headers={"Sec-Fetch-Site": "cross-site"})

    assert foreign.status_code == 403
    assert client.get(reverse("leads:assess")).status_code == 405


def test_who_is_forgotten_is_forgotten_with_their_answers(taken):
    inquiry = receiving.receive(Inquiry(**ADA), assessment=taken(system="The mint of Ada"))
    stored = collect([inquiry.email])

    erasing.erase(stored, by=user(role="Administrator"))

    assert "1 assessment" in stored.going
    assert not Assessment.objects.exists()
    assert not InquiryAssessment.objects.exists()


def test_an_assessment_that_came_with_someone_elses_email_stays_with_them(taken):
    key = taken()
    receiving.receive(Inquiry(**ADA), assessment=key)
    receiving.receive(Inquiry(**ADA | {"email": "grace@example.com"}), assessment=key)

    erasing.erase(collect(["ada@example.com"]), by=user(role="Administrator"))

    [report] = assessments.of_lead(Lead.objects.get())
    assert report.result.key == "pilot"


def test_what_is_sent_meanwhile_is_not_erased_unseen(taken):
    inquiry = receiving.receive(Inquiry(**ADA))
    stored = collect([inquiry.email])
    taken()
    assessments.attach(inquiry, Assessment.objects.get().pk)

    with pytest.raises(erasing.ChangedMeanwhile):
        erasing.erase(stored, by=user(role="Administrator"))


# Kept no longer than we say

OVER = {"unfinished": timedelta(days=30), "finished": timedelta(days=120)}


def ago(kept_for, **a_little):
    return timezone.now() - kept_for + timedelta(**a_little)


def test_what_nobody_finished_in_its_time_is_deleted_and_counted():
    assessment(until=4, at=ago(OVER["unfinished"]))
    young = assessment(until=4, at=ago(OVER["unfinished"], minutes=1))

    nights.pass_by()
    nights.pass_by()

    assert list(Assessment.objects.all()) == [young]
    counted = Abandoned.objects.get()
    assert (counted.step, counted.count) == (2, 1)


def test_a_result_that_came_with_no_inquiry_is_deleted_after_four_months_and_counted():
    assessment(at=ago(OVER["finished"]))
    young = assessment(at=ago(OVER["finished"], minutes=1))

    nights.pass_by()

    assert list(Assessment.objects.all()) == [young]
    assert {(row.value, row.count) for row in PastAnswer.objects.all()} == {(2, 1)}


def test_a_result_that_came_with_an_inquiry_stays_with_it():
    old = assessment(at=ago(OVER["finished"], days=-300))
    inquiry = receiving.receive(Inquiry(**ADA))
    InquiryAssessment.objects.create(inquiry=inquiry, assessment=old)

    nights.pass_by()

    assert len(assessments.of_inquiry(inquiry)) == 1
    assert not PastAnswer.objects.exists()


def test_what_was_begun_for_an_inquiry_and_not_finished_is_deleted():
    old = assessment(until=3, at=ago(OVER["unfinished"]))
    inquiry = receiving.receive(Inquiry(**ADA))
    InquiryAssessment.objects.create(inquiry=inquiry, assessment=old)

    nights.pass_by()

    assert not Assessment.objects.exists()
    assert Abandoned.objects.get().count == 1
    assert Inquiry.objects.exists()


def marked(inquiry):
    spam_marks.mark(inquiry, by=user(role="Sales"), at=timezone.now() - timedelta(days=91))


def finished():
    """How many are counted, on the page of statistics and in the list of question sets."""
    published = QuestionSet.objects.for_asking().get()
    figures = statistic(published, at=timezone.now() + timedelta(days=2))
    return figures.finished, figures.left


@pytest.mark.parametrize("until", [None, 3])
@pytest.mark.parametrize("signs", [(), SPAM])
def test_what_came_with_spam_counts_in_no_statistic_now_or_once_it_is_deleted(
    until, signs, time_machine
):
    genuine = receiving.receive(Inquiry(**ADA))
    spam = receiving.receive(Inquiry(**ADA | {"message": "Casino."}), signs=signs)
    with_each, with_spam, alone = (assessment(until=until) for _ in range(3))
    for inquiry, taken in [(genuine, with_each), (spam, with_each), (spam, with_spam)]:
        InquiryAssessment.objects.create(inquiry=inquiry, assessment=taken)
    expected = (2, 0) if until is None else (0, 2)
    if not signs:
        assert sum(finished()) == 3
        marked(spam)

    assert finished() == expected
    listed = signed_in("Publisher").get(reverse("admin:readiness_questionset_changelist"))
    assert f'class="field-taken">{expected[0]}<' in listed.content.decode()

    if signs:
        marked(spam)
    nights.pass_by()
    assert set(Assessment.objects.all()) == {with_each, alone}
    time_machine.move_to(timezone.now() + timedelta(days=200), tick=False)
    nights.pass_by()
    assert finished() == expected


def test_what_was_left_and_came_with_spam_is_deleted_uncounted():
    spam = receiving.receive(Inquiry(**ADA), signs=SPAM)
    left = assessment(until=3)
    InquiryAssessment.objects.create(inquiry=spam, assessment=left)
    Assessment.objects.update(expires_at=timezone.now())

    nights.pass_by()

    assert not Assessment.objects.exists() and not Abandoned.objects.exists()


def test_more_than_are_deleted_at_once_are_deleted_all(monkeypatch):
    monkeypatch.setattr(taking, "MAX_BATCH_SIZE", 2)
    for _ in range(5):
        assessment(until=0, at=ago(OVER["unfinished"]))

    assert nights.pass_by() == {"leads.assessments_unfinished": 5}
    assert Abandoned.objects.get().count == 5


@pytest.mark.django_db(transaction=True)
def test_a_result_that_is_sent_along_as_it_expires_is_kept(colleague):
    old = assessment(at=ago(OVER["finished"]))
    inquiry = receiving.receive(Inquiry(**ADA))

    with transaction.atomic():
        Assessment.objects.select_for_update().get(pk=old.pk)  # as `attach` does
        forgetting = colleague(nights.pass_by)
        InquiryAssessment.objects.create(inquiry=inquiry, assessment=old)

    assert forgetting.result(timeout=20) == {}
    assert Assessment.objects.get() == old
    assert not PastAnswer.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_assessment_erased_as_its_step_is_saved_is_no_error(client, published, colleague):
    """The visitor is told in a sentence, and their next answers are kept under a new key."""
    begun, key = taking.begin(published)
    client.cookies["readiness"] = key
    answers = {"version": "1", "key": key} | dict.fromkeys(["A1", "A2", "A3"], "2")

    with transaction.atomic():
        held = Assessment.objects.select_for_update().get(pk=begun.pk)
        held.save(update_fields=["wishes"])  # so that SQLite holds it as well
        saving = colleague(client.post, "/readiness/1/", answers)
        held.delete()

    answer = saving.result(timeout=20)
    assert (answer.status_code, answer.url) == (302, "/readiness/1/?why=expired")
    assert "so the assessment starts over" in client.get(answer.url).text
    assert not Assessment.objects.exists()
    assert client.post("/readiness/1/", answers).url == "/readiness/2/"
    assert Assessment.objects.get().answers == {"A1": 2, "A2": 2, "A3": 2}


class TestAfterIt:
    @pytest.mark.parametrize(
        ("answer", "action"),
        [
            (3, "Send the scope"),
            (2, "Propose a pilot"),
            (1, "Talk about foundations"),
            (None, "Ask for a call"),
            (0, ""),
        ],
    )
    def test_the_action_follows_the_result(self, client, taken, answer, action):
        page = client.get(result_page(taken(answer))).text

        actions = ["Send the scope", "Propose a pilot", "Talk about foundations", "Ask for a call"]
        assert [one for one in actions if one in page] == [action] * bool(action)
        assert "Your message will include the result on this page." in page

    def test_the_result_says_that_it_was_sent_along_and_mailed_once_it_was(self, client, taken):
        key = taken()
        assert "was sent to us" not in client.get(result_page(key)).text
        client.post("/contact/", {**ADA, "assessment": key})

        sent = client.get(result_page(key)).text
        Recipient.objects.create(email="sales@example.org")
        notify_about_inquiry(Inquiry.objects.get().pk)
        Message.objects.update(state=Message.State.SENT, sent_at=timezone.now())
        mailed = client.get(result_page(key)).text

        assert "was sent to us with a message on" in sent and "emailed to the sender" not in sent
        assert "and emailed to the sender" in mailed
        assert "ada@example.com" not in mailed

    def test_who_takes_it_after_writing_is_not_invited_again(self, client, published):
        invited = client.post("/contact/", ADA).url
        inquiry = Inquiry.objects.get()
        assert "See if you’re ready" in client.get(invited).text
        inquiry.assessments.create(assessment=assessment())

        page = client.get(invited).text

        assert "See if you’re ready" not in page and "Your assessment is attached" in page
