"""A copy of all that is stored about a person: the rows that erasure reaches, and no others."""

import json
import re
from collections import defaultdict

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from leads.intake import receiving
from leads.models import Contact, Inquiry
from mail import outbox
from privacy import erasing, records
from privacy.collecting import LOG, collect, declared, near_matches
from privacy.models import Deletion, Erasure
from tests.ada import ADA, GRACE, receive
from tests.builders import SPAM
from tests.rows import digests

pytestmark = pytest.mark.django_db

PAGE = reverse("admin:privacy_erasure_add")
FATES = ("deleted", "kept", "kept without its text")


def exported(stored):
    """The keys of the records in the file, by what it says becomes of them."""
    found = defaultdict(set)
    for rows in json.loads(records.as_file(stored))["stored"].values():
        for row in rows:
            found[row["if_erased"]].add(row["key"])
    assert set(found) <= set(FATES)
    return found


def test_what_is_exported_is_what_is_erased_and_no_other_row_changes(everywhere, administrator):
    stored = collect(["ada@example.com"])
    said, before = exported(stored), digests()

    erasing.erase(stored, by=administrator, despite_hold=True)

    after = digests()
    new = {key for key in after.keys() - before.keys() if not key.startswith(WRITES)}
    assert not new
    assert said["deleted"] == before.keys() - after.keys()
    changed = {key for key in before.keys() & after.keys() if before[key] != after[key]}
    emptied = {key for key in said["kept without its text"] if key in changed}
    assert emptied == said["kept without its text"]
    others = changed - said["kept without its text"] - said["kept"]
    # What is given to someone else is theirs, and no record about Ada.
    assert {key.partition(" ")[0] for key in others} <= {"leads.Inquiry", "leads.Lead"}


WRITES = (Erasure._meta.label, Deletion._meta.label, "desk.AuditEvent")


def test_nobody_elses_row_changes_by_a_bit(ada, administrator):
    receive(**GRACE)
    outbox.put(key="to grace", to="grace@example.org", subject="Hello", text="Dear Grace")
    stored = collect(["ada@example.com"])
    hers = set().union(*exported(stored).values())
    others = {key: said for key, said in digests().items() if key not in hers}

    erasing.erase(stored, by=administrator)

    now = digests()
    assert {key: now.get(key) for key in others} == others


def test_the_page_has_the_records_of_the_file(everywhere):
    stored = collect(["ada@example.com"])

    page = records.as_page(stored)

    keys = re.findall(r'data-record="([^"]+)"', page)
    assert set(keys) == set().union(*exported(stored).values())
    assert len(keys) == len(set(keys))
    assert {said.model for said in [*declared(), LOG]} == {key.partition(" ")[0] for key in keys}


def test_the_page_loads_nothing_and_runs_nothing(administrator):
    receive(**ADA | {"message": "<script>alert(1)</script> https://elsewhere.example/x.png"})

    page = records.as_page(collect([ADA["email"]]))

    assert "&lt;script&gt;" in page
    assert not re.search(r"<(script|link|img|iframe|object|form)|\ssrc=|url\(|@import|href=", page)


def test_the_page_leaves_nothing_out_of_a_long_text(administrator):
    receive(**ADA | {"message": "long " * 1000 + "end"})

    page = records.as_page(collect([ADA["email"]]))

    assert "long end" in page and "is in the file" not in page


def test_an_administrator_downloads_the_page(admin, ada):
    answer = admin.post(PAGE, {"address": "ada@example.com", "do": "save-page"})

    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert re.fullmatch(
        r'attachment; filename="personal-data-[\d-]+\.html"', answer.headers["Content-Disposition"]
    )
    assert "We need a ledger." in answer.text


class TestTheCommand:
    def test_it_writes_both_files_for_their_owner_alone(self, ada, tmp_path, capsys):
        call_command("export_person", "ADA@example.com", "--to", str(tmp_path))

        files = sorted(tmp_path.iterdir())
        assert [path.suffix for path in files] == [".html", ".json"]
        assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
        assert all("We need a ledger." in path.read_text() for path in files)
        assert str(files[0]) in capsys.readouterr().out

    def test_it_includes_each_address_that_is_given(self, ada, tmp_path):
        receive(**ADA | {"email": "ada+work@example.com", "message": "From work."})

        call_command(
            "export_person", "ada@example.com", "ada+work@example.com", "--to", str(tmp_path)
        )

        [page] = tmp_path.glob("*.html")
        assert "From work." in page.read_text()

    def test_it_names_who_may_be_the_same_and_leaves_them_out(self, ada, tmp_path, capsys):
        receive(**ADA | {"email": "ada+work@example.com", "message": "From work."})

        call_command("export_person", "ada@example.com", "--to", str(tmp_path))

        assert "Not included: Ada Lovelace <ada+work@example.com>" in capsys.readouterr().out
        assert all("From work." not in path.read_text() for path in tmp_path.iterdir())

    def test_about_a_stranger_it_writes_nothing(self, tmp_path, capsys):
        call_command("export_person", "nobody@example.com", "--to", str(tmp_path))

        assert "Nothing is stored" in capsys.readouterr().out
        assert not list(tmp_path.iterdir())

    def test_a_folder_that_does_not_exist_is_named(self, ada, tmp_path):
        with pytest.raises(CommandError, match="was not written: No such file"):
            call_command("export_person", "ada@example.com", "--to", str(tmp_path / "none"))


NEAR = {
    "a tag": ("ada@example.com", "Ada", "ada+news@example.com", "Eve"),
    "no tag": ("ada+news@example.com", "Ada", "ada@example.com", "Eve"),
    "dots": ("a.da@example.com", "Ada", "ad.a@example.com", "Eve"),
    "two names of one provider": ("ada@gmail.com", "Ada", "Ada@GoogleMail.com", "Eve"),
    "an international domain": ("ada@école.example", "Ada", "a.da@École.example", "Eve"),
    "the same name": ("ada@one.example", "Ada Lovelace", "al@two.example", "Lovelace, Ada"),
}
APART = {
    "another mailbox": ("ada@example.com", "Ada", "adam@example.com", "Adam"),
    "another host": ("ada@example.com", "Ada", "ada@example.org", "Ada Byron"),
    "a pattern": ("a.a@example.com", "Ada", "aba@example.com", "Aba"),
    "a colleague": ("ada@one.example", "Ada Lovelace", "eve@two.example", "Eve Ross"),
}


def near_of(one, name, other, other_name, *, signs=(), companies=("Engines", "Engines Ltd")):
    receive(name=name, email=one, company=companies[0], message="One.")
    receiving.receive(
        Inquiry(name=other_name, email=other, company=companies[1], message="Two."), signs=signs
    )
    return [near.address for near in near_matches(collect([one]).person)]


@pytest.mark.parametrize("signs", [(), SPAM], ids=["clear", "suspected spam"])
@pytest.mark.parametrize("pair", NEAR.values(), ids=NEAR.keys())
def test_who_may_be_the_same_person_is_named(pair, signs):
    [found] = near_of(*pair, signs=signs)

    assert found.lower() == pair[2].lower()


@pytest.mark.parametrize("pair", APART.values(), ids=APART.keys())
def test_who_is_someone_else_is_not(pair):
    assert near_of(*pair) == []


def test_the_same_name_elsewhere_is_anyones():
    pair = NEAR["the same name"]

    assert near_of(*pair, companies=("Engines", "Looms")) == []


def test_an_email_without_an_inquiry_is_near_as_well():
    outbox.put(key="by hand", to="ada+news@example.com", subject="Hello", text="Dear Ada")

    [near] = near_matches(collect(["ada@example.com"]).person)

    assert near.address == "ada+news@example.com"


class TestNearMatchesOnThePage:
    @pytest.fixture
    def near(self, ada):
        return receive(**ADA | {"email": "ada+work@example.com", "message": "From work."}).contact

    def test_they_are_offered_and_not_included(self, admin, near):
        page = admin.post(PAGE, {"address": "ada@example.com"}).text

        assert "Could be the same person" in page
        assert 'name="address" value="ada+work@example.com">' in page
        assert "From work." not in page

    def test_whoever_is_chosen_is_shown_and_erased_too(self, admin, near):
        both = {"address": ["ada@example.com", "ada+work@example.com"]}
        asked = admin.post(PAGE, both)
        assert "From work." in asked.text and "Could be the same person" not in asked.text

        admin.post(PAGE, both | {"do": "erase", "stamp": collect(both["address"]).stamp})

        assert not Contact.objects.filter(pk=near.pk).exists()

    def test_who_is_not_chosen_stays(self, admin, near):
        stamp = collect(["ada@example.com"]).stamp

        admin.post(PAGE, {"address": "ada@example.com", "do": "erase", "stamp": stamp})

        assert Contact.objects.get() == near
