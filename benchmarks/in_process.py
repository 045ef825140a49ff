"""All of Django inside the script's own process, on a PostgreSQL of its own."""

import os
import secrets
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
from django.core.management import call_command
from django.db import connections

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from devtools.services import start_postgres


@contextmanager
def product_on_postgres() -> Iterator[None]:
    """Migrated, and empty. Models can be imported within it only: before, nothing is set up."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        folder = Path(name)
        with start_postgres(folder) as postgres:
            os.environ.update(
                DATABASE_URL=postgres.url,
                DJANGO_SETTINGS_MODULE="config.settings",
                DEMO="on",
                LOG_LEVEL="ERROR",
                READ_DOT_ENV="0",
                REDIS_URL="",
                SECRET_KEY=secrets.token_urlsafe(50),
                SITE_URL="http://127.0.0.1:8000",
                VAR_DIR=str(folder / "var"),
            )
            django.setup()
            try:
                call_command("collectstatic", interactive=False, verbosity=0)
                call_command("migrate", verbosity=0)
                yield
            finally:
                connections.close_all()
