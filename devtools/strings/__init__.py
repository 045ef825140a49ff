"""`dev.py strings`: every text that a person reads, one per line with its place.

Nothing marks a text; its shape and its place tell, so texts in new code are found as well. A
sentence counts anywhere, a single word where Django shows it to people: a label, a choice.
Comments, docstrings, tests, docs and demo content are left out.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from devtools.environment import ROOT
from devtools.strings import python, scripts, templates

NOT_READ = {"benchmarks", "docs", "requirements", "tests", "var", "node_modules"}
TEMPLATES = {".html", ".txt", ".md", ".rss", ".atom", ".json", ".typ"}


class Text(NamedTuple):
    path: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}  {self.text}"


def main(arguments: list[str]) -> int:
    """Print the list: of everything, or of the files and folders that are named."""
    for path in _files([ROOT / name for name in arguments] or [ROOT]):
        for text in texts_of(path, ROOT):
            print(text)
    return 0


def _files(places: list[Path]) -> Iterator[Path]:
    for place in places:
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            parts = path.relative_to(ROOT).parts
            if path.is_file() and parts[0] not in NOT_READ and not parts[0].startswith("."):
                yield path


def texts_of(path: Path, root: Path) -> list[Text]:
    """The texts in one file, in their order."""
    parts = path.relative_to(root).parts
    if path.suffix == ".py":
        found = python.texts_of(path.read_text(), is_migration="migrations" in parts)
    elif "templates" in parts and path.suffix in TEMPLATES:
        found = templates.texts_of(path.read_text(), path.suffix)
    elif path.suffix == ".js" and ".min." not in path.name:
        found = scripts.texts_of(path.read_text())
    else:
        return []
    place = "/".join(parts)
    return [Text(place, line, " ".join(text.split())) for line, text in sorted(found)]
