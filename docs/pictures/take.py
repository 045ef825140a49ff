#!/usr/bin/env python3
"""Take the pictures of every public page that stand beside this file.

    .venv/bin/python docs/pictures/take.py [ADDRESS]

Three widths, light and dark, in a real Chromium; each shows the top of its page. Without an
address it starts a site with the demo's content for the purpose.
"""

import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import PIL.Image

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent))

from benchmarks.demo_site import PAGES, demo_site  # noqa: E402  the line above makes it importable
from devtools.services import find_chromium  # noqa: E402
from tests.browser import Browser, Visitor, running_chromium  # noqa: E402

WIDTHS = (360, 768, 1280)
SCHEMES = ("light", "dark")
MOST_PIXELS_HIGH = 1100
# Pages that one visitor sees alone, on the way through the assessment.
ASSESSMENT = {
    "readiness": "/readiness/",
    "readiness-step": "/readiness/1/",
    "readiness-result": "/readiness/result/…/",
}


def main() -> None:
    chromium = find_chromium()
    if not chromium:
        raise SystemExit("There is no Chromium here.")
    with demo_site(*sys.argv[1:2]) as address, running_chromium(str(chromium), address) as browser:
        files = [path for scheme in SCHEMES for path in take_all(browser, scheme)]
    write_index()
    total = sum(path.stat().st_size for path in files)
    print(f"{len(files)} pictures, {total / 1e6:.1f} MB, in {HERE}")


def take_all(browser: Browser, scheme: str) -> list[Path]:
    made = []
    for width in WIDTHS:
        window = {"width": width, "height": 900}
        with browser.visitor(viewport=window, color_scheme=scheme) as reader:
            for name in stops(reader):
                made.append(HERE / f"{name}-{width}-{scheme}.webp")
                picture_of(reader, width).save(made[-1], "WEBP", quality=40, method=6)
    return made


def stops(reader: Visitor) -> Iterator[str]:
    """Lead the visitor from page to page, and tell the name of each."""
    for name, address in PAGES.items():
        reader.open(address)
        yield name
    yield from assessment_stops(reader)


def assessment_stops(reader: Visitor) -> Iterator[str]:
    reader.open("/readiness/")
    yield "readiness"
    reader.page.get_by_role("link", name="Begin").click()
    for number in (1, 2, 3):
        reader.page.wait_for_url(f"**/readiness/{number}/")
        for place, question in enumerate(reader.page.locator("main fieldset").all(), start=1):
            question.get_by_role("radio").nth(place).check()
        if number == 1:
            yield "readiness-step"
        reader.page.get_by_role("button", name="Save and go on").click()
    reader.page.get_by_role("button", name="See the result").click()
    reader.page.wait_for_url("**/readiness/result/**")
    yield "readiness-result"


def picture_of(reader: Visitor, width: int) -> PIL.Image.Image:
    high = reader.page.evaluate("document.documentElement.scrollHeight")
    for y in range(0, min(high, MOST_PIXELS_HIGH), 600):  # so that its pictures are loaded
        reader.page.evaluate(f"scrollTo(0, {y})")
        reader.page.wait_for_timeout(40)
    reader.page.evaluate("scrollTo(0, 0)")
    reader.page.wait_for_load_state("networkidle")
    whole = PIL.Image.open(BytesIO(reader.page.screenshot(full_page=True))).convert("RGB")
    return whole.crop((0, 0, width, min(high, MOST_PIXELS_HIGH)))


def write_index() -> None:
    head = ["# Every page", "", "The top of each, made by `take.py` beside this file."]
    lines = []
    for name, address in (PAGES | ASSESSMENT).items():
        lines += ["", f"## {name.replace('-', ' ').capitalize()}: `{address}`"]
        for scheme in SCHEMES:
            row = " ".join(
                f"![{name}, {width} pixels, {scheme}]({name}-{width}-{scheme}.webp)"
                for width in WIDTHS
            )
            lines += ["", row]
    (HERE / "README.md").write_text("\n".join([*head, *lines, ""]))


if __name__ == "__main__":
    main()
