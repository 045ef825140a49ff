"""Looking up a person, and erasing them, in the admin and by command."""

import json
from contextlib import nullcontext

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from articles.models import SearchCount
from leads.intake import receiving
from leads.models import Company, Contact, Inquiry, Recipient
from mail.models import Suppression
from privacy.collecting import collect
from privacy.models import Erasure
from redirects.models import MissingPage
from tests import builders
from tests.builders import SPAM
from tests.forms import filled_in

pytestmark = pytest.mark.django_db

ADA = {
    "name": "Ada Lovelace",
    "email": "Ada@Example.com",
    "company": "Engines",
    "message": "We need a ledger.",
}
GRACE = {"name": "Grace Hopper", "email": "grace@example.org", "message": "A compiler."}
PAGE = reverse("admin:privacy_erasure_add")
CONTACTS = reverse("admin:leads_contact_changelist")
INQUIRIES = reverse("admin:leads_inquiry_changelist")


def receive(**fields):
    return receiving.receive(Inquiry(**fields))


@pytest.fixture
def ada():
    Recipient.objects.create(email="sales@example.net")
    receive(**ADA)
    receiving.receive(Inquiry(**ADA | {"message": "Held."}), signs=SPAM)
    return receive(**ADA | {"message": "And again."}).contact


class TestSearch:
    def test_an_address_in_any_spelling_leads_to_the_person(self, admin, ada):
        page = admin.post(PAGE, {"sought": ' "ADA"@ｅxample.com '})

        assert "Ada Lovelace" in page.text and "We need a ledger." in page.text

    def test_a_name_is_enough_and_the_person_is_chosen(self, admin, ada):
        receive(**GRACE)
        asked = admin.post(PAGE, {"sought": "lovelace"})
        assert "Who do you mean?" in asked.text and "grace@" not in asked.text
        assert "address" not in filled_in(asked, "people_form")  # not even the only one

        page = admin.post(PAGE, filled_in(asked, "people_form", address="Ada@example.com"))

        assert "We need a ledger." in page.text

    @pytest.mark.parametrize(
        "sought", ["", "Nobody", "nobody@example.org", "@", "\x00", "%", "x" * 300]
    )
    def test_who_is_not_known_is_no_error(self, admin, ada, sought):
        page = admin.post(PAGE, {"sought": sought}, follow=True)

        assert page.status_code == 200
        assert "We need a ledger." not in page.text

    def test_nobody_sees_an_address_in_the_url(self, admin, ada):
        page = admin.get(PAGE, {"address": "ada@example.com", "sought": "ada@example.com"})

        assert "We need a ledger." not in page.text

    @pytest.mark.parametrize("role", ["Sales", "Publisher", "Author"])
    @pytest.mark.parametrize("do", ["", "save", "erase"])
    def test_it_is_for_administrators_alone(self, client, ada, role, do):
        client.force_login(builders.user(role=role))
        stamp = collect(["ada@example.com"]).stamp

        answer = client.post(PAGE, {"address": "ada@example.com", "do": do, "stamp": stamp})

        assert answer.status_code == 403
        assert Inquiry.objects.count() == 3

    @pytest.mark.parametrize("role", ["Sales", "Publisher", "Author"])
    def test_nobody_else_is_offered_it(self, client, ada, role):
        client.force_login(builders.user(role=role))
        asked = client.post(CONTACTS, {"action": "erase", "_selected_action": [ada.pk]})
        page = client.get(reverse("admin:leads_contact_change", args=[ada.pk]))

        assert "Erase permanently" not in asked.text
        assert "erase" not in page.text.lower()


class TestWhatIsStored:
    def test_it_is_shown_by_subject_with_what_becomes_of_it(self, admin, ada):
        MissingPage.objects.create(path="/team/ada-lovelace")
        Suppression.objects.create(address="ada@example.com", why="Asked for it")
        # In the order in which they stand on the page
        said = [
            "3 inquiries", "Deleted", "We need a ledger.", "1 contact", "Deleted",
            "1 suppressed address", "Kept", "An opt-out only works if",
            "1 missing page", "Deleted", "/team/ada-lovelace",
        ]  # fmt: skip

        page = admin.post(PAGE, {"address": "ada@example.com"}).text

        place = page.index("<section")
        for words in sorted(said[:5], key=said.index):
            place = page.index(words, place)
        assert all(words in page for words in said)

    def test_a_contact_leads_there(self, admin, ada):
        page = admin.get(reverse("admin:leads_contact_change", args=[ada.pk])).text

        assert f'action="{PAGE}"' in page
        assert 'name="address" value="Ada@example.com"' in page

    @pytest.mark.parametrize("listed", [CONTACTS, INQUIRIES])
    def test_a_list_leads_there_also_from_suspected_spam(self, admin, listed):
        held = receiving.receive(Inquiry(**ADA), signs=SPAM)
        row = held if listed == INQUIRIES else receive(**ADA | {"message": "And again."}).contact

        asked = admin.post(listed, {"action": "erase", "_selected_action": [row.pk]})

        assert "Erase permanently" in asked.text and "We need a ledger." in asked.text

    @pytest.mark.parametrize("door", ["list", "page"])
    def test_a_crowd_is_not_shown_by_one_click(self, admin, door):
        for number in range(21):
            receive(**GRACE | {"email": f"g{number}@example.com"})
        everyone = list(Contact.objects.values_list("pk", "email"))
        keys, addresses = zip(*everyone, strict=True)
        form = {"action": "erase", "_selected_action": keys}

        if door == "list":
            page = admin.post(CONTACTS, form, follow=True)
        else:
            page = admin.post(PAGE, {"address": addresses}, follow=True)

        assert "at most 20 people at a time" in page.text
        assert Contact.objects.count() == 21

    def test_what_is_all_kept_cannot_be_erased(self, admin):
        Suppression.objects.create(address="ada@example.com", why="Asked for it")
        page = admin.post(PAGE, {"address": "ada@example.com"})
        assert "There is nothing to erase" in page.text and "Erase permanently" not in page.text

        admin.post(PAGE, filled_in(page, "erase_form", do="erase"))

        assert not Erasure.objects.exists()


class TestTheFile:
    def test_it_has_every_field_of_every_record(self, admin, ada):
        MissingPage.objects.create(path="/team/ada-lovelace")
        page = admin.post(PAGE, {"address": "ada@example.com"})

        answer = admin.post(PAGE, filled_in(page, "erase_form", do="save"))

        assert answer.headers["Content-Type"] == "application/json"
        assert answer.headers["Content-Disposition"].startswith('attachment; filename="personal-')
        said = json.loads(answer.text)
        assert said["people"] == [{"names": ["Ada Lovelace"], "addresses": ["ada@example.com"]}]
        sent = [one["fields"]["message"] for one in said["stored"]["Inquiries"]]
        assert sorted(sent) == ["And again.", "Held.", "We need a ledger."]
        [contact] = said["stored"]["Contact"]
        assert (contact["if_erased"], contact["reason"]) == ("deleted", "Who they are.")
        assert contact["fields"]["email"] == "Ada@example.com"
        assert said["stored"]["Searches and missing pages"][0]["fields"]["path"] == (
            "/team/ada-lovelace"
        )
        assert Inquiry.objects.count() == 3

    def test_it_has_no_secret_and_nobody_else(self, admin, ada):
        builders.user(email="ada@example.com", name="Ada Lovelace", password="Very secret 1")
        grace = receive(**GRACE)
        Inquiry.objects.filter(pk=grace.pk).update(lead=ada.leads.get())
        grace.lead.delete()

        page = admin.post(PAGE, {"address": "ada@example.com"}).text
        said = admin.post(PAGE, {"address": "ada@example.com", "do": "save"}).text

        assert "Kept without its text" in page

        assert '"email": "ada@example.com"' in said
        assert "password" not in said and "Grace" not in said and "grace@" not in said


class TestErasing:
    def test_what_is_shown_is_erased_and_a_receipt_says_so(self, admin, ada):
        asked = admin.post(PAGE, {"address": "ada@example.com"})

        done = admin.post(PAGE, filled_in(asked, "erase_form", do="erase"), follow=True)

        receipt = Erasure.objects.get()
        assert done.redirect_chain == [
            (reverse("admin:privacy_erasure_change", args=[receipt.pk]), 302)
        ]
        assert "Erased: 3 inquiries" in done.text
        assert not Inquiry.objects.exists()
        assert "ada" not in f"{receipt.deleted} {receipt.kept}".lower()

    # Rows of leads, and rows that other apps find
    MEANWHILE = {
        "inquiry": lambda: receive(**ADA | {"message": "One more thing."}),
        "missing page": lambda: MissingPage.objects.create(path="/team/ada-lovelace"),
        "search": lambda: SearchCount.objects.create(
            day=timezone.localdate(), query="ada lovelace"
        ),
        "wish": lambda: Suppression.objects.create(address="ada@example.com", why="Asked for it"),
        "colleague": lambda: receive(**GRACE | {"company": "Engines"}),
        "gone": lambda: Inquiry.objects.filter(message="Held.").delete(),
    }

    @pytest.mark.parametrize("change", MEANWHILE)
    def test_what_was_not_looked_at_is_not_erased(self, admin, ada, change):
        asked = admin.post(PAGE, {"address": "ada@example.com"})
        self.MEANWHILE[change]()
        count = Inquiry.objects.count()

        again = admin.post(PAGE, filled_in(asked, "erase_form", do="erase"))

        assert "Nothing was erased" in again.text
        assert Inquiry.objects.count() == count
        assert not Erasure.objects.exists()

        admin.post(PAGE, filled_in(again, "erase_form", do="erase"))
        assert not Contact.objects.filter(pk=ada.pk).exists()

    @pytest.mark.parametrize("stamp", ["", "x" * 64, "\x00"])
    def test_a_forged_consent_erases_nothing(self, admin, ada, stamp):
        form = {"address": "ada@example.com", "do": "erase", "stamp": stamp}

        assert admin.post(PAGE, form).status_code in (200, 400)
        assert Inquiry.objects.count() == 3

    def test_one_person_with_two_addresses_is_erased_in_one_go(self, admin, ada):
        ada.email = "ada@corrected.example"
        ada.save()
        receive(**ADA | {"email": "ada@corrected.example", "message": "From my new address."})
        theirs = [inquiry.pk for inquiry in Inquiry.objects.all()]

        asked = admin.post(INQUIRIES, {"action": "erase", "_selected_action": theirs})
        admin.post(PAGE, filled_in(asked, "erase_form", do="erase"))

        assert not Inquiry.objects.exists() and not Contact.objects.exists()
        assert Erasure.objects.get().people == 1

    def test_two_colleagues_are_erased_in_one_go_with_their_company(self, admin):
        receive(**ADA)
        receive(**ADA | {"name": "Charles Babbage", "email": "charles@example.com"})
        both = [contact.pk for contact in Contact.objects.all()]

        asked = admin.post(CONTACTS, {"action": "erase", "_selected_action": both})
        assert "share, such as a company, are deleted too" in asked.text
        admin.post(PAGE, filled_in(asked, "erase_form", do="erase"))

        assert not Contact.objects.exists() and not Company.objects.exists()
        assert Erasure.objects.get().people == 2

    def test_a_contact_is_not_deleted_by_another_button(self, admin_client, ada):
        url = reverse("admin:leads_contact_delete", args=[ada.pk])

        assert admin_client.post(url, {"post": "yes"}).status_code == 403


class TestByCommand:
    def test_it_says_what_goes_and_erases(self, ada, administrator, capsys):
        call_command("erase", "ada@example.com", "--by", "ROOT@example.net", "--yes")

        said = capsys.readouterr().out
        assert "3 inquiries. Deleted: What they sent, from any of their addresses." in said
        assert "Erased: 3 inquiries, 1 contact" in said
        assert said.rstrip().endswith("backups are not affected.")
        assert not Inquiry.objects.exists()
        assert Erasure.objects.get().by == administrator

    @pytest.mark.parametrize(("typed", "is_erased"), [("erase", True), ("y", False), (None, False)])
    def test_it_asks_first(self, ada, administrator, monkeypatch, typed, is_erased):
        def answer(_):
            if typed is None:
                raise EOFError
            return typed

        monkeypatch.setattr("builtins.input", answer)
        refusal = pytest.raises(CommandError, match=r"^Nothing was erased\.$")
        with nullcontext() if is_erased else refusal:
            call_command("erase", "ada@example.com", "--by", "root@example.net")

        assert Inquiry.objects.exists() != is_erased

    def test_an_unknown_person_is_no_error(self, administrator, capsys):
        call_command("erase", "nobody@example.com", "--by", "root@example.net")

        assert capsys.readouterr().out == "Nothing is stored about this address.\n"

    def test_someone_of_the_staff_answers_for_it(self, ada):
        with pytest.raises(CommandError, match="No member of staff"):
            call_command("erase", "ada@example.com", "--by", "nobody@example.net", "--yes")
