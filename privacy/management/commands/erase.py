from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from privacy.collecting import Stored, collect, near_matches
from privacy.erasing import ChangedMeanwhile, Held, erase


class Command(BaseCommand):
    help = (
        "Erase a person who asks for it: their inquiries, the emails about them, their leads. "
        "Shows what will be deleted and what stays, and asks first."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", nargs="+", help="an address the person wrote from")
        parser.add_argument(
            "--by",
            required=True,
            metavar="LOGIN",
            help="email of the colleague who does it, for the receipt",
        )
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *args: Any, **options: Any) -> None:
        by = User.objects.of_address(options["by"]).filter(is_active=True).first()
        if by is None:
            raise CommandError(f"No member of staff signs in as {options['by']}.")
        stored = collect(options["email"])
        self._show(stored)
        if not stored.changes:
            if stored:
                self.stdout.write("There is nothing to erase.")
            return
        if not options["yes"] and not self._agreed():
            raise CommandError("Nothing was erased.")
        try:
            receipt = erase(stored, by=by)
        except ChangedMeanwhile:
            raise CommandError(
                "Nothing was erased: what is stored changed just now. Run the command again."
            ) from None
        except Held:
            raise CommandError(
                "Nothing was erased: a colleague has marked the person to be kept."
            ) from None
        self.stdout.write(f"Erased: {receipt.deleted}. {receipt}.")
        self.stdout.write("Emails already delivered and backups are not affected.")

    def _show(self, stored: Stored) -> None:
        for near in near_matches(stored.person):
            self.stdout.write(f"Not included: {near.name} <{near.address}>. {near.why}.")
        if not stored:
            self.stdout.write("Nothing is stored about this address.")
        for subject, groups in stored.subjects.items():
            self.stdout.write(subject)
            for group in groups:
                self.stdout.write(f"  {group.count}. {group.fate}: {group.said.why}")

    def _agreed(self) -> bool:
        try:
            return input('This cannot be undone. Type "erase" to go on: ').strip() == "erase"
        except EOFError:
            return False
