"""What /metrics tells: to whom, what, and that processes count together."""

import errno
import os
import re
import signal
import subprocess
import sys
import time
from datetime import timedelta

import pytest
import time_machine
from celery import current_app
from django.conf import settings as present
from django.core.management import call_command
from django.db import OperationalError, connection
from django.urls import get_resolver
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from redis.exceptions import ResponseError

from config.celery import app
from leads.intake.forms import InquiryWithBriefForm
from leads.models import Inquiry, Recipient
from mail import outbox
from mail.models import Message
from tests.builders import article
from tests.web.test_health import a_broker_that_is_gone, database_down  # noqa: F401 - a fixture
from web import health, queries
from web.contributions import every
from web.jobs import jobs
from web.metrics import Counter, Histogram, scrape
from web.metrics.shared import BYTES, Numbers, _remove_what_others_left
from web.models import JobRun

pytestmark = pytest.mark.django_db

TOKEN = "a long token"


@pytest.fixture(autouse=True)
def afresh():
    scrape._latest.forget()


@pytest.fixture
def monitor(client, settings):
    settings.STATUS_TOKEN = TOKEN
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {TOKEN}"
    return client


def read(text):
    """Every sample, by name and labels, as Prometheus' own parser finds it."""
    return {
        (one.name, *sorted(one.labels.items())): one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
    }


def scraped(monitor):
    scrape._latest.forget()
    return read(monitor.get("/metrics").text)


# Who may read them


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer ", "Bearer wrong", f"Basic {TOKEN}", TOKEN]
)
def test_whoever_has_not_the_token_finds_nothing(client, settings, authorization):
    settings.STATUS_TOKEN = TOKEN

    answer = client.get("/metrics", headers={"authorization": authorization})

    assert answer.status_code == 404
    assert "site_info" not in answer.text


@pytest.mark.parametrize("authorization", ["Bearer ", "Bearer", "Bearer None", ""])
def test_without_a_token_there_are_none(client, settings, authorization):
    settings.STATUS_TOKEN = ""

    assert client.get("/metrics", headers={"authorization": authorization}).status_code == 404


def test_not_even_someone_signed_in_reads_them_without_it(admin_client):
    assert admin_client.get("/metrics").status_code == 404


@pytest.mark.parametrize("host", ["10.0.0.7", "10.0.0.7:8000", "[fd00::7]"])
def test_they_are_asked_by_the_address_of_the_node(monitor, host, settings):
    settings.SECURE_SSL_REDIRECT = True

    assert monitor.get("/metrics", headers={"host": host}).status_code == 200


def test_nobody_keeps_them_and_they_set_no_cookie(monitor):
    answer = monitor.get("/metrics")

    assert answer["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert "no-store" in answer["Cache-Control"]
    assert not answer.cookies


# What they say


def test_every_line_is_one_that_prometheus_reads(monitor):
    JobRun.objects.create(task=jobs()[0].task, last_ran_at=timezone.now())
    monitor.get("/")

    text = monitor.get("/metrics").text

    families = {one.name: one for one in text_string_to_metric_families(text)}
    assert all(one.documentation and one.type != "unknown" for one in families.values())
    assert all(name.startswith("site_") for name in families)
    assert len(re.findall("(?m)^# TYPE ", text)) == len(families)


def test_the_command_says_the_same_where_no_web_process_is(monitor, capsys):
    call_command("metrics")

    assert read(capsys.readouterr().out).keys() >= {
        key for key in scraped(monitor) if key[0] in ("site_info", "site_emails", "site_check_ok")
    }


def test_a_request_is_counted_by_its_route_and_never_by_its_address(monitor):
    page = article().get_absolute_url()
    before = scraped(monitor)

    monitor.get(f"{page}?utm_source=ada@example.com")
    monitor.get("/nowhere/ada@example.com/")
    monitor.generic("INVENTED", "/contact/")

    now = scraped(monitor)
    new = {key for key in now if now[key] != before.get(key)}
    route = ("route", "articles:detail")
    counted = ("site_requests_total", ("method", "GET"), route, ("status", "2xx"))
    assert now[counted] == before.get(counted, 0) + 1
    assert ("site_request_duration_seconds_count", route) in new
    assert ("site_request_queries_total", route) in new
    others = {dict(key[1:])["method"] for key in new if key[0] == "site_requests_total"}
    assert others == {"GET", "other"}
    assert "ada" not in str(new) and "nowhere" not in str(new)


def test_how_long_requests_took_adds_up(monitor):
    monitor.get("/offices/")

    found = scraped(monitor)

    buckets = [
        found[key]
        for key in sorted(found, key=lambda key: float(dict(key[1:]).get("le", "inf")))
        if key[0] == "site_request_duration_seconds_bucket" and ("route", "offices:list") in key
    ]
    assert len(buckets) == 10
    assert buckets == sorted(buckets)
    assert buckets[-1] == found["site_request_duration_seconds_count", ("route", "offices:list")]


def test_routes_are_few_whatever_is_asked_for(monitor):
    """What the URL patterns name, and two of our own."""

    def names(resolver, spaces=()):
        for one in resolver.url_patterns:
            if hasattr(one, "url_patterns"):
                inner = (*spaces, one.namespace) if one.namespace else spaces
                yield from names(one, inner)
            else:
                yield ":".join([*spaces, one.name or one.lookup_str])

    def routes():
        return {dict(key[1:]).get("route") for key in scraped(monitor)} - {None}

    others = routes()  # of addresses that earlier tests made up
    for path in ("/", "/feed/", "/static/x.css", "/a/b/c", "/x.php?y=1", "/admin/login/", "/%2e/"):
        monitor.get(path)

    known = {*names(get_resolver()), "admin:django.contrib.admin.sites.catch_all_view"}
    assert routes() - others <= known | {"static", "none"}


def post_inquiry(client, **fields):
    inquiry = {"name": "Ada", "email": "ada@example.com", "message": "We need a ledger."}
    return client.post("/contact/", inquiry | fields)


def outcomes(monitor):
    found = scraped(monitor)
    return {
        dict(key[1:])["outcome"]: found[key] for key in found if key[0] == "site_inquiries_total"
    }


def test_inquiries_are_counted_by_what_became_of_them(monitor):
    before = outcomes(monitor)

    post_inquiry(monitor)
    post_inquiry(monitor)
    post_inquiry(monitor, email="no address")

    grown = {name: count - before.get(name, 0) for name, count in outcomes(monitor).items()}
    verdict = Inquiry.objects.get().verdict
    assert {name: count for name, count in grown.items() if count} == {
        verdict: 1, "repeated": 1, "invalid": 1,
    }  # fmt: skip


def test_a_brief_that_says_nothing_is_counted_as_well(monitor):
    before = outcomes(monitor).get("invalid", 0)

    sent = {"name": "Ada", "email": "ada@example.com", "message": InquiryWithBriefForm.MESSAGE}
    answer = monitor.post("/contact/brief/", sent)

    assert answer.status_code == 422
    assert outcomes(monitor)["invalid"] == before + 1


def test_whoever_is_told_to_wait_is_counted_by_the_limit(monitor):
    for number in range(31):
        answer = post_inquiry(monitor, message=f"Number {number}")

    found = scraped(monitor)
    assert answer.status_code == 429
    assert found["site_limit_refusals_total", ("limit", "inquiries")] >= 1
    assert outcomes(monitor)["refused"] >= 1


def put(key, **fields):
    message = outbox.put(key=key, to="ada@example.com", subject="Hello", text="Hello")
    Message.objects.filter(pk=message.pk).update(**fields)


def test_emails_are_counted_by_state_and_the_oldest_has_an_age(monitor):
    now = timezone.now()
    put("a", created_at=now - timedelta(minutes=9), due_at=now - timedelta(minutes=7))
    put("b", due_at=now + timedelta(hours=1))
    put("c", state="failed")
    put("d", state="sent", sent_at=now)
    put("e", state="sent", sent_at=now, created_at=now - timedelta(hours=2))

    found = scraped(monitor)

    assert found["site_emails", ("state", "queued")] == 2
    assert found["site_emails", ("state", "failed")] == 1
    assert found["site_emails_of_last_hour", ("state", "sent")] == 1
    assert found["site_oldest_queued_email_seconds",] == pytest.approx(540, abs=60)
    assert found["site_oldest_due_email_seconds",] == pytest.approx(420, abs=60)


def test_without_emails_nothing_is_old(monitor):
    found = scraped(monitor)

    assert found["site_oldest_queued_email_seconds",] == 0
    assert found["site_oldest_due_email_seconds",] == 0
    assert found["site_oldest_inquiry_without_notification_seconds",] == 0


def test_an_inquiry_that_nobody_was_notified_of_has_an_age(monitor):
    Recipient.objects.create(email="sales@example.com")
    post_inquiry(monitor)

    with time_machine.travel(timezone.now() + timedelta(minutes=10), tick=False):
        found = scraped(monitor)

    assert found["site_oldest_inquiry_without_notification_seconds",] > 500


def test_each_job_says_when_it_last_ran_and_how_often_it_should(monitor):
    [job, *_] = jobs()
    JobRun.objects.create(task=job.task, last_ran_at=timezone.now())

    found = scraped(monitor)

    label = ("task", job.task)
    age = timezone.now().timestamp() - found["site_job_last_run_timestamp_seconds", label]
    assert 0 <= age < 60
    assert found["site_job_interval_seconds", label] == job.every.total_seconds()
    asked = {key[1] for key in found if key[0] == "site_job_interval_seconds"}
    assert asked == {("task", task) for task in present.CELERY_BEAT_SCHEDULE}


def test_each_part_of_the_status_is_there_and_says_whether_it_is_well(monitor):
    put("a", due_at=timezone.now() - timedelta(minutes=6))

    found = scraped(monitor)

    assert found["site_check_ok", ("check", "mail")] == 0
    assert found["site_check_ok", ("check", "database")] == 1
    said = {dict(key[1:])["check"] for key in found if key[0] == "site_check_ok"}
    assert said >= {"broker", "beat", *(name for one in every() for name in one.checks)}


def test_disk_backups_and_version_are_told(monitor, settings, tmp_path):
    settings.BACKUP_DIR = tmp_path
    (tmp_path / "testserver-20261130-031500.tar").touch()

    found = scraped(monitor)

    assert found["site_disk_free_bytes", ("folder", "var")] > 0
    assert (
        found["site_disk_free_bytes", ("folder", "backups")]
        <= found["site_disk_size_bytes", ("folder", "backups")]
    )
    assert found["site_backup_timestamp_seconds", ("place", "folder")] > 1_700_000_000
    [info] = [key for key in found if key[0] == "site_info"]
    assert ("version", settings.VERSION.number) in info


def test_while_the_database_is_down_the_rest_is_told(monitor):
    monitor.get("/offices/")

    with database_down():
        found = scraped(monitor)

    assert found["site_check_ok", ("check", "database")] == 0
    assert ("site_disk_free_bytes", ("folder", "var")) in found
    assert any(key[0] == "site_requests_total" for key in found)
    assert not any(key[0] == "site_emails" for key in found)


def test_while_the_broker_is_away_the_rest_is_told(monitor, a_broker_that_is_gone):  # noqa: F811
    found = scraped(monitor)

    assert found["site_check_ok", ("check", "broker")] == 0
    assert ("site_emails", ("state", "queued")) in found
    assert not any(key[0] == "site_queue_length" for key in found)


def test_a_broker_that_was_never_there_takes_no_time_from_what_else_is_asked(
    monitor,
    a_broker_that_is_gone,  # noqa: F811
    monkeypatch,
):
    monkeypatch.setattr(app, "_pool", None)  # no connection of an earlier time

    found = scraped(monitor)

    assert found["site_check_ok", ("check", "broker")] == 0
    assert ("site_emails", ("state", "queued")) in found


def test_a_folder_of_backups_that_is_not_there_does_not_hide_the_disk(monitor, settings, tmp_path):
    settings.BACKUP_DIR = tmp_path / "unmounted"

    found = scraped(monitor)

    assert ("site_disk_free_bytes", ("folder", "var")) in found
    assert ("site_disk_free_bytes", ("folder", "backups")) not in found


def test_a_queue_that_is_no_queue_keeps_nothing_else_from_being_told(monitor, monkeypatch):
    def refuse(channel, queue):
        raise ResponseError("WRONGTYPE Operation against a key holding the wrong kind of value")

    with current_app.connection_for_write() as broker:
        monkeypatch.setattr(type(broker.default_channel), "_size", refuse)

    found = scraped(monitor)

    assert ("site_emails", ("state", "queued")) in found
    assert not any(key[0] == "site_queue_length" for key in found)


@pytest.mark.parametrize("store", ["uploads", "backups"])
def test_a_silent_store_takes_no_time_from_what_else_is_asked(monitor, monkeypatch, store):
    def wait():
        moved[0] += 5
        return "It does not answer."

    moved, began = [0], time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: began() + moved[0])
    monkeypatch.setattr(health, f"_{store}", wait)

    found = scraped(monitor)

    assert moved == [5]
    assert found["site_check_ok", ("check", store)] == 0
    assert ("site_check_ok", ("check", "disk")) in found
    assert ("site_emails", ("state", "queued")) in found


def test_a_silent_database_is_waited_for_once(monitor):
    def wait(*asked):
        slept.append(1)
        moved[0] += 5
        raise OperationalError("timed out")

    slept, moved = [], [0]
    began = time.monotonic
    with pytest.MonkeyPatch.context() as patch, connection.execute_wrapper(wait):
        patch.setattr(time, "monotonic", lambda: began() + moved[0])
        found = scraped(monitor)

    assert len(slept) == 1
    assert found["site_check_ok", ("check", "database")] == 0
    assert ("site_check_ok", ("check", "broker")) not in found


def test_what_rows_say_is_asked_once_in_five_seconds(monitor, django_assert_num_queries):
    monitor.get("/metrics")

    with django_assert_num_queries(0):
        assert "site_emails" in monitor.get("/metrics").text


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has no such limit")
def test_a_question_that_takes_too_long_is_broken_off():
    def ask():
        with queries.bounded(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(60)")
        yield

    assert scrape._asked(ask) == []


def test_no_label_holds_what_a_visitor_typed(monitor):
    post_inquiry(monitor, name="Zorá Quill", email="zora@quill.example", message="Sesame!")
    monitor.get("/articles/search/?q=Sesame")
    monitor.get("/zora@quill.example/Sesame/")

    text = monitor.get("/metrics").text

    assert not re.search("(?i)zor|quill|sesame", text)


def test_names_follow_prometheus_rules():
    for one in scrape.counted():
        assert re.fullmatch(r"site_[a-z_]+", one.name)
        assert one.name.endswith("_total") == isinstance(one, Counter)
        assert one.about.endswith(".")


# Counting together

CHILD = """
import os, sys
from pathlib import Path
import django
django.setup()
from web.metrics.shared import Numbers
mine = Numbers(Path(sys.argv[1]))
for _ in range(1000):
    mine.slot("a")[0] += 1
print("counted", flush=True)
sys.stdin.read()
"""


def start_process(folder):
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"}
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(folder)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, cwd=present.BASE_DIR,
    )  # fmt: skip
    assert child.stdout.readline() == b"counted\n"
    return child


def end(child, how=signal.SIGTERM):
    child.send_signal(how)
    child.communicate()


def test_processes_count_together_and_what_a_dead_one_counted_stays(tmp_path):
    two = [start_process(tmp_path), start_process(tmp_path)]
    while_alive = Numbers(tmp_path).total()
    for child in two:
        end(child, signal.SIGKILL)

    assert while_alive == Numbers(tmp_path).total() == {"a": 2000}


def test_a_new_process_goes_on_where_a_dead_one_stopped(tmp_path):
    for _ in range(3):
        end(start_process(tmp_path), signal.SIGKILL)

    assert Numbers(tmp_path).total() == {"a": 3000}
    assert len(list(tmp_path.iterdir())) == 1


def test_a_process_that_is_forked_counts_for_itself(tmp_path):
    ours = Numbers(tmp_path)
    ours.slot("a")[0] += 1
    if not (child := os.fork()):
        ours.slot("a")[0] += 10
        os._exit(0)
    os.waitpid(child, 0)

    assert ours.slot("a")[0] == 1
    assert ours.total() == {"a": 11}


@pytest.mark.parametrize(
    "content", [b"", b"x", b"\xff" * (BYTES + 3), bytes(BYTES) + b"a\nhalf a na", b"\n" * 9999999]
)
def test_whatever_a_file_holds_counting_goes_on(tmp_path, content):
    (tmp_path / "0.counts").write_bytes(content)
    ours = Numbers(tmp_path)

    ours.slot("b")[0] += 2
    ours.slot("c")[0] += 3

    assert Numbers(tmp_path).total().get("b") == 2
    assert Numbers(tmp_path).total().get("c") == 3


def test_where_nothing_can_be_written_everything_else_goes_on(tmp_path):
    (tmp_path / "file").touch()
    ours = Numbers(tmp_path / "file" / "below")

    ours.slot("a")[0] += 1

    assert ours.slot("a")[0] == 1
    assert ours.total() == {}


def test_room_on_the_disk_is_taken_before_it_is_counted_in(tmp_path):
    """To a hole in a file nothing can be written from memory once the disk is full: SIGBUS."""
    Numbers(tmp_path).slot("a")[0] += 1

    assert (tmp_path / "0.counts").stat().st_blocks * 512 >= BYTES


def full_disk(monkeypatch, *, takes):
    """It takes so many bytes of each thing, and then no more."""

    def write(file, content, at):
        if takes and len(content) > takes:
            return real(file, content[:takes], at)
        raise OSError(errno.ENOSPC, "No space left on device")

    real = os.pwrite
    monkeypatch.setattr(os, "pwrite", write)


def test_on_a_full_disk_nothing_is_counted_and_all_else_goes_on(tmp_path, monkeypatch):
    ours = Numbers(tmp_path)
    full_disk(monkeypatch, takes=0)

    ours.slot("a")[0] += 1

    assert ours.slot("a")[0] == 1
    assert ours.total() == {}


@pytest.mark.parametrize("takes", [0, 3])
def test_once_there_is_room_again_each_number_has_its_own_name(tmp_path, takes):
    ours = Numbers(tmp_path)
    ours.slot("first")[0] += 1
    with pytest.MonkeyPatch.context() as patch:
        full_disk(patch, takes=takes)
        ours.slot("second")[0] += 2

    ours.slot("c")[0] += 3

    assert ours.total() == {"first": 1, "c": 3}


def test_more_names_than_there_is_room_for_are_counted_nowhere(tmp_path, monkeypatch):
    monkeypatch.setattr("web.metrics.shared.SLOTS", 3)
    ours = Numbers(tmp_path)

    for name in "abcde":
        ours.slot(name)[0] += 1

    assert ours.total() == {"a": 1, "b": 1, "c": 1}


def test_what_another_host_left_goes_after_a_week_and_not_before(tmp_path):
    ours, lately, long_ago = (tmp_path / name for name in ("ours", "lately", "long-ago"))
    for folder in (ours, lately, long_ago):
        Numbers(folder).slot("a")[0] += 1
    for folder, days in [(ours, 30), (lately, 1), (long_ago, 30)]:
        at = (timezone.now() - timedelta(days=days)).timestamp()
        os.utime(folder / "0.counts", (at, at))

    _remove_what_others_left(ours)

    assert sorted(one.name for one in tmp_path.iterdir()) == ["lately", "ours"]


def test_a_histogram_puts_a_value_that_is_a_step_below_it(monkeypatch, tmp_path):
    monkeypatch.setattr("web.metrics.numbers", ours := Numbers(tmp_path))
    took = Histogram("site_x_seconds", "X.", steps=(0.1, 1.0))
    for seconds in (0.05, 0.1, 0.5, 5.0):
        took.observe(seconds)

    found = ours.total()
    buckets = [found[f'site_x_seconds_bucket{{le="{step}"}}'] for step in ("0.1", "1", "+Inf")]
    assert buckets == [2, 3, 4]
    assert found["site_x_seconds_sum"] == pytest.approx(5.65)
