"""The bucket of backups: whether it keeps what it is given, and nobody else could read it."""

import secrets
from collections.abc import Iterator

from django.conf import settings

from web import media
from web.backups.places import Bucket
from web.diagnosis import Finding, ill, well

PROBE = "probe-of-the-doctor"  # one name: where we may not delete, it stays


def store() -> Iterator[Finding]:
    """A file of our own, stored, read and deleted."""
    if not settings.BACKUP_STORAGE:
        return
    if not settings.BACKUP_KEY:
        yield ill(
            "Archives go to the bucket as they are, and whoever opens it reads all of the site.",
            "Set BACKUP_KEY, so that they are encrypted.",
        )
    bucket, content = Bucket(), secrets.token_hex(16)
    try:
        bucket.write(PROBE, content)
        is_kept = bucket.lines(PROBE) == [content] and PROBE in [one.name for one in bucket.files()]
        aside = _delete(bucket)
    except media.StoreRefused as error:
        yield ill(
            str(error),
            "Are key, secret, region and bucket of BACKUP_STORAGE_URL right? The key has to list,"
            " read and write below the folder.",
        )
    except OSError as error:
        yield ill(str(error), "Is it running, and is BACKUP_STORAGE_URL right?")
    else:
        if is_kept:
            yield well(f"Backups: {bucket} keeps what it is given{aside}")
        else:
            yield ill(
                "The store of backups does not keep what it is given.",
                "Is it full, or is something in front of it that answers from a cache?",
            )


def _delete(bucket: Bucket) -> str:
    try:
        bucket.delete(PROBE)
    except media.StoreRefused:
        return ". We may not delete there: let a rule of the bucket delete what is too old"
    return ""
