"""docs/accessibility.md has a line for each criterion of ATAG 2.0 at A and AA, and each that is met
names a test or a file that is there.
"""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib import admin

ROOT = settings.BASE_DIR
GUIDE = ROOT / "docs" / "accessibility.md"
STATES = {"Met", "Partly", "Not met", "Does not apply"}
# How many of each guideline are of the levels A and AA: they come before those of AAA.
GUIDELINES = {
    "A.1.1": 1, "A.1.2": 2, "A.2.1": 2, "A.2.2": 2, "A.3.1": 3, "A.3.2": 3, "A.3.3": 1, "A.3.4": 1,
    "A.3.5": 1, "A.3.6": 3, "A.3.7": 1, "A.4.1": 2, "A.4.2": 2,
    "B.1.1": 2, "B.1.2": 4, "B.2.1": 1, "B.2.2": 2, "B.2.3": 2, "B.2.4": 3, "B.2.5": 2, "B.3.1": 5,
    "B.3.2": 1, "B.4.1": 4, "B.4.2": 2,
}  # fmt: skip
CRITERIA = [
    f"{guideline}.{number + 1}" for guideline, most in GUIDELINES.items() for number in range(most)
]
LINE = re.compile(r"(?m)^\| ([AB]\.\d\.\d\.\d) .+? \| A{1,2}(?:, AA)? \| (.+?) \| (.+) \|$")
NAMED = re.compile(r"`([^`:]+\.(?:py|js|css|html|md))(?:::(\w+))?`")


def lines():
    """The state of each criterion, and what shows it."""
    return {number: (state, shown) for number, state, shown in LINE.findall(GUIDE.read_text())}


def test_every_criterion_has_a_line_in_order():
    assert list(lines()) == CRITERIA


@pytest.mark.parametrize("number", CRITERIA)
def test_what_is_said_of_a_criterion_is_shown(number):
    state, shown = lines()[number]
    named = NAMED.findall(shown)

    assert state in STATES
    assert state in ("Not met", "Does not apply") or named
    for file, test in named:
        text = (ROOT / file).read_text()
        assert not test or f"def {test}(" in text, test


def test_no_stylesheet_keeps_a_page_from_turning_with_the_phone():
    """WCAG 2.2, 1.3.4, which `tests/axe.py` leaves to this."""
    folders = [ROOT / "static", Path(admin.__file__).parent / "static"]
    sheets = [path for folder in folders for path in folder.rglob("*.css")]

    assert len(sheets) > 30
    assert [
        path.name for path in sheets if re.search(r"@media[^{]*orientation", path.read_text())
    ] == []
