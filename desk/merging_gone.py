"""A row of a page that a colleague deleted while it was open."""

from typing import Any

from desk.seen import GONE


def clean(form: Any) -> None:
    """It stays deleted, unless this person changed it: then they are told, and decide."""
    if form.seen.get(GONE):
        return
    if not form.can_add_again or not _is_touched(form):
        form.is_dropped = True
        return
    form.seen[GONE] = "1"
    form.add_error(
        None,
        "A colleague deleted this while you had the page open. Your entries are still here: "
        "save again to add it as new, or mark it for deletion.",
    )


def _is_touched(form: Any) -> bool:
    return any(
        form.seen.get(name, "") != form.digest_of(name, _entry(form, name))
        for name in form.fields
        if name in form.seen
    )


def _entry(form: Any, name: str) -> Any:
    return form.cleaned_data.get(name, form[name].data)
