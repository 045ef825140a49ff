import json
from contextlib import contextmanager
from datetime import timedelta

import lxml.html
import pytest
import time_machine
from django.conf import settings as present
from django.db import OperationalError, connection
from django.utils import timezone

from accounts.roles import SALES
from config.celery import app
from leads.messages.tasks import notify_about_inquiry
from leads.models import Answer, Inquiry, Lead, Notification, Recipient, SpamMark
from mail import outbox
from mail.models import Message
from mail.tasks import deliver_due_messages
from tests.builders import user
from web.jobs import MIN_PATIENCE, WATCHING_SINCE, jobs
from web.models import JobRun

pytestmark = pytest.mark.django_db


@pytest.fixture
def all_jobs_ran():
    for job in jobs():
        JobRun.objects.create(task=job.task, last_ran_at=timezone.now())


@contextmanager
def database_down():
    def refuse(*args):
        raise OperationalError("the server closed the connection unexpectedly")

    with connection.execute_wrapper(refuse):
        yield


@pytest.fixture
def a_broker_that_is_gone(settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    was = app.conf.broker_url, app.conf.broker_write_url
    app.conf.broker_url = app.conf.broker_write_url = settings.REDIS_URL
    yield
    app.conf.broker_url, app.conf.broker_write_url = was


def message_of(**fields):
    message = outbox.put(key="a", to="ada@example.com", subject="Hello", text="Hello")
    Message.objects.filter(pk=message.pk).update(**fields)


def wrong(answer):
    """The parts that are not well, and what is said of them."""
    return {part: said for part, said in json.loads(answer.content).items() if said != "ok"}


# Is the process there?


def test_the_process_answers(client):
    answer = client.get("/healthz")

    assert (answer.status_code, answer.text) == (200, "ok\n")


def test_the_process_answers_while_the_database_is_down(client):
    with database_down():
        assert client.get("/healthz").status_code == 200


# Whoever asks


@pytest.mark.parametrize(
    "host", ["10.0.0.7", "10.0.0.7:80", "[fd00::7]", "evil.example", "a b", ""]
)
@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_probe_may_ask_by_any_name(client, all_jobs_ran, path, host):
    answer = client.get(path, headers={"host": host})

    assert answer.status_code == 200
    assert "evil" not in answer.text


@pytest.mark.parametrize(
    "path", ["/", "/healthz/", "/healthz/x", "/readyzz", "/status", "/admin/login/"]
)
def test_nothing_else_answers_to_any_name(client, path):
    assert client.get(path, headers={"host": "10.0.0.7"}).status_code == 400


# Can it serve visitors?


def test_it_can_serve_visitors(client):
    answer = client.get("/readyz")

    assert (answer.status_code, answer.text) == (200, "ok\n")


def test_without_its_database_it_cannot(client):
    with database_down():
        answer = client.get("/readyz")

    assert (answer.status_code, answer.text) == (503, "unavailable\n")


def test_emails_jobs_and_the_broker_take_no_site_out_of_its_balancer(
    client, a_broker_that_is_gone, inquiry
):
    notification(inquiry, state="failed", created_at=timezone.now() - timedelta(days=1))

    with time_machine.travel(WATCHING_SINCE + timedelta(days=1), tick=False):
        assert client.get("/readyz").status_code == 200


def test_which_version_answers_is_told_to_whoever_brings_the_token(client, settings):
    settings.STATUS_TOKEN = "a long token"
    who = f"{settings.VERSION.number} {WATCHING_SINCE.isoformat()}"

    asked_by_us = client.get("/readyz", headers={"authorization": "Bearer a long token"})
    asked_by_others = client.get("/readyz", headers={"authorization": "Bearer guessed"})

    assert asked_by_us.text == f"ok {who}\n"
    assert asked_by_others.text == "ok\n"


# Is all well behind it?


@pytest.fixture
def monitor(client, settings):
    settings.STATUS_TOKEN = "a long token"
    client.defaults["HTTP_AUTHORIZATION"] = "Bearer a long token"
    return client


@pytest.fixture
def inquiry(client):
    Recipient.objects.create(email="sales@example.com")
    client.post(
        "/contact/",
        {"name": "Ada", "email": "ada@example.com", "message": "We need a ledger."},
    )
    return Inquiry.objects.get()


def notification(inquiry, *, kind="notification", **fields):
    message_of(**fields)
    Inquiry.objects.update(notified_at=timezone.now())
    return Notification.objects.create(
        inquiry=inquiry, kind=kind, recipient="sales@example.com", message=Message.objects.get()
    )


def test_all_is_well(monitor, all_jobs_ran):
    answer = monitor.get("/status")

    assert answer.status_code == 200
    serving = ("database", "migrations", "static files")
    behind = ("broker", "beat", "uploads", "backups", "disk", "mail", "notifications", "inquiries")
    private = ("requests", "retention")
    assert json.loads(answer.content) == dict.fromkeys((*serving, *behind, *private), "ok")
    assert answer["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    "authorization",
    ["Bearer wrong", "Bearer ", "Bearer", "a long token", "Basic a long token", "Bearer ü", ""],
)
@pytest.mark.parametrize("accept", ["*/*", "text/html"])
def test_whoever_brings_a_wrong_token_finds_nothing(client, settings, authorization, accept):
    settings.STATUS_TOKEN = "a long token"

    answer = client.get("/status", headers={"authorization": authorization, "accept": accept})

    assert answer.status_code == 404


@pytest.mark.parametrize("authorization", ["Bearer ", "Bearer", "Bearer None", ""])
def test_an_empty_token_lets_nobody_in(client, settings, authorization):
    settings.STATUS_TOKEN = ""

    assert client.get("/status", headers={"authorization": authorization}).status_code == 404


def test_a_monitor_without_a_token_is_not_led_to_a_page_that_answers_200(client):
    assert client.get("/status").status_code == 404


def test_a_browser_is_led_to_where_one_signs_in(client):
    answer = client.get("/status", headers={"accept": "text/html,*/*"}, follow=True)

    assert answer.redirect_chain[0][0] == "/admin/status/"
    assert answer.redirect_chain[1][0].startswith("/admin/login/")


def test_staff_who_are_signed_in_read_it(client, all_jobs_ran):
    client.force_login(user(role=SALES))

    assert json.loads(client.get("/status").content)["mail"] == "ok"


def test_staff_read_it_as_a_page_of_the_desk(client, all_jobs_ran, a_broker_that_is_gone):
    client.force_login(user(role=SALES))

    answer = client.get("/admin/status/")

    assert answer.status_code == 503
    assert "no-store" in answer["Cache-Control"]
    rows = lxml.html.fromstring(answer.content).xpath("//main//tbody/tr")
    shown = [" ".join(row.text_content().split()) for row in rows]
    assert "Database OK" in shown
    assert "Broker Problem Cannot be reached" in shown


def test_the_token_opens_nothing_else(monitor):
    assert monitor.get("/admin/status/").status_code == 302


def test_a_database_that_is_down_is_named(monitor, all_jobs_ran):
    with database_down():
        answer = monitor.get("/status")

    assert answer.status_code == 503
    assert wrong(answer)["database"] == "cannot be reached"


def test_a_broker_that_is_down_is_named(monitor, all_jobs_ran, a_broker_that_is_gone):
    answer = monitor.get("/status")

    assert answer.status_code == 503
    assert wrong(answer) == {"broker": "cannot be reached"}


ALARM = "The notification of 1 unanswered inquiry has failed: answer it, or send the email again."


@pytest.mark.parametrize("kind", ["notification"])
def test_a_failed_notification_of_an_unanswered_inquiry_is_an_alarm(
    monitor, all_jobs_ran, inquiry, kind
):
    notification(inquiry, kind=kind, state="failed")
    JobRun.objects.update(last_ran_at=timezone.now())

    answer = monitor.get("/status")

    assert answer.status_code == 503
    assert wrong(answer) == {"notifications": ALARM}


def test_what_possibly_arrived_and_is_tried_no_more_is_an_alarm(monitor, all_jobs_ran, inquiry):
    notification(inquiry, state="failed", unconfirmed=3)

    assert wrong(monitor.get("/status")) == {"notifications": ALARM}


def answered(inquiry, message):
    answer = Answer.objects.create(lead=inquiry.lead, by=user(), at=timezone.now())
    answer.inquiries.add(inquiry)


def sent_again(inquiry, message):
    message.send_again(now=timezone.now())


def marked_as_spam(inquiry, message):
    SpamMark.objects.create(inquiry=inquiry, by=user(), at=timezone.now())


def closed(inquiry, message):
    Lead.objects.update(stage="lost", closed_at=timezone.now(), lost_reason="price")


@pytest.mark.parametrize("deal_with", [answered, sent_again, marked_as_spam, closed])
def test_the_alarm_ends_once_someone_has_dealt_with_it(monitor, all_jobs_ran, inquiry, deal_with):
    message = notification(inquiry, state="failed").message
    message.refresh_from_db()

    deal_with(inquiry, message)

    assert wrong(monitor.get("/status")) == {}


def test_taking_the_answer_back_brings_the_alarm_back(monitor, all_jobs_ran, inquiry):
    notification(inquiry, state="failed")
    answered(inquiry, None)

    Answer.objects.all().delete()

    assert wrong(monitor.get("/status")) == {"notifications": ALARM}


@pytest.mark.parametrize("kind", ["acknowledgment"])
def test_a_failed_email_to_the_visitor_is_no_alarm(monitor, all_jobs_ran, inquiry, kind):
    notification(inquiry, kind=kind, state="failed")

    assert monitor.get("/status").status_code == 200


def test_an_email_that_is_tried_for_too_long_is_named(monitor, all_jobs_ran):
    message_of(created_at=timezone.now() - timedelta(minutes=6), due_at=timezone.now())

    answer = monitor.get("/status")

    assert answer.status_code == 503
    assert wrong(answer) == {"mail": "1 email is not sent within five minutes."}


def test_an_email_that_nobody_tries_is_named(monitor, all_jobs_ran):
    message_of(due_at=timezone.now() - timedelta(minutes=6))

    answer = monitor.get("/status")

    assert wrong(answer) == {"mail": "1 email is due and not tried yet: is the sender running?"}


@pytest.mark.parametrize(
    "fields",
    [
        {"due_at": timezone.now() + timedelta(hours=1)},
        {"state": "failed", "due_at": timezone.now() - timedelta(hours=1)},
    ],
    ids=["not due yet", "failed"],
)
def test_an_email_that_nobody_waits_for_is_no_trouble(monitor, all_jobs_ran, fields):
    message_of(**fields)

    assert monitor.get("/status").status_code == 200


def test_an_inquiry_that_nobody_was_notified_of_is_named(monitor, all_jobs_ran, inquiry):
    with time_machine.travel(timezone.now() + timedelta(minutes=6), tick=False):
        JobRun.objects.update(last_ran_at=timezone.now())
        answer = monitor.get("/status")

    assert answer.status_code == 503
    assert wrong(answer)["inquiries"] == "Nobody has been notified of 1 inquiry."


def test_jobs_that_never_ran_are_named_once_they_had_their_time(monitor):
    with time_machine.travel(WATCHING_SINCE + timedelta(hours=4), tick=False):
        answer = monitor.get("/status")

    assert answer.status_code == 503
    assert list(wrong(answer)) == ["beat"]
    for task in present.CELERY_BEAT_SCHEDULE:
        assert task in wrong(answer)["beat"]


def test_right_after_the_first_start_no_job_is_late(monitor):
    with time_machine.travel(WATCHING_SINCE + MIN_PATIENCE, tick=False):
        answer = monitor.get("/status")

    assert answer.status_code == 200


def test_jobs_that_never_ran_have_as_much_time_as_those_that_did(monitor):
    """The pictures are looked at each minute, and may miss three turns."""
    with time_machine.travel(WATCHING_SINCE + timedelta(seconds=120), tick=False):
        late = wrong(monitor.get("/status"))["beat"]

    assert "mail.tasks.deliver_due_messages" in late
    assert "images.tasks.make_missing_renditions" not in late


def test_a_job_that_is_late_is_named_and_the_others_are_not(monitor, all_jobs_ran):
    JobRun.objects.filter(task="mail.tasks.deliver_due_messages").update(
        last_ran_at=timezone.now() - timedelta(minutes=10)
    )

    answer = monitor.get("/status")

    assert answer.status_code == 503
    assert wrong(answer) == {
        "beat": "Late: mail.tasks.deliver_due_messages. Are the worker and beat running?"
    }


# When a job is late


@pytest.mark.parametrize("task", present.CELERY_BEAT_SCHEDULE)
def test_a_job_is_late_when_it_missed_some_turns_and_a_minute(task):
    now = timezone.now()
    every = timedelta(seconds=present.CELERY_BEAT_SCHEDULE[task]["schedule"])
    patience = max(3 * every, MIN_PATIENCE)

    def is_late(last_ran_at):
        JobRun.objects.update_or_create(task=task, defaults={"last_ran_at": last_ran_at})
        [job] = [job for job in jobs() if job.task == task]
        return job.is_late(now)

    assert not is_late(now)
    assert not is_late(now - patience)
    assert is_late(now - patience - timedelta(seconds=1))


def test_a_job_that_comes_to_its_end_is_remembered(worker_at_hand):
    deliver_due_messages.delay()

    run = JobRun.objects.get()
    assert run.task == "mail.tasks.deliver_due_messages"
    assert timezone.now() - run.last_ran_at < timedelta(minutes=1)


def test_running_again_moves_the_moment(worker_at_hand):
    JobRun.objects.create(
        task="mail.tasks.deliver_due_messages", last_ran_at=timezone.now() - timedelta(days=1)
    )

    deliver_due_messages.delay()

    assert timezone.now() - JobRun.objects.get().last_ran_at < timedelta(minutes=1)


def test_a_task_that_is_not_periodic_is_not_remembered(worker_at_hand):
    notify_about_inquiry.delay(999_999)

    assert not JobRun.objects.exists()


def test_every_periodic_job_is_a_task_that_exists():
    app.loader.import_default_modules()

    assert set(present.CELERY_BEAT_SCHEDULE) <= set(app.tasks)


# On the desk


def test_the_page_of_status_shows_what_is_late_to_those_who_watch_over_emails(client):
    sales = user(role=SALES)

    with time_machine.travel(WATCHING_SINCE + timedelta(hours=1), tick=False):
        client.force_login(sales)
        page = client.get("/admin/status/").text

    assert "Deliver due messages" in page
    assert "Late" in page


def test_the_page_of_status_shows_no_lateness_while_jobs_run(client, all_jobs_ran):
    client.force_login(user(role=SALES))

    page = client.get("/admin/status/").text

    assert "Deliver due messages" in page
    assert "Late" not in page


def test_the_desk_shows_a_failed_notification_in_red_until_someone_answers(client, inquiry):
    notification(inquiry, state="failed")
    client.force_login(user(role=SALES))
    alarm = "with a failed notification"

    page = client.get("/admin/").text
    listed = client.get("/admin/leads/inquiry/?notification=failed")

    assert alarm in page
    assert "figure--trouble" in page
    assert list(listed.context["cl"].queryset) == [inquiry]

    answered(inquiry, None)

    assert alarm not in client.get("/admin/").text
    listed = client.get("/admin/leads/inquiry/?notification=failed")
    assert list(listed.context["cl"].queryset) == []
