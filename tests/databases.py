"""The databases that tests write to: migrated once in a run, and copied from then on.

Each worker has a copy, and gets a new one after each test that commits: what the migrations put
there is there for every test.
"""

import shutil
from pathlib import Path

from django.db import connection

from tests.workers import made_once

TEMPLATE = "template_of_tests"


def use_a_copy() -> None:
    """To be called before Django makes the database for tests. SQLite's is migrated by each."""
    if connection.vendor == "postgresql":
        made_once("database", _make_template)
        connection.settings_dict["TEST"]["TEMPLATE"] = TEMPLATE


def _make_template(_folder: Path) -> None:
    settings = connection.settings_dict
    name, own_name = settings["NAME"], settings["TEST"]["NAME"]
    settings["TEST"]["NAME"] = TEMPLATE
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    connection.creation.destroy_test_db(name, verbosity=0, keepdb=True)
    settings["TEST"]["NAME"] = own_name


def keep_a_copy() -> None:
    """To be called once the database is made."""
    if connection.vendor == "sqlite":
        connection.close()  # and so moves what is in its log into the file
        shutil.copy(_file(), _copy())


def renew() -> None:
    """Have everything as it was after the migrations."""
    connection.close()
    if connection.vendor == "sqlite":
        shutil.copy(_copy(), _file())
        return
    name = connection.ops.quote_name(connection.settings_dict["NAME"])
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")


def _file() -> Path:
    return Path(connection.settings_dict["NAME"])


def _copy() -> Path:
    return _file().with_suffix(".migrated")
