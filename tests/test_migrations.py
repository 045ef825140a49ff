"""One initial migration for each app, with triggers and indexes that no model names."""

import os
import sqlite3
import subprocess
from contextlib import closing

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django_migration_linter import MigrationLinter

from config import earlier_databases
from devtools import setting_aside
from devtools.environment import PYTHON, ROOT, Stop


@pytest.mark.django_db(transaction=True)
def test_what_no_model_names_goes_with_its_tables_and_comes_back():
    before = triggers()

    call_command("migrate", "articles", "zero", verbosity=0)  # readiness and leads go along
    remaining = triggers()
    call_command("migrate", verbosity=0)

    assert {"leads_brief_never_changes", "readiness_set_is_kept"} <= before - remaining
    assert triggers() == before


# Migrations that the linter takes for dangerous, and why they are not.
HARMLESS = {
    "0005_listed_articles": "What it adds a column to is a table that it makes.",
}


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "postgresql", reason="it reads PostgreSQL's statements")
def test_no_migration_stops_the_release_before_which_runs_until_it_is_restarted(capsys):
    """Nor does it rename or drop what that release reads, or demand what it does not write."""
    linter = MigrationLinter(
        str(ROOT), ignore_initial_migrations=True, ignore_name=HARMLESS, no_cache=True
    )

    linter.lint_all_migrations()

    assert not linter.nb_erroneous, capsys.readouterr().out
    assert linter.nb_valid > 20


def triggers():
    statement = (
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return {name for (name,) in cursor.fetchall()}


def migrations_of(app):
    return MigrationRecorder(connection).migration_qs.filter(app=app)


def rename_a_table():
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE web_jobrun RENAME TO pages_otherwise")


def rename_a_column():
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE web_jobrun RENAME COLUMN task TO otherwise")


SIGNS_OF_AN_EARLIER_COMMIT = {
    "a migration that is no more": lambda: migrations_of("pages").create(
        app="pages", name="0002_first_rows"
    ),
    "a table that was never made": rename_a_table,
    "a column that was never made": rename_a_column,
    "a migration before those it needs": lambda: migrations_of("images").delete(),
}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "make", SIGNS_OF_AN_EARLIER_COMMIT.values(), ids=SIGNS_OF_AN_EARLIER_COMMIT.keys()
)
def test_a_database_from_before_the_first_release_is_refused(make):
    assert not earlier_databases.is_one(connection)
    make()

    [error] = run_checks(tags=["database"], databases=["default"])

    assert "made by a commit before version 0.2.0" in error.msg
    assert "Start with an empty database" in error.hint


@pytest.mark.django_db
@pytest.mark.parametrize("app", ["pages", "leads"])
def test_a_database_that_a_later_release_migrated_is_not_refused(app):
    """After a rollback, or while a release is rolled out, the code is older than the database."""
    migrations_of(app).create(app=app, name="0002_of_a_later_release")
    rename_a_table()

    assert not earlier_databases.is_one(connection)


class TestAnOwnDatabaseFile:
    """In processes of their own, on SQLite."""

    @pytest.fixture
    def old(self, tmp_path):
        var = tmp_path / "var"
        run(var, ["manage.py", "check"])
        with closing(sqlite3.connect(var / "db.sqlite3")) as database, database:
            database.execute("CREATE TABLE django_migrations (id integer, app, name, applied)")
            database.execute(
                "INSERT INTO django_migrations VALUES (1, 'pages', '0002_first_rows', '2026-11-24')"
            )
        return var

    @pytest.mark.parametrize(
        "command",
        [
            ["manage.py", "migrate"],
            ["-c", "import config.wsgi"],
            ["-m", "celery", "-A", "config", "worker", "--pool", "solo"],
        ],
        ids=["migrate", "the web server", "the worker"],
    )
    def test_an_old_one_ends_every_start_in_the_same_words(self, old, command):
        done = run(old, command)

        assert done.returncode
        assert "made by a commit before version 0.2.0" in done.stdout
        assert "Traceback" not in done.stdout

    def test_an_old_one_is_moved_aside_with_all_that_belongs_to_it(self, old, monkeypatch):
        monkeypatch.delenv("DATABASE_URL", raising=False)
        (old / "media").mkdir()
        (old / "media" / "picture.jpg").write_text("a picture")
        assert setting_aside.is_too_old(old, variables(old))
        before = (old / "db.sqlite3").read_bytes()

        aside = setting_aside.set_aside(old)

        assert aside.name.startswith("var.before-") and aside.parent == old.parent
        assert (aside / "db.sqlite3").read_bytes() == before
        assert (aside / "media" / "picture.jpg").read_text() == "a picture"
        assert [path.name for path in old.iterdir()] == ["log"]

    def test_an_empty_one_and_a_current_one_stay(self, tmp_path, monkeypatch):
        monkeypatch.delenv("DATABASE_URL", raising=False)
        (tmp_path / "db.sqlite3").touch()

        assert not setting_aside.is_too_old(tmp_path, variables(tmp_path))
        migrated = run(tmp_path, ["manage.py", "migrate", "--verbosity", "0"])

        assert not migrated.returncode, migrated.stdout
        assert not setting_aside.is_too_old(tmp_path, variables(tmp_path))

    def test_an_old_one_that_is_not_used_stays(self, old, monkeypatch):
        monkeypatch.setenv("DATABASE_URL", "postgres://db.example.com/site")

        assert not setting_aside.is_too_old(old, variables(old))

    def test_a_folder_that_holds_other_things_stays(self, old):
        (old / "thesis.odt").write_text("years of work")

        with pytest.raises(Stop, match=r"thesis\.odt"):
            setting_aside.set_aside(old)

        assert (old / "db.sqlite3").exists()


def variables(var):
    return {
        "PATH": os.environ["PATH"], "READ_DOT_ENV": "0", "SECRET_KEY": "any", "VAR_DIR": str(var),
    }  # fmt: skip


def run(var, command):
    return subprocess.run(
        [PYTHON, *command], cwd=ROOT, env=variables(var), text=True, timeout=120,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
