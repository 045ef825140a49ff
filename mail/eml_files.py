"""Reading back the emails that `EmlFileBackend` wrote."""

import logging
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings

from web.personal import Named

logger = logging.getLogger(__name__)

SHOWN = 100
KEPT_FOR = timedelta(days=30)


# RFC 4021, section 2.1.55: for its recipient's eyes.
SENSITIVITY = "Sensitivity"


@dataclass(frozen=True)
class EmailFile:
    """One email as its recipient gets it. `name` is the file's, `headers` in the order sent."""

    name: str
    written_at: datetime
    subject: str
    to: str
    headers: list[tuple[str, str]]
    text: str
    html: str

    @property
    def is_private(self) -> bool:
        return (SENSITIVITY, "Private") in self.headers


def are_kept() -> bool:
    """Whether emails go to files on this machine, instead of to a mail server."""
    return settings.EMAIL_BACKEND == "mail.backends.EmlFileBackend"


def newest() -> list[EmailFile]:
    """The latest emails, the newest first; none where there is a mail server."""
    if not are_kept():
        return []
    found = []
    for file in sorted(Path(settings.EMAIL_FILE_PATH).glob("*.eml"), reverse=True)[:SHOWN]:
        with suppress(FileNotFoundError):  # it was just deleted
            found.append(_parse(file))
    return found


def read(name: str) -> EmailFile | None:
    """The email of that file name, or None. A name is never a path."""
    file = Path(settings.EMAIL_FILE_PATH) / name
    if not are_kept() or Path(name).name != name or file.suffix != ".eml":
        return None
    try:
        return _parse(file) if file.is_file() else None
    except OSError:
        return None  # longer than a file's name may be, or gone since


def delete(person: Named) -> None:
    """Delete those to the person, and those that name them."""
    for path in Path(settings.EMAIL_FILE_PATH).glob("*.eml"):
        try:
            email = _parse(path)
            said = f"{email.subject}\n{email.to}\n{dict(email.headers)}\n{email.text}\n{email.html}"
            if person.is_named_in(said):
                path.unlink()
        except FileNotFoundError:
            continue  # someone else deleted it
        except OSError as error:
            logger.error("An email of someone who was erased is still in %s: %s", path, error)


def delete_old(now: datetime) -> int:
    """Delete those that are older than any rule lets the text of an email become."""
    count = 0
    for path in Path(settings.EMAIL_FILE_PATH).glob("*.eml"):
        with suppress(FileNotFoundError):  # someone else deleted it
            if datetime.fromtimestamp(path.stat().st_mtime, UTC) < now - KEPT_FOR:
                path.unlink()
                count += 1
    return count


def _parse(file: Path) -> EmailFile:
    email = message_from_bytes(file.read_bytes(), policy=policy.default)
    return EmailFile(
        name=file.name,
        written_at=datetime.fromtimestamp(file.stat().st_mtime, UTC),
        subject=str(email["Subject"]),
        to=str(email["To"]),
        headers=[(name, str(value)) for name, value in email.items()],
        text=_part(email, "plain"),
        html=_part(email, "html"),
    )


def _part(email: EmailMessage, kind: str) -> str:
    part = email.get_body(preferencelist=(kind,))
    try:
        return part.get_content() if part else ""
    except (LookupError, ValueError):
        return "This part cannot be read."  # written by someone else, in no encoding known here
