"""Who gets in, who is kept out, and what either of them learns."""

import threading
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.hashers import get_hasher
from django.contrib.auth.signals import user_login_failed
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import familiar, sign_in, throttle
from accounts.models import Familiar, Session
from accounts.roles import SALES
from mail.models import Message
from tests.builders import user

pytestmark = pytest.mark.django_db

LOGIN = reverse("admin:login")
HOME = reverse("admin:index")
PASSWORD = "compile the compiler"


@pytest.fixture
def grace():
    return user(role=SALES, name="Grace", email="grace@example.com", password=PASSWORD)


def enter(client, email, password, address="198.51.100.7"):
    sent = {"username": email, "password": password, "next": HOME}
    return client.post(LOGIN, sent, REMOTE_ADDR=address)


def guess(email, times, address="203.0.113.9"):
    """Wrong passwords, each from a browser of its own. Returns the last answer."""
    for number in range(times):
        answer = enter(Client(), email, f"wrong number {number}", address)
    return answer


def is_in(client):
    return client.get(HOME).status_code == 200


def test_the_right_password_leads_where_one_wanted_to_go(client, grace):
    target = reverse("admin:own_zone")

    answer = client.post(LOGIN, {"username": grace.email, "password": PASSWORD, "next": target})

    assert answer.url == target
    assert is_in(client)


def test_who_is_signed_in_is_led_on(client, grace):
    client.force_login(grace)

    assert client.get(LOGIN).url == HOME


@pytest.mark.parametrize(
    ("email", "fields"),
    [
        ("nobody@example.com", {}),
        ("grace@example.com", {}),
        ("gone@example.com", {"is_active": False, "password": PASSWORD}),
        ("visitor@example.com", {"is_staff": False, "password": PASSWORD}),
        ("invited@example.com", {"password": None}),
    ],
    ids=["nobody", "wrong", "deactivated", "no staff", "no password yet"],
)
def test_the_words_are_the_same_for_all_who_do_not_get_in(client, grace, email, fields):
    if fields:
        user(email=email, **fields)

    answer = enter(client, email, "wrong" if email == grace.email else PASSWORD)

    assert answer.status_code == 200
    assert answer.context["words"] == sign_in.WRONG
    assert not is_in(client)


def test_a_hash_is_made_for_an_address_that_nobody_has(client, grace, monkeypatch):
    """The same work for all: how long it takes tells nothing."""
    hashed = []

    def encode(hasher, password, salt, *args):
        hashed.append(password)
        return encoded(hasher, password, salt, *args)

    hasher = type(get_hasher())
    encoded = hasher.encode
    monkeypatch.setattr(hasher, "encode", encode)

    enter(client, "nobody@example.com", "the password of nobody")
    enter(client, grace.email, "the password of nobody")

    assert hashed == ["the password of nobody"] * 2


@pytest.mark.parametrize("email", ["grace@example.com", "nobody@example.com"])
def test_twenty_wrong_passwords_slow_an_account_down(grace, email):
    answer = guess(email, 20)

    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 60
    assert "Too many tries" in answer.text


def test_the_right_password_does_not_help_a_stranger_then(client, grace):
    guess(grace.email, 20)

    answer = enter(client, grace.email, PASSWORD, "192.0.2.1")

    assert answer.status_code == 429
    assert not is_in(client)


def test_nothing_is_hashed_for_who_tried_too_often(grace, monkeypatch):
    guess(grace.email, 20)
    monkeypatch.setattr(sign_in, "authenticate", lambda *args, **kwargs: pytest.fail("hashed"))

    assert guess(grace.email, 1).status_code == 429


def test_their_owner_gets_in_from_a_browser_that_signed_in_before(client, grace):
    enter(client, grace.email, PASSWORD, "192.0.2.1")
    client.post(reverse("admin:logout"))
    guess(grace.email, 20)

    enter(client, grace.email, PASSWORD, "192.0.2.99")

    assert is_in(client)


def test_their_owner_gets_in_from_an_address_that_signed_in_before(grace):
    enter(Client(), grace.email, PASSWORD, "192.0.2.1")
    guess(grace.email, 20)
    another = Client()

    enter(another, grace.email, PASSWORD, "192.0.2.1")

    assert is_in(another)


@pytest.mark.parametrize("days", [29, 31])
def test_a_browser_is_known_for_thirty_days(client, grace, days):
    then = timezone.now() - timedelta(days=days)
    with time_machine.travel(then, tick=False):
        enter(client, grace.email, PASSWORD, "192.0.2.1")
        client.post(reverse("admin:logout"))
    guess(grace.email, 20)

    enter(client, grace.email, PASSWORD, "192.0.2.99")

    assert is_in(client) is (days < 30)


def test_a_guesser_in_the_owners_network_does_not_keep_the_owners_browser_out(client, grace):
    enter(client, grace.email, PASSWORD, "192.0.2.1")
    client.post(reverse("admin:logout"))
    guess(grace.email, 40, "192.0.2.1")

    enter(client, grace.email, PASSWORD, "192.0.2.1")

    assert is_in(client)


def test_a_browser_that_is_known_has_no_endless_tries(client, grace):
    enter(client, grace.email, PASSWORD)
    client.post(reverse("admin:logout"))

    answers = [enter(client, grace.email, f"wrong {number}") for number in range(25)]

    assert answers[-1].status_code == 429


@pytest.mark.parametrize("cookie", ["", "junk", "junk:1abcde:junk"])
def test_a_forged_cookie_is_no_browser_that_is_known(client, grace, cookie):
    enter(Client(), grace.email, PASSWORD, "192.0.2.1")
    guess(grace.email, 20)
    client.cookies[familiar.COOKIE] = cookie

    assert enter(client, grace.email, PASSWORD, "192.0.2.99").status_code == 429


def test_the_browser_of_one_is_not_that_of_another(client, grace):
    other = user(email="other@example.com", password=PASSWORD)
    enter(client, other.email, PASSWORD, "192.0.2.1")
    client.post(reverse("admin:logout"))
    guess(grace.email, 20)

    assert enter(client, grace.email, PASSWORD, "192.0.2.1").status_code == 429


def test_one_address_that_guesses_among_accounts_is_slowed_down_too(client):
    for number in range(30):
        guess(f"person-of-a-list-{number}@example.com", 1)

    answer = enter(client, "one-more@example.com", "x", "203.0.113.9")

    assert answer.status_code == 429
    assert enter(Client(), "one-more@example.com", "x", "192.0.2.1").status_code == 200


def test_a_neighbor_in_the_same_64_counts_as_the_same(client):
    for number in range(30):
        guess(f"person-of-a-list-{number}@example.com", 1, f"2001:db8::{number + 1:x}")

    answer = enter(client, "one-more@example.com", "x", "2001:db8::ffff")

    assert answer.status_code == 429


def test_a_header_that_anybody_can_write_lifts_nothing(client, grace):
    for number in range(20):
        forged = {"X-Forwarded-For": f"192.0.2.{number}"}
        sent = {"username": grace.email, "password": "wrong"}
        answer = Client().post(LOGIN, sent, headers=forged)

    assert answer.status_code == 429


def test_who_signs_in_counts_anew(grace):
    guess(grace.email, 8)
    enter(Client(), grace.email, PASSWORD, "192.0.2.1")

    assert guess(grace.email, 8).status_code == 200


def test_signing_in_is_closed_while_nothing_can_be_counted(client, grace, settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
        }
    }

    answer = enter(client, grace.email, PASSWORD)

    assert answer.status_code == 503
    assert "Sign-in is closed for the moment" in answer.text
    assert not is_in(client)


def test_of_many_at_once_one_hashes_one_waits_and_the_others_are_told(client, grace):
    began, may_end = threading.Event(), threading.Event()

    def hash_something():
        with throttle.hashing():
            began.set()
            may_end.wait(30)

    def wait_for_it():
        with throttle.hashing():
            pass

    first = threading.Thread(target=hash_something)
    first.start()
    began.wait(30)
    second = threading.Thread(target=wait_for_it)
    second.start()
    while throttle._waiting._value:
        assert second.is_alive()

    answer = enter(client, grace.email, PASSWORD)
    may_end.set()
    first.join(), second.join()

    assert answer.status_code == 503
    assert answer["Retry-After"] == "5"
    enter(client, grace.email, PASSWORD)
    assert is_in(client)


def test_whoever_listens_hears_of_each_failure_and_once_of_those_refused_unheard(grace):
    heard = []

    def listen(credentials, request, **kwargs):
        heard.append(credentials["username"])

    user_login_failed.connect(listen)
    try:
        guess(grace.email, 15)
    finally:
        user_login_failed.disconnect(listen)

    assert heard == [grace.email] * 11


# The session, the cookie, the email


def test_a_new_session_begins_at_sign_in(client, grace):
    other = user(password=PASSWORD)
    enter(client, other.email, PASSWORD)
    before = client.session.session_key
    client.post(LOGIN, {"username": grace.email, "password": PASSWORD})

    assert client.session.session_key != before
    assert not Session.objects.filter(session_key=before).exists()


def test_signing_out_ends_the_session_on_the_server(client, grace):
    enter(client, grace.email, PASSWORD)
    key = client.session.session_key
    client.post(reverse("admin:logout"))
    thief = Client()
    thief.cookies["desk_session"] = key

    assert not is_in(thief)
    assert not Session.objects.exists()


def test_the_cookie_of_the_browser_is_for_the_desk_alone(client, grace):
    cookie = enter(client, grace.email, PASSWORD).cookies[familiar.COOKIE]

    assert cookie["path"] == "/admin/"
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] == 30 * 24 * 3600


def test_the_database_has_neither_the_cookie_nor_the_address(client, grace):
    cookie = enter(client, grace.email, PASSWORD).cookies[familiar.COOKIE].value

    rows = str(list(Familiar.objects.values()))
    assert Familiar.objects.count() == 2
    assert "198.51.100.7" not in rows
    assert cookie.partition(":")[0] not in rows


def test_a_new_browser_is_told_of_by_email_the_first_is_not(grace):
    known = Client()
    enter(known, grace.email, PASSWORD)
    after_the_first = Message.objects.count()
    known.post(reverse("admin:logout"))
    enter(known, grace.email, PASSWORD)
    after_the_same = Message.objects.count()

    Client().post(
        LOGIN,
        {"username": grace.email, "password": PASSWORD},
        headers={"User-Agent": "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Firefox/140.0"},
    )

    assert after_the_first == after_the_same == 0
    [email] = Message.objects.all()
    assert email.to == grace.email
    assert "Firefox on Windows signed in to your account" in email.text
