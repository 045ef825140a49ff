"""A restored backup is erased again by receipts that say of nobody who they are."""

import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from leads.models import Contact, Inquiry
from mail import outbox
from mail.models import Message
from privacy import erasing, receipts
from privacy.collecting import collect
from privacy.models import Erasure, Hold, Request
from tests.ada import ADA, GRACE, receive
from tests.rows import digests

pytestmark = pytest.mark.django_db

ROOT = "root@example.net"


@pytest.fixture(autouse=True)
def place(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    return tmp_path / "erasures.jsonl"


def erase(administrator, address="ada@example.com"):
    return erasing.erase(collect([address]), by=administrator)


def repeat(*files, **options):
    call_command("repeat_erasures", *files, "--by", ROOT, **options)


def test_the_receipt_names_nobody_and_is_of_each_mailbox(administrator):
    ada = receive(**ADA).contact
    ada.email = "ada@corrected.example"
    ada.save()

    receipt = erase(administrator)

    assert receipt.digests == receipts.digests_of(["ada@example.com", "ada@corrected.example"])
    assert "ada" not in f"{receipt.digests} {receipt.deleted} {receipt.kept}".lower()
    assert all(len(one) == 64 for one in receipt.digests)


def test_every_spelling_has_one_digest():
    assert receipts.digests_of(['"ADA"@ｅxample.com']) == receipts.digests_of(["ada@example.com"])


def test_the_digest_outlives_a_new_secret_key_and_not_a_new_erasure_key(settings):
    before = receipts.digests_of(["ada@example.com"]), receipts.key_id()
    settings.SECRET_KEY = "another-secret-key-of-this-site"

    assert (receipts.digests_of(["ada@example.com"]), receipts.key_id()) == before

    settings.ERASURE_KEY = "another-erasure-key"
    now = receipts.digests_of(["ada@example.com"]), receipts.key_id()
    assert now[0] != before[0] and now[1] != before[1]


def test_it_is_written_outside_the_database_once_it_is_committed(
    administrator, place, django_capture_on_commit_callbacks
):
    receive(**ADA)
    with django_capture_on_commit_callbacks(execute=True):
        receipt = erase(administrator)
        assert not place.exists()

    assert place.stat().st_mode & 0o777 == 0o600
    assert json.loads(place.read_text()) == {
        "at": receipt.at.isoformat(),
        "key": receipt.key,
        "digests": receipt.digests,
    }


def test_a_folder_that_cannot_be_written_to_takes_no_erasure_back(
    administrator, settings, caplog, django_capture_on_commit_callbacks
):
    settings.VAR_DIR = "/dev/null"
    receive(**ADA)

    with django_capture_on_commit_callbacks(execute=True):
        erase(administrator)

    assert not Inquiry.objects.exists() and Erasure.objects.exists()
    assert "was not written" in caplog.text and "ada" not in caplog.text.lower()


class TestRepeating:
    @pytest.fixture
    def backup(self, administrator, place):
        """Ada and Grace as they were before Ada was erased, which only the file tells."""
        receive(**ADA)
        outbox.put(key="a", to="ada@example.com", subject="Hello", text="Dear Ada")
        receive(**GRACE)
        line = {
            "at": (timezone.now() + timedelta(minutes=1)).isoformat(),
            "key": receipts.key_id(),
            "digests": receipts.digests_of(["ada@example.com"]),
        }
        place.write_text(json.dumps(line) + "\n")

    def test_whoever_was_erased_is_erased_again_and_nobody_else(self, backup, capsys):
        hers = {
            f"{group.said.model} {row.pk}"
            for group in collect(["ada@example.com"]).groups
            for row in group.rows
        }
        others = {key: said for key, said in digests().items() if key not in hers}

        repeat()

        assert Contact.objects.get().name == "Grace Hopper"
        assert not Message.objects.filter(to="ada@example.com").exists()
        now = digests()
        assert {key: now.get(key) for key in others} == others
        assert "Erased again: 1." in capsys.readouterr().out
        assert Erasure.objects.get().by.email == ROOT

    def test_a_second_time_there_is_nothing_to_do(self, backup, capsys):
        repeat()
        repeat()

        assert "Erased again: 0." in capsys.readouterr().out

    def test_receipts_kept_elsewhere_count_as_well(self, backup, place, tmp_path):
        elsewhere = place.rename(tmp_path / "elsewhere")

        repeat(str(elsewhere))

        assert Contact.objects.get().name == "Grace Hopper"

    def test_a_mark_to_keep_that_the_backup_brought_back_does_not_hinder(
        self, backup, administrator
    ):
        Hold.objects.create(mailbox="ada@example.com", why="Over", by=administrator)

        repeat()

        assert Contact.objects.get().name == "Grace Hopper"

    def test_whoever_has_written_since_is_left_alone_and_named(self, administrator, capsys):
        receive(**ADA)
        erase(administrator)
        receive(**ADA | {"message": "I am back."})

        repeat()

        assert Inquiry.objects.get().message == "I am back."
        assert "Left alone: ada@example.com was erased" in capsys.readouterr().out

    def test_receipts_under_another_key_are_counted_and_not_followed(
        self, backup, settings, capsys
    ):
        settings.ERASURE_KEY = "another-erasure-key"

        repeat()

        assert Contact.objects.count() == 2
        assert "1 of 1 receipts of erasures were made under another" in capsys.readouterr().out

    @pytest.mark.parametrize(
        "line", ["", "no", "[]", "{}", '{"at": "never", "key": "k", "digests": []}',
                 '{"at": "2026-01-01T00:00:00", "key": "k", "digests": []}',
                 '{"at": "2026-01-01T00:00:00Z", "key": "k"}']
    )  # fmt: skip
    def test_a_file_that_is_damaged_stops_before_anything_is_erased(self, backup, place, line):
        with place.open("a") as opened:
            opened.write(f"{line}\n")

        with pytest.raises(CommandError, match="no receipt"):
            repeat()

        assert Contact.objects.count() == 2

    def test_without_a_colleague_it_is_the_site_that_does_it(self, backup):
        call_command("repeat_erasures")

        assert Contact.objects.get().name == "Grace Hopper"
        assert Erasure.objects.get().by is None

    def test_what_someone_had_asked_for_is_done_with_it(self, backup):
        asked = timezone.now()
        request = Request.objects.create(
            kind="erasure", address="ada@example.com", mailbox="ada@example.com", asked_at=asked,
            confirmed_at=asked, answer_by=asked + Request.ANSWERED_WITHIN,
        )  # fmt: skip

        call_command("repeat_erasures")

        request.refresh_from_db()
        assert request.done_at and request.done_by is None and request.address == ""

    def test_who_does_it_is_named(self, backup, administrator):
        with pytest.raises(CommandError, match="No member of staff"):
            call_command("repeat_erasures", "--by", "nobody@example.net")
