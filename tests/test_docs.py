"""README.md and the guides: every link leads somewhere, and their pictures are few."""

import re

import pytest
from django.conf import settings

from devtools.pictures import DOCS, EXCERPTS

ROOT = settings.BASE_DIR
GUIDES = sorted(
    str(path.relative_to(ROOT)) for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
)


def anchors_in(path):
    """Of its headings, as GitHub makes them."""
    headings = re.findall(r"(?m)^#+ (.+)$", path.read_text())
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}


@pytest.mark.parametrize("guide", GUIDES)
def test_each_link_in_a_guide_leads_somewhere(guide):
    text = (ROOT / guide).read_text()
    links = re.findall(r"\]\((?!https?:)([^()\s#]*)(?:#([^()\s]*))?\)", text)

    for place, anchor in links:
        target = (ROOT / guide).parent / place if place else ROOT / guide
        assert target.exists(), place
        assert not anchor or anchor in anchors_in(target), f"{place}#{anchor}"


@pytest.mark.parametrize("guide", ["marketing", "sales", "operator", "developing"])
def test_a_long_guide_lists_its_chapters(guide):
    path = ROOT / "docs" / f"{guide}.md"
    chapters = re.findall(r"(?m)^##+ (.+)$", path.read_text())
    linked = set(re.findall(r"\]\(#([^()\s]+)\)", path.read_text().split("\n## ")[0]))

    assert len(chapters) > 7
    assert anchors_in(path) - {f"for-{guide}", "for-the-operator", "for-developers"} == linked


def test_the_guides_keep_a_few_small_pictures_and_show_each():
    """Every version of a picture stays in the history, and so in every clone, for good."""
    shown = {
        ((ROOT / guide).parent / target).resolve()
        for guide in GUIDES
        for target in re.findall(r"!\[[^\]]+\]\(([^()]+)\)", (ROOT / guide).read_text())
    }
    kept = set(DOCS.iterdir())

    assert shown == kept == {DOCS / f"{name}.webp" for name in EXCERPTS}
    assert 0 < len(kept) <= 10
    assert all(path.stat().st_size < 60_000 for path in kept)


def test_the_layout_in_the_readme_names_every_folder():
    text = (ROOT / "README.md").read_text()
    layout = text.split("## How it is laid out")[1].split("```")[1]
    named = set(re.findall(r"(?m)(?:^|   )([a-z_]+)/(?=\s)", layout))

    folders = {
        path.name
        for path in ROOT.iterdir()
        if path.is_dir() and not path.name.startswith((".", "_")) and path.name not in NO_ROOMS
    }
    assert named == folders


# Made at run time, or what programs look for by name.
NO_ROOMS = {"var", "requirements"}
