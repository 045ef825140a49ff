import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from desk import audit
from desk.audit import Kind
from privacy import records
from privacy.collecting import collect, near_matches


class Command(BaseCommand):
    help = (
        "Write all that is stored about a person to two files, one to read (HTML) and one for "
        "programs (JSON): exactly what `erase` reaches. Names who else may be the same person."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", nargs="+", help="an address the person wrote from")
        parser.add_argument(
            "--to", default=".", metavar="FOLDER", help="where to write the files (default: here)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        stored = collect(options["email"])
        for near in near_matches(stored.person):
            self.stdout.write(f"Not included: {near.name} <{near.address}>. {near.why}.")
        if not stored:
            self.stdout.write("Nothing is stored about this address.")
            return
        name = f"personal-data-{timezone.localtime():%Y-%m-%d-%H%M%S}"
        for ending, text in (
            ("html", records.as_page(stored)),
            ("json", records.as_file(stored)),
        ):
            path = Path(options["to"]) / f"{name}.{ending}"
            try:
                _write(path, text)
            except OSError as error:
                raise CommandError(f"{path} was not written: {error.strerror}.") from None
            self.stdout.write(f"Written: {path}")
        audit.record(Kind.EXPORT, records.EXPORTED)


def _write(path: Path, text: str) -> None:
    """For its owner alone, and over nothing."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
