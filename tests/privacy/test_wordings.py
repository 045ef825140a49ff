"""Which privacy text an inquiry came under is a fact that nobody can change afterwards."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.urls import reverse
from django.utils import timezone

from accounts.roles import ADMINISTRATOR, AUTHOR, PUBLISHER, SALES
from leads.intake import receiving
from leads.models import Inquiry
from pages.models import Page
from privacy import wordings
from privacy.models import Wording, digest
from tests.builders import SPAM, page, signed_in
from tests.forms import filled_in
from tests.locks import wait_until_held_up
from web.undeletable import lifted

pytestmark = pytest.mark.django_db


@pytest.fixture
def privacy_page():
    return Page.objects.get(key="privacy")


def inquiry(**fields):
    number = Inquiry.objects.count()
    said = {"name": "Ada", "email": f"ada-{number}@example.com", "message": "We need a ledger."}
    return receiving.receive(Inquiry(**(said | fields)))


def rewrite(page, body):
    page.body = body
    page.save()


def texts():
    return list(Wording.objects.order_by("number").values_list("text", flat=True))


def test_the_first_text_is_version_one_before_anyone_writes(privacy_page):
    first = Wording.objects.get()

    assert (first.number, first.title, first.text) == (1, "Privacy", privacy_page.body)
    assert first.digest == digest("Privacy", privacy_page.body, first.generated)
    assert inquiry().wording == first


@pytest.mark.parametrize("field", ["title", "body"])
def test_each_saved_change_of_its_words_is_a_version(privacy_page, field):
    before = inquiry()

    setattr(privacy_page, field, "<p>New words</p>")
    privacy_page.save()

    assert Wording.objects.count() == 2
    assert inquiry().wording.number == 2
    before.refresh_from_db()
    assert before.wording.number == 1


def test_publishers_write_one_in_the_admin(privacy_page):
    publisher = signed_in(PUBLISHER)
    url = reverse("admin:pages_page_change", args=[privacy_page.pk])

    form = filled_in(publisher.get(url), "page_form", body="<p>From the admin</p>")
    publisher.post(url, form)

    assert texts()[1:] == ["<p>From the admin</p>"]


@pytest.mark.parametrize("field", ["slug", "description", None])
def test_a_save_that_leaves_the_words_alone_is_no_version(privacy_page, field):
    if field:
        setattr(privacy_page, field, "other")
    privacy_page.save()

    assert Wording.objects.count() == 1


def test_another_page_has_no_versions():
    rewrite(page(), "<p>About us</p>")

    assert Wording.objects.count() == 1


def test_a_save_that_is_rolled_back_leaves_none(privacy_page):
    with transaction.atomic():
        rewrite(privacy_page, "<p>Never live</p>")
        transaction.set_rollback(True)

    assert Wording.objects.count() == 1
    assert inquiry().wording.number == 1


def test_a_text_that_comes_back_is_a_version_of_its_own(privacy_page):
    """So that the versions alone say what was live at any time."""
    original = privacy_page.body
    first = inquiry()
    rewrite(privacy_page, "<p>Between</p>")
    between = inquiry()
    rewrite(privacy_page, original)
    last = inquiry()

    assert texts() == [original, "<p>Between</p>", original]
    assert [one.wording.number for one in (first, between, last)] == [1, 2, 3]
    assert first.wording.digest == last.wording.digest
    assert first.wording.since < between.wording.since < last.wording.since


PAST_THE_MODEL = {
    "a bulk update": lambda: Page.objects.filter(key="privacy").update(body="<p>Past it</p>"),
    "a line of SQL": lambda: connection.cursor().execute(
        "UPDATE pages_page SET body = '<p>Past it</p>' WHERE key = 'privacy'"
    ),
}


@pytest.mark.parametrize("change", PAST_THE_MODEL.values(), ids=PAST_THE_MODEL.keys())
@pytest.mark.parametrize("signs", [(), SPAM], ids=["clear", "suspected spam"])
def test_an_inquiry_writes_down_a_text_that_came_past_the_model(change, signs):
    change()

    came_with = receiving.receive(
        Inquiry(name="Ada", email="ada@example.com", message="Hello"), signs=signs
    ).wording

    assert (came_with.number, came_with.text) == (2, "<p>Past it</p>")


def test_so_does_each_migrate():
    Page.objects.filter(key="privacy").update(body="<p>Past it</p>")

    call_command("migrate", verbosity=0)

    assert texts()[1:] == ["<p>Past it</p>"]


def test_an_inquiry_sent_twice_keeps_the_wording_it_came_with(privacy_page):
    first = inquiry(email="ada@example.com")
    rewrite(privacy_page, "<p>New words</p>")

    again = inquiry(email="ada@example.com")

    assert again == first
    assert again.wording.number == 1


@pytest.mark.parametrize("field", ["number", "title", "text", "digest", "since"])
def test_the_database_refuses_to_change_one(field):
    value = {"number": 7, "since": timezone.now() - timedelta(days=1)}.get(field, "x")

    with pytest.raises(IntegrityError, match="never_changed"), transaction.atomic():
        Wording.objects.update(**{field: value})


def test_whoever_may_delete_the_demo_may_still_not_change_one():
    with pytest.raises(IntegrityError, match="never_changed"), lifted("default"):
        Wording.objects.update(title="x")


def test_the_database_refuses_to_delete_one():
    with pytest.raises(IntegrityError, match="never_deleted"), transaction.atomic():
        Wording.objects.all().delete()

    inquiry()
    with pytest.raises(ProtectedError):
        Wording.objects.all().delete()


def test_no_inquiry_is_without_one_and_keeps_it(privacy_page):
    one = inquiry()
    rewrite(privacy_page, "<p>New words</p>")

    with pytest.raises(IntegrityError), transaction.atomic():
        Inquiry.objects.filter(pk=one.pk).update(wording=None)
    with pytest.raises(IntegrityError, match="words_never_change"), transaction.atomic():
        Inquiry.objects.filter(pk=one.pk).update(wording=wordings.live())


@pytest.mark.parametrize(
    ("number", "constraint"), [(1, "number"), (0, "privacy_wording_numbers_begin_with_one")]
)
def test_the_database_refuses_a_number(number, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Wording.objects.create(number=number, title="Privacy", text="<p>Other</p>")


def test_the_database_refuses_one_without_its_digest():
    with pytest.raises(IntegrityError, match="has_its_digest"), transaction.atomic():
        Wording.objects.bulk_create([Wording(number=2, text="<p>Other</p>")])


class TestAtTheDesk:
    @pytest.mark.parametrize("role", [SALES, ADMINISTRATOR, PUBLISHER])
    def test_the_inquiry_names_the_version_and_leads_to_its_text(self, role, privacy_page):
        rewrite(privacy_page, "<p>Kept for <b>ever</b></p><script>alert(1)</script>")
        one = inquiry()
        address = reverse("admin:privacy_wording_change", args=[one.wording.pk])
        staff = signed_in(role)

        shown = staff.get(address)

        assert "Kept for" in shown.text
        assert "alert(1)" not in shown.text
        assert one.wording.digest in shown.text
        if role != PUBLISHER:  # who sees no inquiries
            of_inquiry = staff.get(reverse("admin:leads_inquiry_change", args=[one.pk])).text
            assert f'<a href="{address}">Version 2, live since' in of_inquiry

    def test_authors_have_no_business_there(self):
        url = reverse("admin:privacy_wording_changelist")

        assert signed_in(AUTHOR).get(url).status_code == 403

    def test_nobody_adds_changes_or_deletes_one(self, admin_client):
        changed = reverse("admin:privacy_wording_change", args=[Wording.objects.get().pk])
        deleted = reverse("admin:privacy_wording_delete", args=[Wording.objects.get().pk])

        for url in (reverse("admin:privacy_wording_add"), changed, deleted):
            assert admin_client.post(url, {"post": "yes"}).status_code == 403


@pytest.mark.django_db(transaction=True)
class TestAtTheSameTime:
    @pytest.fixture
    def privacy_page(self):
        written = Page.objects.filter(key="privacy").first()
        return written or page(slug="privacy", title="Privacy", body="<p>At first</p>")

    def meanwhile(self, act):
        def closing():
            try:
                return act()
            finally:
                connection.close()

        return closing

    def test_two_inquiries_write_one_version(self, privacy_page):
        """After a text that came past the model: the second waits, and takes the first one's."""
        count = Wording.objects.count()
        Page.objects.filter(key="privacy").update(body="<p>Past it</p>")

        with ThreadPoolExecutor(1) as other:
            with transaction.atomic():
                first = inquiry(email="ada@example.com").wording
                sent = other.submit(self.meanwhile(lambda: inquiry(email="eve@example.com")))
                wait_until_held_up(sent)
            second = sent.result(timeout=20).wording

        assert first == second
        assert Wording.objects.count() == count + 1

    def test_an_inquiry_during_a_save_comes_under_what_is_still_live(self, privacy_page):
        before = wordings.live()

        with ThreadPoolExecutor(1) as other, transaction.atomic():
            rewrite(privacy_page, "<p>Not yet</p>")
            if connection.vendor == "postgresql":  # SQLite lets nobody else write meanwhile
                assert other.submit(self.meanwhile(inquiry)).result(timeout=20).wording == before

        assert inquiry(email="eve@example.com").wording.text == "<p>Not yet</p>"

    def test_an_inquiry_whose_first_is_rolled_back_writes_the_version_itself(self, privacy_page):
        Page.objects.filter(key="privacy").update(body="<p>Past it</p>")

        with ThreadPoolExecutor(1) as other:
            with transaction.atomic():
                inquiry(email="ada@example.com")
                sent = other.submit(self.meanwhile(lambda: inquiry(email="eve@example.com")))
                wait_until_held_up(sent)
                transaction.set_rollback(True)
            second = sent.result(timeout=20).wording

        assert second.text == "<p>Past it</p>"
        assert Wording.objects.get(number=second.number) == second
