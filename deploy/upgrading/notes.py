"""What releases ask of the operator: the part *For operators* of each in CHANGELOG.md.

A release begins with `## 0.4.0 (2027-01-31)`, its parts with `###`. What is below
`### For operators` is shown before an upgrade changes anything. A line of it that begins with
`- **No rollback**` says that the release before does not work with this one's database.
"""

import re
from pathlib import Path

from deploy.installed import numbers

RELEASE = re.compile(r"(?m)^## (\d+\.\d+\.\d+) \([^)\n]*\)$")
PART = re.compile(r"(?m)^### (.+)$")
FOR_OPERATORS = "For operators"
NO_ROLLBACK = re.compile(r"(?m)^- \*\*No rollback\*\*")


def for_operators(changelog: Path) -> dict[str, str]:
    """By version, in the order in which they came out: what each asks, if it asks anything."""
    pieces = RELEASE.split(changelog.read_text(encoding="utf-8"))
    releases = dict(zip(pieces[1::2], pieces[2::2], strict=True))
    asked = {version: _part(text) for version, text in releases.items()}
    return {version: asked[version] for version in sorted(asked, key=numbers) if asked[version]}


def between(changelog: Path, old: str, new: str) -> dict[str, str]:
    """What those after `old` ask, up to `new` itself."""
    return {
        version: text
        for version, text in for_operators(changelog).items()
        if numbers(old) < numbers(version) <= numbers(new)
    }


def forbids_rollback(text: str) -> bool:
    return bool(NO_ROLLBACK.search(text))


def _part(text: str) -> str:
    pieces = PART.split(text)
    parts = zip(pieces[1::2], pieces[2::2], strict=True)
    return "\n".join(said.strip() for name, said in parts if name.strip() == FOR_OPERATORS)
