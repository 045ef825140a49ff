import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import totp
from accounts.models import PasswordLink, SecondFactor, User
from accounts.roles import ADMINISTRATOR, PUBLISHER, SALES
from mail.models import Message
from tests.builders import user
from tests.forms import filled_in
from web.addresses import host

pytestmark = pytest.mark.django_db

LIST = reverse("admin:accounts_user_changelist")
ADD = reverse("admin:accounts_user_add")
PASSWORD = "correct horse battery"


@pytest.fixture
def me():
    return user(role=ADMINISTRATOR, name="Ida")


@pytest.fixture
def administrator(me):
    client = Client()
    client.force_login(me)
    return client


@pytest.fixture
def root():
    return user(is_superuser=True, name="Root", email="root@example.com", password=PASSWORD)


def form_of(someone):
    return reverse("admin:accounts_user_change", args=[someone.pk])


def send(client, address, **changes):
    form = filled_in(client.get(address), "user_form", "_save", **changes)
    return client.post(address, form, follow=True)


def errors(answer):
    return answer.context["adminform"].form.errors


def test_an_administrator_takes_in_a_colleague_who_chooses_their_own_password(administrator):
    publisher = Group.objects.get(name=PUBLISHER)

    added = send(
        administrator, ADD, email="Ada@Example.com", name="Ada", groups=[str(publisher.pk)]
    )

    ada = User.objects.get(name="Ada")
    [invitation] = Message.objects.all()
    assert "An invitation is on its way to Ada@example.com" in added.text
    assert ada.email == "Ada@example.com"
    assert not ada.has_usable_password()
    assert not ada.is_superuser
    assert list(ada.groups.all()) == [publisher]
    assert invitation.to == ada.email
    assert "Ida has added you" in invitation.text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", ""),
        ("email", "no address"),
        ("email", "x" * 300 + "@example.com"),
        ("email", "a\0b@example.com"),
        ("name", ""),
        ("name", "x" * 121),
        ("name", "a\0b"),
    ],
    ids=lambda text: text[:20],
)
def test_bad_input_is_an_error_beside_its_field(administrator, field, value):
    good = {"email": "ada@example.com", "name": "Ada"}

    answer = send(administrator, ADD, **(good | {field: value}))

    assert list(errors(answer)) == [field]
    assert not User.objects.filter(name="Ada").exists()


def test_an_address_in_another_case_is_a_form_error(administrator):
    user(email="ada@example.com")

    answer = send(administrator, ADD, email="ADA@example.com", name="Another")

    assert "Someone already signs in with this address." in answer.text
    assert not User.objects.filter(name="Another").exists()


# Nobody lifts themselves above their role


def test_an_administrator_cannot_change_a_superuser(administrator, root):
    answer = administrator.post(form_of(root), {"email": "mine@example.com", "name": "Mine"})

    root.refresh_from_db()
    assert answer.status_code == 403
    assert (root.name, root.email) == ("Root", "root@example.com")


def test_an_administrator_has_no_hand_in_a_superusers_signing_in(administrator, root):
    totp.enrol(root, totp.new_secret(), step=1, at=timezone.now())
    for button in ("_send_link", "_reset_factor"):
        assert administrator.post(form_of(root), {button: "x"}).status_code == 403

    assert not PasswordLink.objects.exists()
    assert SecondFactor.objects.exists()


def test_nobody_sets_the_password_of_another(administrator):
    ada = user(password=PASSWORD)

    answer = administrator.post(
        f"/admin/accounts/user/{ada.pk}/password/",
        {"password1": "a new one, mine", "password2": "a new one, mine"},
    )

    ada.refresh_from_db()
    assert answer.status_code in (302, 404)
    assert ada.check_password(PASSWORD)


def test_an_administrator_has_a_link_sent_by_which_a_colleague_chooses(administrator):
    ada = user(email="ada@example.com", password=PASSWORD)

    answer = send_by(administrator, form_of(ada), "_send_link")

    [email] = Message.objects.all()
    assert "A link is on its way to ada@example.com" in answer.text
    assert email.to == ada.email
    assert "/admin/choose-password/" in email.text


def test_an_administrator_resets_the_second_factor_of_a_lost_phone(administrator, settings):
    settings.SECOND_FACTOR_GRACE_DAYS = 7
    ada, theirs = user(email="ada@example.com", password=PASSWORD), Client()
    totp.enrol(ada, totp.new_secret(), step=1, at=timezone.now())
    theirs.force_login(ada)

    send_by(administrator, form_of(ada), "_reset_factor")

    ada.refresh_from_db()
    [email] = Message.objects.all()
    assert not SecondFactor.objects.exists()
    assert theirs.get(reverse("admin:index")).status_code == 302
    assert ada.second_factor_due_at <= timezone.now()  # at the next sign-in
    assert email.subject == f"Second factor reset for {host()}"
    said = [entry.get_change_message() for entry in LogEntry.objects.filter(object_id=str(ada.pk))]
    assert "Second factor reset." in said


def test_other_rights_end_the_sessions_of_their_person(administrator):
    ada, theirs = user(role=SALES), Client()
    theirs.force_login(ada)
    publisher = Group.objects.get(name=PUBLISHER)

    send(administrator, form_of(ada), name="Ada Byron")
    after_another_name = theirs.get(reverse("admin:index")).status_code
    send(administrator, form_of(ada), groups=[str(publisher.pk)])

    assert after_another_name == 200
    assert theirs.get(reverse("admin:index")).status_code == 302
    assert administrator.get(LIST).status_code == 200


def test_an_address_that_is_changed_is_told_to_the_one_before(administrator):
    ada = user(email="ada@example.com", password=PASSWORD)

    send(administrator, form_of(ada), email="byron@example.com")

    [email] = Message.objects.all()
    assert email.to == "ada@example.com"
    assert "from ada@example.com to byron@example.com" in email.text


def test_an_administrator_cannot_delete_a_superuser(administrator, root):
    one_by_one = administrator.post(
        reverse("admin:accounts_user_delete", args=[root.pk]), {"post": "yes"}
    )
    by_the_list = administrator.post(
        LIST, {"action": "delete_selected", "_selected_action": [root.pk], "post": "yes"}
    )

    assert one_by_one.status_code == 403
    assert by_the_list.status_code in (200, 302, 403)
    assert User.objects.filter(pk=root.pk).exists()


def test_an_administrator_cannot_make_themselves_a_superuser(administrator, me):
    send(administrator, form_of(me), is_superuser="on", name="Still me")

    me.refresh_from_db()
    assert me.name == "Still me"
    assert not me.is_superuser


def test_an_administrator_cannot_take_in_a_superuser(administrator):
    send(administrator, ADD, email="ada@example.com", name="Ada", is_superuser="on")

    assert not User.objects.get(name="Ada").is_superuser


def test_an_administrator_cannot_hand_out_single_rights(administrator, me):
    send(administrator, form_of(me), user_permissions=["1", "2", "3"])

    assert not me.user_permissions.exists()


def test_a_superuser_may_make_another(root):
    client, ada = Client(), user()
    client.force_login(root)

    send(client, form_of(ada), is_superuser="on")

    ada.refresh_from_db()
    assert ada.is_superuser


@pytest.mark.parametrize("role", [SALES, PUBLISHER, ""])
def test_only_administrators_reach_the_staff(role, me):
    client = Client()
    client.force_login(user(role=role))

    for address in (LIST, ADD, form_of(me)):
        assert client.get(address).status_code == 403


def test_the_list_costs_the_same_for_one_colleague_and_for_ten(
    administrator, django_assert_num_queries
):
    with CaptureQueriesContext(connection) as for_one:
        administrator.get(LIST)
    for _ in range(9):
        user(role=SALES)

    with django_assert_num_queries(len(for_one)):
        answer = administrator.get(LIST)

    assert len(answer.context["cl"].result_list) == 10


def test_everyone_may_change_their_own_password(client):
    ada = user(role=SALES, password=PASSWORD)
    client.force_login(ada)

    client.post(
        reverse("admin:password_change"),
        {
            "old_password": PASSWORD,
            "new_password1": "another horse, unknown",
            "new_password2": "another horse, unknown",
        },
    )

    ada.refresh_from_db()
    assert ada.check_password("another horse, unknown")


# Whoever leaves is deactivated, and nobody is deleted


@pytest.mark.parametrize("boss", ["administrator", "superuser"])
def test_nobody_may_delete_a_colleague_by_any_door(administrator, root, boss):
    ada, client = user(name="Ada"), administrator
    if boss == "superuser":
        client = Client()
        client.force_login(root)
    offered = client.get(LIST).text

    one_by_one = client.post(reverse("admin:accounts_user_delete", args=[ada.pk]), {"post": "yes"})
    client.post(LIST, {"action": "delete_selected", "_selected_action": [ada.pk], "post": "yes"})
    form = client.get(form_of(ada)).text

    assert one_by_one.status_code == 403
    assert "delete_selected" not in offered
    assert reverse("admin:accounts_user_delete", args=[ada.pk]) not in form
    assert "Members of staff are never deleted" in form
    assert User.objects.filter(pk=ada.pk).exists()


def test_an_administrator_deactivates_a_colleague_and_takes_it_back(administrator):
    ada = user(name="Ada", role=SALES)
    client = Client()
    client.force_login(ada)

    away = send_by(administrator, form_of(ada), "_deactivate", name="Ada Byron")
    was_let_in = client.get(reverse("admin:index")).status_code == 200
    ada.refresh_from_db()
    was_active, name = ada.is_active, ada.name
    back = send_by(administrator, form_of(ada), "_activate")
    ada.refresh_from_db()

    assert "is deactivated" in away.text and "is activated" in back.text
    assert not was_active and not was_let_in
    assert name == "Ada Byron"  # what else was typed in the form is kept
    assert ada.is_active
    said = [entry.get_change_message() for entry in LogEntry.objects.filter(object_id=str(ada.pk))]
    assert {"Deactivated.", "Activated."} <= set(said)


def test_several_colleagues_are_deactivated_in_the_list(administrator):
    people = [user(), user()]

    administrator.post(
        LIST, {"action": "deactivate", "_selected_action": [one.pk for one in people]}
    )

    assert not User.objects.filter(pk__in=[one.pk for one in people], is_active=True).exists()


@pytest.mark.parametrize("door", ["list", "form"])
def test_nobody_deactivates_themselves_or_someone_above_them(administrator, me, root, door):
    for person in (me, root):
        if door == "list":
            administrator.post(LIST, {"action": "deactivate", "_selected_action": [person.pk]})
        else:
            administrator.post(form_of(person), {"name": "x", "_deactivate": "Deactivate"})

    assert not User.objects.filter(is_active=False).exists()


def send_by(client, address, button, **changes):
    form = filled_in(client.get(address), "user_form", button, **changes)
    return client.post(address, form, follow=True)


@pytest.mark.parametrize(
    "next_page",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "https:///evil.example",
        "javascript:alert(1)",
        "http://testserver@evil.example/",
        "https://testserver.evil.example/",
    ],
)
def test_who_signs_in_is_never_led_to_another_site(client, next_page):
    person = user(role=SALES, password=PASSWORD)
    login = reverse("admin:login", query={"next": next_page})

    answer = client.post(login, {"username": person.email, "password": PASSWORD, "next": next_page})

    assert answer.status_code == 302
    assert answer.url == reverse("admin:index")
