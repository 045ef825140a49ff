"""Where letters go on a machine without a mail server: a folder, one file each."""

from pathlib import Path

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone


class EmlFileBackend(BaseEmailBackend):
    """Writes each letter to EMAIL_FILE_PATH as an .eml file, which any mail program opens."""

    def send_messages(self, email_messages) -> int:
        folder = Path(settings.EMAIL_FILE_PATH)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for email in email_messages:
            letter = email.message()
            stem = f"{timezone.now():%Y%m%d-%H%M%S-%f}-{email.to[0].replace('/', '_')[:100]}"
            part = folder / f"{stem}.part"
            part.touch(mode=0o600)
            part.write_bytes(letter.as_bytes(linesep="\r\n"))
            part.rename(folder / f"{stem}.eml")  # whoever watches the folder sees whole files
        return len(email_messages)
