import json
from contextlib import contextmanager
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings as present
from django.db import OperationalError, connection
from django.utils import timezone

from accounts.roles import SALES
from config.celery import app
from leads.tasks import announce_inquiry
from mail import outbox
from mail.models import Message
from mail.tasks import deliver_due_messages
from pages.jobs import SHORTEST_PATIENCE, WATCHING_SINCE, jobs
from pages.models import JobRun
from tests.builders import user

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


def letter(**fields):
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


@pytest.mark.parametrize("path", ["/", "/healthz/", "/healthz/x", "/readyzz", "/admin/login/"])
def test_nothing_else_answers_to_any_name(client, path):
    assert client.get(path, headers={"host": "10.0.0.7"}).status_code == 400


# Is all well behind it?


def test_all_is_well(client, all_jobs_ran):
    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert json.loads(answer.content) == {
        part: "ok" for part in ("database", "broker", "mail", "inquiries", "beat")
    }


def test_a_database_that_is_down_is_named(client, all_jobs_ran):
    with database_down():
        answer = client.get("/readyz")

    assert answer.status_code == 503
    assert wrong(answer)["database"] == "cannot be reached"
    assert "closed the connection" not in answer.text


def test_a_broker_that_is_down_is_named(client, all_jobs_ran, a_broker_that_is_gone):
    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert wrong(answer) == {"broker": "cannot be reached"}


def test_a_letter_that_waits_too_long_is_named(client, all_jobs_ran):
    letter(created_at=timezone.now() - timedelta(minutes=6), due_at=timezone.now())

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert wrong(answer) == {"mail": "1 overdue"}


@pytest.mark.parametrize(
    "fields",
    [
        {"due_at": timezone.now() + timedelta(hours=1)},
        {"state": "failed", "due_at": timezone.now() - timedelta(hours=1)},
    ],
    ids=["not due yet", "given up"],
)
def test_a_letter_that_nobody_waits_for_is_no_trouble(client, all_jobs_ran, fields):
    letter(**fields)

    assert client.get("/readyz").status_code == 200


def test_an_inquiry_that_nobody_was_told_of_is_named(client, all_jobs_ran):
    client.post(
        "/contact/",
        {"name": "Ada", "email": "ada@example.com", "message": "We need a ledger."},
    )

    with time_machine.travel(timezone.now() + timedelta(minutes=6), tick=False):
        JobRun.objects.update(last_ran_at=timezone.now())
        answer = client.get("/readyz")

    assert answer.status_code == 503
    assert wrong(answer)["inquiries"] == "1 not announced"


def test_jobs_that_never_ran_are_named_once_they_had_their_time(client):
    with time_machine.travel(WATCHING_SINCE + timedelta(hours=4), tick=False):
        answer = client.get("/readyz")

    assert answer.status_code == 503
    assert list(wrong(answer)) == ["beat"]
    for task in present.CELERY_BEAT_SCHEDULE:
        assert task in wrong(answer)["beat"]


def test_right_after_the_first_start_no_job_is_late(client):
    with time_machine.travel(WATCHING_SINCE + SHORTEST_PATIENCE, tick=False):
        answer = client.get("/readyz")

    assert answer.status_code == 200


def test_jobs_that_never_ran_have_as_much_time_as_those_that_did(client):
    """The pictures are looked at each minute, and may miss three turns."""
    with time_machine.travel(WATCHING_SINCE + timedelta(seconds=120), tick=False):
        late = wrong(client.get("/readyz"))["beat"]

    assert "mail.tasks.deliver_due_messages" in late
    assert "images.tasks.make_missing_renditions" not in late


def test_a_job_that_is_late_is_named_and_the_others_are_not(client, all_jobs_ran):
    JobRun.objects.filter(task="mail.tasks.deliver_due_messages").update(
        last_ran_at=timezone.now() - timedelta(minutes=10)
    )

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert wrong(answer) == {"beat": "late: mail.tasks.deliver_due_messages"}


# When a job is late


@pytest.mark.parametrize("task", present.CELERY_BEAT_SCHEDULE)
def test_a_job_is_late_when_it_missed_some_turns_and_a_minute(task):
    now = timezone.now()
    every = timedelta(seconds=present.CELERY_BEAT_SCHEDULE[task]["schedule"])
    patience = max(3 * every, SHORTEST_PATIENCE)

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
    announce_inquiry.delay(999_999)

    assert not JobRun.objects.exists()


def test_every_periodic_job_is_a_task_that_exists():
    app.loader.import_default_modules()

    assert set(present.CELERY_BEAT_SCHEDULE) <= set(app.tasks)


# On the desk


def test_the_desk_shows_what_is_late_to_those_who_watch_over_letters(client):
    sales = user(role=SALES)

    with time_machine.travel(WATCHING_SINCE + timedelta(hours=1), tick=False):
        client.force_login(sales)
        page = client.get("/admin/").text

    assert "Deliver due messages" in page
    assert "Late" in page


def test_the_desk_shows_no_lateness_while_jobs_run(client, all_jobs_ran):
    client.force_login(user(role=SALES))

    page = client.get("/admin/").text

    assert "Deliver due messages" in page
    assert "Late" not in page
