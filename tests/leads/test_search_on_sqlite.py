"""The embedded set-up searches as well: the same tests, on SQLite."""

import os
import subprocess

from django.db import connection

from devtools.environment import PYTHON, ROOT


def test_sqlite_finds_what_postgresql_finds(tmp_path):
    if connection.vendor == "sqlite":
        return  # they run on it anyway
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")
    }
    environment |= {"DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3", "VAR_DIR": str(tmp_path)}
    command = [PYTHON, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/leads/test_search.py"]

    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)

    assert not done.returncode, done.stdout[-8000:]
    assert " passed" in done.stdout
