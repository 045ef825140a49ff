from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from demo import logins, seeding


class Command(BaseCommand):
    help = (
        "Load the demo: articles, offices, copy, inquiries, and one login per role. Safe to "
        "repeat. --remove removes what it made and nothing else; its logins are deactivated."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--remove", action="store_true", help="remove the demo content")
        parser.add_argument("--logins", action="store_true", help="only print the demo's logins")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["remove"]:
            for sentence in seeding.unseed():
                self.stdout.write(sentence)
            logins.logins_file().unlink(missing_ok=True)
            self.stdout.write("The demo content is removed. Its logins are deactivated.")
            return
        if not options["logins"]:
            logins.make_logins()
            seeding.seed(timezone.now())
        self.stdout.write("\n".join(logins.lines()))
