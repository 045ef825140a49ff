from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts import links
from accounts.models import User
from accounts.roles import ADMINISTRATOR, ROLES
from web.addresses import absolute


class Command(BaseCommand):
    help = (
        "Add a member of staff, the first administrator for instance, and print the link by which"
        " they choose their password. It is sent to them, too."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", default="", help="as colleagues see it")
        parser.add_argument("--role", choices=ROLES, default=ADMINISTRATOR)

    def handle(self, *args: Any, **options: Any) -> None:
        if User.objects.of_address(options["email"]).exists():
            raise CommandError(
                "Someone signs in with this address already. To let them back in: let_in."
            )
        user = User(email=options["email"], name=options["name"] or options["email"])
        user.set_unusable_password()
        try:
            user.full_clean()
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        user.save()
        user.groups.add(Group.objects.get(name=options["role"]))
        path = links.invite(user, by=None, at=timezone.now())
        self.stdout.write(
            f"{user.email} is {options['role']}. Within 7 days they choose their password at:"
        )
        self.stdout.write(absolute(path))
