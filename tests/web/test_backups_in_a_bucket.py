"""Archives in a bucket: made, kept, tried and restored there as in a folder, and beside one."""

import os
import shutil
import tempfile
from io import StringIO
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.utils import timezone

from config.reading import WrongVariable
from config.variables import Variables
from devtools.stores import BUCKET, start_s3
from leads.models import Inquiry
from privacy import erasing
from privacy.collecting import collect
from tests import builders
from tests.web.test_backups import age, lose_everything, run
from tests.web.test_doctor import report
from tests.web.test_s3 import bucket_at
from web import disk, health, media, s3
from web.backups.places import TRIED, places
from web.diagnosis import servers
from web.management.commands import restore
from web.metrics import gauges

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def server():
    with tempfile.TemporaryDirectory() as folder, start_s3(Path(folder)) as server:
        server.bucket = Path(folder, "s3", BUCKET)
        yield server


@pytest.fixture(autouse=True)
def quick_to_give_up(monkeypatch):
    once = s3.PATIENCE.merge(s3.Config(retries={"total_max_attempts": 1}))
    monkeypatch.setattr(s3, "PATIENCE", once)
    monkeypatch.setattr(media, "PAUSE", 0)
    monkeypatch.setattr(servers, "ANSWER", 0.05)


def use(settings, url):
    settings.BACKUP_STORAGE = bucket_at(url, folder="backups")
    options = {**settings.BACKUP_STORAGE, "called": "The store of backups"}
    in_bucket = {"BACKEND": "web.s3.S3Storage", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "backups": in_bucket}


@pytest.fixture
def bucket(server, settings, request, own_media, tmp_path):
    """Its folder as the server keeps it; each test has one of its own. There is no BACKUP_DIR."""
    if not server.process.running:
        server.start()
    settings.BACKUP_DIR, settings.BACKUP_KEY = None, ""
    settings.VAR_DIR = tmp_path / "var"
    settings.VAR_DIR.mkdir()
    use(settings, f"{server.url}/{request.node.name.partition('[')[0]}")
    return server.bucket / settings.BACKUP_STORAGE["location"]


@pytest.fixture
def folder(settings, tmp_path, bucket):
    """One of this machine, besides the bucket."""
    settings.BACKUP_DIR = tmp_path / "backups"
    settings.BACKUP_DIR.mkdir()
    return settings.BACKUP_DIR


def archives_in(place):
    return sorted(one.name for one in place.glob("*.tar*"))


def test_a_machine_that_has_nothing_gets_everything_back_from_it(bucket, settings):
    builders.lead(name="Ada", message="We need a ledger.")
    file = Path(builders.image().file.path)
    content = file.read_bytes()
    said = run("backup")
    [name] = archives_in(bucket)
    assert said.startswith(f"{name} in the bucket {BUCKET} (below ")
    lose_everything(settings)

    said = run("restore")

    assert "are the same as were saved" in said and "1 uploads are in" in said
    assert Inquiry.objects.get().message == "We need a ledger."
    assert file.read_bytes() == content


def test_an_archive_of_many_parts_is_whole_when_it_comes_back(bucket, settings):
    content = os.urandom(20 * 1024**2)
    default_storage.save("images/large.bin", ContentFile(content))
    run("backup")
    lose_everything(settings)

    run("restore")

    assert Path(default_storage.path("images/large.bin")).read_bytes() == content


def test_one_of_them_is_restored_by_its_name(bucket, settings, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    run("backup")
    [name] = archives_in(bucket)
    lose_everything(settings)

    with pytest.raises(CommandError, match=r"There is no file other.tar here, and none in the buc"):
        run("restore", "other.tar")
    with pytest.raises(CommandError, match=f"There is no file somewhere/{name}"):
        run("restore", f"somewhere/{name}")

    assert "Restored." in run("restore", name)


def test_folder_and_bucket_get_the_same_archive(folder, bucket):
    run("backup")

    [name] = archives_in(folder)
    assert archives_in(bucket) == [name]
    assert (folder / name).read_bytes() == (bucket / name).read_bytes()
    assert not list(folder.glob(".site-backup*"))


def test_with_the_folder_lost_the_bucket_is_restored_from(folder, bucket, settings):
    builders.lead(name="Ada")
    run("backup")
    folder.joinpath(*archives_in(folder)).unlink()
    lose_everything(settings)

    run("restore")

    assert Inquiry.objects.get().name == "Ada"


OLD = "testserver-20260101-030000.tar"
OF_OTHERS = {"www.example.com-20260101-030000.tar.age", "photos.tar", "letter.txt"}


def test_old_ones_go_from_both_but_never_the_newest(folder, bucket, server, settings):
    settings.BACKUP_DAYS = 7
    bucket.mkdir(parents=True)
    for place in (folder, bucket):
        for name in (OLD, *OF_OTHERS):
            (place / name).touch()
            os.utime(place / name, (0, 0))
    server.restart()  # it remembers what it has seen of its folder

    said = run("backup")

    assert said.count(f"Deleted {OLD} in ") == 2
    for place in (folder, bucket):
        [_] = set(archives_in(place)) - OF_OTHERS
        assert all((place / name).exists() for name in OF_OTHERS)


@pytest.fixture
def may_not_delete(monkeypatch):
    """The key of the store may add and read: whoever steals it cannot destroy what is there."""
    ask = s3.S3Storage._ask

    def refuse(store, operation, **parameters):
        if operation == "delete_object":
            raise media.StoreRefused("AccessDenied", store.called)
        return ask(store, operation, **parameters)

    monkeypatch.setattr(s3.S3Storage, "_ask", refuse)


def test_with_a_key_that_may_not_delete_backups_are_made_all_the_same(
    bucket, server, may_not_delete
):
    bucket.mkdir(parents=True)
    for day in (1, 2):
        (bucket / f"testserver-2026010{day}-030000.tar").touch()
        os.utime(bucket / f"testserver-2026010{day}-030000.tar", (0, 0))
    server.restart()

    said = run("backup")

    assert said.count("Old archives stay, unless a rule of the bucket deletes them.") == 1
    assert len(archives_in(bucket)) == 3


# It is away


def test_where_the_bucket_is_away_the_folder_has_the_archive_and_the_command_fails(folder, server):
    server.stop()

    with pytest.raises(CommandError) as failed:
        run("backup")

    assert len(archives_in(folder)) == 1
    assert str(failed.value) == (
        "The store of backups does not answer. Ask manage.py doctor. The archive is only in"
        f" {folder}."
    )


def test_where_the_folder_cannot_be_used_the_bucket_has_the_archive_and_the_command_fails(
    bucket, settings, tmp_path
):
    settings.BACKUP_DIR = tmp_path / "a-file" / "below"
    settings.BACKUP_DIR.parent.touch()

    with pytest.raises(CommandError) as failed:
        run("backup")

    assert len(archives_in(bucket)) == 1
    assert str(failed.value) == (
        f"{settings.BACKUP_DIR} cannot be used: Not a directory. The archive is only in"
        f" {places()[1]}."
    )


def test_where_one_takes_no_receipts_the_other_has_archive_and_receipts(folder, bucket, settings):
    (folder / "erasures.jsonl").mkdir()
    (settings.VAR_DIR / "erasures.jsonl").write_bytes(b"of this one, not in UTF-8: \xff\n")

    with pytest.raises(CommandError, match=r"backups cannot be used: Is a directory\.$"):
        run("backup")

    assert archives_in(folder) == archives_in(bucket) != []
    assert (bucket / "erasures.jsonl").read_bytes() == b"of this one, not in UTF-8: \xff\n"


def test_an_archive_of_which_a_part_was_lost_on_the_way_is_not_called_kept(bucket, monkeypatch):
    monkeypatch.setattr(s3.S3Storage, "size", lambda store, name: 7)

    with pytest.raises(CommandError, match="has not kept all of testserver-"):
        run("backup")


def test_an_answer_that_gets_lost_costs_no_backup(bucket, monkeypatch):
    ask, lost = s3.S3Storage._ask, []

    def lose(store, operation, **parameters):
        answer = ask(store, operation, **parameters)
        if operation not in lost:
            lost.append(operation)
            raise media.StoreAway(store.called)
        return answer

    monkeypatch.setattr(s3.S3Storage, "_ask", lose)

    run("backup")

    assert "head_object" in lost and "list_objects_v2" in lost


def test_where_there_is_no_folder_either_it_says_so(bucket, server):
    server.stop()

    with pytest.raises(CommandError, match=r"^The store of backups does not answer\. Ask manage"):
        run("backup")


def test_a_wrong_secret_is_told_from_that(bucket, server, settings):
    use(settings, server.url.replace("site:", "site:not-"))

    with pytest.raises(CommandError, match="The store of backups refuses us"):
        run("backup")


def test_without_its_receipts_nothing_is_restored_even_from_a_file(folder, server, settings):
    builders.lead(name="Ada")
    run("backup")
    [name] = archives_in(folder)
    lose_everything(settings)
    server.stop()

    with pytest.raises(CommandError, match="It has the receipts of erasures: try again, or empty"):
        run("restore", str(folder / name))

    settings.BACKUP_STORAGE = {}
    run("restore", str(folder / name))
    assert Inquiry.objects.get().name == "Ada"


# Who was erased since


def test_who_was_erased_since_does_not_come_back_on_a_machine_that_has_nothing(
    bucket, server, settings
):
    by = builders.user(role="Administrator")
    for name in ("Ada", "Bo"):
        builders.lead(name=name, email=f"{name}@example.com")
    run("backup")
    bucket.joinpath(*archives_in(bucket)).rename(bucket / OLD)
    server.restart()  # it remembers what it has seen of its folder
    erasing.erase(collect(["ada@example.com"]), by=by)
    run("backup")
    lose_everything(settings)
    (settings.VAR_DIR / "erasures.jsonl").unlink()

    said = run("restore", OLD)

    assert [one.name for one in Inquiry.objects.all()] == ["Bo"]
    assert "Erased again: 1." in said
    kept = (settings.VAR_DIR / "erasures.jsonl").read_text()
    assert kept.startswith((bucket / "erasures.jsonl").read_text())


def test_receipts_of_another_machine_stay_in_the_bucket(bucket, server, settings):
    bucket.mkdir(parents=True)
    (bucket / "erasures.jsonl").write_text("of another\n")
    server.restart()
    (settings.VAR_DIR / "erasures.jsonl").write_text("of this one\n")

    for _ in range(2):
        run("backup")

    assert (bucket / "erasures.jsonl").read_text() == "of another\nof this one\n"


def test_receipts_are_not_lost_where_this_machine_has_no_room_to_work(bucket, monkeypatch):
    [place] = places()
    place.write("erasures.jsonl", "of another\n")
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")

    place.add_lines("erasures.jsonl", ["of this one"])

    assert place.lines("erasures.jsonl") == ["of another", "of this one"]


def test_it_is_the_newest_of_both_that_comes_back(folder, bucket):
    run("backup")
    [name] = archives_in(folder)
    (folder / name).rename(folder / OLD)

    assert restore._newest() == (places(is_patient=True)[1], name)
    assert restore._newest(places()[0]) == (places()[0], OLD)


def test_that_of_another_site_comes_back_only_by_its_name(bucket, settings):
    run("backup")
    [name] = archives_in(bucket)
    settings.SITE_HOST = "www.example.com"
    lose_everything(settings)

    with pytest.raises(CommandError, match=r"is no archive of www\.example\.com in the buc"):
        run("restore")
    assert "Restored." in run("restore", name)


# What is told of it


def test_a_trial_tries_both_and_is_remembered_in_both(folder, bucket):
    run("backup")

    said = run("restore", "--test")

    assert said.count("It can be restored.") == 2
    assert (folder / TRIED).exists() and (bucket / TRIED).exists()


def test_one_that_cannot_be_restored_is_not_hidden_by_the_other(folder, bucket, server):
    run("backup")
    [name] = archives_in(bucket)
    (bucket / name).write_bytes((bucket / name).read_bytes()[:2000])
    server.restart()

    with pytest.raises(CommandError, match="is cut short or damaged"):
        run("restore", "--test")
    assert health._backups().startswith("No backup has been tried yet.")

    run("restore", "--test", str(folder / name))
    assert (folder / TRIED).exists() and not (bucket / TRIED).exists()


def test_a_copy_that_is_tried_where_the_key_is_counts(folder, bucket, tmp_path):
    run("backup")
    [name] = archives_in(folder)
    shutil.copy(folder / name, tmp_path / "copy.tar")

    run("restore", "--test", str(tmp_path / "copy.tar"))

    assert (folder / TRIED).exists() and (bucket / TRIED).exists()


def test_a_bucket_that_is_away_keeps_the_folder_from_no_trial(folder, server):
    run("backup")
    server.stop()

    said = StringIO()
    with pytest.raises(CommandError, match="The store of backups does not answer"):
        call_command("restore", "--test", stdout=said)

    assert "It can be restored." in said.getvalue()


def test_status_tells_which_of_the_two_has_none_and_which_is_old(folder, bucket, server, settings):
    run("backup")
    [name] = archives_in(bucket)
    (bucket / name).rename(bucket / "elsewhere")
    server.restart()
    assert health._backups() == (
        f"There is no backup in the bucket {BUCKET} (below {settings.BACKUP_STORAGE['location']}/)"
        " yet. Run manage.py backup every night."
    )

    (bucket / "elsewhere").rename(bucket / name)
    age(bucket / name, hours=27)
    server.restart()
    assert health._backups().startswith(f"The newest backup in the bucket {BUCKET} (below")

    age(bucket / name, hours=1)
    server.restart()
    assert health._backups().startswith("No backup has been tried yet.")
    places()[1].write(TRIED, "on the machine that has the key")
    assert health._backups() == "ok"


def test_status_says_that_it_is_away(folder, server):
    run("backup")
    server.stop()

    assert health._backups() == "The store of backups does not answer. Ask manage.py doctor."


def test_a_monitor_is_told_of_each_place_and_of_the_folder_while_the_bucket_is_away(
    folder, bucket, server
):
    run("backup")

    def measured():
        made, _ = gauges.backups()
        return {labels: timezone.now().timestamp() - at < 60 for labels, at in made.samples}

    assert measured() == {("folder",): True, ("bucket",): True}
    server.stop()
    assert measured() == {("folder",): True}


def test_what_it_takes_is_shown_and_is_not_on_this_disk(folder, bucket):
    run("backup")

    found = {part.group: part.size for part in disk.measure() if part.name == "Archives"}

    assert found[disk.BACKUPS] == found[disk.BACKUPS_ELSEWHERE] > 0
    assert not disk.is_here(disk.BACKUPS_ELSEWHERE)


def test_while_it_is_away_the_rest_of_the_disk_is_measured(folder, server):
    run("backup")
    server.stop()

    found = {part.group for part in disk.measure() if part.name == "Archives"}

    assert found == {disk.BACKUPS}


def test_the_doctor_is_content_with_one_that_keeps_what_is_encrypted(bucket, settings):
    settings.BACKUP_KEY = "backup@example.com"

    said, _ = report()

    assert f"✓ Backups: the bucket {BUCKET} (below" in said
    assert not list(bucket.glob("probe*"))


def test_the_doctor_asks_for_a_key_where_archives_leave_the_house_in_the_clear(bucket):
    said, is_well = report()

    assert not is_well
    assert "✗ Archives go to the bucket as they are, and whoever opens it reads all of" in said


def test_the_doctor_says_what_to_look_at_when_it_does_not_answer_or_refuses(
    bucket, server, settings
):
    use(settings, server.url.replace("site:", "site:not-"))
    said, _ = report()
    assert "✗ The store of backups refuses us (SignatureDoesNotMatch)." in said
    assert "Are key, secret, region and bucket of BACKUP_STORAGE_URL right?" in said

    use(settings, server.url)
    server.stop()
    said, _ = report()
    assert "✗ The store of backups does not answer." in said


def test_the_doctor_knows_a_key_that_may_not_delete(bucket, may_not_delete):
    said, _ = report()

    assert "keeps what it is given. We may not delete there: let a rule of the bucket" in said


# Uploads are shown to readers


@pytest.mark.parametrize(
    ("uploads", "backups"),
    [
        ("site", "site/media"),
        ("site/media", "site/media"),
        ("site", "site/media/backups"),
        ("site/a/b", "site/a"),
    ],
)
def test_archives_are_never_put_where_readers_are_shown_uploads(uploads, backups):
    given = {"A": f"s3://k:s@host/{uploads}", "B": f"s3://k:s@host/{backups}"}
    variables = Variables(given)
    shown = variables.bucket("A", folder="media")

    with pytest.raises(WrongVariable, match="and uploads are shown to readers"):
        variables.bucket("B", folder="backups", apart_from=shown)


@pytest.mark.parametrize(
    ("uploads", "backups"),
    [("site", "site"), ("site", "other/media"), ("site", "site/media-backups")],
)
def test_one_bucket_may_hold_both_in_folders_of_their_own(uploads, backups):
    given = {"A": f"s3://k:s@host/{uploads}", "B": f"s3://k:s@host/{backups}"}
    variables = Variables(given)

    assert variables.bucket("B", folder="backups", apart_from=variables.bucket("A", folder="media"))
