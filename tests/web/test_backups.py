"""`backup` and `restore`: what was saved comes back, and nothing is ever overwritten."""

import os
import re
import shutil
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.utils import timezone

from images.models import Image
from leads.models import Inquiry
from privacy import erasing
from privacy.collecting import collect
from privacy.models import Erasure
from tests import builders
from tests.test_migrations import triggers
from web import media
from web.backups import Manifest, archive, work_folder
from web.backups.places import Folder
from web.jobs import jobs
from web.models import JobRun

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.BACKUP_DIR, settings.BACKUP_KEY = tmp_path / "backups", ""
    settings.BACKUP_DIR.mkdir()
    return settings.BACKUP_DIR


def run(command, *arguments):
    said = StringIO()
    call_command(command, *arguments, stdout=said)
    return said.getvalue()


def backup():
    """The archive that was made."""
    return Path(run("backup").partition(" (")[0])


def lose_everything(settings):
    shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA public CASCADE")
            cursor.execute("CREATE SCHEMA public")
    else:
        connection.close()
        Path(connection.settings_dict["NAME"]).unlink()


def test_everything_comes_back_as_it_was(settings):
    builders.lead(name="Ada", message="We need a ledger. Ærlig talt: 数")
    file = Path(builders.image().file.path)
    content, had = file.read_bytes(), triggers()
    saved = backup()
    lose_everything(settings)

    said = run("restore", str(saved))

    assert Inquiry.objects.get().message == "We need a ledger. Ærlig talt: 数"
    assert Path(Image.objects.get().file.path).read_bytes() == content
    assert triggers() == had
    assert "are the same as were saved" in said


def test_it_is_of_one_moment_however_much_is_written_meanwhile(settings):
    ended = threading.Event()

    def write():
        number = 0
        while not ended.is_set():
            number += 1
            JobRun.objects.create(task=f"task {number}", last_ran_at=timezone.now())
        connections.close_all()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        saved = backup()
    finally:
        ended.set()
        writer.join()

    assert "It can be restored." in run("restore", "--test", str(saved))


def test_a_trial_leaves_nothing_behind_and_is_remembered(folder):
    saved = backup()
    before = databases()

    run("restore", "--test", str(saved))

    assert databases() == before
    assert (folder / "last-restore-test").exists()


def databases():
    if connection.vendor != "postgresql":
        return sorted(Path(connection.settings_dict["NAME"]).parent.glob("restore_test*"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE 'restore_test%'")
        return cursor.fetchall()


def test_a_database_with_something_in_it_is_never_restored_into():
    saved = backup()
    builders.lead(name="Bo")

    with pytest.raises(CommandError, match="not empty, and nothing in it is touched"):
        run("restore", str(saved))

    assert Inquiry.objects.get().name == "Bo"


def test_uploads_that_are_there_are_never_written_over(settings):
    saved = backup()
    lose_everything(settings)
    settings.MEDIA_ROOT.mkdir(parents=True)
    (settings.MEDIA_ROOT / "mine.jpg").write_text("mine")

    with pytest.raises(CommandError, match="Move it away"):
        run("restore", str(saved))

    assert (settings.MEDIA_ROOT / "mine.jpg").read_text() == "mine"
    assert connection.introspection.table_names() == []


def halve(saved):
    os.truncate(saved, saved.stat().st_size // 2)


def leave_out_the_end(archive):
    """As a copy does that ended between two files."""
    content = archive.read_bytes()
    database = content.index(b"database\0")
    archive.write_bytes(content[:database])


def change_a_byte(archive):
    with archive.open("r+b") as file:
        file.seek(archive.stat().st_size // 2)
        byte = file.read(1)
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte[0] ^ 1]))


def be_of_a_newer_version(archive):
    content = archive.read_bytes()
    name = b"leads.0001_initial"
    archive.write_bytes(content.replace(name, b"leads.9001_initial"))


def be_something_else(archive):
    archive.write_text("a letter")


FAULTS = {
    "half of it": (halve, "cut short or damaged"),
    "without its last files": (leave_out_the_end, "cut short"),
    "with a byte changed": (change_a_byte, "is damaged|cut short or damaged|cannot be read"),
    "of a newer version": (be_of_a_newer_version, "migrations that this one does not know"),
    "something else": (be_something_else, "cut short or damaged|not an archive"),
}


@pytest.mark.parametrize(("spoil", "sentence"), FAULTS.values(), ids=FAULTS)
def test_an_archive_that_cannot_be_trusted_is_refused_before_anything_is_done(
    settings, spoil, sentence
):
    builders.image()
    saved = backup()
    spoil(saved)
    lose_everything(settings)

    with pytest.raises(CommandError, match=sentence):
        run("restore", str(saved))

    assert connection.introspection.table_names() == []
    assert not settings.MEDIA_ROOT.exists()


def test_the_newest_is_restored_where_none_is_named(settings):
    backup()
    lose_everything(settings)

    assert "Restored." in run("restore")


def test_without_a_folder_it_asks_for_one(settings):
    settings.BACKUP_DIR = None

    for command in ("backup", "restore"):
        with pytest.raises(CommandError, match="BACKUP_DIR"):
            run(command)


def test_old_ones_go_but_never_the_newest(folder, settings):
    settings.BACKUP_DAYS = 7
    old = [folder / f"testserver-2026010{day}-030000.tar" for day in (1, 2)]
    for path in old:
        path.touch()
        os.utime(path, (0, 0))
    other = folder / "letter.txt"
    other.touch()
    os.utime(other, (0, 0))

    saved = backup()

    assert [one.name for one in Folder(folder).kept().archives] == [saved.name]
    assert other.exists()


def test_what_a_killed_one_left_goes_with_a_later_one(folder):
    left, recent = folder / ".site-backup-a", folder / ".site-backup-b"
    for one in (left, recent):
        one.mkdir()
        (one / "database").write_text("half of it")
    age(left, days=2)

    backup()

    assert not left.exists() and recent.exists()


def test_those_of_others_may_come_and_go_meanwhile(tmp_path):
    def work():
        for _ in range(300):
            with work_folder(tmp_path):
                pass

    four_times_at_once(work)

    assert not list(tmp_path.glob(".site-backup-*"))


def test_several_may_write_what_lies_beside_the_archives_at_once(folder):
    place, lines = Folder(folder), ["of this one", "of another"]

    def work():
        for _ in range(100):
            place.write("erasures.jsonl", "of this one\n")
            place.add_lines("erasures.jsonl", lines)
            assert place.lines("erasures.jsonl") in (lines, lines[:1])

    four_times_at_once(work)

    assert [one.name for one in folder.iterdir()] == ["erasures.jsonl"]
    assert oct((folder / "erasures.jsonl").stat().st_mode)[-3:] == "600"


def four_times_at_once(work):
    with ThreadPoolExecutor() as pool:
        futures = [pool.submit(work) for _ in range(4)]
    for future in futures:
        future.result()


def test_only_its_owner_can_read_one():
    assert oct(backup().stat().st_mode)[-3:] == "600"


def test_one_that_fails_leaves_no_archive(folder, settings, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    settings.BACKUP_KEY = "age1qqqq"

    with pytest.raises(CommandError, match=r"There is no (pg_dump|age) here"):
        run("backup")

    assert list(folder.iterdir()) == []


@pytest.fixture
def key_of_gpg(tmp_path_factory, monkeypatch):
    home = tmp_path_factory.mktemp("gpg")
    home.chmod(0o700)
    monkeypatch.setenv("GNUPGHOME", str(home))
    make = ["gpg", "--batch", "--passphrase", "", "--quick-gen-key", "backup@example.com"]
    subprocess.run([*make, "default", "default", "0"], check=True, capture_output=True)
    yield "backup@example.com"
    subprocess.run(["gpgconf", "--kill", "all"], check=False, capture_output=True)


@pytest.mark.skipif(not shutil.which("gpg"), reason="there is no gpg")
def test_an_encrypted_one_shows_nothing_and_comes_back(settings, key_of_gpg):
    builders.lead(name="Ada", message="We need a ledger.")
    settings.BACKUP_KEY = key_of_gpg
    saved = backup()

    assert re.fullmatch(r".*\.tar\.gpg", saved.name)
    assert b"ledger" not in saved.read_bytes() and b"manifest" not in saved.read_bytes()
    lose_everything(settings)
    run("restore", str(saved))
    assert Inquiry.objects.get().name == "Ada"


# Who was erased since


@pytest.fixture
def receipts_of(settings, tmp_path):
    settings.VAR_DIR = tmp_path / "var"
    settings.VAR_DIR.mkdir()
    return settings.VAR_DIR / "erasures.jsonl"


@pytest.fixture
def erased_since(receipts_of):
    """A backup with Ada and Bo in it, made before Ada was erased. Its name."""
    by = builders.user(role="Administrator")
    for name in ("Ada", "Bo"):
        builders.lead(name=name, email=f"{name}@example.com", message=f"{name} needs a ledger.")
    saved = backup()
    erasing.erase(collect(["ada@example.com"]), by=by)
    assert not Inquiry.objects.filter(name="Ada").exists()
    return saved


def test_whoever_was_erased_since_does_not_come_back(settings, erased_since):
    lose_everything(settings)

    said = run("restore", str(erased_since))

    assert [one.name for one in Inquiry.objects.all()] == ["Bo"]
    text = every_text().lower()
    assert "ada@example.com" not in text and "ada needs" not in text and "bo needs" in text
    assert "Erased again: 1." in said and "Ada" not in said
    assert Erasure.objects.get().by is None


def every_text():
    """All rows of all tables."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            found += map(str, cursor.fetchall())
    return "\n".join(found)


def test_receipts_lie_beside_the_archives_for_a_machine_that_has_no_others(
    settings, erased_since, receipts_of, folder
):
    backup()
    beside = folder / receipts_of.name
    assert beside.read_text() == receipts_of.read_text()
    assert oct(beside.stat().st_mode)[-3:] == "600"
    lose_everything(settings)
    receipts_of.unlink()

    run("restore", str(erased_since))

    assert [one.name for one in Inquiry.objects.all()] == ["Bo"]


def test_receipts_of_later_backups_count_wherever_the_archive_lies(
    settings, erased_since, receipts_of, folder, tmp_path
):
    backup()
    elsewhere = erased_since.rename(tmp_path / erased_since.name)
    lose_everything(settings)
    receipts_of.unlink()

    run("restore", str(elsewhere))

    assert [one.name for one in Inquiry.objects.all()] == ["Bo"]


def test_receipts_lie_beside_the_archive_that_a_link_leads_to(
    settings, erased_since, receipts_of, folder, tmp_path
):
    backup()
    link = tmp_path / "latest.tar"
    link.symlink_to(erased_since)
    settings.BACKUP_DIR = None
    lose_everything(settings)
    receipts_of.unlink()

    run("restore", str(link))

    assert [one.name for one in Inquiry.objects.all()] == ["Bo"]


def test_nothing_is_restored_where_receipts_cannot_be_written_down(
    settings, erased_since, folder, receipts_of
):
    receipts_of.rename(folder / receipts_of.name)
    settings.VAR_DIR = folder / "a-file"
    settings.VAR_DIR.touch()
    lose_everything(settings)

    with pytest.raises(CommandError, match=r"cannot be used: Not a directory\."):
        run("restore", str(erased_since))

    assert connection.introspection.table_names() == []


def test_receipts_of_another_machine_stay_beside_the_archives(receipts_of, folder):
    (folder / receipts_of.name).write_text("of another\n")
    receipts_of.write_text("of this one\n")

    for _ in range(2):
        backup()

    assert (folder / receipts_of.name).read_text() == "of another\nof this one\n"


def test_receipts_that_cannot_be_read_end_in_a_sentence_that_says_what_to_do(
    settings, erased_since, receipts_of
):
    receipts_of.write_text("no receipt\n")
    lose_everything(settings)

    said = r"Everything is restored, but nobody .* \(This line is no receipt\)\. .* run manage.py"
    with pytest.raises(CommandError, match=said):
        run("restore", str(erased_since))

    assert Inquiry.objects.count() == 2


def test_without_migrations_it_says_what_is_left_to_do(settings, erased_since):
    lose_everything(settings)

    said = run("restore", str(erased_since), "--no-migrate")

    assert "manage.py migrate, then manage.py repeat_erasures" in said


# An upload that is deleted meanwhile


class Deleting(dict):
    """Of the files of a manifest: deletes an upload as soon as the first one is noted."""

    upload = Path("/nowhere")

    def __setitem__(self, name, digest):
        super().__setitem__(name, digest)
        self.upload.unlink(missing_ok=True)


class DeletedLater(Manifest):
    """A manifest that is written while an upload is deleted: its digest was taken before."""

    upload: Path

    def to_json(self):
        written = super().to_json()
        self.upload.unlink(missing_ok=True)
        return written


@pytest.mark.parametrize("moment", ["before it is read", "after it is read"])
def test_an_upload_that_is_deleted_meanwhile_is_not_saved_and_all_else_is(
    settings, tmp_path, moment
):
    dumped = tmp_path / "database"
    dumped.write_text("rows")
    for name in ("going", "staying"):
        default_storage.save(f"{name}.jpg", ContentFile(name))
    going = Path(default_storage.path("going.jpg"))
    told = {"product": "0", "vendor": "sqlite", "made_at": "", "migrations": [], "tables": {}}
    if moment == "before it is read":
        manifest = Manifest(**told, files=Deleting())
        manifest.files.upload = going
    else:
        manifest = DeletedLater(**told)
        object.__setattr__(manifest, "upload", going)

    archive.write(tmp_path / "site.tar", manifest, dumped)

    assert not going.exists(), "it has to be deleted in the middle"
    assert set(archive.check(tmp_path / "site.tar").files) == {"database", "media/staying.jpg"}


def manifest_of_nothing():
    return Manifest(product="0", vendor="sqlite", made_at="", migrations=[], tables={})


def test_an_upload_that_is_being_written_spoils_no_archive(tmp_path, monkeypatch):
    (tmp_path / "database").write_text("rows")
    default_storage.save("new.jpg", ContentFile("all of it"))
    listed = media.Stored("new.jpg", 3, timezone.now())
    monkeypatch.setattr(media, "files", lambda: iter([listed]))

    archive.write(tmp_path / "site.tar", manifest_of_nothing(), tmp_path / "database")

    assert "media/new.jpg" in archive.check(tmp_path / "site.tar").files


# A store of uploads that now and then does not answer


class Hesitating:
    """The store of uploads: whatever it is asked, the first answer gets lost."""

    def __init__(self, *, forever=False):
        self.forever = forever
        self.asked = set()

    def __getattr__(self, name):
        return lambda *arguments: self.lose(getattr(default_storage, name), *arguments)

    def lose(self, ask, *arguments):
        answer = ask(*arguments)
        if self.forever or (ask.__name__, arguments) not in self.asked:
            self.asked.add((ask.__name__, arguments))
            if isinstance(answer, File):
                answer.close()
            raise media.StoreAway
        return answer


@pytest.fixture
def use(monkeypatch):
    monkeypatch.setattr(media, "PAUSE", 0)
    return lambda store: monkeypatch.setattr(archive, "default_storage", store)


def test_a_store_that_now_and_then_does_not_answer_spoils_neither_backup_nor_restore(
    settings, use, monkeypatch
):
    name = builders.image().file.name
    content = Path(default_storage.path(name)).read_bytes()
    use(store := Hesitating())
    files = media.files
    monkeypatch.setattr(media, "files", lambda: store.lose(files))

    saved = backup()
    lose_everything(settings)
    said = run("restore", str(saved))

    assert "1 uploads are in" in said
    [there] = Path(settings.MEDIA_ROOT).rglob("*.*")
    assert str(there.relative_to(settings.MEDIA_ROOT)) == name
    assert there.read_bytes() == content


def test_where_it_stays_away_it_is_told_what_to_do(settings, use):
    builders.image()
    saved = backup()
    lose_everything(settings)
    use(Hesitating(forever=True))

    with pytest.raises(CommandError, match=r"0 of the uploads. Empty both, and restore again\."):
        run("restore", str(saved))


# What /status says


@pytest.fixture
def status(client, settings):
    settings.STATUS_TOKEN = "a long enough token"
    for job in jobs():
        JobRun.objects.create(task=job.task, last_ran_at=timezone.now())

    def ask():
        answer = client.get("/status", headers={"authorization": f"Bearer {settings.STATUS_TOKEN}"})
        return answer.json()["backups"]

    return ask


def age(path, **ago):
    moment = (timezone.now() - timedelta(**ago)).timestamp()
    os.utime(path, (moment, moment))


def test_whether_backups_are_made_and_tried_is_told(status, folder):
    assert status() == "There is no backup yet. Run manage.py backup every night."

    saved = backup()
    assert status() == "No backup has been tried yet. Run manage.py restore --test every month."

    run("restore", "--test")
    assert status() == "ok"

    age(saved, hours=27)
    assert status().startswith("The newest backup is from ")
    age(saved, hours=1)
    age(folder / "last-restore-test", days=41)
    assert status().startswith("No backup has been tried since ")


def test_a_site_that_is_told_of_no_folder_is_asked_for_no_backups(status, settings):
    settings.BACKUP_DIR = None

    assert status() == "ok"
