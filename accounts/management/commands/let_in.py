from argparse import ArgumentParser
from contextlib import suppress
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts import links, throttle, totp
from accounts.models import User
from web.addresses import absolute
from web.limits import CannotCount


class Command(BaseCommand):
    help = (
        "Let somebody back in who is locked out, an administrator for instance: prints a link by"
        " which they choose a new password, and forgets wrong passwords."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument(
            "--reset-second-factor", action="store_true", help="their phone is lost, too"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.of_address(options["email"]).first()
        if user is None:
            raise CommandError("Nobody signs in with this address. To add somebody: invite.")
        if not user.is_active:
            user.activate()
            self.stdout.write(f"{user.email} was deactivated, and is active again.")
        if options["reset_second_factor"] and totp.reset(user, by=None, at=timezone.now()):
            self.stdout.write("The second factor is reset.")
        with suppress(CannotCount):
            throttle.forget(user.email)
            throttle.forget_codes(user.pk)
        path = links.make(user, links.RESET, at=timezone.now())
        self.stdout.write("Within an hour they choose a new password at:")
        self.stdout.write(absolute(path))
