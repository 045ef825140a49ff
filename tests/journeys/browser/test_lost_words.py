"""A short sample of `benchmarks/lost_words.py`: each of the eight ends, on one form or another."""

import pytest
from playwright.sync_api import sync_playwright

from tests.lost_words import EMAIL, ENDS, FORMS, Writer


@pytest.fixture(scope="module")
def writer(site, chromium_path, logins):
    with (
        sync_playwright() as playwright,
        Writer(playwright, chromium_path, site, logins[EMAIL], seed=11) as writer,
    ):
        yield writer


@pytest.mark.parametrize(
    ("end", "form"), [(end, [*FORMS][number % len(FORMS)]) for number, end in enumerate(ENDS)]
)
def test_not_a_character_older_than_a_second_is_lost(end, form, writer):
    sitting = writer.sit_down(end, form)

    assert sitting.typed
    assert sitting.lost == 0, (sitting.promised, sitting.found)
