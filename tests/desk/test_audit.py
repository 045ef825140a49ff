"""The audit log: what is recorded, what is not, and that nobody changes or deletes a line."""

from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from articles import publishing
from desk import audit
from desk.audit import Kind
from desk.models import AuditEvent
from leads.intake import receiving
from leads.models import Inquiry, Recipient
from pages.models import Page, SiteSettings
from privacy import erasing
from privacy.collecting import collect
from redirects.models import Redirect
from tests import builders, nights

pytestmark = pytest.mark.django_db

LIST = reverse("admin:desk_auditevent_changelist")
LOGIN = reverse("admin:login")
PASSWORD = "a long enough sentence"


@pytest.fixture
def ada():
    return builders.user(
        role="Administrator", email="ada@example.com", name="Ada Holm", password=PASSWORD
    )


@pytest.fixture
def admin(ada):
    client = Client()
    client.force_login(ada)
    return client


def told(kind, **which):
    """What the log says of that kind, earliest first."""
    events = AuditEvent.objects.filter(kind=kind, **which).order_by("pk")
    return [*events.values_list("summary", flat=True)]


def sign_in(username, password, **more):
    return Client().post(LOGIN, {"username": username, "password": password}, **more)


# What is recorded


def test_a_sign_in_is_recorded_with_who_and_the_network_it_came_from(ada):
    sign_in("ada@example.com", PASSWORD, REMOTE_ADDR="203.0.113.77")

    event = AuditEvent.objects.get(kind=Kind.SIGN_IN)
    assert (event.by, event.by_name, event.by_email) == (ada, "Ada Holm", "ada@example.com")
    assert event.network == "203.0.113.0/24"


def test_a_sign_out_is_recorded(admin, ada):
    admin.post(reverse("admin:logout"))

    assert told(Kind.SIGN_OUT, by=ada) == ["Signed out."]


def test_a_failed_sign_in_says_whose_account_it_was_and_nobody_did_it(ada):
    sign_in("ADA@example.com", "wrong")

    event = AuditEvent.objects.get(kind=Kind.SIGN_IN_FAILED)
    assert (event.about_model, event.about_key, event.by) == ("accounts.user", str(ada.pk), None)


def test_a_failed_sign_in_to_no_account_keeps_nothing_that_was_typed(ada):
    sign_in("stranger@example.org", "hunter2hunter2")

    event = AuditEvent.objects.get(kind=Kind.SIGN_IN_FAILED)
    assert event.summary == "Failed to sign in to an unknown account."
    kept = " ".join(map(str, AuditEvent.objects.filter(pk=event.pk).values().get().values()))
    assert "stranger" not in kept
    assert "hunter2" not in kept


def test_a_failed_sign_in_to_a_deactivated_account_says_so():
    builders.user(email="gone@example.com", password=PASSWORD, is_active=False)

    sign_in("gone@example.com", PASSWORD)

    assert told(Kind.SIGN_IN_FAILED) == ["Failed to sign in to this account, which is deactivated."]


def test_a_changed_password_is_recorded_and_one_that_is_hashed_anew_is_not():
    colleague = builders.user(password=PASSWORD)

    colleague.set_password("quite another sentence")
    colleague.save()
    colleague.password = "md5$other$of-the-same-password"
    colleague.save(update_fields=["password"])

    assert told(Kind.CREDENTIALS, about_key=str(colleague.pk)) == ["Password changed."]


def test_a_new_account_and_each_change_of_its_rights_are_recorded(admin, ada):
    made = User.objects.create_user("new@example.com", name="New")
    made.groups.add(Group.objects.get(name="Sales"))
    made.groups.remove(Group.objects.get(name="Sales"))
    made.groups.set(Group.objects.filter(name__in=["Author", "Publisher"]))
    made.groups.clear()
    made.user_permissions.add(Permission.objects.get(codename="view_jobrun"))
    made.deactivate()
    made.activate()
    made.is_staff = False
    made.is_superuser = True
    made.email = "other@example.com"
    made.save()
    Group.objects.get(name="Sales").user_set.add(made)
    Group.objects.get(name="Sales").user_set.clear()

    assert told(Kind.RIGHTS, about_key=str(made.pk)) == [
        "Account added.",
        "Role added: Sales.",
        "Role removed: Sales.",
        "Role added: Author, Publisher.",
        "Role removed: Author, Publisher.",
        "Right added: Operation | periodic job | Can view periodic job.",
        "Deactivated.",
        "Activated.",
        "Shut out of the admin. Made a superuser. Address changed.",
        "Role added: Sales.",
        "Role removed: Sales.",
    ]


def test_what_says_nothing_of_rights_is_no_event(ada):
    before = AuditEvent.objects.count()

    ada.name = "Ada Lind"
    ada.save()
    ada.save(update_fields=["last_login"])
    ada.groups.add(Group.objects.get(name="Administrator"))

    assert AuditEvent.objects.count() == before


def test_whoever_changes_rights_in_the_admin_is_named(admin, ada):
    colleague = builders.user(name="Bo")
    page = reverse("admin:accounts_user_change", args=[colleague.pk])

    admin.post(page, {"_deactivate": "", "email": colleague.email, "name": "Bo", "is_staff": "on"})

    assert told(Kind.RIGHTS, by=ada, about_key=str(colleague.pk)) == ["Deactivated."]


def test_a_list_saved_to_a_file_is_recorded(admin, ada):
    page = reverse("admin:redirects_redirect_export")
    Redirect.objects.create(path="/old", target="/new/")

    answer = admin.post(page, {"format": "0", "redirecttable_path": "on"})

    assert "/old" in answer.getvalue().decode()

    assert told(Kind.EXPORT, by=ada) == ["Exported redirects as CSV."]


def visitor():
    words = {"name": "Vera Visitor", "email": "vera@example.org", "message": "A ledger."}
    return receiving.receive(Inquiry(**words))


def test_a_person_saved_to_a_file_and_erased_is_recorded_without_a_word_of_theirs(
    admin, ada, tmp_path
):
    visitor()
    page = reverse("admin:privacy_erasure_add")

    for way in ("save", "save-page"):
        admin.post(page, {"address": "vera@example.org", "do": way})
    call_command("export_person", "vera@example.org", to=tmp_path, stdout=StringIO())
    receipt = erasing.erase(collect(["vera@example.org"]), by=ada)

    assert [event.by for event in AuditEvent.objects.filter(kind=Kind.EXPORT).order_by("pk")] == [
        *(ada, ada, None)
    ]
    assert told(Kind.ERASURE, by=ada, about_key=str(receipt.pk)) == ["Erased a person."]
    assert "vera" not in str([*AuditEvent.objects.values()]).lower()


def test_changed_settings_are_recorded_by_their_names_alone(ada):
    site = SiteSettings.load()
    site.name, site.tagline = "Umbrella", "Nothing to see"
    site.save()
    site.save()

    [event] = AuditEvent.objects.filter(kind=Kind.SETTINGS)
    assert event.summary == "Changed: site settings (name, tagline)."


def test_who_is_notified_is_a_setting():
    row = Recipient.objects.create(email="leads@example.com")
    row.email = "others@example.com"
    row.save()
    row.delete()

    said = told(Kind.SETTINGS)
    assert [one.partition(":")[0] for one in said] == ["Added", "Changed", "Deleted"]
    assert "example.com" not in str(said)


def test_each_step_of_publishing_is_recorded(ada):
    article = builders.article(live_from=None)
    now = timezone.now()
    publishing.publish(article, at=now + timedelta(days=1), by=ada)
    publishing.unschedule(article.scheduled_revision(), by=ada)
    publishing.publish(article, at=now, by=ada)
    publishing.unpublish(article, at=now, by=ada)
    publishing.republish(article, by=ada)
    publishing.retire(article, at=now, by=ada)

    assert told(Kind.PUBLISHING, about_key=str(article.pk), by=ada) == [
        "Scheduled: revision 1.",
        "Unscheduled: revision 1.",
        "Published: revision 1.",
        "Unpublished: revision 1.",
        "Republished: revision 1.",
        "Retired: revision 1.",
    ]


def test_copy_that_is_live_at_once_is_recorded_when_it_is_saved():
    page = builders.page()
    page.body = "<p>Other words</p>"
    page.save()
    page.delete()

    said = told(Kind.PUBLISHING)
    assert said == ["Added: page.", "Changed: page (body).", "Deleted: page."]


def test_what_is_done_to_many_rows_is_recorded_with_how_many(admin, ada):
    articles = [builders.article(), builders.article()]
    page = reverse("admin:article_list_act", args=["unpublish"])

    admin.post(page, {"row": [one.pk for one in articles], "sure": "yes"})

    assert told(Kind.BULK, by=ada) == ["Unpublish: 2 articles."]


def test_an_action_of_a_list_is_recorded_when_it_is_done_and_not_when_it_asks(admin, ada):
    row = Redirect.objects.create(path="/old", target="/new/")
    page = reverse("admin:redirects_redirect_changelist")
    sent = {"action": "delete_selected", "_selected_action": [row.pk]}

    admin.post(page, sent)
    assert told(Kind.BULK) == []
    admin.post(page, sent | {"post": "yes"})

    assert told(Kind.BULK, by=ada) == ["Delete selected redirects: 1 (redirects)."]


def test_an_import_is_recorded_with_how_many(admin, ada):
    page = reverse("admin:redirects_redirect_import")
    file = SimpleUploadedFile("a.csv", b"path,target\n/a,/b/\n/c,/d/\n")

    checked = admin.post(page, {"file": file}).context["checked"]
    admin.post(page, {"checked": checked})

    assert told(Kind.IMPORT, by=ada) == ["Imported redirects: 2 added, 0 changed."]


# Where from


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("", ""),  # unknown
    ],
)
def test_of_an_address_only_its_network_is_kept(address, kept):
    assert audit.network(address) == kept


def test_outside_of_a_request_it_was_the_site():
    event = audit.record(Kind.SETTINGS, "Did something.")

    assert (event.by, event.by_name, event.network) == (None, "", "")
    assert str(event) == "The site: Did something."


# That it stays


def test_no_line_is_ever_changed(ada):
    event = audit.record(Kind.SETTINGS, "Did something.", by=ada)

    for change in ({"summary": "Did nothing."}, {"by": None}, {"keep_until": timezone.now()}):
        with pytest.raises(IntegrityError), transaction.atomic():
            AuditEvent.objects.filter(pk=event.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        event.save()


def test_no_line_is_deleted_before_its_time_and_each_may_be_after_it():
    now = timezone.now()
    year = timedelta(days=365)
    old = AuditEvent.objects.create(
        kind=Kind.SIGN_IN, summary="Old.", at=now - 2 * year, keep_until=now - timedelta(seconds=5)
    )
    new = AuditEvent.objects.create(
        kind=Kind.SIGN_IN, summary="New.", at=now - year, keep_until=now + timedelta(minutes=5)
    )

    with pytest.raises(IntegrityError), transaction.atomic():
        new.delete()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM desk_auditevent")
    assert [*AuditEvent.objects.outdated(now)] == [old]
    nights.pass_by()

    assert told(Kind.SIGN_IN) == ["New."]


def test_a_line_is_kept_for_as_long_as_the_setting_says_when_it_is_written(settings):
    settings.AUDIT_LOG_DAYS = 90
    event = audit.record(Kind.SETTINGS, "Did something.")
    settings.AUDIT_LOG_DAYS = 1

    event.refresh_from_db()

    assert timedelta(days=89, hours=23) < event.keep_until - event.at <= timedelta(days=90, hours=1)


def test_a_line_says_something_and_is_kept_for_some_time():
    now = timezone.now()

    with pytest.raises(IntegrityError), transaction.atomic():
        AuditEvent.objects.create(kind=Kind.SIGN_IN, summary="")
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditEvent.objects.create(kind=Kind.SIGN_IN, summary="Now.", at=now, keep_until=now)


def test_an_act_that_is_rolled_back_leaves_no_line():
    before = AuditEvent.objects.count()

    with transaction.atomic():
        builders.user()
        transaction.set_rollback(True)

    assert AuditEvent.objects.count() == before


# Who reads it


@pytest.mark.parametrize("role", ["Author", "Publisher", "Sales", ""])
def test_only_administrators_read_it(role):
    client = builders.signed_in(role)
    event = audit.record(Kind.SETTINGS, "Did something.")

    for page in (
        LIST,
        reverse("admin:desk_auditevent_change", args=[event.pk]),
        reverse("admin:desk_auditevent_export"),
    ):
        assert client.get(page).status_code == 403


def test_a_line_names_the_record_as_it_is_called_today_and_leads_there(admin, ada):
    article = builders.article(text={"title": "Why ledgers fail"})

    page = admin.get(LIST)

    assert "Why ledgers fail, article" in page.text
    assert reverse("admin:articles_article_change", args=[article.pk]) in page.text
    assert "ledgers" not in str([*AuditEvent.objects.values()])


def test_a_line_outlives_its_record(admin):
    row = Page.objects.create(title="About", slug="about-us", body="<p>Us</p>")
    number = row.pk
    row.delete()

    page = admin.get(LIST)

    assert f"page no. {number}" in page.text


def test_the_log_is_narrowed_by_kind_person_and_words(admin, ada):
    bo = builders.user(name="Bo Lind", email="bo@example.com")
    audit.record(Kind.EXPORT, "Exported leads as CSV.", by=bo)
    audit.record(Kind.SIGN_IN_FAILED, "Failed to sign in to this account.", about=bo)

    def found(query):
        listed = admin.get(f"{LIST}?{query}").context["cl"].result_list
        return [event.summary for event in listed]

    assert found("kind__exact=export") == ["Exported leads as CSV."]
    assert found(f"person={bo.pk}") == [
        "Failed to sign in to this account.",
        "Exported leads as CSV.",
        "Account added.",
    ]
    assert "Failed to sign in to this account." in found("person=none")
    assert found("person=nobody") == []
    assert found("q=exported+bo@example.com") == ["Exported leads as CSV."]
    assert found("at__year=2099") == []


def test_where_nothing_matches_the_log_says_so_and_leads_to_everything(admin):
    page = admin.get(f"{LIST}?q=zebra")

    assert "Nothing was recorded that matches." in page.text
    assert f'href="{LIST}">Show everything' in page.text


def test_the_log_can_be_saved_to_a_file_and_that_is_recorded(admin, ada):
    page = reverse("admin:desk_auditevent_export")
    columns = {f"audittable_{name}": "on" for name in ("at", "by_name", "summary")}

    answer = admin.post(page, {"format": "0", **columns})

    assert "Signed in." in answer.getvalue().decode()
    assert told(Kind.EXPORT, by=ada) == ["Exported audit events as CSV."]


def test_many_lines_cost_no_more_queries_than_a_few(admin, django_assert_max_num_queries):
    for _ in range(30):
        builders.article()

    with django_assert_max_num_queries(25):
        admin.get(LIST)
