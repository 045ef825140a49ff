"""The second factor: codes from an app on the phone (TOTP, RFC 6238), and recovery codes for the
day on which the phone is lost.

django-otp's `oath` computes the codes. Its tables are not used: they keep secrets and recovery
codes as they are, and two requests at once can spend one code twice.
"""

import base64
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from urllib.parse import quote, urlencode

import segno
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.safestring import SafeString, mark_safe
from django_otp.oath import TOTP  # type: ignore[import-untyped]  # it has no types

from accounts import events, sessions
from accounts.models import RecoveryCode, SecondFactor, User

SECRET_BYTES = 20  # RFC 4226, section 4, R6
TOLERANCE = 1  # steps of 30 seconds that a phone's clock may be wrong; RFC 6238, section 5.2
# 120 bits each, so that a plain digest is enough: OWASP ASVS 5, 6.5.2.
MAX_CODES, CODE_LETTERS = 10, 24
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: none looks like another
LOOKALIKES = str.maketrans("OIL", "011")


def new_secret() -> str:
    """As apps take it, and people type it."""
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


@dataclass(frozen=True)
class Enrolment:
    """What an app has to know, before it is tried."""

    secret: str
    account: str
    issuer: str

    @property
    def uri(self) -> str:
        label = quote(f"{self.issuer}:{self.account}")
        said = {"secret": self.secret, "issuer": self.issuer}
        return f"otpauth://totp/{label}?{urlencode(said, quote_via=quote)}"

    @property
    def qr(self) -> SafeString:
        """Drawn here: nobody else learns the secret."""
        drawn = segno.make(self.uri, error="m").svg_inline(
            scale=5, border=4, dark="#000", light="#fff", svgclass="qr", omitsize=True
        )
        return mark_safe(drawn)  # noqa: S308 segno's own, of paths only

    @property
    def groups(self) -> list[str]:
        return [self.secret[at : at + 4] for at in range(0, len(self.secret), 4)]


def matching_step(secret: str, code: str, *, at: datetime, after: int = 0) -> int | None:
    """The step whose code this is, if it is a later one than `after`."""
    digits = "".join(code.split())
    if len(digits) != 6 or not (digits.isascii() and digits.isdecimal()):
        return None
    totp = TOTP(base64.b32decode(secret))
    totp.time = at.timestamp()
    return totp.t() if totp.verify(int(digits), TOLERANCE, after + 1) else None


@transaction.atomic
def enrol(user: User, secret: str, *, step: int, at: datetime) -> list[str]:
    """From now on they are asked for a code, and those until `step` are spent. Returns their
    recovery codes, which nobody can ever read again. What they had before ends.
    """
    SecondFactor.objects.filter(user=user).delete()
    sealed = _keys().encrypt(secret.encode())
    SecondFactor.objects.create(user=user, sealed=sealed, last_step=step, added_at=at)
    User.objects.filter(pk=user.pk).update(second_factor_due_at=None)
    return new_recovery_codes(user)


@transaction.atomic
def new_recovery_codes(user: User) -> list[str]:
    """Ten, in place of those they had."""
    RecoveryCode.objects.filter(user=user).delete()
    codes = [
        "".join(secrets.choice(LETTERS) for _ in range(CODE_LETTERS)) for _ in range(MAX_CODES)
    ]
    RecoveryCode.objects.bulk_create(
        [RecoveryCode(user=user, digest=_digest(one)) for one in codes]
    )
    return ["-".join(one[at : at + 4] for at in range(0, CODE_LETTERS, 4)) for one in codes]


@transaction.atomic
def remove(user: User) -> bool:
    """They have no second factor any more. False if they had none."""
    RecoveryCode.objects.filter(user=user).delete()
    return bool(SecondFactor.objects.filter(user=user).delete()[0])


@transaction.atomic
def reset(user: User, *, by: User | None, at: datetime) -> bool:
    """For a lost phone: the password alone lets them in, to where they set up a new one. Their
    sessions end. False if they had none.
    """
    if not remove(user):
        return False
    if settings.SECOND_FACTOR_GRACE_DAYS is not None:
        User.objects.filter(pk=user.pk).update(second_factor_due_at=at)
    sessions.end(user)
    events.factor_removed(user, by=by)
    return True


def spend(user: User, code: str, *, at: datetime) -> str:
    """Take a code from the phone, or a recovery code, at most once whoever asks at the same time.

    Returns "phone", "recovery", or nothing for a code that is wrong, too old, or spent.
    """
    factor = SecondFactor.objects.filter(user=user).first()
    if factor is None:
        return ""
    keys = _keys()
    with suppress(InvalidToken):  # by a key that nobody has any more: a recovery code still helps
        secret = keys.decrypt(bytes(factor.sealed)).decode()
        step = matching_step(secret, code, at=at, after=factor.last_step)
        if step is not None:
            sealed = keys.encrypt(secret.encode())  # anew, with the present key
            unspent = SecondFactor.objects.filter(pk=factor.pk, last_step__lt=step)
            return "phone" if unspent.update(last_step=step, sealed=sealed) else ""
    unused = RecoveryCode.objects.filter(user=user, digest=_digest(code), used_at=None)
    return "recovery" if unused.update(used_at=at) else ""


def codes_left(user: User) -> int:
    return RecoveryCode.objects.filter(user=user, used_at=None).count()


def _digest(code: str) -> str:
    letters = "".join(one for one in code.upper()[:100] if one.isalnum()).translate(LOOKALIKES)
    return sha256(letters.encode()).hexdigest()


def _keys() -> MultiFernet:
    """Seals with SECRET_KEY, and opens with that or an earlier one."""
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return MultiFernet([Fernet(_key_from(str(key))) for key in keys])


def _key_from(secret_key: str) -> bytes:
    """A key for this alone (RFC 5869, the extract step)."""
    digest = salted_hmac("accounts.totp", "", secret=secret_key, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest)
