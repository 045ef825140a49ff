"""docs/security.md has a line for each requirement of OWASP ASVS 5.0.0 at levels 1 and 2, and each
that is met names a test or a file that is there.
"""

import re

import pytest
from django.conf import settings

ROOT = settings.BASE_DIR
GUIDE = (ROOT / "docs" / "security.md").read_text()
STATES = {"Met", "Partly", "Not met"}
# How many of each section are of levels 1 and 2: they come before those of level 3. Chapters 10
# (OAuth) and 17 (WebRTC) do not apply as a whole.
SECTIONS = {
    "1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2,
    "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1,
    "3.2": 2, "3.3": 4, "3.4": 6, "3.5": 5, "3.7": 2,
    "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4,
    "5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3,
    "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4,
    "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2,
    "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1,
    "9.1": 3, "9.2": 4,
    "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1,
    "12.1": 3, "12.2": 2, "12.3": 4,
    "13.1": 1, "13.2": 5, "13.3": 2, "13.4": 5,
    "14.1": 2, "14.2": 4, "14.3": 3,
    "15.1": 3, "15.2": 3, "15.3": 7,
    "16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3,
}  # fmt: skip
REQUIREMENTS = [f"{one}.{number + 1}" for one, most in SECTIONS.items() for number in range(most)]
LINE = re.compile(r"(?m)^\| (\d+\.\d\.\d+) \| .+? \| (.+?) \| (.+) \|$")
NAMED = re.compile(r"`([\w./-]+\.(?:py|js|html|md|conf|toml|example))(?:::(\w+))?`")
LINES = {number: (state, shown) for number, state, shown in LINE.findall(GUIDE)}
APART = GUIDE.partition("## What does not apply")[2].partition("\n## ")[0]


def test_each_requirement_has_its_line_or_its_reason_and_the_lines_are_in_order():
    apart = re.findall(r"\b\d+\.\d\.\d+\b", APART)

    assert sorted([*LINES, *apart]) == sorted(REQUIREMENTS)
    assert [*LINES] == [one for one in REQUIREMENTS if one in LINES]


@pytest.mark.parametrize("number", LINES)
def test_what_is_said_of_a_requirement_is_shown(number):
    state, shown = LINES[number]
    named = NAMED.findall(shown)

    assert state in STATES
    assert state == "Not met" or named
    for file, test in named:
        found = [*ROOT.glob(file)] if "/" not in file else [ROOT / file]
        assert found, file
        text = found[0].read_text()
        assert not test or f"def {test}(" in text, test
