from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from privacy import receipts, repeating
from privacy.erasing import ChangedMeanwhile


class Command(BaseCommand):
    help = (
        "After a backup was restored: erase again whom receipts say were erased, as `restore` does "
        "by itself. Reads the receipts of the database, of the file erasures.jsonl in VAR_DIR, and "
        "of the files that you name. Whoever has written since is named and left alone."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="*", type=Path, help="receipts kept elsewhere")
        parser.add_argument(
            "--by", metavar="LOGIN", help="email of the colleague who does it; else it is the site"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        by = None
        if options["by"]:
            by = User.objects.of_address(options["by"]).filter(is_active=True).first()
            if by is None:
                raise CommandError(f"No member of staff signs in as {options['by']}.")
        try:
            for said in repeating.repeat([*receipts.files(), *options["file"]], by=by):
                self.stdout.write(said)
        except (OSError, ValueError) as error:
            raise CommandError(f"The receipts could not be read: {error}") from None
        except ChangedMeanwhile:
            raise CommandError("What is stored changed just now. Run the command again.") from None
