import pytest
from django.contrib.admin.models import LogEntry
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from accounts.models import User
from accounts.roles import AUTHOR, PUBLISHER, SALES
from tests.builders import user

pytestmark = pytest.mark.django_db

LOGIN = reverse("admin:login")
PASSWORD = "correct horse battery"


def sign_in(client, email, password=PASSWORD):
    return client.post(LOGIN, {"username": email, "password": password})


def is_signed_in(client):
    return "_auth_user_id" in client.session


@pytest.mark.parametrize("typed", ["ada@example.com", "Ada@Example.COM", " ADA@EXAMPLE.COM "])
def test_people_sign_in_by_email_in_whatever_case_they_type_it(client, typed):
    user(email="Ada@example.com", password=PASSWORD)

    answer = sign_in(client, typed)

    assert answer.status_code == 302
    assert is_signed_in(client)


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("ada@example.com", "wrong"),
        ("ada@example.com", ""),
        ("nobody@example.com", PASSWORD),
        ("", ""),
        ("a\0b", "a\0b"),
        ("x" * 5000, "x" * 5000),
        ("%", PASSWORD),
    ],
    ids=["wrong", "no password", "nobody", "nothing", "NUL", "enormous", "wildcard"],
)
def test_a_wrong_email_or_password_does_not_sign_in(client, email, password):
    user(email="ada@example.com", password=PASSWORD)

    answer = sign_in(client, email, password)

    assert answer.status_code == 200
    assert not is_signed_in(client)


@pytest.mark.parametrize("switched_off", ["is_active", "is_staff"])
def test_whoever_was_switched_off_stays_outside(client, switched_off):
    user(email="ada@example.com", password=PASSWORD, **{switched_off: False})

    sign_in(client, "ada@example.com")

    assert not is_signed_in(client)


def test_whoever_is_switched_off_while_signed_in_is_out_at_once(client):
    ada = user(role=AUTHOR)
    client.force_login(ada)
    ada.is_active = False
    ada.save()

    assert client.get(reverse("admin:index")).status_code == 302


def test_nobody_signs_in_before_a_password_was_set(client):
    user(email="ada@example.com")

    sign_in(client, "ada@example.com", "")

    assert not is_signed_in(client)


def test_two_people_never_share_an_address_in_any_case():
    user(email="ada@example.com")

    with pytest.raises(IntegrityError), transaction.atomic():
        user(email="ADA@Example.com")


def test_an_address_that_is_taken_is_refused_in_words():
    user(email="ada@example.com")

    with pytest.raises(ValidationError) as refusal:
        User(email="ADA@example.com", name="Another", password="x").full_clean()

    assert "Someone already signs in with this address." in refusal.value.messages


def test_a_superuser_can_be_made_from_the_shell():
    root = User.objects.create_superuser("root@example.com", PASSWORD, name="Root")

    assert root.is_superuser and root.is_staff
    assert root.check_password(PASSWORD)


def test_people_with_a_role_are_those_who_are_active_and_hold_it():
    ada = user(role=SALES)
    user(role=SALES, is_active=False)
    user(role=PUBLISHER)

    assert list(User.objects.with_role(SALES)) == [ada]


def test_people_are_called_by_their_name():
    ada = User(name="Ada Byron", email="ada@example.com")

    assert (str(ada), ada.get_full_name(), ada.get_short_name()) == (
        "Ada Byron",
        "Ada Byron",
        "Ada",
    )


# Nobody is ever deleted


def by_the_row(ada):
    ada.delete()


def by_a_query(ada):
    User.objects.filter(pk=ada.pk).delete()


def by_sql(ada):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM accounts_user WHERE id = %s", [ada.pk])


@pytest.mark.parametrize("delete", [by_the_row, by_a_query, by_sql])
def test_the_database_keeps_members_of_staff_and_their_log(delete):
    ada = user()
    receipt = LogEntry.objects.create(user=ada, action_flag=3, object_repr="A person, erased")

    with pytest.raises(IntegrityError, match="never_deleted"), transaction.atomic():
        delete(ada)

    assert User.objects.filter(pk=ada.pk).exists()
    assert LogEntry.objects.get() == receipt


@pytest.mark.django_db(transaction=True)
def test_the_whole_database_can_be_emptied_all_the_same():
    user()

    call_command("flush", verbosity=0, interactive=False)

    assert not User.objects.exists()
    with pytest.raises(IntegrityError, match="never_deleted"), transaction.atomic():
        user().delete()


def test_a_table_that_was_rebuilt_is_kept_again_after_the_next_migrate():
    with connection.cursor() as cursor:
        on_its_table = "" if connection.vendor == "sqlite" else " ON accounts_user"
        cursor.execute(f"DROP TRIGGER accounts_user_never_deleted{on_its_table}")

    call_command("migrate", verbosity=0)

    with pytest.raises(IntegrityError, match="never_deleted"), transaction.atomic():
        user().delete()
