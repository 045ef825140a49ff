"""What no password may be, besides short and common: what somebody who knows us would try first."""

import re

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string

from web.addresses import host

# Of which passwords of twelve letters and more are made that lists of common ones have not: they
# stop at shorter ones. NIST SP 800-63B-4, section 3.1.1.2: words of the context, repetitions, rows.
WORDS = {
    *("password", "passwort", "adgangskode", "welcome", "letmein", "admin", "administrator"),
    *("qwerty", "qwertyuiop", "asdfghjkl", "zxcvbnm", "iloveyou", "monkey", "dragon", "football"),
    *("summer", "winter", "spring", "autumn", "secret", "changeme", "login", "master", "company"),
    *("consulting", "consultancy", "website", "sunshine", "princess", "baseball", "superman"),
}
ROWS = "abcdefghijklmnopqrstuvwxyz 01234567890 qwertyuiop asdfghjkl zxcvbnm qwertz"
LEET = str.maketrans("013457@$!", "oleastasi")
MIN_REST = 5  # different characters besides


class LocalPasswordValidator:
    """Refuses a password of which little is left without well-known words, our own name, years
    and rows of keys. Nothing is asked of another host.
    """

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        plain = password.casefold()
        for one in (plain, plain.translate(LEET)):
            if self._rest(one) < MIN_REST:
                raise ValidationError(
                    "It is made of common words, the site’s name, rows of keys, or few characters."
                    " Add words that only you would put together.",
                    code="password_too_common",
                )

    def get_help_text(self) -> str:
        return (
            "Four or five words that don’t belong together are easy to remember and hard to guess."
        )

    def _rest(self, plain: str) -> int:
        """How many different characters there are besides."""
        rest = re.sub(r"(?:19|20)\d\d", " ", plain)
        for word in sorted(WORDS | _names(), key=len, reverse=True):
            rest = rest.replace(word, " ")
        for row in ROWS.split():
            for run in (row, row[::-1]):
                for length in range(len(run), 3, -1):
                    for at in range(len(run) - length + 1):
                        rest = rest.replace(run[at : at + length], " ")
        return len(set(rest) - {" "})


def _names() -> set[str]:
    """Ours: of the host, and of the site."""
    said = f"{host()} {settings.SITE_HOST} {render_to_string('mail/sender.txt')}"
    return {one for one in re.split(r"[\W\d_]+", said.casefold()) if len(one) > 3}
