"""`dev.py pictures`, on a site that runs."""

import re
import subprocess
import sys

import PIL.Image
import pytest
from django.conf import settings

from devtools import page_kinds, pictures
from devtools.page_kinds import KINDS, Kind
from devtools.pictures import EXCERPTS, SCHEMES, WIDTHS

SCRIPTS = {
    "scrolls sideways": (
        "document.body.style.width = '2000px'",
        r"/about/: \d+ pixels wider than a window of 360",
    ),
    "says an error": ("console.error('It broke.')", "/about/: console: It broke."),
    "loads from elsewhere": (
        "document.body.append(Object.assign(new Image(), {src: 'https://elsewhere.invalid/x.png'}))",
        "/about/: asked another host: https://elsewhere.invalid/x.png",
    ),
}


def test_a_page_is_taken_whole_at_each_width_light_and_dark(browser, logins, tmp_path):
    chosen = [kind for kind in KINDS if kind.name in ("thanks", "not-found", "admin")]

    wrong = pictures.take_pictures(browser, logins, chosen, tmp_path)

    assert wrong == []
    assert {(path.stem, width_of(path)) for path in tmp_path.iterdir()} == {
        (f"{kind.name}-{width}-{scheme}", width)
        for kind in chosen
        for width in WIDTHS
        for scheme in SCHEMES
    }


def width_of(path):
    with PIL.Image.open(path) as picture:
        return picture.width


@pytest.mark.parametrize("fault", SCRIPTS)
def test_a_page_that_is_broken_is_named(browser, logins, tmp_path, fault):
    script, complaint = SCRIPTS[fault]
    broken = Kind("broken", page_kinds.at("/about/"), lambda reader: reader.page.evaluate(script))

    wrong = pictures.take_pictures(browser, logins, [broken], tmp_path)

    assert any(re.fullmatch(complaint, one) for one in wrong), wrong


def test_a_page_with_an_unexpected_status_is_named(browser, logins, tmp_path):
    gone = Kind("gone", page_kinds.at("/nothing-here/"))

    wrong = pictures.take_pictures(browser, logins, [gone], tmp_path)

    assert "/nothing-here/: answers 404" in wrong


def test_the_small_pictures_in_the_docs_can_be_retaken(browser, logins, tmp_path):
    wrong = pictures.take_excerpts(browser, logins, EXCERPTS, tmp_path)

    assert wrong == []
    assert {path.stem for path in tmp_path.iterdir()} == EXCERPTS.keys()


def test_a_picture_that_nobody_takes_is_named_with_those_there_are():
    command = [sys.executable, "dev.py", "pictures", "home", "hoem"]

    done = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True)

    assert done.returncode == 2
    assert "no picture is named hoem" in done.stderr and "readiness-result" in done.stderr
