"""`migrate` beside a dump, beside itself, where it fails in the middle, and before it has run."""

import threading
from concurrent.futures import ThreadPoolExecutor
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections

from devtools.processes import wait_until
from tests.page_cache.test_stamp import triggers
from tests.test_migrations import triggers as all_triggers
from web import health, migrating
from web.management.commands import migrate

pytestmark = pytest.mark.django_db(transaction=True)
locks_tables = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite locks the file, and briefly"
)


@pytest.fixture
def reader():
    """Another connection that has read every table, as a dump does, and has not ended yet."""
    other = connection.copy()
    other.set_autocommit(False)
    with other.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f"SELECT 1 FROM {table} LIMIT 1")
    yield other
    other.close()


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(migrating, "WAIT", "100ms")
    monkeypatch.setattr(migrate, "PAUSE", 0.05)


@pytest.fixture
def elsewhere():
    """Runs one thing on a connection of its own."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        yield lambda act: pool.submit(_and_close, act)


def _and_close(act):
    try:
        return act()
    finally:
        connections.close_all()


def migrated(**options):
    said = StringIO()
    call_command("migrate", stdout=said, **options)
    return said.getvalue()


def exchange_a_trigger():
    """As a release does that shows a table otherwise."""
    with connection.cursor() as cursor:
        cursor.execute("COMMENT ON TRIGGER pages_page_is_shown_update ON pages_page IS 'another'")


@locks_tables
def test_with_nothing_to_do_it_waits_for_nobody_who_reads(reader):
    assert "Trying again" not in migrated(give_up_after=0)


@locks_tables
def test_what_reads_for_long_is_waited_for_while_everybody_else_goes_on(reader, quick, elsewhere):
    exchange_a_trigger()
    said = StringIO()
    done = elsewhere(lambda: call_command("migrate", stdout=said))

    assert wait_until(lambda: said.getvalue().count("Trying again") >= 2, seconds=30)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pages_page")
    assert not done.done()
    reader.rollback()
    done.result(timeout=30)


@locks_tables
def test_it_gives_up_with_a_sentence_and_leaves_everything_as_it_was(reader, quick):
    exchange_a_trigger()
    before = all_triggers()

    with pytest.raises(CommandError, match="End what holds the lock"):
        migrated(give_up_after=0)

    assert all_triggers() == before


@locks_tables
def test_a_second_one_waits_for_the_first(elsewhere):
    begun, over = threading.Event(), threading.Event()

    def first():
        with migrating.alone("default", tell=lambda: None):
            begun.set()
            assert over.wait(30)

    running = elsewhere(first)
    assert begun.wait(30)
    said = StringIO()
    with ThreadPoolExecutor(max_workers=1) as pool:
        second = pool.submit(_and_close, lambda: call_command("migrate", stdout=said))
        assert wait_until(lambda: "Another migrate is running" in said.getvalue(), seconds=30)
        assert not second.done()
        over.set()
        second.result(timeout=30)
    running.result()


@locks_tables
def test_a_trigger_that_is_defined_otherwise_is_exchanged(quick):
    exchange_a_trigger()
    migrated()

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT obj_description(oid, 'pg_trigger') FROM pg_trigger"
            " WHERE tgname = 'pages_page_is_shown_update'"
        )
        assert cursor.fetchone()[0] != "another"


@pytest.fixture
def failing_migration(tmp_path, settings, monkeypatch):
    """A second migration of `web`, which fails once it has begun."""
    package = tmp_path / "failing_migrations"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "0001_initial.py").write_text(
        "from importlib import import_module\n"
        'Migration = import_module("web.migrations.0001_initial").Migration\n'
    )
    (package / "0002_fails.py").write_text(
        "from django.db import migrations\n\n"
        "def fail(apps, editor):\n    raise ValueError('halfway')\n\n"
        "class Migration(migrations.Migration):\n"
        "    dependencies = [('web', '0001_initial')]\n"
        "    operations = [migrations.RunPython(fail)]\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    settings.MIGRATION_MODULES = {"web": "failing_migrations"}


def test_one_that_fails_leaves_every_trigger(failing_migration):
    before = all_triggers()

    with pytest.raises(ValueError, match="halfway"):
        migrated()

    assert triggers()
    assert all_triggers() == before


def test_one_that_is_not_done_yet_is_known(failing_migration):
    assert migrating.is_pending("default")


def test_when_all_is_done_nothing_is_pending():
    assert not migrating.is_pending("default")


def test_a_node_whose_code_is_ahead_of_the_database_gets_no_visitors(
    client, failing_migration, monkeypatch
):
    monkeypatch.setattr(health, "_is_migrated", threading.Event())  # as after a start

    assert client.get("/readyz").status_code == 503


def test_a_node_without_its_stylesheets_gets_no_visitors(client, settings):
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "config.static_files.StaticFilesStorage"},
    }
    settings.STATIC_ROOT = settings.MEDIA_ROOT / "nothing"
    settings.STATIC_ROOT.mkdir(parents=True)

    assert client.get("/readyz").status_code == 503
