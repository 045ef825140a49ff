"""Django's `migrate`, for a site that is in use and for several machines that start at once."""

import time
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import migrate
from django.db import OperationalError

from web import migrating

PAUSE = 3  # seconds in which everybody who had to wait goes on
PATIENCE = 1800


class Command(migrate.Command):
    help = f"{migrate.Command.help} Waits its turn, and never holds up the site for long."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--give-up-after",
            type=int,
            default=PATIENCE,
            metavar="SECONDS",
            help="How long to try again while others hold locks. Default: %(default)s",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["plan"] or options["check_unapplied"]:
            super().handle(*args, **options)
            return
        patience = options["give_up_after"]
        with migrating.alone(options["database"], tell=self._say_that_another_runs):
            until = time.monotonic() + patience
            while not self._has_migrated(*args, **options):
                if time.monotonic() > until:
                    raise CommandError(
                        f"For {patience} s another connection has held a lock that a migration"
                        " needs. None is half done. End what holds the lock (a dump, for example),"
                        " and run migrate again."
                    )
                self._say(
                    "Another connection holds a lock that is needed, for a dump perhaps."
                    f" Trying again in {PAUSE} s …"
                )
                time.sleep(PAUSE)

    def _has_migrated(self, *args: Any, **options: Any) -> bool:
        try:
            super().handle(*args, **options)
        except (Exception, KeyboardInterrupt) as error:
            migrating.failed.send_robust(type(self), using=options["database"])
            if isinstance(error, OperationalError) and migrating.is_held_up(error):
                return False
            raise
        return True

    def _say_that_another_runs(self) -> None:
        self._say("Another migrate is running. Waiting for it to end …")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
