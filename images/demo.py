"""The pictures of the demo: each app adds its own."""

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

from django.core.files import File

from images import uploads
from images.models import Image
from web.demo import Demo


def add_pictures(demo: Demo, folder: Path, entries: Iterable[dict[str, Any]]) -> None:
    """Upload NAME.png from the folder for each entry, with what else the entry says."""
    for entry in entries:
        key = f"picture {entry['name']}"
        try:
            demo.once(key, partial(_upload, folder, entry))
        except uploads.AlreadyHere as here:
            demo.borrow(key, here.existing)


def picture(demo: Demo, name: str) -> Image | None:
    """The demo's picture of that name, unless someone has deleted it."""
    return demo.row(Image, f"picture {name}")


def _upload(folder: Path, entry: dict[str, Any]) -> Image:
    name = f"{entry['name']}.png"
    fields = {field: value for field, value in entry.items() if field != "name"}
    with (folder / name).open("rb") as file:
        return uploads.receive(File(file, name=name), **fields)
