"""Two real releases of this site on the servers of a stack, and visitors meanwhile."""

import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self

from devtools.environment import VENV
from devtools.processes import wait_until
from tests.installed import Installed, begin_release, copy_of_this_tree
from tests.stack import Answer, Stack, visitor

TOKEN = "tokenoftwentyletters"
NEXT = "99.0.0"
PATHS = ["/", "/articles/", "/offices/", "/contact/", "/readiness/"]
SERVICES = ["site-worker.service", "site-sender.service", "site-beat.service"]
SECONDS_TO_GET_READY = 120
MIGRATION = """\
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("web", "{after}")]
    operations = [
        migrations.AddField("jobrun", "note", models.TextField(blank=True, db_default="")),
    ]
"""


def this_release(folder: Path) -> Path:
    tree = copy_of_this_tree(folder)
    (tree / ".venv").symlink_to(VENV)
    return tree


def next_release(folder: Path) -> Path:
    """It has a column more, and reads it wherever it notes that a job ran."""
    tree = copy_of_this_tree(folder)
    begin_release(tree, NEXT, asks="- Nothing.")
    migrations = tree / "web" / "migrations"
    last = max(path.stem for path in migrations.glob("0*.py"))
    (migrations / "9999_jobrun_note.py").write_text(MIGRATION.format(after=last))
    models = tree / "web" / "models.py"
    field = "    last_ran_at = models.DateTimeField()\n"
    text = models.read_text()
    assert field in text
    added = f'{field}    note = models.TextField(blank=True, db_default="")\n'
    models.write_text(text.replace(field, added))
    return tree


def installed(stack: Stack, folder: Path) -> Installed:
    """This release, with all its processes running, on the stack's port and servers."""
    static = folder / "static"
    subprocess.run(["cp", "-a", (stack.var / "static").resolve(), static], check=True)
    backups = folder / "backups"
    backups.mkdir()
    stack.environment |= {
        "STATUS_TOKEN": TOKEN,
        "STATIC_ROOT": str(static),
        "BACKUP_DIR": str(backups),
        "NOTIFICATIONS_PER_HOUR": "100000",
        "ACKNOWLEDGMENTS_PER_HOUR": "100000",
    }
    given = {name: value for name, value in stack.environment.items() if name != "HOME"}
    release = this_release(folder / "first")
    site = Installed(folder, release, _version(release), port=stack.port, settings=given)
    site.services.take("start", "site-web@1.service", *SERVICES)
    is_ready = wait_until(
        lambda: stack.get("/readyz").status == 200, seconds=SECONDS_TO_GET_READY, pause=0.2
    )
    assert is_ready, (folder / "site-web@1.service.log").read_text()
    return site


def _version(tree: Path) -> str:
    return (tree / "CHANGELOG.md").read_text().partition("\n## ")[2].split()[0]


def serving(stack: Stack) -> str:
    """The version that answers."""
    token = {"Authorization": f"Bearer {TOKEN}"}
    return stack.get("/readyz", headers=token).text.split()[1]


class Visitors:
    """So many requests a second, each over a connection of its own, every fifth an inquiry. They
    come at their time, whether those before them have been answered or not.
    """

    def __init__(self, stack: Stack, *, per_second: float) -> None:
        self.stack, self.pause = stack, 1 / per_second
        self.answers: list[tuple[str, Answer]] = []
        self.thanked: list[str] = []
        self._ends = threading.Event()
        self._pool = ThreadPoolExecutor(64)
        self._clock = threading.Thread(target=self._come)

    def __enter__(self) -> Self:
        self._clock.start()
        return self

    def __exit__(self, *details: object) -> None:
        self._ends.set()
        self._clock.join()
        self._pool.shutdown()

    def _come(self) -> None:
        due, number = time.monotonic(), 0
        while not self._ends.wait(max(0.0, due - time.monotonic())):
            number += 1
            due += self.pause
            if number % 5:
                self._pool.submit(self._read, PATHS[number % len(PATHS)])
            else:
                self._pool.submit(self._ask)

    def _read(self, path: str) -> None:
        self.answers.append((path, self.stack.get(path)))

    def _ask(self) -> None:
        email = visitor()
        answer = self.stack.send_inquiry(email)
        self.answers.append((email, answer))
        if answer.is_thanks:
            self.thanked.append(email)

    @property
    def failures(self) -> list[tuple[str, int]]:
        """Refused, cut off, or answered with an error; and inquiries without thanks."""
        return [
            (what, answer.status)
            for what, answer in list(self.answers)
            if answer.status in (0, *range(400, 600)) or ("@" in what and not answer.is_thanks)
        ]

    @property
    def slowest(self) -> float:
        return max(answer.seconds for _, answer in list(self.answers))


def change(site: Installed, *words: str | Path) -> str:
    """What the operator reads. It has to succeed."""
    done: subprocess.CompletedProcess[str] = site.run(*map(str, words))
    assert done.returncode == 0, done.stdout
    return done.stdout
