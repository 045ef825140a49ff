"""One id leads from a request to its lines in the logs, its tasks and its emails."""

import logging
from ipaddress import ip_network

import pytest
from celery.signals import before_task_publish
from structlog.contextvars import bound_contextvars

from config.celery import app
from leads.models import Inquiry, InquiryAssessment, Recipient
from leads.tasks import send_missing_notifications
from mail import outbox
from mail.models import Message
from tests import builders
from web import request_ids

pytestmark = pytest.mark.django_db

ID = "0123456789abcdef0123456789abcdef"
FORM = {
    "name": "Ada", "email": "ada@example.com", "company": "", "page": "/contact/",
    "message": "We need a ledger that balances.",
}  # fmt: skip


@pytest.fixture
def proxied(settings):
    """Through a proxy on this machine, as behind deploy/nginx.conf."""
    settings.TRUSTED_PROXIES = [ip_network("127.0.0.0/8")]


@pytest.fixture
def swept(monkeypatch):
    """What the sweep asks for, done as by a worker: with what stands in the message."""

    def run():
        asked = []

        def listen(sender, body, headers, **details):
            asked.append((sender, body[0], headers[request_ids.IN_MESSAGES]))

        before_task_publish.connect(listen)
        try:
            with request_ids.task("7" * 32, (), None):
                send_missing_notifications()
        finally:
            before_task_publish.disconnect(listen)
        for name, rows, sent in asked:
            with request_ids.task("8" * 32, rows, sent):
                app.tasks[name](*rows)

    return run


def answered_id(client, **headers):
    return client.get("/admin/login/", headers=headers).headers["X-Request-ID"]


def test_the_proxys_id_is_taken_and_answered(client, proxied):
    assert answered_id(client, **{"X-Request-ID": ID}) == ID


def test_a_visitors_id_is_not(client):
    answered = answered_id(client, **{"X-Request-ID": ID})

    assert answered != ID and request_ids.is_one(answered)


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "short",
        "x" * 65,
        f"{ID}\u2028",
        f"{ID} {ID}",
        "ada@b.example.com",
        "<b>0123456789<",
    ],
)
def test_what_is_no_id_is_not_taken_even_from_the_proxy(client, proxied, sent):
    answered = answered_id(client, **{"X-Request-ID": sent})

    assert answered != sent and request_ids.is_one(answered)


def test_each_request_has_its_own(client):
    assert answered_id(client) != answered_id(client)


@pytest.mark.parametrize("path", ["/", "/contact/", "/articles/"])
def test_a_page_that_everyone_gets_says_none(client, proxied, path):
    answer = client.get(path, headers={"X-Request-ID": ID})

    assert answer.status_code == 200
    assert "X-Request-ID" not in answer.headers
    assert ID.encode() not in answer.content


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("worker_at_hand", "proxied")
def test_it_goes_from_the_form_into_the_emails(client):
    Recipient.objects.create(email="sales@example.org")

    client.post("/contact/", FORM, headers={"X-Request-ID": ID})

    emails = [message.as_email() for message in Message.objects.all()]
    assert {email.recipient for email in emails} == {"sales@example.org", "ada@example.com"}
    for email in emails:
        assert email.message()["X-Request-ID"] == ID


@pytest.mark.django_db(transaction=True)
def test_an_email_that_the_sweep_sends_has_the_id_of_the_request_all_the_same(
    client, proxied, swept
):
    Recipient.objects.create(email="sales@example.org")
    other = ID[::-1]
    for request_id, name in ((ID, "ada"), (other, "bo")):
        form = FORM | {"email": f"{name}@example.com", "message": f"{name} needs a ledger."}
        client.post("/contact/", form, headers={"X-Request-ID": request_id})
    assert not Message.objects.exists(), "nobody heard the hint"

    swept()

    found = {
        (message.notification.inquiry.email, message.headers["X-Request-ID"])
        for message in Message.objects.all()
    }
    assert found == {("ada@example.com", ID), ("bo@example.com", other)}


@pytest.mark.django_db(transaction=True)
def test_a_result_has_the_id_of_the_request_that_finished_it(client, proxied, swept):
    Recipient.objects.create(email="sales@example.org")
    client.post("/contact/", FORM, headers={"X-Request-ID": ID})
    swept()
    with bound_contextvars(request_id=ID[::-1]):
        finished = builders.assessment()
    InquiryAssessment.objects.create(inquiry=Inquiry.objects.get(), assessment=finished)
    before = set(Message.objects.values_list("pk", flat=True))

    swept()

    sent = Message.objects.exclude(pk__in=before)
    assert len(sent) == 2
    assert {one.headers["X-Request-ID"] for one in sent} == {ID[::-1]}


def test_an_email_that_no_request_asked_for_has_none():
    assert (
        "X-Request-ID" not in outbox.put(key="a", to="a@example.com", subject="S", text="T").headers
    )


# Tasks


def with_header(sent, rows=()):
    """What the task knows of what its message says."""
    with request_ids.task("7" * 32, rows, sent):
        return {row: request_ids.of_row(row) for row in rows} | {"task": request_ids.current()}


def test_each_row_of_a_task_has_the_id_of_whoever_asked_for_it():
    other = ID[::-1]

    known = with_header([ID, other], rows=(3, 4))

    assert (known[3], known[4]) == (ID, other)
    assert known["task"] == "7" * 32


def test_a_task_of_one_request_has_its_id():
    assert with_header([ID, ID], rows=(3, 4))["task"] == ID


@pytest.mark.parametrize(
    "sent", [None, 7, "text", {}, [], [None], [["a"]], [{}], ["a\nb"], [f"{ID}\n"], [""]]
)
def test_nonsense_in_a_header_is_no_id(sent):
    assert with_header(sent, rows=(3,)) == {3: "7" * 32, "task": "7" * 32}


def test_nonsense_as_rows_ends_nothing():
    with request_ids.task([], ([1], {}), [ID, "b"]):
        assert request_ids.current() == ID


def test_after_a_task_nothing_is_left_of_it():
    with_header([ID], rows=(3,))

    assert request_ids.current() == "" and request_ids.of_row(3) == ""


def test_a_task_without_a_request_has_its_own_id_in_the_log(json_log):
    with request_ids.task("7" * 32, (), None):
        logging.getLogger("told").warning("Said")

    [line] = json_log()
    assert line["request_id"] == "7" * 32
