"""The offices of the demo."""

from datetime import time
from functools import partial
from pathlib import Path
from typing import Any

from images.demo import add_pictures, picture
from offices.models import Office
from web.demo import Demo, Part, content

FOLDER = Path(__file__).parent
CONTENT = content(FOLDER)


def load(demo: Demo) -> None:
    add_pictures(demo, FOLDER / "pictures", CONTENT["pictures"])
    for entry in CONTENT["offices"]:
        demo.once(f"office {entry['slug']}", partial(_office, demo, entry))


def _office(demo: Demo, entry: dict[str, Any]) -> Office:
    fields = {name: value for name, value in entry.items() if name != "picture"}
    fields["opens_at"] = time.fromisoformat(entry["opens_at"])
    fields["closes_at"] = time.fromisoformat(entry["closes_at"])
    if Office.objects.headquarters():
        fields["is_headquarters"] = False
    return Office.objects.create(image=picture(demo, entry["picture"]), **fields)


part = Part(load)
