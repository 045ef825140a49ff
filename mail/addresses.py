"""Which mailbox an address names. All comparisons of addresses go through here.

One mailbox has many spellings: a domain in letters or in A-labels, in capitals or full-width,
composed or not; a local part in needless quotes. `readable` is how an address is kept and shown,
`wire` what mail servers get, `mailbox` what two spellings of one mailbox have in common, and
`untagged` the mailbox without its +tag, for caps and suppression. None of them ever raises.

Domains are resolved as browsers do, by UTS #46: Django and Python's codec follow IDNA 2003, for
which straße.example is strasse.example, a domain of someone else.
"""

import re
import unicodedata
from collections.abc import Sequence, Set
from typing import Any

import idna
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models
from django.db.models.functions import Lower

MAX_LENGTH = 254  # RFC 5321, section 4.5.3.1.3, without the angle brackets

# RFC 5322, section 3.2.3: what needs no quotes.
_DOT_ATOM = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*", re.IGNORECASE | re.ASCII
)
_QUOTED_PAIR = re.compile(r"\\(.)", re.DOTALL)
_FULL_WIDTH = {0xFF01 + n: 0x21 + n for n in range(94)}
_OTHER_NAMES = {"googlemail.com": "gmail.com"}  # of one provider
_BLANK_OR_UNSEEN = re.compile(
    r"[\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]"
)

# Nobody reads these, in whatever way they are written: with dots, dashes or digits between.
_DAEMON = re.compile(
    r"mailerdaemon|(?:postmaster|hostmaster|m?daemon|nobody|null|devnull|autoreply|autoresponder|"
    r"listserv|majordomo|bounces?)$|bounces?[-_.=]|owner[-_.]|.*[-_.]request$|"
    r".*(?:(?:no|dont|donot|never)re(?:ply|spon[ds])|noanswer|nepasrepondre|keineantwort|"
    r"nichtantworten|naoresponda|nonrispondere|svarikke|ikkesvar|svaraej|ejsvar)"
)
# Not on the public internet (RFC 6761, RFC 6762, RFC 9476, and what ICANN reserved).
_RESERVED = frozenset(
    {"localhost", "localdomain", "invalid", "local", "internal", "home", "corp", "lan", "intranet",
     "private", "arpa", "onion", "alt"}
)  # fmt: skip


def readable(address: str) -> str:
    """The address as it is kept and shown: full-width letters folded, the domain in its letters."""
    local, domain = _parts(address)
    return f"{local}@{_in_letters(domain)}" if domain else local


def wire(address: str) -> str:
    """The mailbox as typed, its domain in A-labels: nothing on the way out folds it further."""
    local, domain = _parts(address)
    return f"{local}@{_in_a_labels(domain)}" if domain else local


def mailbox(address: str) -> str:
    """The same for all spellings of one mailbox, and for nobody else's."""
    return wire(address).lower()


def untagged(address: str) -> str:
    """The mailbox without its +tag: who has one has them all."""
    local, at, domain = mailbox(address).rpartition("@")
    return f"{local.partition('+')[0] or local}{at}{domain}"


def loosely(address: str) -> str:
    """What addresses have in common that some providers deliver to one mailbox: no +tag, no dots.

    A hint for people and never proof: elsewhere they are two mailboxes.
    """
    local, at, domain = untagged(address).rpartition("@")
    return f"{local.replace('.', '')}{at}{_OTHER_NAMES.get(domain, domain)}"


def nearly_of_mailboxes(
    rows: models.QuerySet[Any], name: str, mailboxes: Set[str]
) -> models.QuerySet[Any]:
    """The rows in which the field has an address that is `loosely` one of these and not itself one
    of them. Not those who write it in quotes or in full-width letters: nobody does by chance.
    """
    alike = {loosely(one) for one in mailboxes}
    maybe = models.Q(pk=None)
    for one in alike:
        local = r"\.?".join(re.escape(letter) for letter in one.rpartition("@")[0])
        maybe |= models.Q(**{f"{name}__iregex": rf"^{local}(\+.*)?@"})
    found = rows.filter(maybe).order_by().values_list("pk", name)
    keys = [pk for pk, at in found if loosely(at) in alike and mailbox(at) not in mailboxes]
    return rows.filter(pk__in=keys)


def of_mailboxes(
    rows: models.QuerySet[Any], name: str, mailboxes: Set[str]
) -> models.QuerySet[Any]:
    """The rows in which the field has an address of one of the mailboxes, however it is spelled.

    Compared in Python, which knows all spellings; one that is written in ASCII without quotes is
    spelled in its own way but for capitals.
    """
    maybe = models.Q(lower__in=mailboxes) | models.Q(**{f"{name}__regex": r'[^!-~]|"|\.$'})
    written = rows.alias(lower=Lower(name)).filter(maybe).values_list("pk", name)
    return rows.filter(pk__in=[pk for pk, address in written if mailbox(address) in mailboxes])


def validate_address(address: str) -> None:
    """Raise `ValidationError` unless this is one plain address that mail goes to as it reads.

    Django's own check lets an RFC 2047 encoded word stand as the part before the @; mail code
    decodes it later, and the email goes somewhere else.
    """
    if _BLANK_OR_UNSEEN.search(address):
        raise ValidationError(_INVALID, code="invalid")
    local, domain = _parts(address)
    if not local.isascii():
        strange = next(letter for letter in local if not letter.isascii())
        raise ValidationError(
            f"We cannot email an address with “{strange}” before the @. Please enter another.",
            code="invalid",
        )
    if domain.startswith("["):
        raise ValidationError(
            "Please enter a full address, with a name after the @: name@example.com.",
            code="invalid",
        )
    try:
        in_a_labels = _to_a_labels(domain)
    except UnicodeError:
        raise ValidationError(
            f"We cannot email “{domain[:80]}”. Please check the part after the @.",
            code="invalid",
        ) from None
    whole = f"{local}@{in_a_labels}"
    if len(whole) > MAX_LENGTH:
        raise ValidationError(
            f"This address is {len(whole)} characters long when sent; the limit is {MAX_LENGTH}.",
            code="max_length",
        )
    if "=?" in whole:
        raise ValidationError(_INVALID, code="invalid")
    try:
        validate_email(whole)
    except ValidationError:
        raise ValidationError(_INVALID, code="invalid") from None


_INVALID = "This does not look like an email address. Write it like name@example.com."


def is_written_to(address: str) -> bool:
    """Whether an automatic email may go there: to a person on the public internet, not to us."""
    local, _, domain = untagged(address).rpartition("@")
    squashed = re.sub(r"[-_.\d]", "", local)
    is_reachable = "." in domain and domain.rpartition(".")[2] not in _RESERVED
    is_literal = domain.startswith("[") or domain.replace(".", "").isdigit()
    is_daemon = bool(_DAEMON.match(local) or _DAEMON.match(squashed))
    ours = {untagged(_bare(one)) for one in (settings.DEFAULT_FROM_EMAIL, settings.SERVER_EMAIL)}
    return is_reachable and not is_literal and not is_daemon and f"{local}@{domain}" not in ours


def _bare(sender: str) -> str:
    return sender.rpartition("<")[2].rstrip("> ")


def _parts(address: str) -> tuple[str, str]:
    """The local part as typed, without needless quotes, and the domain."""
    folded = unicodedata.normalize("NFC", address.strip().translate(_FULL_WIDTH))
    local, at, domain = folded.rpartition("@")
    if not at:
        return folded, ""
    if len(local) > 1 and local[0] == local[-1] == '"':
        said = _QUOTED_PAIR.sub(r"\1", local[1:-1])
        escaped = re.sub(r'(["\\])', r"\\\1", said)
        local = said if _DOT_ATOM.fullmatch(said) else f'"{escaped}"'
    return local, domain.rstrip(".")


def _to_a_labels(domain: str) -> str:
    """Raises `UnicodeError` for what no browser would find."""
    if domain.isascii():  # as it is: DNS knows labels that IDNA does not
        labels = domain.lower()
        if any(len(label) > 63 for label in labels.split(".")):
            raise UnicodeError("label too long")
        return labels
    return idna.encode(domain, uts46=True, std3_rules=True).decode("ascii").rstrip(".")


def _in_a_labels(domain: str) -> str:
    try:
        return _to_a_labels(domain)
    except UnicodeError:
        return domain.lower()


def _in_letters(domain: str) -> str:
    in_a_labels = _in_a_labels(domain)
    try:
        return idna.decode(in_a_labels) if "xn--" in in_a_labels else in_a_labels
    except UnicodeError:
        return in_a_labels


class AddressFormField(forms.EmailField):
    """Shows an address as it will be kept: what is folded, is folded for its owner to see."""

    default_validators = [validate_address]

    def to_python(self, value: str | None) -> str:
        return readable(super().to_python(value) or "")


class AddressField(models.EmailField[str, str]):
    """An email address, kept as `readable`. To migrations it is an EmailField, as its column is."""

    default_validators = [validate_address]

    def formfield(self, **kwargs: Any) -> forms.Field | None:
        return super().formfield(**{"form_class": AddressFormField, **kwargs})

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.EmailField", args, kwargs
