"""Making a stranger's words safe to stand in a mail's headers and to be written to."""

import re

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

# Cc: control characters, line breaks among them. Cf: direction overrides, zero-width joints.
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")


def one_line(words: str) -> str:
    """The words on one line, without control characters or marks that turn the reading direction.

    RFC 5322, section 2.2: a header field is one line; what follows a line break would be another.
    """
    return " ".join(_UNSEEN.sub(" ", words).split())


def validate_address(address: str) -> None:
    """Raise `ValidationError` unless this is one plain address that mail goes to as it reads.

    Django's own check lets an RFC 2047 encoded word stand as the part before the @; mail code
    decodes it later, and the letter goes somewhere else.
    """
    validate_email(address)
    if "=?" in address or _UNSEEN.search(address):
        raise ValidationError("Enter a valid email address.", code="invalid")


def normalise_address(address: str) -> str:
    """What makes two ways of typing an address the same: blanks around it and letter case."""
    return address.strip().lower()
