"""What lies below VAR_DIR is its owner's alone, but for pictures and static files."""

import os
import sqlite3
import subprocess
from contextlib import closing

from config import private_files
from devtools.environment import PYTHON, ROOT


def open_to_others(var):
    """What others may read, write or enter."""
    return {
        str(path.relative_to(var))
        for path in var.rglob("*")
        if not path.is_symlink() and path.stat().st_mode & 0o077
    }


def test_what_an_earlier_version_left_open_is_closed(tmp_path, open_umask):
    for folder in ("log", "mail", "queue/messages", "media/images", "static/css"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "file").write_text("x")
    for file in ("db.sqlite3", "db.sqlite3-wal", "db.sqlite3-shm", "demo-logins.json", "run.lock"):
        (tmp_path / file).write_text("")
    (tmp_path / "someone-elses").write_text("x")

    private_files.close(tmp_path)

    assert open_to_others(tmp_path) == {
        "media", "media/images", "media/images/file", "static", "static/css", "static/css/file",
        "someone-elses",
    }  # fmt: skip


def test_the_database_and_what_sqlite_puts_beside_it_are_closed_from_the_first(
    tmp_path, open_umask
):
    private_files.close(tmp_path)

    with closing(sqlite3.connect(tmp_path / "db.sqlite3")) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE one (x)")
        assert (tmp_path / "db.sqlite3-wal").exists()
        assert open_to_others(tmp_path) == set()


def test_a_whole_site_leaves_nothing_open_and_nothing_erased_in_its_file(tmp_path, open_umask):
    """Migrated, written to and erased from in processes of its own, on SQLite."""
    environment = {
        "PATH": os.environ["PATH"], "READ_DOT_ENV": "0", "SECRET_KEY": "any",
        "VAR_DIR": str(tmp_path),
    }  # fmt: skip
    story = """
import config.wsgi
from django.core.mail import send_mail
from redirects.models import MissingPage

send_mail("Hello", "x", None, ["ada@private.example"])
open("VAR/log/new.log", "w").close()
MissingPage.objects.bulk_create([MissingPage(path=f"/zanzibar-{n}") for n in range(500)])
MissingPage.objects.all().delete()
""".replace("VAR", str(tmp_path))
    for command in (["migrate", "--verbosity", "0"], ["shell", "-c", story]):
        subprocess.run([PYTHON, "manage.py", *command], cwd=ROOT, env=environment, check=True)

    assert {path.split("/")[0] for path in open_to_others(tmp_path)} <= {"media", "static"}
    assert list(tmp_path.glob("mail/*.eml"))
    assert b"zanzibar" not in (tmp_path / "db.sqlite3").read_bytes()
