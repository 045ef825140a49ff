import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.urls import reverse

from accounts.roles import ADMINISTRATOR, AUTHOR, PUBLISHER, ROLES, SALES, rights_of
from tests.builders import article, page, signed_in

pytestmark = pytest.mark.django_db

INDEX = reverse("admin:tables")

CONTENT = {"article", "topic", "author", "series"}
COPY = {"sitesettings", "service", "page", "menulink"}
SELLING = {"inquiry", "lead", "contact"}


def seen_in_the_index(client):
    """The models that the page of all tables offers, by name."""
    return {
        model["object_name"].lower()
        for app in client.get(INDEX).context["app_list"]
        for model in app["models"]
    }


def rights(role):
    return {
        f"{right.content_type.app_label}.{right.codename}"
        for right in Group.objects.get(name=role).permissions.select_related("content_type")
    }


def table(role):
    return {
        f"{app}.{action}_{model}"
        for app, models in rights_of(role).items()
        for model, actions in models.items()
        for action in actions.split()
    }


# What each sees


def test_an_author_sees_articles_and_pictures_and_nothing_that_sells():
    seen = seen_in_the_index(signed_in(AUTHOR))

    assert {"article", "image"} <= seen
    assert not seen & (COPY | SELLING | {"office", "message", "user", "series"})


def test_a_publisher_sees_all_content_and_copy_and_no_leads():
    seen = seen_in_the_index(signed_in(PUBLISHER))

    assert CONTENT | COPY | {"image", "office"} <= seen
    assert not seen & (SELLING | {"message", "user"})


def test_sales_see_leads_and_emails_and_no_content():
    seen = seen_in_the_index(signed_in(SALES))

    assert SELLING | {"message"} <= seen
    assert not seen & (CONTENT | COPY | {"image", "office", "user"})


def test_an_administrator_sees_everything():
    seen = seen_in_the_index(signed_in(ADMINISTRATOR))

    assert CONTENT | COPY | SELLING | {"image", "office", "message", "user"} <= seen


def test_whoever_has_no_role_sees_nothing():
    assert seen_in_the_index(signed_in("")) == set()


def test_groups_are_not_for_editing():
    assert "group" not in seen_in_the_index(signed_in(ADMINISTRATOR))


@pytest.mark.parametrize(
    ("role", "model"),
    [
        (AUTHOR, "pages_page"),
        (AUTHOR, "leads_lead"),
        (AUTHOR, "accounts_user"),
        (PUBLISHER, "leads_inquiry"),
        (PUBLISHER, "leads_lead"),
        (PUBLISHER, "mail_message"),
        (PUBLISHER, "accounts_user"),
        (SALES, "articles_article"),
        (SALES, "pages_page"),
        (SALES, "images_image"),
        (SALES, "accounts_user"),
    ],
)
def test_what_is_not_in_the_index_cannot_be_opened_by_its_address(role, model):
    article()
    page()

    assert signed_in(role).get(reverse(f"admin:{model}_changelist")).status_code == 403


def test_a_visitor_is_asked_to_sign_in_wherever_they_knock(client):
    for name in ("admin:index", "admin:articles_article_changelist", "admin:leads_lead_changelist"):
        answer = client.get(reverse(name))
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith(reverse("admin:login"))


# The table is the truth


@pytest.mark.parametrize("role", ROLES)
def test_each_role_has_exactly_the_rights_of_the_table(role):
    assert rights(role) == table(role)


def test_every_right_in_the_table_exists():
    """A misspelled one would be a right that nobody ever gets."""
    known = {
        f"{right.content_type.app_label}.{right.codename}"
        for right in Permission.objects.select_related("content_type")
    }

    assert set().union(*map(table, ROLES)) <= known


def test_a_right_given_by_hand_is_taken_back_at_the_next_migrate():
    group = Group.objects.get(name=AUTHOR)
    group.permissions.add(Permission.objects.get(codename="publish_article"))
    group.permissions.add(Permission.objects.get(codename="view_lead"))
    group.permissions.add(Permission.objects.get(codename="view_recoverycode"))

    call_command("migrate", verbosity=0)

    assert rights(AUTHOR) == table(AUTHOR)


def test_a_right_taken_by_hand_is_given_back_at_the_next_migrate():
    Group.objects.get(name=SALES).permissions.clear()

    call_command("migrate", verbosity=0)

    assert rights(SALES) == table(SALES)


def test_a_role_that_was_deleted_is_there_after_the_next_migrate():
    Group.objects.get(name=PUBLISHER).delete()

    call_command("migrate", verbosity=0)

    assert rights(PUBLISHER) == table(PUBLISHER)


def test_migrating_again_changes_nothing():
    before = list(Group.permissions.through.objects.order_by("pk").values())

    call_command("migrate", verbosity=0)

    assert list(Group.permissions.through.objects.order_by("pk").values()) == before
    assert before


def test_groups_of_other_people_are_left_alone():
    guests = Group.objects.create(name="Guests")
    guests.permissions.add(Permission.objects.get(codename="view_article"))

    call_command("migrate", verbosity=0)

    assert guests.permissions.count() == 1
