"""What /metrics says, where no web process is: for the textfile collector of node_exporter."""

from typing import Any

from django.core.management.base import BaseCommand

from web.metrics import scrape


class Command(BaseCommand):
    help = "Prints what the processes of this machine have counted, and what rows and queue say."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(scrape.text(), ending="")
