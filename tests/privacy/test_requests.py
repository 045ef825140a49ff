"""Visitors ask for what is theirs: only the owner of a mailbox can, and a person answers."""

import re
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from mail.models import Message, Suppression
from pages.models import Page
from privacy import erasing, requests
from privacy.collecting import collect
from privacy.contributes import check_requests
from privacy.models import Request
from tests import builders, nights
from tests.ada import ADA, receive
from tests.builders import signed_in
from web.addresses import absolute

pytestmark = pytest.mark.django_db

FORM = reverse("privacy:request")
ASKED = reverse("privacy:asked")
ADDRESS = "ada@example.com"


def ask(client, address=ADDRESS, kind="access", **headers):
    return client.post(FORM, {"email": address, "kind": kind}, **headers)


def link(address=ADDRESS):
    """The path of the latest link that was mailed there."""
    message = Message.objects.filter(to=address, key__startswith="privacy request").latest("pk")
    [url] = set(re.findall(r"http\S+/privacy/request/\S+", message.text))
    assert url in message.html
    return "/" + url.split("/", 3)[3]


def confirmed(client, **fields):
    ask(client, **fields)
    client.post(link())
    return Request.objects.latest("pk")


class TestAsking:
    def test_the_privacy_page_leads_to_the_form(self, client):
        page = client.get(Page.objects.get(key="privacy").get_absolute_url()).text

        assert f'href="{FORM}"' in page
        form = client.get(FORM).text
        assert f'action="{FORM}"' in form and 'name="email"' in form

    @pytest.mark.parametrize("kind", ["access", "erasure"])
    def test_the_answer_is_the_same_whether_the_address_is_known_or_not(self, client, kind):
        receive(**ADA)

        known = ask(client, kind=kind)
        unknown = ask(client, "eve@example.org", kind=kind)

        assert (known.status_code, known.url) == (unknown.status_code, unknown.url) == (302, ASKED)
        links = Message.objects.filter(key__startswith="privacy request")
        assert {one.to for one in links} == {ADDRESS, "eve@example.org"}
        assert len({re.sub(r"/request/\S+", "", one.text) for one in links}) == 1

    def test_no_cookie_and_no_script_is_needed(self, client):
        ask(client)
        client.get(link())
        client.post(link())

        assert not client.cookies
        assert Request.objects.get().confirmed_at

    @pytest.mark.parametrize(
        "form",
        [
            {},
            {"email": ADDRESS},
            {"email": "ada", "kind": "access"},
            {"email": ADDRESS, "kind": "everything"},
            {"email": "a@b\x00", "kind": "access"},
        ],
    )
    def test_what_is_missing_is_said_and_nothing_is_kept(self, client, form):
        page = client.post(FORM, form)

        assert page.status_code == 422
        assert not Request.objects.exists()

    def test_another_site_cannot_ask_through_its_visitors(self, client):
        answer = ask(client, headers={"origin": "https://evil.example"})

        assert answer.status_code == 403
        assert not Request.objects.exists()

    def test_json_is_no_form(self, client):
        answer = client.post(FORM, {"email": ADDRESS}, content_type="application/json")

        assert answer.status_code == 415

    def test_a_mailbox_gets_three_links_a_day_however_it_is_spelled(self, client):
        for address in (ADDRESS, "ADA@example.com", "ada+x@example.com", '"ada"@example.com'):
            assert ask(client, address).url == ASKED

        assert Request.objects.count() == Message.objects.count() == 3

    def test_whoever_wants_no_email_has_the_same_right_once_a_day(self, client):
        Suppression.objects.create(address=ADDRESS, why="Asked for it")

        for _ in range(2):
            assert ask(client).url == ASKED

        assert Message.objects.count() == 1

    def test_all_together_get_no_more_in_an_hour_than_is_set(self, client, settings):
        settings.ACKNOWLEDGMENTS_PER_HOUR = 2

        for number in range(3):
            assert ask(client, f"a{number}@example.com").url == ASKED

        assert Message.objects.count() == 2

    def test_one_visitor_cannot_ask_for_ever(self, client):
        for number in range(20):
            assert ask(client, f"a{number}@example.com").status_code == 302

        refused = ask(client, "one-more@example.com")

        assert refused.status_code == 429 and refused.headers["Retry-After"]
        assert Request.objects.count() == 20

    @pytest.mark.parametrize("address", ["no-reply@example.com", "ada@intranet.local"])
    def test_no_robot_is_written_to(self, client, address):
        assert ask(client, address).url == ASKED
        assert not Message.objects.exists()


class TestTheLink:
    def test_opening_it_changes_nothing_and_its_button_confirms(self, client):
        ask(client, kind="erasure")

        page = client.get(link())

        assert "Erase your data?" in page.text and ADDRESS in page.text
        assert not Request.objects.get().confirmed_at
        done = client.post(link())
        assert "We have your request" in done.text
        request = Request.objects.get()
        assert request.answer_by - request.confirmed_at == timedelta(days=30)

    def test_it_is_kept_nowhere(self, client):
        ask(client)

        page = client.get(link())

        assert page.headers["Cache-Control"] == "private, no-store"
        assert page.headers["Referrer-Policy"] == "same-origin"

    def test_it_works_once(self, client):
        ask(client)
        client.post(link())
        at = Request.objects.get().confirmed_at

        again = [client.get(link()), client.post(link())]

        assert [page.status_code for page in again] == [410, 410]
        assert all("no longer works" in page.text for page in again)
        assert Request.objects.get().confirmed_at == at

    def test_of_two_that_use_it_at_once_one_does(self, client):
        ask(client)
        [first, second] = [Request.objects.get() for _ in range(2)]

        assert requests.confirm(first, at=timezone.now())
        assert not requests.confirm(second, at=timezone.now())

    def test_it_expires_after_two_days(self, client, time_machine):
        time_machine.move_to("2026-05-05T12:00Z", tick=False)
        ask(client)
        where = link()
        time_machine.move_to("2026-05-07T11:59Z", tick=False)
        assert client.get(where).status_code == 200

        time_machine.move_to("2026-05-07T12:01Z", tick=False)

        assert client.get(where).status_code == client.post(where).status_code == 410
        assert not Request.objects.get().confirmed_at

    def test_a_forged_one_is_none(self, client):
        ask(client)
        where = link().rstrip("/")

        for forged in (where[:-1], where + "x", "/privacy/request/1"):
            assert client.get(f"{forged}/").status_code == 410


def test_what_the_email_says_is_kept_from_colleagues_and_gone_once_it_is_sent(client):
    ask(client)
    [message] = Message.objects.all()
    where = reverse("admin:mail_message_change", args=[message.pk])
    link = reverse("privacy:confirm", args=["x"]).removesuffix("x/")
    assert absolute(link) in message.text

    assert absolute(link) not in signed_in("Sales").get(where).text

    message.mark_sent(now=timezone.now())
    assert link not in str(Message.objects.values().get())


class TestTheWork:
    def test_administrators_are_told_and_not_about_whom(self, client, administrator):
        builders.user(role="Sales")
        request = confirmed(client)

        [message] = Message.objects.filter(key__startswith=f"privacy request {request.pk} to")
        assert message.to == administrator.email
        assert "ada" not in f"{message.subject} {message.text} {message.html}".lower()
        assert reverse("admin:privacy_request_change", args=[request.pk]) in message.text

    def test_nobody_is_told_before_it_is_confirmed(self, client, administrator):
        ask(client)

        assert not Message.objects.filter(to=administrator.email).exists()
        assert not Request.objects.waiting().exists()

    def test_it_stands_on_the_home_page_and_is_late_after_a_month(self, admin, time_machine):
        confirmed(admin)
        assert "privacy request to answer" in admin.get(reverse("admin:index")).text

        time_machine.move_to(timezone.now() + timedelta(days=31))

        assert check_requests() == "1 privacy request not answered in time."

    def test_the_list_shows_what_is_to_be_done(self, admin):
        request = confirmed(admin)
        ask(admin, "unconfirmed@example.org")
        listed = reverse("admin:privacy_request_changelist")
        page = admin.get(listed).text
        assert ADDRESS in page and "unconfirmed@" not in page

        admin.post(listed, {"action": "mark_done", "_selected_action": [request.pk]})

        request.refresh_from_db()
        assert request.done_by.name == "Root"
        assert ADDRESS not in admin.get(listed).text
        assert ADDRESS in admin.get(listed, {"state": "done"}).text

    def test_its_page_leads_to_all_about_the_person(self, admin, ada):
        request = confirmed(admin)

        page = admin.get(reverse("admin:privacy_request_change", args=[request.pk])).text

        assert f'name="address" value="{ADDRESS}"' in page
        assert reverse("admin:privacy_erasure_add") in page

    def test_sales_see_it_and_do_not_close_it(self, client):
        request = confirmed(client)
        sales = signed_in("Sales")
        listed = reverse("admin:privacy_request_changelist")

        assert ADDRESS in sales.get(listed).text
        sales.post(listed, {"action": "mark_done", "_selected_action": [request.pk]})

        assert Request.objects.waiting().count() == 1

    def test_erasing_the_person_answers_it_and_keeps_that_it_was(self, client, ada, administrator):
        request = confirmed(client, kind="erasure")
        ask(client, kind="access")

        erasing.erase(collect([ADDRESS]), by=administrator)

        kept = Request.objects.get()
        assert kept.pk == request.pk
        assert (kept.address, kept.mailbox, kept.done_by) == ("", "", administrator)
        assert not Message.objects.filter(to=ADDRESS).exists()

    def test_it_goes_after_its_time(self, client, time_machine):
        now = timezone.now()  # by which the database lets lines of the audit log go
        time_machine.move_to(now - timedelta(days=3 * 365 + 3))
        done, unconfirmed = confirmed(client), 2
        requests.mark_done([done.pk], by=builders.user(), at=timezone.now())
        ask(client)
        assert nights.pass_by() == {}

        time_machine.move_to(timezone.now() + timedelta(days=3))
        assert nights.pass_by() == {"privacy.unconfirmed": unconfirmed - 1}
        time_machine.move_to(now)
        nights.pass_by()

        assert not Request.objects.exists()


REFUSED = {
    "another kind": {"kind": "everything"},
    "a day for what is not confirmed": {"answer_by": timezone.now()},
    "done and not confirmed": {"done_at": timezone.now()},
    "about nobody": {"address": ""},
}


@pytest.mark.parametrize("fields", REFUSED.values(), ids=REFUSED.keys())
def test_the_database_refuses(fields):
    said = {"kind": "access", "address": ADDRESS, "asked_at": timezone.now()}

    with pytest.raises(IntegrityError, match="privacy_request"), transaction.atomic():
        Request.objects.create(**said | fields)


def test_looking_at_requests_leaves_no_name_in_the_log(admin):
    request = confirmed(admin)

    admin.get(reverse("admin:privacy_request_change", args=[request.pk]))

    assert not LogEntry.objects.filter(object_repr__contains="ada").exists()
