"""Looks at everything that the site stands on, and says what to do about what is wrong."""

import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError

from web.contributions import every
from web.diagnosis import Finding, Question, backups, machine, outside, servers, uploads


class Command(BaseCommand):
    help = "Asks settings, servers, DNS, clocks and disks whether all is well. Changes nothing."
    requires_system_checks: list[str] = []  # what they find is part of the report

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", metavar="ADDRESS", help="send a test email there")
        parser.add_argument(
            "--dkim-selector", default="", metavar="NAME", help="look for that DKIM key as well"
        )
        parser.add_argument(
            "--nameserver", default="", metavar="ADDRESS", help="ask this one, not the machine's"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        faults = 0
        for finding in self._findings(**options):
            faults += finding.fault
            self._tell(finding)
        if faults:
            things = "1 thing needs" if faults == 1 else f"{faults} things need"
            self.stdout.write(self.style.ERROR(f"\n{things} your attention."))
            sys.exit(1)
        self.stdout.write(self.style.SUCCESS("\nAll is well."))

    def _findings(self, **options: Any) -> Iterator[Finding]:
        questions: list[Question] = [
            machine.variables,
            servers.database,
            servers.redis,
            servers.workers,
            uploads.store,
            backups.store,
            machine.static_files,
            machine.disk,
            machine.people,
            outside.certificate,
            outside.mail_server,
            outside.sentry,
            partial(outside.sender_records, options["dkim_selector"], options["nameserver"]),
            *(question for one in every() for question in one.questions),
        ]
        if options["email"]:
            questions.append(partial(outside.test_email, options["email"]))
        for question in questions:
            # Why the database has no answer, or has not these tables yet, is said by its own line.
            with suppress(DatabaseError):
                yield from question()

    def _tell(self, finding: Finding) -> None:
        if finding.fault:
            self.stdout.write(self.style.ERROR(f"✗ {finding.text}"))
            self.stdout.write(f"    {finding.fix}")
        else:
            self.stdout.write(f"✓ {finding.text}")
        self.stdout.flush()
