"""The second factor: codes from a phone, recovery codes, and who has to have one."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_otp.oath import TOTP

from accounts import factor_pages, links, sign_in, totp
from accounts.models import RecoveryCode, SecondFactor
from accounts.roles import ADMINISTRATOR, AUTHOR, PUBLISHER, SALES
from desk.models import AuditEvent
from mail.models import Message
from tests.builders import user

pytestmark = pytest.mark.django_db

LOGIN, HOME = reverse("admin:login"), reverse("admin:index")
FACTOR = reverse("admin:second_factor")
PASSWORD = "compile the compiler"
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # that of RFC 6238, appendix B


def code(secret=SECRET, steps=0, at=None):
    """What the phone shows, with a clock that is some steps wrong."""
    phone = TOTP(base64.b32decode(secret))
    phone.time = (at or timezone.now()).timestamp() + 30 * steps
    return f"{phone.token():06}"


@pytest.fixture
def ada():
    return user(role=SALES, name="Ada", email="ada@example.com", password=PASSWORD)


@pytest.fixture
def codes(ada):
    """Ada’s recovery codes: she has a second factor."""
    return totp.enrol(ada, SECRET, step=0, at=timezone.now())


def enter_password(client, ada, **more):
    return client.post(LOGIN, {"username": ada.email, "password": PASSWORD, **more})


def enter_code(client, said, **more):
    return client.post(LOGIN, {"code": said, **more})


def is_in(client):
    return client.get(HOME).status_code == 200


@pytest.mark.parametrize(
    ("moment", "said"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_codes_are_those_of_the_standard(moment, said):
    at = datetime.fromtimestamp(moment, UTC)

    assert totp.matching_step(SECRET, said, at=at) == moment // 30


def test_the_password_alone_lets_nobody_in_who_has_a_second_factor(client, ada, codes):
    answer = enter_password(client, ada)

    assert "Enter the code that your authenticator app shows" in answer.text
    assert not is_in(client)


def test_the_code_from_the_phone_does(client, ada, codes):
    target = reverse("admin:own_zone")
    enter_password(client, ada, next=target)

    answer = enter_code(client, code(), next=target)

    assert answer.url == target
    assert is_in(client)


@pytest.mark.parametrize(
    "said", ["123 456", "", "abcdef", "１２３４５６", "0" * 60, "12345", "-12345"]
)
def test_a_code_that_is_none_does_not(client, ada, codes, said):
    enter_password(client, ada)

    answer = enter_code(client, said)

    assert answer.status_code == 200
    assert not is_in(client)


def test_a_code_without_a_password_does_not(client, ada, codes):
    answer = enter_code(client, code())

    assert sign_in.TOO_LATE in answer.text
    assert not is_in(client)


def test_a_password_ten_minutes_ago_is_asked_for_again(client, ada, codes):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        enter_password(client, ada)
        clock.shift(timedelta(minutes=11))
        answer = enter_code(client, code())

    assert sign_in.TOO_LATE in answer.text
    assert not is_in(client)


def test_a_code_does_not_work_twice_even_while_the_phone_still_shows_it(ada, codes):
    with time_machine.travel(timezone.now(), tick=False):
        first, thief = Client(), Client()
        for client in (first, thief):
            enter_password(client, ada)
            enter_code(client, code())

        assert is_in(first)
        assert not is_in(thief)


def test_an_earlier_code_does_not_work_after_a_later_one(ada, codes):
    now = timezone.now()

    assert totp.spend(ada, code(at=now), at=now) == "phone"
    assert totp.spend(ada, code(at=now, steps=-1), at=now) == ""


@pytest.mark.parametrize(
    ("steps", "works"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_the_clock_of_the_phone_may_be_one_step_wrong(ada, codes, steps, works):
    now = timezone.now()

    assert bool(totp.spend(ada, code(at=now, steps=steps), at=now)) is works


def test_a_new_password_by_a_link_does_not_pass_the_second_factor(client, ada, codes):
    client.get(links.send_reset(ada, at=timezone.now()))
    new = "another horse, unknown"
    client.post(reverse("admin:choose_password"), {"new_password1": new, "new_password2": new})

    answer = client.post(LOGIN, {"username": ada.email, "password": new})

    assert "Enter the code" in answer.text
    assert not is_in(client)


def test_many_wrong_codes_end_in_waiting_and_an_email(client, ada, codes):
    enter_password(client, ada)
    for _ in range(10):
        enter_code(client, "000000")

    answer = enter_code(client, code())

    assert answer.status_code == 429
    assert not is_in(client)
    [email] = Message.objects.all()
    assert "someone who knows your password entered many wrong codes" in email.text


# Recovery codes


def test_a_recovery_code_signs_in_once(client, ada, codes):
    thief = Client()
    for one in (client, thief):
        enter_password(one, ada)
        answer = enter_code(one, codes[0])

    assert is_in(client)
    assert answer.status_code == 200
    assert not is_in(thief)
    assert totp.codes_left(ada) == 9
    assert "recovery code was used" in Message.objects.get().subject


@pytest.mark.parametrize(
    "typed", [str.lower, lambda said: said.replace("-", ""), lambda said: f" {said} "]
)
def test_a_recovery_code_may_be_typed_as_people_type(client, ada, codes, typed):
    enter_password(client, ada)
    enter_code(client, typed(codes[3]))

    assert is_in(client)


def test_once_they_are_spent_only_the_phone_is_left(client, ada, codes):
    for one in codes:
        assert totp.spend(ada, one, at=timezone.now()) == "recovery"

    enter_password(client, ada)
    enter_code(client, codes[0])

    assert not is_in(client)
    assert totp.codes_left(ada) == 0


def test_there_are_ten_and_the_database_has_none_of_them(ada, codes):
    rows = str(list(RecoveryCode.objects.values()))

    assert len(set(codes)) == 10
    assert not any(one.replace("-", "") in rows for one in codes)
    assert all(len(one.replace("-", "")) == 24 for one in codes)


def test_those_of_a_colleague_are_nothing_to_me(ada, codes):
    bob = user(password=PASSWORD)
    totp.enrol(bob, totp.new_secret(), step=0, at=timezone.now())

    assert totp.spend(bob, codes[0], at=timezone.now()) == ""


# The secret


def test_the_database_does_not_have_the_secret(ada, codes):
    row = SecondFactor.objects.get()

    assert SECRET.encode() not in bytes(row.sealed)
    assert SECRET.encode() not in base64.urlsafe_b64decode(bytes(row.sealed))


def test_a_seal_that_was_changed_opens_nothing_and_a_recovery_code_still_helps(ada, codes):
    sealed = bytearray(SecondFactor.objects.get().sealed)
    sealed[-5] ^= 1
    SecondFactor.objects.update(sealed=bytes(sealed))
    now = timezone.now()

    assert totp.spend(ada, code(at=now), at=now) == ""
    assert totp.spend(ada, codes[0], at=now) == "recovery"


def test_a_new_secret_key_finds_and_reseals_what_the_old_one_sealed(ada, codes, settings):
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "the next key"
    now = timezone.now()

    assert totp.spend(ada, code(at=now), at=now) == "phone"
    settings.SECRET_KEY_FALLBACKS = []
    later = now + timedelta(minutes=1)
    assert totp.spend(ada, code(at=later), at=later) == "phone"


def test_nobody_has_two(ada, codes):
    with pytest.raises(IntegrityError), transaction.atomic():
        SecondFactor.objects.create(user=ada, sealed=b"", added_at=timezone.now())


# Setting it up


@pytest.fixture
def desk(client, ada):
    client.force_login(ada)
    return client


def secret_of(client):
    return client.session[factor_pages.SECRET]


def test_one_scans_tries_and_has_ten_codes_shown_once(desk, ada):
    page = desk.get(FACTOR)
    same = desk.get(FACTOR)
    done = desk.post(FACTOR, {"code": code(secret_of(desk))})

    assert "<svg" in page.text
    assert "style=" not in page.text
    assert same.context["enrolment"].secret == page.context["enrolment"].secret
    assert "no-store" in page["Cache-Control"]
    assert len(done.context["codes"]) == 10
    assert "no-store" in done["Cache-Control"]
    assert done.context["codes"][0] not in desk.get(FACTOR).text
    assert totp.spend(ada, done.context["codes"][0], at=timezone.now())
    assert "Second factor set up" in Message.objects.get().subject
    [event] = AuditEvent.objects.filter(kind=AuditEvent.Kind.CREDENTIALS)
    assert (event.summary, event.by) == ("Second factor set up.", ada)


def test_the_code_by_which_it_was_set_up_is_spent(desk, ada):
    desk.get(FACTOR)
    with time_machine.travel(timezone.now(), tick=False):
        first = code(secret_of(desk))
        desk.post(FACTOR, {"code": first})

        assert totp.spend(ada, first, at=timezone.now()) == ""


def test_a_wrong_code_sets_nothing_up(desk):
    desk.get(FACTOR)

    answer = desk.post(FACTOR, {"code": "000000"})

    assert answer.status_code == 422
    assert "doesn’t match" in answer.text
    assert not SecondFactor.objects.exists()


def test_setting_it_up_ends_ones_other_sessions(desk, ada):
    elsewhere = Client()
    elsewhere.force_login(ada)
    desk.get(FACTOR)
    desk.post(FACTOR, {"code": code(secret_of(desk))})

    assert is_in(desk)
    assert not is_in(elsewhere)


def test_setting_it_up_again_ends_the_old_phone_and_the_old_codes(desk, ada, codes):
    desk.get(f"{FACTOR}?change")
    desk.post(f"{FACTOR}?change", {"code": code(secret_of(desk))})

    assert totp.spend(ada, code(SECRET), at=timezone.now()) == ""
    assert totp.spend(ada, codes[0], at=timezone.now()) == ""


def test_new_recovery_codes_end_those_before(desk, ada, codes):
    answer = desk.post(reverse("admin:recovery_codes"))

    assert len(answer.context["codes"]) == 10
    assert totp.spend(ada, codes[0], at=timezone.now()) == ""
    assert totp.spend(ada, answer.context["codes"][0], at=timezone.now()) == "recovery"


# Who has to have one


@pytest.fixture
def enforced(settings):
    settings.SECOND_FACTOR_GRACE_DAYS = 7


@pytest.mark.parametrize(
    ("role", "needs"),
    [(SALES, True), (PUBLISHER, True), (ADMINISTRATOR, True), (AUTHOR, False), ("", False)],
)
def test_who_sees_leads_publishes_or_administers_needs_one_after_a_week(
    client, enforced, role, needs
):
    person = user(role=role, password=PASSWORD)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        enter_password(client, person)
        at_first = client.get(HOME)
        client.post(reverse("admin:logout"))
        clock.shift(timedelta(days=6))
        enter_password(client, person)
        after_six_days = client.get(HOME).status_code
        client.post(reverse("admin:logout"))
        clock.shift(timedelta(days=1, minutes=1))
        enter_password(client, person)
        after_a_week = client.get(HOME)
        form = client.get(FACTOR)

    assert at_first.status_code == after_six_days == 200
    assert ("needs a second factor by" in at_first.text) is needs
    assert after_a_week.status_code == (302 if needs else 200)
    assert form.status_code == 200
    if needs:
        assert after_a_week.url == FACTOR


def test_a_superuser_needs_one(client, enforced):
    enter_password(client, user(is_superuser=True, password=PASSWORD))

    assert "needs a second factor by" in client.get(HOME).text


def test_once_it_is_overdue_every_address_leads_to_it(client, enforced, settings):
    settings.SECOND_FACTOR_GRACE_DAYS = 0
    person = user(role=SALES, password=PASSWORD)
    enter_password(client, person)
    for name in ("leads_lead_changelist", "account", "own_zone", "find", "password_change"):
        assert client.get(reverse(f"admin:{name}")).url == FACTOR

    client.get(FACTOR)
    client.post(FACTOR, {"code": code(secret_of(client))})
    assert is_in(client)


def test_without_the_setting_nobody_is_asked(client, settings):
    assert settings.SECOND_FACTOR_GRACE_DAYS is None  # as in the demo
    enter_password(client, user(role=ADMINISTRATOR, password=PASSWORD))

    assert "second factor by" not in client.get(HOME).text


def test_who_has_one_is_not_asked_again(client, ada, codes, settings):
    settings.SECOND_FACTOR_GRACE_DAYS = 0
    enter_password(client, ada)
    enter_code(client, code())

    assert is_in(client)
