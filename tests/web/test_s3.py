"""Uploads in a bucket: kept, shown on our own host, and no page is worse off while it is away."""

import io
import tempfile
from datetime import timedelta
from pathlib import Path

import lxml.html
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.utils import timezone

from config.variables import Variables
from devtools.stores import BUCKET, start_s3
from images.models import Image
from images.tasks import make_renditions
from pages.discovery.social_cards import SocialCard
from tests import builders
from tests.pictures import picture_file
from tests.web.test_backups import lose_everything
from tests.web.test_doctor import report
from web import health, media, s3

pytestmark = pytest.mark.django_db
ADD = "/admin/images/image/add/"


@pytest.fixture(scope="module")
def server():
    with tempfile.TemporaryDirectory() as folder, start_s3(Path(folder)) as server:
        server.bucket = Path(folder, "s3", BUCKET)
        yield server


def bucket_at(url, **options):
    return Variables({"URL": url}).bucket("URL", **options)


def use(settings, url):
    settings.MEDIA_STORAGE = bucket_at(url, folder="media")
    in_bucket = {"BACKEND": "web.s3.S3Storage", "OPTIONS": settings.MEDIA_STORAGE}
    settings.STORAGES = {**settings.STORAGES, "default": in_bucket}


@pytest.fixture
def bucket(server, settings, own_media, request):
    """Its folder as the server keeps it; each test has one of its own below it."""
    if not server.process.running:
        server.start()
    use(settings, f"{server.url}/{request.node.name.partition('[')[0]}")
    return server.bucket / settings.MEDIA_STORAGE["location"]


@pytest.fixture
def away(bucket, server):
    """It was there a moment ago."""
    server.stop()


def test_a_picture_and_its_renditions_are_in_the_bucket_and_nowhere_else(bucket, settings):
    picture = builders.image()
    make_renditions(picture.pk)

    names = {str(picture.file), *(str(made.file) for made in picture.renditions.all())}
    assert {one.name for one in media.files()} == names
    assert {str(path.relative_to(bucket)) for path in bucket.rglob("*.*")} == names
    assert not settings.MEDIA_ROOT.exists()


def test_readers_get_it_from_our_host_under_our_policy(bucket, client):
    picture = builders.image()
    assert picture.file.url == f"/media/{picture.file}"

    answer = client.get(picture.file.url)

    assert b"".join(answer) == default_storage.open(str(picture.file)).read()
    assert answer.headers["Content-Type"] == "image/png"
    assert int(answer.headers["Content-Length"]) == default_storage.size(str(picture.file))
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    kept = set(answer.headers["Cache-Control"].split(", "))
    assert kept == {"public", "max-age=31536000", "immutable"}


def test_a_browser_that_has_it_is_not_sent_it_again(bucket, client):
    url = builders.image().file.url
    first = client.get(url)
    etag = first.headers["ETag"]
    first.close()

    again = client.get(url, headers={"if-none-match": etag})

    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == etag


@pytest.mark.parametrize(
    ("wanted", "status", "sent"),
    [
        ("bytes=2-4", 206, b"cde"),
        ("bytes=8-", 206, b"ij"),
        ("bytes=0-99", 206, b"abcdefghij"),
        ("bytes=50-", 416, b""),
        ("bytes=-3", 200, b"abcdefghij"),
        ("bytes=0-1,4-5", 200, b"abcdefghij"),
        ("lines=1-2", 200, b"abcdefghij"),
    ],
)
def test_a_part_of_it_can_be_asked_for(bucket, client, wanted, status, sent):
    default_storage.save("images/a.png", ContentFile(b"abcdefghij"))

    answer = client.get("/media/images/a.png", headers={"range": wanted})

    assert answer.status_code == status
    assert b"".join(answer) == sent
    if status == 206:
        assert answer.headers["Content-Range"].endswith("/10")
    default_storage.delete("images/a.png")


def test_of_its_head_the_bucket_sends_no_more(bucket, client):
    answer = client.head(builders.image().file.url)

    assert answer.status_code == 200
    assert answer.content == b"" and int(answer.headers["Content-Length"]) > 0


@pytest.mark.parametrize("path", ["../backup.tar", "%2e%2e/backup.tar", "images/../../backup.tar"])
def test_what_else_is_in_the_bucket_is_shown_to_nobody(bucket, server, client, path):
    (server.bucket / "backup.tar").write_text("everything")
    server.restart()  # it remembers what it has seen of its folder

    assert client.get(f"/media/{path}").status_code in (301, 404)
    assert client.get("/media/images/none.png").status_code == 404
    assert client.get(f"/media/{'a' * 2000}.png").status_code == 404


def test_a_card_is_drawn_once(bucket):
    card = SocialCard(title="Ledgers", site="Clean Systems")
    drawn = card.png()

    [kept] = media.files()

    assert kept.name.startswith("cards/")
    assert default_storage.open(kept.name).read() == drawn == card.png()


def test_deleting_an_image_removes_its_files(bucket, django_capture_on_commit_callbacks):
    picture = builders.image()
    with django_capture_on_commit_callbacks(execute=True):
        picture.delete()

    assert list(media.files()) == []


def test_more_files_than_one_answer_lists_are_all_listed(bucket, server):
    for number in range(1003):
        file = bucket / "images" / f"{number:04}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    server.restart()  # it remembers what it has seen of its folder

    assert [one.name for one in media.files()][::1002] == ["images/0000.png", "images/1002.png"]


def test_a_folder_that_was_made_in_the_console_of_a_store_is_no_upload(bucket, monkeypatch):
    """Such a folder is an object of its name, which ends with a slash, and is empty."""
    below = f"{default_storage.location}/"
    keys = (below, f"{below}images/", f"{below}images/a.png")
    found = [{"Key": key, "Size": 0, "LastModified": timezone.now()} for key in keys]
    monkeypatch.setattr(s3.S3Storage, "_ask", lambda *asked, **options: {"Contents": found})

    assert [one.name for one in media.files()] == ["images/a.png"]


# It is away


def test_pages_appear_without_it_and_pictures_fail_at_once(client, bucket, server):
    picture = builders.image()
    builders.article(text={"cover": picture})
    server.stop()

    assert client.get("/").status_code == 200
    answer = client.get(picture.file.url)

    assert answer.status_code == 503
    assert answer.headers["Cache-Control"] == "no-store"
    assert client.get("/readyz").status_code == 200


def test_after_one_that_failed_the_others_do_not_wait(bucket, server, client, monkeypatch):
    monkeypatch.setattr(s3, "ANSWER", 0.3)
    url = builders.image().file.url
    server.pause()  # it takes connections and says nothing
    try:
        assert client.get(url).status_code == 503
    finally:
        server.resume()

    assert client.get(url).status_code == 503  # not asked: it would have answered


def test_once_it_is_back_it_is_asked_again(bucket, server, client, monkeypatch):
    monkeypatch.setattr(s3, "BREATHER", 0)
    url = builders.image().file.url
    server.stop()
    assert client.get(url).status_code == 503
    server.start()

    answer = client.get(url)
    assert (answer.status_code, b"".join(answer)[:4]) == (200, b"\x89PNG")


def test_a_card_is_drawn_without_it(away):
    assert SocialCard(title="Ledgers", site="Clean Systems").png().startswith(b"\x89PNG")


def test_an_upload_says_so_in_a_sentence_and_saves_nothing(admin_client, away):
    sent = {"file": picture_file(), "title": "Wall", "alt": "A wall", "focal_x": 0.5}
    answer = admin_client.post(ADD, {**sent, "focal_y": 0.5, "is_decorative": ""})

    page = lxml.html.fromstring(answer.content)
    assert "The picture could not be stored, so nothing was saved." in page.text_content()
    assert not Image.objects.exists()


def test_so_it_does_when_other_fields_are_wrong_as_well(admin_client, away):
    answer = admin_client.post(ADD, {"file": picture_file(), "title": ""})

    assert answer.status_code == 200
    assert b"The picture could not be stored" in answer.content


def test_the_picker_of_the_editor_says_it_too(admin_client, away):
    answer = admin_client.post(
        "/admin/images/image/pick/",
        {"file": picture_file(), "title": "Wall", "alt": "A wall"},
        headers={"accept": "application/json"},
    )

    assert answer.json()["error"].startswith("The picture could not be stored, so nothing")


def test_a_folder_that_cannot_be_written_to_is_told_in_the_same_way(admin_client, settings):
    settings.MEDIA_ROOT.parent.joinpath("a file").touch()
    settings.MEDIA_ROOT = settings.MEDIA_ROOT.parent / "a file"

    answer = admin_client.post(ADD, {"file": picture_file(), "title": "Wall", "alt": "A wall"})

    assert b"The picture could not be stored, so nothing was saved." in answer.content


def test_renditions_wait_a_minute_for_it_and_not_an_hour(bucket, server):
    picture = builders.image()
    server.stop()

    make_renditions(picture.pk)

    picture.refresh_from_db()
    assert picture.renditions_due_at - timezone.now() < timedelta(minutes=1, seconds=1)


def test_status_says_so_and_what_to_do(away):
    assert health._uploads() == (
        "The store of uploads does not answer. Pictures cannot be shown or uploaded. Ask manage.py"
        " doctor."
    )


def test_while_it_answers_status_and_doctor_are_content(bucket, settings):
    settings.REDIS_URL = ""

    assert health._uploads() == "ok"
    assert f"✓ Uploads: the bucket {BUCKET} (below" in report()[0]
    assert list(media.files()) == []


def test_doctor_says_what_to_look_at_when_it_does_not(away):
    said, is_well = report()

    assert not is_well
    assert "✗ The store of uploads does not answer.\n    Is it running, and is MEDIA_ST" in said


def test_doctor_tells_a_wrong_secret_from_that(bucket, server, settings):
    use(settings, server.url.replace("site:", "site:not-"))

    said, _ = report()

    assert "✗ The store of uploads refuses us (SignatureDoesNotMatch)." in said
    assert "Are key, secret, region and bucket of MEDIA_STORAGE_URL right?" in said


# Backups


@pytest.mark.django_db(transaction=True)
def test_a_backup_takes_uploads_out_of_one_bucket_and_puts_them_into_another(
    bucket, server, settings, tmp_path
):
    settings.BACKUP_DIR, settings.BACKUP_KEY = tmp_path, ""
    file = str(builders.image().file)
    content = default_storage.open(file).read()
    call_command("backup", stdout=io.StringIO())
    [saved] = tmp_path.glob("*.tar")
    lose_everything(settings)
    with pytest.raises(CommandError, match="is not empty, and nothing in it is touched"):
        call_command("restore", str(saved), stdout=io.StringIO())
    use(settings, f"{server.url}/another-place")

    call_command("restore", str(saved), stdout=io.StringIO())

    assert default_storage.open(str(Image.objects.get().file)).read() == content
    assert [one.name for one in media.files()] == [file]


@pytest.mark.django_db(transaction=True)
def test_without_it_there_is_no_backup_and_it_says_why(away, settings, tmp_path, monkeypatch):
    monkeypatch.setattr(media, "PAUSE", 0)
    settings.BACKUP_DIR, settings.BACKUP_KEY = tmp_path, ""

    with pytest.raises(CommandError, match="Without the uploads there is no backup"):
        call_command("backup", stdout=io.StringIO())

    assert not list(tmp_path.glob("*.tar*"))
