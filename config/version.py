"""Which version this is, and when it was released: the changelog's first heading says so."""

import re
from pathlib import Path
from typing import NamedTuple

HEADING = re.compile(r"(?m)^## (\d+\.\d+\.\d+) \((unreleased|\d{4}-\d\d-\d\d)\)$")


class Version(NamedTuple):
    number: str
    released: str  # a date, or "unreleased"


def latest(changelog: Path) -> Version:
    found = HEADING.search(changelog.read_text(encoding="utf-8"))
    if not found:
        raise ValueError(f"{changelog} has no heading like: ## 0.2.0 (2026-11-30)")
    return Version(*found.groups())
