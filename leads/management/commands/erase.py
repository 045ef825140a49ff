from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from leads import erasure


class Command(BaseCommand):
    help = (
        "Erase a person who asks for it: their inquiries, the emails about them, their leads. "
        "Shows what will be deleted, and asks first."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the address the person wrote from")
        parser.add_argument(
            "--by",
            required=True,
            metavar="LOGIN",
            help="email of the colleague who does it, for the log",
        )
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *args, **options) -> None:
        by = User.objects.of_address(options["by"]).filter(is_active=True).first()
        if by is None:
            raise CommandError(f"Nobody of the staff signs in as {options['by']}.")
        traces = erasure.find(options["email"])
        if not traces:
            self.stdout.write("Nothing is kept about this address.")
            return
        self.stdout.write(f"To be erased: {traces.summary}.")
        for inquiry in traces.inquiries:
            self.stdout.write(f"  inquiry no. {inquiry.pk}: {inquiry}, {inquiry.email}")
        for lead in traces.leads:
            self.stdout.write(f"  lead no. {lead.pk}: {lead}")
        for lead in traces.shared_leads:
            self.stdout.write(f"  lead no. {lead.pk} is kept for someone else; its text is erased")
        if not options["yes"] and not self._agreed():
            raise CommandError("Nothing was erased.")
        try:
            erasure.erase(traces, by=by)
        except erasure.ChangedMeanwhile:
            raise CommandError(
                "Nothing was erased: this person wrote, or was written to, just now. Run it again."
            ) from None
        self.stdout.write("Erased. Emails already delivered and backups are not affected.")

    def _agreed(self) -> bool:
        try:
            return input('This cannot be undone. Type "erase" to go on: ').strip() == "erase"
        except EOFError:
            return False
