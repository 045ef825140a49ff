"""The store of uploads: whether it keeps what it is given, and all machines see the same."""

import secrets
from collections.abc import Iterator
from typing import Any

from celery import current_app
from celery.signals import worker_init
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from web import media
from web.diagnosis import Finding, ill, servers, well

SIGHT = "sees_upload"  # what workers are asked


@worker_init.connect(dispatch_uid="web.answer_the_doctor")
def answer_the_doctor(**details: Any) -> None:
    from celery.worker.control import inspect_command  # noqa: PLC0415 only a worker has it

    inspect_command(name=SIGHT)(sees_upload)


def sees_upload(state: Any, name: str) -> bool:
    """A worker's answer: whether it sees the file that we have stored."""
    return default_storage.exists(name)


def store() -> Iterator[Finding]:
    """A file of our own, stored, read and deleted; while it is there, workers are asked for it."""
    name, content = f"probes/{secrets.token_hex(8)}.txt", secrets.token_bytes(16)
    try:
        default_storage.save(name, ContentFile(content))
        try:
            with default_storage.open(name) as file:
                is_kept = file.read() == content
            if media.is_elsewhere():
                default_storage.check()  # type: ignore[attr-defined]  # web.s3's
            blind = _workers_that_do_not_see(name)
        finally:
            default_storage.delete(name)
    except media.StoreRefused as error:
        yield ill(
            str(error),
            "Are key, secret, region and bucket of MEDIA_STORAGE_URL right? The key has to list,"
            " read, write and delete below the folder.",
        )
        return
    except media.StoreAway as error:
        yield ill(
            str(error),
            "Is it running, and is MEDIA_STORAGE_URL right? Pages appear without pictures; nothing"
            " is lost.",
        )
        return
    except OSError as error:
        yield ill(
            f"Uploads cannot be stored ({error.strerror or type(error).__name__}).",
            "Does the bucket, or VAR_DIR/media, exist, and may this user write there?",
        )
        return
    if is_kept:
        yield well(f"Uploads: {media.place()} keeps what it is given")
    else:
        yield ill(
            "The store of uploads does not keep what it is given.",
            "Is it full, or is something in front of it that answers from a cache?",
        )
    if blind:
        yield ill(
            f"Workers on other disks do not see uploads of this machine: {', '.join(blind)}.",
            "Set MEDIA_STORAGE_URL on all machines, so that pictures get their sizes everywhere.",
        )


def _workers_that_do_not_see(name: str) -> list[str]:
    if not settings.REDIS_URL:
        return []  # there is one, on this machine
    said = servers.ask_workers(
        lambda broker: current_app.control.broadcast(
            SIGHT,
            arguments={"name": name},
            reply=True,
            timeout=servers.ANSWER,
            connection=broker,
        )
    )
    answers = {worker: sees for one in said or [] for worker, sees in one.items()}
    return sorted(worker for worker, sees in answers.items() if sees is False)
