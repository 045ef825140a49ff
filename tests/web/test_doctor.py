"""`manage.py doctor`: each fault is told with its fix, and what is well is told to be well."""

import socket
import threading
from io import StringIO
from pathlib import Path

import dns.message
import dns.rrset
import pytest
from celery import current_app
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from config.reading import Reader
from devtools.processes import free_port
from leads.models import Recipient
from tests.builders import office, user
from tests.smtp import Behavior, MailServer
from tests.web.test_health import database_down
from web.diagnosis import machine, servers
from web.jobs import jobs
from web.models import JobRun

pytestmark = pytest.mark.django_db

SPF = "v=spf1 include:mail.example ~all"
DMARC = "v=DMARC1; p=none"


def report(*arguments):
    """What it says, and whether it was content."""
    said = StringIO()
    try:
        call_command("doctor", *arguments, stdout=said, no_color=True)
    except SystemExit:
        return said.getvalue(), False
    return said.getvalue(), True


@pytest.fixture(autouse=True)
def workers_answer_at_once_or_never(monkeypatch):
    monkeypatch.setattr(servers, "ANSWER", 0.05)


@pytest.fixture
def all_is_well():
    user(role="Administrator")  # as `manage.py invite` makes the first one
    Recipient.objects.create(email="sales@clean.example")
    for job in jobs():
        JobRun.objects.create(task=job.task, last_ran_at=timezone.now())


@pytest.fixture
def for_visitors(settings):
    settings.IS_HTTPS = True
    settings.SITE_URL = f"https://127.0.0.1:{free_port()}"
    settings.DEFAULT_FROM_EMAIL = "Clean Systems <website@clean.example>"


@pytest.fixture
def mail_server(settings):
    with MailServer() as server:
        settings.EMAIL_BACKEND = "mail.backends.SmtpBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        yield server


@pytest.fixture
def name_server():
    """Answers questions for TXT records from `records`; of other names it has none."""
    records = {"clean.example.": [SPF], "_dmarc.clean.example.": [DMARC]}
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))

    def answer():
        while True:
            wire, asker = server.recvfrom(4096)
            if not wire:
                return
            question = dns.message.from_wire(wire)
            response = dns.message.make_response(question)
            name = question.question[0].name.to_text()
            for text in records.get(name, []):
                response.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", f'"{text}"'))
            server.sendto(response.to_wire(), asker)

    thread = threading.Thread(target=answer)
    thread.start()
    records["address"] = f"127.0.0.1:{server.getsockname()[1]}"
    yield records
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ending:
        ending.sendto(b"", server.getsockname())
    thread.join()
    server.close()


def test_a_site_on_its_own_machine_that_is_well_is_told_so(all_is_well, settings):
    settings.REDIS_URL = ""

    said, is_well = report()

    assert is_well, said
    assert "✓ Migrations: all have been run" in said
    assert said.endswith("All is well.\n")


def test_a_database_that_does_not_answer_is_one_line_and_the_rest_is_still_looked_at(all_is_well):
    with database_down():
        said, is_well = report()

    assert not is_well
    assert "✗ The database does not answer (OperationalError)." in said
    assert "Disk of media" in said


def test_without_an_administrator_it_says_how_to_make_one():
    said, is_well = report()

    assert not is_well
    assert "✗ Nobody can administer the site.\n    Run manage.py invite with" in said


def test_while_nobody_is_told_of_inquiries_it_says_where_to_add_someone(all_is_well):
    Recipient.objects.update(is_active=False)

    said, is_well = report()

    assert not is_well
    assert "✗ Nobody is notified of new inquiries.\n    In the admin, add a recipient" in said


def test_the_headquarters_are_told_where_no_recipient_is_named(all_is_well):
    Recipient.objects.all().delete()
    office(email="copenhagen@clean.example", is_headquarters=True)

    said, _ = report()

    assert "✓ Recipients of inquiries: there is at least one" in said


def test_workers_are_not_asked_over_a_broker_that_is_gone(monkeypatch):
    monkeypatch.setattr(current_app.conf, "broker_write_url", "redis://127.0.0.1:1/0")

    assert servers.ask_workers(lambda broker: pytest.fail("they were asked")) is None


@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs Redis as well")
def test_a_redis_that_is_gone_is_named(all_is_well, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": settings.REDIS_URL,
        }
    }

    said, _ = report()

    assert "✗ Redis does not answer (ConnectionError)." in said


def test_queues_without_a_worker_are_named(all_is_well, settings):
    if not settings.REDIS_URL:
        pytest.skip("a folder has no workers to ask")

    said, _ = report()

    assert "✗ No worker takes from the queue “sending”." in said


def test_a_full_disk_is_told_before_it_is_full(all_is_well, monkeypatch):
    monkeypatch.setattr(machine, "MIN_FREE", 1.1)  # of any disk, some is taken

    said, is_well = report()

    assert not is_well
    assert "Make room, or move VAR_DIR to a larger disk." in said


def test_static_files_that_were_not_collected_are_missed(all_is_well, settings):
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "config.static_files.StaticFilesStorage"},
    }
    settings.STATIC_ROOT = Path(settings.MEDIA_ROOT) / "nothing"

    said, is_well = report()

    assert not is_well
    assert "Run manage.py collectstatic --noinput." in said


def test_a_mail_server_that_takes_us_in_is_told_and_gets_nothing(all_is_well, mail_server):
    said, _ = report()

    assert "✓ Mail: 127.0.0.1 lets us in" in said
    assert mail_server.emails == []


def test_a_test_email_is_sent_on_request(all_is_well, mail_server):
    said, _ = report("--email", "you@example.com")

    assert "✓ Test email: taken for you@example.com." in said
    assert [one.recipients for one in mail_server.emails] == [("you@example.com",)]


def test_a_refused_test_email_says_what_the_server_answered(all_is_well, mail_server):
    mail_server.behavior = Behavior.REFUSING

    said, is_well = report("--email", "you@example.com")

    assert not is_well
    assert "✗ The test email was refused" in said


def test_a_mail_server_that_is_not_there_is_told_with_the_variable(all_is_well, settings):
    settings.EMAIL_BACKEND = "mail.backends.SmtpBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1

    said, is_well = report()

    assert not is_well
    assert "The mail server 127.0.0.1 cannot be used" in said
    assert "Check EMAIL_URL" in said


def test_the_sender_has_its_records(all_is_well, for_visitors, name_server):
    name_server["s1._domainkey.clean.example."] = ["v=DKIM1; p=MIIB"]

    said, _ = report("--nameserver", name_server["address"], "--dkim-selector", "s1")

    for what in ("SPF", "DKIM", "DMARC"):
        assert f"✓ {what}: " in said


RECORDS = {
    "no SPF record": ({"clean.example.": []}, "✗ clean.example has no SPF record."),
    "two of them": ({"clean.example.": [SPF, f"{SPF} "]}, "✗ clean.example has 2 SPF records."),
    "no DMARC record": ({"_dmarc.clean.example.": []}, "✗ clean.example has no DMARC record."),
    "no such key": ({}, "✗ s1._domainkey.clean.example has no DKIM key."),
}


@pytest.mark.parametrize(("records", "line"), RECORDS.values(), ids=RECORDS)
def test_a_record_that_is_missing_is_told(all_is_well, for_visitors, name_server, records, line):
    name_server.update(records)

    said, is_well = report("--nameserver", name_server["address"], "--dkim-selector", "s1")

    assert not is_well
    assert line in said


def test_a_site_that_does_not_answer_by_tls_is_told(all_is_well, for_visitors, name_server):
    said, is_well = report("--nameserver", name_server["address"])

    assert not is_well
    assert "✗ 127.0.0.1 does not answer on port" in said


# Variables that nothing asks for


def reader_of(tmp_path, written, **given):
    (tmp_path / ".env").write_text(written)
    reader = Reader({"DATABASE_URL": "x", "SECRET_KEY": "y"} | given)
    for name in ("DATABASE_URL", "SECRET_KEY", "EMAIL_URL", "TIME_ZONE"):
        reader(name, default="")
    return reader.unknown(tmp_path / ".env")


UNKNOWN = {
    "misspelt in the file": ("DATABSE_URL=x\n", {}, {"DATABSE_URL": "DATABASE_URL"}),
    "in the file, and like nothing of ours": ("COLOR=red\n", {}, {"COLOR": ""}),
    "exported by the file": ("export EMIAL_URL=x\n", {}, {"EMIAL_URL": "EMAIL_URL"}),
    "misspelt in the environment": ("", {"TIMEZONE": "UTC"}, {"TIMEZONE": "TIME_ZONE"}),
    "in the environment, beside ours": ("", {"DATABASE_URLS": "x"}, {}),
    "in the environment, and like nothing of ours": ("", {"COLOR": "red"}, {}),
    "a comment of the file": ("# DATABSE_URL=x\n", {}, {}),
    "known": ("SECRET_KEY=x\nSECRET_KEY_FILE=/x\n", {}, {}),
}


@pytest.mark.parametrize(("written", "given", "unknown"), UNKNOWN.values(), ids=UNKNOWN)
def test_a_variable_that_nothing_asks_for_is_found(tmp_path, written, given, unknown):
    assert reader_of(tmp_path, written, **given) == unknown


def test_an_unknown_variable_is_a_warning_that_names_the_right_one(all_is_well, settings):
    settings.UNKNOWN_VARIABLES = {"DATABSE_URL": "DATABASE_URL"}

    said, is_well = report()

    assert not is_well
    assert "✗ DATABSE_URL is set, and nothing asks for it.\n    Did you mean DATABASE_URL?" in said
