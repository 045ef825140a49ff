#!/usr/bin/env python3
"""Take the pictures that stand beside this file: of every public page, and some of the desk.

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
ADMINISTRATOR = "admin@cleansystems.example"
MOST_PIXELS_HIGH = 1100
# Pages that a visitor gets on a way that is theirs alone, and those of the desk.
OWN = {"readiness-result": "/readiness/result/…/"}
DESK = {
    "lead": "/admin/leads/lead/…/change/",
    "notice": "/admin/mail/message/…/html/",
    "acknowledgement": "/admin/mail/message/…/html/",
    "calibration": "/admin/leads/lead/calibration/",
    "simulator": "/admin/readiness/questionset/…/simulate/",
}


def main() -> None:
    chromium = find_chromium()
    if not chromium:
        raise SystemExit("There is no Chromium here.")
    with (
        demo_site(*sys.argv[1:2]) as site,
        running_chromium(str(chromium), site.address) as browser,
    ):
        files = [path for scheme in SCHEMES for path in take_all(browser, scheme, site.logins)]
    write_index()
    total = sum(path.stat().st_size for path in files)
    print(f"{len(files)} pictures, {total / 1e6:.1f} MB, in {HERE}")


def take_all(browser: Browser, scheme: str, logins: dict[str, str]) -> list[Path]:
    made = []
    for width in WIDTHS:
        window = {"width": width, "height": 900}
        with browser.visitor(viewport=window, color_scheme=scheme) as reader:
            for name in stops(reader):
                made.append(save(picture_of(reader, width), name, width, scheme))
            for name, part in desk_stops(reader, logins) if logins else ():
                made.append(save(picture_of(reader, width, part=part), name, width, scheme))
    return made


def save(picture: PIL.Image.Image, name: str, width: int, scheme: str) -> Path:
    path = HERE / f"{name}-{width}-{scheme}.webp"
    picture.save(path, "WEBP", quality=40, method=6)
    return path


def stops(reader: Visitor) -> Iterator[str]:
    """Lead the visitor from page to page, and tell the name of each."""
    for name, address in PAGES.items():
        reader.open(address)
        if name == "readiness-step":
            fill_in_the_step(reader)
        yield name
    yield from assessment_stops(reader)


def assessment_stops(reader: Visitor) -> Iterator[str]:
    reader.open("/readiness/1/")
    for number in (1, 2, 3):
        reader.page.wait_for_url(f"**/readiness/{number}/")
        fill_in_the_step(reader)
        reader.page.get_by_role("button", name="Save and continue").click()
    reader.page.get_by_role("button", name="See the result").click()
    reader.page.wait_for_url("**/readiness/result/**")
    yield "readiness-result"


def fill_in_the_step(reader: Visitor) -> None:
    for place, question in enumerate(reader.page.locator("main fieldset").all(), start=1):
        question.get_by_role("radio").nth(place).check()


def desk_stops(staff: Visitor, logins: dict[str, str]) -> Iterator[tuple[str, str]]:
    """The name of each page, and where in it the picture begins. They tell of one lead, whose
    assessment came with the inquiry, and of a draft with a rule that nobody reaches.
    """
    staff.sign_in(ADMINISTRATOR, logins[ADMINISTRATOR])
    follow(staff, "/admin/leads/lead/?q=Reyes", "#result_list tbody th a")
    yield "lead", "fieldset:has(.field-readiness)"
    open_letter(staff, "Inquiry+from+Daniel")
    yield "notice", "body"
    open_letter(staff, "daniel@harborcartpay")
    yield "acknowledgement", "body"
    staff.open("/admin/leads/lead/calibration/")
    yield "calibration", "body"
    staff.open("/admin/readiness/questionset/")
    staff.page.get_by_role("button", name="New draft").click()
    staff.page.locator("#id_rules-4-min_total").fill("80")
    staff.page.locator("#id_rules-4-min_each_dimension").fill("60")
    staff.page.locator("[name=_continue]").click()
    staff.page.get_by_role("link", name="Simulate").click()
    staff.page.wait_for_url("**/simulate/")
    yield "simulator", "body"


def open_letter(staff: Visitor, words: str) -> None:
    """As its recipient sees it: what the message's page shows in a frame."""
    follow(staff, f"/admin/mail/message/?q={words}", "#result_list tbody th a")
    staff.open(str(staff.page.locator(".letter").get_attribute("src")))


def follow(staff: Visitor, list_: str, link: str) -> None:
    staff.open(list_)
    staff.page.locator(link).first.click()
    staff.page.wait_for_load_state()


def picture_of(reader: Visitor, width: int, *, part: str = "body") -> PIL.Image.Image:
    box = reader.page.locator(part).first.bounding_box()
    top = int(box["y"]) if box else 0
    high = reader.page.evaluate("document.documentElement.scrollHeight")
    bottom = min(high, top + MOST_PIXELS_HIGH)
    for y in range(0, bottom, 600):  # so that its pictures are loaded
        reader.page.evaluate(f"scrollTo(0, {y})")
        reader.page.wait_for_timeout(40)
    reader.page.evaluate("scrollTo(0, 0)")
    reader.page.wait_for_load_state("networkidle")
    whole = PIL.Image.open(BytesIO(reader.page.screenshot(full_page=True))).convert("RGB")
    return whole.crop((0, top, width, bottom))


def write_index() -> None:
    head = ["# What it looks like", "", "The top of each page, made by `take.py` beside this file."]
    lines = []
    for name, address in (PAGES | OWN | DESK).items():
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
