"""A restored backup brings back whom we erased since it was made: they are erased again."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from accounts.models import User
from privacy import receipts
from privacy.collecting import collect
from privacy.erasing import erase


def repeat(files: Iterable[Path], *, by: User | None = None) -> Iterator[str]:
    """Erase again everyone whom a receipt is about, of the database or of these files; says what
    came of it. Whoever has written since is named and left alone.

    Raises `ValueError` for a file that is damaged, before anyone is erased, and `ChangedMeanwhile`
    when the site is in use and someone writes just now.
    """
    found = list(receipts.read(files))
    if others := sum(one.key != receipts.key_id() for one in found):
        yield (
            f"{others} of {len(found)} receipts of erasures were made under another ERASURE_KEY, or"
            " before receipts had digests: nobody can tell whom they are about."
        )
    count = 0
    for place, at, last in list(receipts.erased_before(found)):
        if last and last > at:
            yield (
                f"Left alone: {place} was erased on {at:%Y-%m-%d} and has written, or was written"
                " to, since. Look at them in the admin."
            )
            continue
        stored = collect([place])
        if stored.changes:  # else they went with someone else's
            erase(stored, by=by, despite_hold=True)
            count += 1
    yield f"Erased again: {count}. Receipts: {len(found)}."


def after_restore() -> Iterator[str]:
    """By the receipts of the restored database, and of the file that has all others."""
    try:
        yield from repeat(receipts.files())
    except (OSError, ValueError) as error:
        raise ValueError(
            f"nobody who had been erased was erased again, because {receipts.file()} cannot be read"
            f" ({str(error).rstrip('.')}). Correct it and its copies beside the archives, and run"
            " manage.py repeat_erasures."
        ) from error
