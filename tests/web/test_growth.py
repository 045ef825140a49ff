"""What the site writes does not grow without end: each table and file has its rule."""

import os
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings as configured
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, connections, transaction
from django.utils import timezone

from config import private_files
from desk.models import Act
from images import owners, pending, reencoding, renditions, uploads
from images.models import Image, PendingUpload
from mail import eml_files
from pages.discovery.social_cards import SocialCard
from pages.models import SiteSettings
from privacy.models import Deletion
from tests import builders, nights
from tests.locks import wait_until_held_up
from tests.pictures import picture_file
from web import contributions, growth, media

DOCS = configured.BASE_DIR / "docs" / "growth.md"


# Every table and folder


@pytest.mark.parametrize(
    "label",
    [
        model._meta.label
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed
    ],
)
def test_every_table_has_a_rule_or_says_why_it_is_bounded(label):
    bounds = {one.what: one.why for one in growth.tables()}

    assert bounds[apps.get_model(label)._meta.db_table], (
        f"Give {label} a rule of retention, or say in `bounded` of its app's contribution what"
        " keeps it from growing without end."
    )


def test_no_rule_is_about_a_table_that_is_not_there():
    said = {label for one in contributions.every() for label in one.bounded}

    assert said <= {model._meta.label for model in apps.get_models(include_auto_created=True)}


def test_everything_that_is_written_below_var_dir_has_a_rule():
    """What the settings name, and what the code names itself."""
    var = Path(configured.VAR_DIR)
    named = {
        value.relative_to(var).parts[0]
        for value in vars(configured._wrapped).values()
        if isinstance(value, Path) and value != var and value.is_relative_to(var)
    }
    in_code = re.compile(r'VAR_DIR\)?\s*/\s*f?"([\w.*-]+)"')
    for file in configured.BASE_DIR.glob("*/**/*.py"):
        if file.relative_to(configured.BASE_DIR).parts[0] not in (".venv", "tests"):
            named |= set(in_code.findall(file.read_text(encoding="utf-8")))
    named.discard("test.sqlite3")  # ours, for this test
    named |= {*private_files.FOLDERS, *private_files.FILES}
    assert {"mail", "static", "demo-logins.json"} <= named, "the test has to see something"

    patterns = [Path(folder.name) for folder in growth.folders()]

    assert [name for name in named if not any(Path(name).match(str(p)) for p in patterns)] == []


def test_the_guide_says_what_the_apps_say():
    assert growth.as_markdown() in DOCS.read_text(encoding="utf-8"), (
        "Put into docs/growth.md what this prints: manage.py shell -c"
        f' "from web import growth; print(growth.as_markdown())"\n{growth.as_markdown()}'
    )


def test_every_upload_is_of_a_known_kind():
    for name, what in {
        f"images/ab/{'ab' * 32}.jpg": "Pictures as they were uploaded",
        "images/abcdefgh2345/480.avif": "Renditions of pictures",
        f"cards/ab/{'ab' * 8}.png": "Cards for shared links",
    }.items():
        assert growth.kind_of(name).what == what
    assert growth.kind_of("images/mine.jpg") is None


@pytest.mark.django_db
def test_what_can_no_longer_be_undone_goes_and_so_do_numbers_after_ten_years():
    then = timezone.now() - timedelta(days=31)
    by = builders.user()
    old = Act.objects.create(by=by, at=then, app="leads")
    young = Act.objects.create(by=by, at=timezone.now(), app="leads")
    ages = timezone.now() - timedelta(days=10 * 365 + 1)
    Deletion.objects.create(record="Inquiry", number=1, deleted_at=ages)
    Deletion.objects.create(record="Inquiry", number=2, deleted_at=then)

    assert nights.pass_by() == {"desk.acts": 1, "privacy.deletions": 1}

    assert list(Act.objects.all()) == [young] and old.pk != young.pk
    assert [one.number for one in Deletion.objects.all()] == [2]


# Files that nobody needs


def put(name, content=b"x", *, days=8):
    default_storage.save(name, ContentFile(content))
    age(name, days)


def age(name, days):
    moment = (timezone.now() - timedelta(days=days)).timestamp()
    os.utime(default_storage.path(name), (moment, moment))


def stored():
    return {one.name for one in media.files()}


def clean_up():
    return growth.delete_what_nobody_needs(timezone.now())


OLD_PICTURE = f"images/ab/{'ab' * 32}.jpg"
OLD_RENDITION = "images/abcdefgh2345/480.avif"
OLD_CARD = f"cards/ab/{'ab' * 8}.png"


@pytest.mark.django_db
class TestFilesWithoutOwner:
    def test_they_go_once_they_are_a_week_old(self):
        for name in (OLD_PICTURE, OLD_RENDITION, OLD_CARD):
            put(name)

        gone = clean_up()

        assert stored() == set()
        assert gone["Pictures as they were uploaded"] == gone["Renditions of pictures"] == 1
        assert gone["Cards for shared links"] == 1
        assert not os.listdir(default_storage.path("images")), "nor do empty folders stay"

    def test_younger_ones_stay(self):
        put(OLD_PICTURE, days=6)

        clean_up()

        assert stored() == {OLD_PICTURE}

    def test_what_a_picture_needs_stays(self):
        picture = builders.image(file=picture_file(size=(1000, 500)))
        renditions.make(picture.pk)
        names = stored()
        for name in names:
            age(name, 400)

        clean_up()

        assert stored() == names and len(names) > 4

    def test_what_waits_for_its_form_stays(self, admin_user):
        picture = reencoding.reencode(picture_file())
        pending.keep(picture, user_id=admin_user.pk, called="wall.png")
        age(picture.name, 8)

        clean_up()

        assert stored() == {PendingUpload.objects.get().file}

    def test_the_card_of_what_is_live_stays(self):
        card = SocialCard.of_site(SiteSettings.load())
        card.png()
        age(card.file_name, 400)

        clean_up()

        assert stored() == {card.file_name}

    def test_what_no_app_knows_stays(self):
        put("images/mine.jpg", days=400)

        clean_up()

        assert stored() == {"images/mine.jpg"}

    def test_one_kind_that_fails_stops_none_of_the_others(self, monkeypatch, caplog):
        put(OLD_RENDITION)
        put(OLD_CARD)
        monkeypatch.setattr(SiteSettings, "load", lambda: 1 / 0)

        clean_up()

        assert stored() == {OLD_CARD}
        assert "Cards for shared links" in caplog.text


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
class TestAPictureThatIsSavedMeanwhile:
    """Its file lies there already, without owner and old, as names are made from the content."""

    @pytest.fixture
    def lost(self):
        picture = reencoding.reencode(picture_file())
        put(picture.name, picture.content, days=30)
        return picture

    def test_one_that_comes_while_files_are_deleted_has_its_file(self, lost):
        with ThreadPoolExecutor(1) as pool:
            with transaction.atomic():
                owners.hold()
                saving = pool.submit(on_its_own, lambda: uploads.keep(described(), lost))
                wait_until_held_up(saving)
                assert not saving.done()
                default_storage.delete(lost.name)
            saving.result()

        assert default_storage.exists(Image.objects.get().file.name)

    def test_one_that_is_being_saved_is_waited_for(self, lost, caplog):
        with ThreadPoolExecutor(1) as pool, transaction.atomic():
            uploads.keep(described(), lost)

            gone = pool.submit(on_its_own, clean_up).result()

        assert gone["Pictures as they were uploaded"] == 0
        assert default_storage.exists(Image.objects.get().file.name)


def described():
    return Image(title="Wall", alt="A wall")


def on_its_own(act):
    try:
        return act()
    finally:
        connections.close_all()


def test_emails_as_files_go_after_a_month(settings, tmp_path):
    settings.EMAIL_FILE_PATH = tmp_path
    for name, days in (("old.eml", 31), ("young.eml", 29), ("old.txt", 31)):
        (tmp_path / name).write_text("Subject: Hello")
        moment = (timezone.now() - timedelta(days=days)).timestamp()
        os.utime(tmp_path / name, (moment, moment))

    assert eml_files.delete_old(timezone.now()) == 1

    assert sorted(os.listdir(tmp_path)) == ["old.txt", "young.eml"]
