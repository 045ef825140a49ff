"""PostgreSQL's role and database, and the site's tables in it."""

import time

from deploy.installed import Stop
from deploy.installing.changes import progress, run, site, works
from deploy.installing.place import COMMAND


def make_database() -> None:
    run(["systemctl", "start", "postgresql"], "PostgreSQL does not start")
    ends = time.monotonic() + 60
    while not works(["runuser", "-u", "postgres", "--", "psql", "-tAc", "SELECT 1"]):
        if time.monotonic() > ends:
            raise Stop(
                "PostgreSQL does not answer. See: journalctl -u 'postgresql*'; then run this again."
            )
        time.sleep(0.5)
    # `site` is USER: written out, so that nobody wonders what becomes part of a statement.
    for question, statement in [
        (
            "SELECT 1 FROM pg_roles WHERE rolname = 'site'",
            # It makes a database of its own when a backup is tried.
            "CREATE ROLE site LOGIN CREATEDB",
        ),
        (
            "SELECT 1 FROM pg_database WHERE datname = 'site'",
            "CREATE DATABASE site OWNER site TEMPLATE template0 ENCODING 'UTF8'"
            " LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'",
        ),
    ]:
        if not _sql(question).strip():
            _sql(statement)
            progress.change()


def _sql(statement: str) -> str:
    command = ["psql", "-v", "ON_ERROR_STOP=1", "-tAXqc", statement]
    return run(command, "PostgreSQL refuses", user="postgres")


def fill_database() -> None:
    site("check", trouble="The settings are not right")
    if not works([str(COMMAND), "migrate", "--check"]):
        site("migrate", "--verbosity", "0", trouble="The database cannot be migrated")
        progress.change()
