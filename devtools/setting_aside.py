"""A var/ from before version 0.2.0, whose database no migration fits, is moved aside.

Nothing is deleted, and a database elsewhere (DATABASE_URL) is not touched.
"""

from datetime import datetime
from pathlib import Path

from devtools.environment import PYTHON, ROOT, Stop, quietly, setting

# By the beginnings of their names: SQLite puts db.sqlite3-wal beside db.sqlite3.
OURS = (
    "collected",
    "db.sqlite3",
    "demo-logins.json",
    "log",
    "mail",
    "media",
    "migrated",
    "queue",
    "run.lock",
    "seeded",
    "static",
    "test.sqlite3",
)


def is_too_old(var: Path, environment: dict[str, str]) -> bool:
    """Whether the site has its own database file, from before 0.2.0: config/checks.py knows."""
    if setting("DATABASE_URL") or not (var / "db.sqlite3").exists():
        return False
    asked = quietly(PYTHON, "manage.py", "check", "--database", "default", env=environment)
    return "(config.E004)" in asked.stdout


def set_aside(var: Path) -> Path:
    """Give the folder another name, and make an empty one in its place. Returns the new name."""
    aside = var.with_name(f"{var.name}.before-{datetime.now():%Y%m%d-%H%M%S}")
    found = f"The database in {var} was made by a commit before version 0.2.0 and cannot be used."
    others = [path.name for path in var.iterdir() if not path.name.startswith(OURS)]
    if others and var != ROOT / "var":
        raise Stop(
            f"{found}\nThe folder holds other things too ({', '.join(sorted(others)[:3])}), so it "
            "stays where it is. Set VAR_DIR to another folder."
        )
    try:
        var.rename(aside)
    except OSError as error:
        raise Stop(
            f"{found}\nIt could not be moved ({error}). Set VAR_DIR to another folder."
        ) from None
    (var / "log").mkdir(parents=True)
    return aside
