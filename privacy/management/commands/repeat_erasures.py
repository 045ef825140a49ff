from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from privacy import receipts
from privacy.collecting import collect
from privacy.erasing import ChangedMeanwhile, erase


class Command(BaseCommand):
    help = (
        "After a backup was restored: erase again whom receipts say were erased. Reads the "
        "receipts of the database, of the file erasures.jsonl in VAR_DIR, and of the files that "
        "you name. Whoever has written since is named and left alone."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="*", type=Path, help="receipts kept elsewhere")
        parser.add_argument(
            "--by", required=True, metavar="LOGIN", help="email of the colleague who does it"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        by = User.objects.of_address(options["by"]).filter(is_active=True).first()
        if by is None:
            raise CommandError(f"No member of staff signs in as {options['by']}.")
        found = self._read(options["file"])
        if others := sum(one.key != receipts.key_id() for one in found):
            self.stderr.write(
                f"{others} of {len(found)} receipts were made under another ERASURE_KEY, or before "
                "receipts had digests: nobody can tell whom they are about."
            )
        known = list(receipts.erased_before(found))
        count = sum(self._repeat(place, at, last, by=by) for place, at, last in known)
        self.stdout.write(f"Erased again: {count}. Receipts: {len(found)}.")

    def _read(self, files: list[Path]) -> list[receipts.Receipt]:
        own = [receipts.file()] if receipts.file().exists() else []
        try:
            return list(receipts.read([*own, *files]))
        except (OSError, ValueError) as error:
            raise CommandError(f"The receipts could not be read: {error}") from None

    def _repeat(self, place: str, at: datetime, last: datetime | None, *, by: User) -> bool:
        if last and last > at:
            self.stdout.write(
                f"Left alone: {place} was erased on {at:%Y-%m-%d} and has written, or was written "
                "to, since. Look at them in the admin."
            )
            return False
        stored = collect([place])
        if not stored.changes:
            return False  # gone with someone else's
        try:
            erase(stored, by=by, despite_hold=True)
        except ChangedMeanwhile:
            raise CommandError("What is stored changed just now. Run the command again.") from None
        return True
