"""How long one stays signed in, where one is, and when one is asked again who one is."""

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import sessions, totp
from accounts.models import Familiar, PasswordLink, Session, User
from accounts.roles import ADMINISTRATOR, PUBLISHER, SALES
from accounts.tasks import delete_what_signing_in_left
from mail.models import Message
from tests import builders
from tests.builders import user

pytestmark = pytest.mark.django_db

HOME, ACCOUNT = reverse("admin:index"), reverse("admin:account")
END, PASSWORD_PAGE = reverse("admin:end_session"), reverse("admin:password_change")
PASSWORD = "compile the compiler"


@pytest.fixture
def ada():
    return user(role=SALES, name="Ada", email="ada@example.com", password=PASSWORD)


@pytest.fixture
def clock():
    with time_machine.travel(timezone.now(), tick=False) as clock:
        yield clock


@pytest.fixture
def desk(clock, ada):
    client = Client()
    client.force_login(ada)
    return client


def is_in(client):
    return client.get(HOME).status_code == 200


def test_two_idle_hours_end_a_session(desk, clock):
    clock.shift(timedelta(hours=2, seconds=1))

    assert not is_in(desk)


def test_who_comes_too_late_is_told_once_why_they_sign_in(desk, clock):
    clock.shift(timedelta(hours=3))
    at_first = desk.get(HOME, follow=True)
    again = desk.get(HOME, follow=True)

    assert "Your session has ended" in at_first.text
    assert "Your session has ended" not in again.text
    assert "Your session has ended" not in Client().get(HOME, follow=True).text


def test_who_does_something_stays(desk, clock):
    for _ in range(5):
        clock.shift(timedelta(hours=1, minutes=55))
        assert is_in(desk)


def test_twelve_hours_end_it_whatever_one_does(desk, clock):
    for _ in range(11):
        clock.shift(timedelta(hours=1))
        assert is_in(desk)
    clock.shift(timedelta(hours=1, seconds=1))

    assert not is_in(desk)


def test_what_is_saved_in_a_session_does_not_prolong_its_twelve_hours(desk, clock):
    for _ in range(11):
        clock.shift(timedelta(hours=1))
        session = desk.session
        session["list_columns"] = {"x": str(clock)}
        session.save()
        assert is_in(desk)
    clock.shift(timedelta(hours=1, seconds=1))

    assert not is_in(desk)


def test_a_page_that_says_that_it_is_open_is_no_one_at_work(clock):
    client = Client()
    client.force_login(user(role=PUBLISHER))
    article = builders.article()
    presence = reverse("admin:articles_article_presence", args=[article.pk])
    for _ in range(3):
        clock.shift(timedelta(minutes=39))
        assert client.post(presence, {"is": "here"}).status_code == 200
    clock.shift(timedelta(minutes=10))

    assert not is_in(client)


def test_a_session_is_written_once_a_minute_not_at_each_request(desk, clock):
    is_in(desk)
    before = Session.objects.get().seen_at
    clock.shift(timedelta(seconds=59))
    is_in(desk)
    within = Session.objects.get().seen_at
    clock.shift(timedelta(seconds=2))
    is_in(desk)

    assert within == before
    assert Session.objects.get().seen_at > before


def test_no_session_was_seen_before_it_began(desk):
    row = Session.objects.get()
    row.began_at = row.seen_at + timedelta(seconds=1)

    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


# Where one is signed in


WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox on Windows",
        ),
        (f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {WEBKIT} Safari/605", "Safari on macOS"),
        (f"Mozilla/5.0 (Linux; Android 10; K) {WEBKIT} Chrome/137 Safari/537", "Chrome on Android"),
        (
            f"Mozilla/5.0 (Windows NT 10.0) {WEBKIT} Chrome/137 Safari/537 Edg/137",
            "Edge on Windows",
        ),
        ("curl/8.0 <script>", "A browser"),
        ("", "A browser"),
    ],
)
def test_a_browser_is_called_by_its_name(rf, agent, said):
    assert sessions.browser(rf.get("/", headers={"User-Agent": agent})) == said


def test_one_sees_and_ends_ones_other_sessions(desk, ada):
    phone = Client()
    phone.force_login(ada)
    page = desk.get(ACCOUNT)
    [other] = [
        one for one in page.context["sessions"] if one.session_key != desk.session.session_key
    ]
    desk.post(END, {"which": other.name})

    assert len(page.context["sessions"]) == 2
    assert phone.session.session_key not in page.text
    assert not is_in(phone)
    assert is_in(desk)


def test_all_others_end_at_once(desk, ada):
    others = [Client(), Client()]
    for one in others:
        one.force_login(ada)

    desk.post(END, {"which": "others"})

    assert not any(map(is_in, others))
    assert is_in(desk)


def test_nobody_ends_the_session_of_a_colleague(desk):
    theirs = Client()
    theirs.force_login(user(role=SALES))
    [row] = Session.objects.filter(session_key=theirs.session.session_key)

    desk.post(END, {"which": sessions.name_of(row)})
    desk.post(END, {"which": row.session_key})

    assert is_in(theirs)


# A new password


def change(client, old=PASSWORD, new="another horse, unknown"):
    return client.post(
        PASSWORD_PAGE, {"old_password": old, "new_password1": new, "new_password2": new}
    )


def test_a_new_password_ends_all_other_sessions_and_not_this_one(desk, ada):
    phone = Client()
    phone.force_login(ada)
    key = desk.session.session_key

    change(desk)

    assert is_in(desk)
    assert desk.session.session_key != key
    assert not is_in(phone)
    assert [one.user_id for one in Session.objects.all()] == [ada.pk]
    assert "Your password was changed" in Message.objects.get().text


def test_guesses_at_the_old_password_are_counted(desk, ada):
    answers = [change(desk, old=f"wrong {number}") for number in range(11)]

    assert answers[0].status_code == 422
    assert answers[-1].status_code == 302
    ada.refresh_from_db()
    assert ada.check_password(PASSWORD)


# Who it is, once more

EXPORT = reverse("admin:leads_lead_export")
ERASE = reverse("admin:privacy_erasure_add")


@pytest.fixture
def late(clock, ada):
    """Somebody who signed in eleven minutes ago and may do all of it."""
    boss = user(role=ADMINISTRATOR, name="Ida", email="ida@example.com", password=PASSWORD)
    client = Client()
    client.force_login(boss)
    clock.shift(timedelta(minutes=11))
    return client


def asks(answer):
    return "You are about to do something that would do harm" in answer.text


@pytest.mark.parametrize(
    ("method", "address", "sent"),
    [
        ("get", EXPORT, {}),
        ("post", EXPORT, {"format": "0"}),
        ("post", ERASE, {"address": "ada@example.com", "do": "erase"}),
        ("post", ERASE, {"address": "ada@example.com", "do": "save"}),
        ("post", reverse("admin:accounts_user_add"), {"email": "eve@example.com", "name": "Eve"}),
        ("post", reverse("admin:accounts_user_changelist"), {"action": "deactivate"}),
        ("get", reverse("admin:second_factor"), {}),
        ("post", reverse("admin:recovery_codes"), {}),
        ("post", END, {"which": "others"}),
    ],
)
def test_what_would_do_harm_asks_again_after_ten_minutes(late, method, address, sent):
    assert asks(getattr(late, method)(address, sent))


def test_the_right_password_goes_on_with_what_was_sent(late):
    add = reverse("admin:accounts_user_add")
    sent = {"email": "eve@example.com", "name": "Eve", "_save": "Save"}
    page = late.post(add, sent)
    kept = dict(page.context["kept"])

    done = late.post(add, {**kept, "confirm_method": "post", "confirm_with": PASSWORD})

    assert kept == sent
    assert done.status_code == 302
    assert Message.objects.get().to == "eve@example.com"
    assert not asks(late.post(add, sent))  # for ten minutes


def test_a_page_that_was_only_asked_for_is_asked_for_again(late):
    done = late.post(EXPORT, {"confirm_method": "get", "confirm_with": PASSWORD})

    assert done.url == EXPORT
    assert not asks(late.get(EXPORT))


def test_a_wrong_password_does_nothing(late):
    add = reverse("admin:accounts_user_add")
    answer = late.post(add, {"email": "eve@example.com", "name": "Eve", "confirm_with": "wrong"})

    assert answer.status_code == 422
    assert asks(answer)
    assert not Message.objects.exists()
    assert asks(late.get(EXPORT))


def test_a_code_from_the_phone_will_do(late):
    boss = User.objects.get(name="Ida")
    [code, *_] = totp.enrol(boss, totp.new_secret(), step=0, at=timezone.now())

    late.post(EXPORT, {"confirm_method": "get", "confirm_with": code})

    assert not asks(late.get(EXPORT))


def test_guesses_are_counted_here_as_well(late):
    for number in range(12):
        answer = late.post(EXPORT, {"confirm_with": f"wrong {number}"})

    assert "Too many tries" in answer.text


# What is left behind


def test_what_has_ended_goes(desk, clock, ada):
    now = timezone.now()
    row = {"kind": "reset", "user": ada, "digest": "x" * 64}
    PasswordLink.objects.create(**row, made_at=now, good_until=now)
    Familiar.objects.create(user=ada, digest="x", is_browser=True, last_at=now)
    clock.shift(timedelta(days=29))
    delete_what_signing_in_left()
    after_29_days = [model.objects.count() for model in (Session, PasswordLink, Familiar)]
    clock.shift(timedelta(days=2))
    delete_what_signing_in_left()

    assert after_29_days == [0, 1, 1]
    assert [model.objects.count() for model in (Session, PasswordLink, Familiar)] == [0, 0, 0]
