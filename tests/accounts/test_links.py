"""Links by which people choose their password: once, for a while, and only their own."""

import re
from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import link_pages, links, totp
from accounts.models import PasswordLink, SecondFactor, Session, User
from accounts.roles import ADMINISTRATOR, SALES
from mail.models import Message
from tests.builders import signed_in, user

pytestmark = pytest.mark.django_db

FORGOT = reverse("admin:forgot_password")
CHOOSE = reverse("admin:choose_password")
OLD, NEW = "compile the compiler", "another horse, unknown"


@pytest.fixture
def ada():
    return user(role=SALES, name="Ada", email="ada@example.com", password=OLD)


@pytest.fixture
def link(ada):
    return links.send_reset(ada, at=timezone.now())


def choose(client, link, password=NEW, again=None):
    opened = client.get(link, follow=True)
    if opened.status_code != 200:
        return opened
    return client.post(CHOOSE, {"new_password1": password, "new_password2": again or password})


def can_sign_in(someone, password):
    sent = {"username": someone.email, "password": password}
    return Client().post(reverse("admin:login"), sent).status_code == 302


def link_in(email):
    return re.search(r"https?://\S+?(/admin/choose-password/\S+)", email.body).group(1)


def test_who_forgot_a_password_chooses_a_new_one_by_email(
    client, ada, worker_at_hand, mailoutbox, django_capture_on_commit_callbacks
):
    page = client.get(FORGOT)
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(FORGOT, {"email": "ADA@example.com"})
    [email] = mailoutbox
    done = choose(client, link_in(email))

    assert page.status_code == 200
    assert "a link is on its way" in answer.text
    assert email.to == [ada.email]
    assert done.url.startswith(reverse("admin:login"))
    assert "Your new password is set" in client.get(done.url).text
    assert can_sign_in(ada, NEW)
    assert not can_sign_in(ada, OLD)


def test_asking_sends_one_to_who_is_there_and_none_to_others(
    client, ada, worker_at_hand, django_capture_on_commit_callbacks
):
    user(email="gone@example.com", is_active=False)
    for address in ("ada@example.com", "nobody@example.com", "gone@example.com"):
        with django_capture_on_commit_callbacks(execute=True):
            client.post(FORGOT, {"email": address})

    assert [email.to for email in Message.objects.all()] == ["ada@example.com"]


def test_the_words_and_the_work_are_the_same_for_every_address(client, ada):
    pages, queries = [], []
    for address in ("ada@example.com", "nobody@example.com"):
        with CaptureQueriesContext(connection) as captured:
            page = client.post(FORGOT, {"email": address}).text
        pages.append(re.sub(r'value="\w+"', "", page.replace(address, "…")))
        queries.append(len(captured))

    assert pages[0] == pages[1]
    assert queries[0] == queries[1]


def test_one_address_is_written_to_three_times_an_hour(
    client, ada, worker_at_hand, django_capture_on_commit_callbacks
):
    for _ in range(5):
        with django_capture_on_commit_callbacks(execute=True):
            answer = client.post(FORGOT, {"email": "ada@example.com"})

    assert Message.objects.count() == 3
    assert "a link is on its way" in answer.text  # nothing that tells it from others


def test_who_asks_for_many_addresses_is_slowed_down(client):
    answers = [client.post(FORGOT, {"email": f"a{n}@example.com"}) for n in range(11)]

    assert answers[-1].status_code == 429


def test_opening_a_link_uses_nothing_up(client, ada, link):
    for _ in range(3):
        assert Client().get(link, follow=True).status_code == 200

    assert choose(client, link).status_code == 302


def test_what_the_link_says_does_not_stay_in_the_address(client, link):
    opened = client.get(link, follow=True)

    assert opened.redirect_chain[-1][0] == CHOOSE
    assert opened["Referrer-Policy"] == "same-origin"
    assert link.split("/")[-2] not in opened.text


def test_a_link_works_once(client, ada, link):
    choose(client, link)

    again = choose(Client(), link, "a third one, for a thief")

    assert again.status_code == 410
    assert "was used already" in again.text
    assert can_sign_in(ada, NEW)


def test_two_who_use_it_at_once_do_not_both(client, ada, link):
    other = Client()
    other.get(link, follow=True)
    choose(client, link)

    late = other.post(
        CHOOSE, {"new_password1": "a third one, mine", "new_password2": "a third one, mine"}
    )

    assert late.status_code == 410
    assert not links.use(PasswordLink.objects.get(), "a fourth one, mine", at=timezone.now())
    assert can_sign_in(ada, NEW)


@pytest.mark.parametrize(
    ("kind", "good_for"),
    [(links.RESET, timedelta(hours=1)), (links.INVITATION, timedelta(days=7))],
)
def test_a_link_expires(client, ada, kind, good_for):
    link = links.make(ada, kind, at=timezone.now() - good_for)

    answer = choose(client, link)

    assert answer.status_code == 410
    assert "has expired" in answer.text
    assert FORGOT in answer.text


def test_a_link_that_expires_while_one_is_typing_says_so(client, ada, link):
    client.get(link, follow=True)
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        answer = client.post(CHOOSE, {"new_password1": NEW, "new_password2": NEW})

    assert answer.status_code == 410
    assert not can_sign_in(ada, NEW)


def test_a_newer_link_ends_the_one_before(client, ada, link):
    newer = links.send_reset(ada, at=timezone.now())

    assert "replaced by a newer one" in choose(client, link).text
    assert choose(Client(), newer).status_code == 302


def test_a_new_password_ends_the_links(client, ada, link):
    links.set_password(ada, NEW)

    assert choose(client, link).status_code == 410


def test_nobody_has_two_links_that_work(ada, link):
    row = PasswordLink.objects.get()
    row.pk, row.digest = None, "x" * 64

    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


@pytest.mark.parametrize("cut", ["x", "no-link-at-all", "%E2%80%8B"])
def test_what_is_no_link_says_so(client, link, cut):
    answer = client.get(f"/admin/choose-password/{cut}/")

    assert answer.status_code == 410
    assert "not complete" in answer.text


def test_the_link_of_a_colleague_says_what_to_do(ada, link):
    client = signed_in(SALES, email="bob@example.com", name="Bob")

    opened = client.get(link)
    client.session["x"] = 1
    straight = client.post(CHOOSE, {"new_password1": NEW, "new_password2": NEW})

    assert opened.status_code == 403
    assert "You are signed in as bob@example.com" in opened.text
    assert "sign out and open it again" in opened.text
    assert straight.status_code == 410
    assert can_sign_in(ada, OLD)


def test_a_link_opened_before_another_signed_in_is_still_not_theirs(ada, link):
    client = Client()
    client.get(link)
    client.force_login(user(email="bob@example.com"))
    session = client.session
    session[link_pages.LINK] = PasswordLink.objects.get().pk
    session.save()

    answer = client.post(CHOOSE, {"new_password1": NEW, "new_password2": NEW})

    assert answer.status_code == 403
    assert can_sign_in(ada, OLD)


def test_a_deactivated_account_has_no_way_in_by_a_link(client, ada, link):
    ada.deactivate()

    assert "deactivated" in choose(client, link).text


def test_a_new_password_ends_all_sessions_and_is_told_by_email(client, ada, link):
    elsewhere = Client()
    elsewhere.force_login(ada)
    choose(client, link)

    assert elsewhere.get(reverse("admin:index")).status_code == 302
    assert not Session.objects.filter(user=ada).exists()
    assert "Your password was chosen" in Message.objects.latest("pk").text


@pytest.mark.parametrize(
    "password",
    [
        *["short", "elevenchars", "1234567890123", "aaaaaaaaaaaaaa", "qwertyuiopasdf"],
        *["Password2026!!", "Passw0rd1234", "ada@example.com", "summer2025summer"],
    ],
)
def test_a_password_that_is_easily_guessed_is_refused(client, ada, link, password):
    answer = choose(client, link, password)

    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert can_sign_in(ada, OLD)


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "837192640192",
        "ørredflod på tirsdag",
        "x7$Kq!v2#mPz",
        "длинный и новый пароль",
        " a blank at both ends, and sixty-four letters and more, 🙂 included ",
    ],
)
def test_no_rule_says_of_what_a_password_is_made(client, ada, link, password):
    assert choose(client, link, password).status_code == 302
    assert can_sign_in(ada, password)


def test_the_email_of_a_link_is_shown_to_nobody_and_loses_its_text(link):
    email = Message.objects.get()
    said = link.split("/")[-2]
    desk = signed_in(is_superuser=True)
    shown = desk.get(reverse("admin:mail_message_change", args=[email.pk]))
    html = desk.get(reverse("admin:mail_message_html", args=[email.pk]))
    email.mark_sent(now=timezone.now())
    email.refresh_from_db()

    assert said not in shown.text
    assert html.status_code == 404
    assert (email.text, email.html) == ("", "")
    assert not email.send_again(now=timezone.now())


def test_the_database_has_only_a_digest(link):
    Message.objects.all().delete()

    assert link.split("/")[-2] not in str(list(PasswordLink.objects.values()))


# From a shell


def said_by(command, *words):
    out = StringIO()
    call_command(command, *words, stdout=out)
    return out.getvalue()


def test_the_first_administrator_comes_from_a_shell(client):
    said = said_by("invite", "ida@example.com", "--name", "Ida")
    done = choose(client, re.search(r"(/admin/choose-password/\S+)", said).group(1))

    ida = User.objects.get()
    assert done.status_code == 302
    assert [group.name for group in ida.groups.all()] == [ADMINISTRATOR]
    assert can_sign_in(ida, NEW)


@pytest.mark.parametrize("email", ["ada@example.com", "ADA@example.com", "no address"])
def test_nobody_is_invited_twice_or_to_nowhere(ada, email):
    with pytest.raises(CommandError):
        call_command("invite", email)


def test_an_administrator_who_is_locked_out_gets_back_in_from_a_shell(client):
    ida = user(role=ADMINISTRATOR, email="ida@example.com", password=OLD)
    totp.enrol(ida, totp.new_secret(), step=1, at=timezone.now())
    ida.deactivate()
    for number in range(20):
        client.post(reverse("admin:login"), {"username": ida.email, "password": f"x{number}"})

    said = said_by("let_in", "ida@example.com", "--reset-second-factor")
    choose(Client(), re.search(r"(/admin/choose-password/\S+)", said).group(1))

    assert "is active again" in said
    assert not SecondFactor.objects.exists()
    assert can_sign_in(ida, NEW)


def test_who_is_not_there_cannot_be_let_in():
    with pytest.raises(CommandError, match="Nobody signs in with this address"):
        call_command("let_in", "nobody@example.com")
