"""What takes the disk, and when it will be full."""

import sqlite3
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.roles import ADMINISTRATOR, AUTHOR, PUBLISHER, SALES
from tests import builders
from tests.builders import signed_in
from web import disk
from web.disk import Outlook, Volume
from web.models import DiskUse
from web.tasks import look_after_the_disk

pytestmark = pytest.mark.django_db

GB = 10**9
PAGE = "/admin/disk/"


def day(ago, used, *, total=100 * GB, parts=()):
    return DiskUse(
        day=timezone.localdate() - timedelta(days=ago),
        total=total,
        free=total - int(used),
        parts=[list(one) for one in parts],
    )


def filling(a_day, *, days=10, used=50 * GB):
    """It has filled by so much each day, and today has so much used."""
    return [day(ago, used - ago * a_day) for ago in range(days, -1, -1)]


def ahead(days, *, used=50 * GB, total=100 * GB):
    return Outlook(days, Volume(total, total - used))


class TestWhatIsMeasured:
    def test_each_table_upload_and_file_is_in_it(self, settings):
        builders.image()

        parts = {(one.group, one.name): one.size for one in disk.measure()}

        assert sum(size for (group, _), size in parts.items() if group == disk.DATABASE) > 10_000
        assert parts[disk.UPLOADS, "Pictures as they were uploaded"] > 0
        assert (disk.UPLOADS, "Cards for shared links") in parts
        assert (disk.FILES, "Emails as files") in parts

    def test_tables_stand_under_the_name_of_their_app_with_the_indexes_of_search(self):
        names = {one.name for one in disk.measure() if one.group == disk.DATABASE}

        assert names <= {"All tables", *map(str, disk.growth.labels().values())}

    @pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL always tells each size")
    def test_where_sqlite_does_not_tell_the_size_of_a_table_all_are_one(self):
        connection.ensure_connection()

        def deny(action, table, *details):
            return sqlite3.SQLITE_DENY if table == "dbstat" else sqlite3.SQLITE_OK

        connection.connection.set_authorizer(deny)
        try:
            [(name, size)] = [
                (one.name, one.size) for one in disk.measure() if one.group == disk.DATABASE
            ]
        finally:
            connection.connection.set_authorizer(None)

        assert name == "All tables" and size > 0

    def test_it_is_written_down_once_a_day(self):
        look_after_the_disk()
        first = DiskUse.objects.get()
        look_after_the_disk()

        assert DiskUse.objects.get().pk == first.pk
        assert first.day == timezone.localdate() and first.parts

    def test_no_day_has_more_free_than_there_is(self):
        within = "web_disk_use_is_within_the_disk"
        with pytest.raises(IntegrityError, match=within), transaction.atomic():
            day(1, -1).save()

    def test_no_day_is_written_down_twice(self):
        day(1, 1).save()

        with pytest.raises(IntegrityError), transaction.atomic():
            day(1, 2).save()

    def test_two_years_of_it_are_kept(self):
        before = timezone.now() - timedelta(days=730)
        day(731, 1).save()
        day(729, 1).save()

        assert [one.day for one in disk.RULE.due(before)] == [
            timezone.localdate() - timedelta(days=731)
        ]


class TestWhatIsAhead:
    def test_it_goes_on_as_it_went(self):
        found = ahead(filling(2 * GB))

        assert found.a_day == pytest.approx(2 * GB)
        assert found.full_on == timezone.localdate() + timedelta(days=25)

    def test_one_day_that_stands_out_changes_little(self):
        days = filling(1 * GB, days=20)
        days[10].free -= 10 * GB  # a restore that was tried, say

        assert ahead(days).a_day == pytest.approx(1 * GB, rel=0.2)

    def test_what_was_months_ago_counts_no_more(self):
        months_ago = [day(ago, 90 * GB) for ago in range(90, 60, -1)]

        assert ahead([*months_ago, *filling(1 * GB)]).a_day == pytest.approx(1 * GB)

    def test_a_larger_disk_begins_anew(self):
        smaller = [day(ago, 49 * GB, total=50 * GB) for ago in range(15, 10, -1)]

        assert ahead([*smaller, *filling(1 * GB)]).a_day == pytest.approx(1 * GB)

    def test_it_says_how_many_days_that_was(self):
        larger = [day(4, 49 * GB, total=50 * GB), *filling(1 * GB, days=3)]

        assert ahead(filling(GB, days=60)).days_seen == 28
        assert ahead(larger).days_seen == 3

    @pytest.mark.parametrize("days", [[], filling(GB, days=1), filling(GB, days=2)])
    def test_after_a_day_or_two_nobody_can_tell(self, days):
        assert ahead(days).full_on is None and not ahead(days).trouble

    @pytest.mark.parametrize("a_day", [0, -1 * GB, 1_000])
    def test_what_does_not_fill_will_do_for_years(self, a_day):
        assert ahead(filling(a_day)).full_on is None


class TestWhatStatusSays:
    def test_nothing_while_there_is_room(self):
        assert ahead(filling(GB)).trouble == ""

    def test_that_it_will_be_full_within_a_month(self):
        assert ahead(filling(5 * GB)).trouble == (
            "The disk will be full in about 10 days: it fills by 5.0 GB a day. Settings → Disk"
            " shows what takes up the space."
        )

    def test_that_little_is_left_whatever_it_was_before(self):
        assert ahead([], used=99.5 * GB).trouble.startswith("Only 500 MB of 100 GB is free.")

    def test_it_is_one_of_its_lines(self, client, settings):
        settings.STATUS_TOKEN = "a long enough token"

        answer = client.get("/status", headers={"authorization": "Bearer a long enough token"})

        assert answer.json()["disk"] == disk.check()


class TestThePage:
    @pytest.fixture
    def counted(self):
        parts = [
            ("Database", "Sales", 3 * GB), ("Uploads", "Renditions of pictures", 1 * GB),
            ("Backups", "Archives", 2 * GB), ("Other files", "Emails as files", 0),
        ]  # fmt: skip
        DiskUse.objects.bulk_create(filling(1, days=5)[:-1])
        day(0, 50 * GB, parts=parts).save()

    def test_it_shows_what_takes_how_much_and_what_to_do(self, counted):
        page = " ".join(signed_in(ADMINISTRATOR).get(PAGE).text.split())

        assert "<span>Sales</span> <span>3.0 GB</span>" in page
        assert "<span>Archives</span> <span>2.0 GB</span>" in page
        assert "over the last 5 days" in page.lower()
        assert "Six per picture." in page
        assert "Keep old data for a shorter time, under Retention." in page
        assert "is free, enough for years" in page or "full around" in page

    def test_it_counts_nothing_while_someone_looks(self, counted, django_assert_max_num_queries):
        client = signed_in(ADMINISTRATOR)
        client.get(PAGE)

        with django_assert_max_num_queries(20) as asked:
            client.get(PAGE)

        assert not any("pg_total_relation_size" in one["sql"] for one in asked.captured_queries)

    def test_before_the_first_night_it_says_so(self):
        assert "It has not done so yet" in signed_in(ADMINISTRATOR).get(PAGE).text

    @pytest.mark.parametrize("role", [AUTHOR, PUBLISHER, SALES, ""])
    def test_it_is_for_administrators(self, role):
        assert signed_in(role).get(PAGE).status_code == 403

    def test_nothing_on_it_is_drawn_by_a_style_of_its_own(self, counted):
        page = signed_in(ADMINISTRATOR).get(PAGE).text
        main = page[page.index("<main") : page.index("</main>")]

        assert "style=" not in main and "<script" not in main


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 bytes"), (999, "999 bytes"), (1000, "1.0 kB"), (9_949, "9.9 kB"), (9_960, "10 kB"),
        (999_400, "999 kB"), (999_600, "1.0 MB"), (3_210_000_000, "3.2 GB"), (2 * 10**12, "2.0 TB"),
    ],
)  # fmt: skip
def test_bytes_are_said_in_words(size, words):
    assert disk.in_words(size) == words
