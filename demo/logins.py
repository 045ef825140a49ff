"""One login per role, each with a password of this installation's own."""

import json
import secrets
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.utils import timezone

from demo.ledger import Ledger
from web.contributions import ADMINISTRATOR, AUTHOR, PUBLISHER, SALES

PEOPLE = {
    AUTHOR: ("author@cleansystems.example", "Ratna Kusumawati"),
    PUBLISHER: ("publisher@cleansystems.example", "Signe Brandhøj"),
    SALES: ("sales@cleansystems.example", "Mikkel Sørensen"),
    ADMINISTRATOR: ("admin@cleansystems.example", "Ida Lindqvist"),
}


def logins_file() -> Path:
    """Where the passwords are: on this machine, never in the repository."""
    return settings.VAR_DIR / "demo-logins.json"


def make_logins() -> None:
    """Make the people of the demo who do not exist yet, and take back those who went with it."""
    people = get_user_model().objects
    ledger, passwords = Ledger(timezone.now()), known()
    for role, (email, name) in PEOPLE.items():
        password = f"{role.lower()}-{secrets.token_hex(4)}"
        user = people.of_address(email).first()
        if user is None:
            user = people.create_user(email, password, name=name)
            user.groups.add(Group.objects.get(name=role))
            ledger.note(f"user {email} {user.pk}", user)
        elif f"user {email} {user.pk}" in ledger.rows and not user.has_usable_password():
            user.set_password(password)
            user.is_active = True
            user.save()
        else:
            continue
        passwords[email] = password
    logins_file().touch(mode=0o600)
    logins_file().write_text(json.dumps(passwords, indent=2))


def known() -> dict[str, str]:
    """The passwords that were given out, by email. They may have been changed since."""
    return json.loads(logins_file().read_text()) if logins_file().exists() else {}


def lines() -> list[str]:
    """Each role with its login, laid out for a terminal."""
    passwords = known()
    return [
        f"{role:<14} {email:<32} {passwords[email]}"
        for role, (email, _) in PEOPLE.items()
        if email in passwords
    ]
