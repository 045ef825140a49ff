"""`dev.py pictures`: every kind of page in a real Chromium, at three widths, light and dark.

It starts a site with demo content of its own, and ends with 1 when a page makes the browser
complain or scrolls sideways. Run by .venv's Python.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Literal, get_args

import PIL.Image
from playwright.sync_api import expect

from benchmarks.demo_site import PAGES, DemoSite, demo_site
from devtools import apt
from devtools.environment import ROOT, Stop, var_folder
from devtools.services import find_chromium, find_postgres, find_redis
from devtools.testing import HOW_TO_GET_ALL
from tests.browser import Browser, Visitor, running_chromium

WIDTHS = (360, 768, 1280)
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = get_args(Scheme)
MAX_HEIGHT = 4000  # pixels: a long article goes on as it began
PATIENCE = 60_000  # milliseconds: the machine may be busy
DOCS = ROOT / "docs" / "pictures"
ADMINISTRATOR = "admin@cleansystems.example"
ARTICLES = "/admin/articles/article/"

TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# What is below the window is loaded only when someone scrolls there; the picture shows it now.
LOAD_IMAGES = """async () => {
    const images = [...document.images];
    images.forEach((image) => { image.loading = "eager"; });
    await Promise.all(images.map((image) => image.decode().catch(() => {})));
    await document.fonts.ready;
}"""


@dataclass(frozen=True)
class Kind:
    """One kind of page: how to find the address of one, and what is done there before its picture
    is taken. Only members of staff see those marked so.
    """

    name: str
    find: Callable[[Visitor], str]
    prepare: Callable[[Visitor], None] = lambda reader: None
    for_staff: bool = False
    status: int = 200


@dataclass(frozen=True)
class Excerpt:
    """A small picture for the docs: what a window of this size shows of a page."""

    kind: str
    width: int
    height: int
    scheme: Scheme = "light"


def at(address: str) -> Callable[[Visitor], str]:
    return lambda reader: address


def first_row(list_: str) -> Callable[[Visitor], str]:
    def find(reader: Visitor) -> str:
        reader.open(list_)
        return str(reader.page.locator("#result_list tbody th a").first.get_attribute("href"))

    return find


def email_html(query: str) -> Callable[[Visitor], str]:
    """An email as its recipient sees it: what the email's page in the admin shows in a frame."""

    def find(reader: Visitor) -> str:
        reader.open(first_row(f"/admin/mail/message/?q={query}")(reader))
        return str(reader.page.locator("iframe").get_attribute("src"))

    return find


def answer_questions(reader: Visitor) -> None:
    for place, question in enumerate(reader.page.locator("main fieldset").all(), start=1):
        question.get_by_role("radio").nth(place).check()


def take_assessment(reader: Visitor) -> str:
    reader.open("/readiness/1/")
    for number in (1, 2, 3):
        reader.page.wait_for_url(f"**/readiness/{number}/")
        answer_questions(reader)
        reader.page.get_by_role("button", name="Save and continue").click()
    reader.page.get_by_role("button", name="See the result").click()
    reader.page.wait_for_url("**/readiness/result/**")
    return reader.path


def simulate_draft(reader: Visitor) -> str:
    """Of a draft with a rule that nobody reaches."""
    reader.open("/admin/readiness/questionset/")
    reader.page.get_by_role("button", name="New draft").click()
    reader.page.locator("#id_rules-4-min_total").fill("80")
    reader.page.locator("#id_rules-4-min_each_dimension").fill("60")
    reader.page.locator("[name=_continue]").click()
    return str(reader.page.get_by_role("link", name="Simulate").get_attribute("href"))


def wait_for_editor(reader: Visitor) -> None:
    expect(reader.page.get_by_role("textbox", name="Body", exact=True)).to_be_visible()


def public_kind(name: str, address: str) -> Kind:
    match name:
        case "readiness-step":
            return Kind(name, at(address), answer_questions)
        case "not-found":
            return Kind(name, at(address), status=404)
    return Kind(name, at(address))


KINDS = [
    *(public_kind(name, address) for name, address in PAGES.items()),
    Kind("readiness-result", take_assessment),
    Kind("sign-in", at("/admin/login/")),
    Kind("admin", at("/admin/"), for_staff=True),
    Kind("style", at("/admin/style/"), for_staff=True),
    Kind("article-list", at(ARTICLES), for_staff=True),
    Kind("editor", first_row(f"{ARTICLES}?q=idempotency"), wait_for_editor, for_staff=True),
    Kind("images", at("/admin/images/image/"), for_staff=True),
    Kind("inquiries", at("/admin/leads/inquiry/"), for_staff=True),
    Kind("leads", at("/admin/leads/lead/"), for_staff=True),
    # Of one lead, whose assessment came with the inquiry.
    Kind("lead", first_row("/admin/leads/lead/?q=Reyes"), for_staff=True),
    Kind("emails", at("/admin/mail/message/"), for_staff=True),
    Kind("notification", email_html("Inquiry+from+Daniel"), for_staff=True),
    Kind("acknowledgment", email_html("daniel@harborcartpay"), for_staff=True),
    Kind("calibration", at("/admin/leads/lead/calibration/"), for_staff=True),
    Kind("simulator", simulate_draft, for_staff=True),
]
# By the names of their files. They are shown in README.md and docs/, and retaken with --docs only.
EXCERPTS = {
    "home": Excerpt("home", 1280, 800),
    "article-phone": Excerpt("article", 360, 720, "dark"),
    "readiness-result": Excerpt("readiness-result", 768, 760),
    "editor": Excerpt("editor", 1280, 800),
    "inquiries": Excerpt("inquiries", 1280, 720),
    "lead": Excerpt("lead", 1280, 800),
    "notification": Excerpt("notification", 768, 640),
}


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="dev.py pictures", allow_abbrev=False)
    names = [kind.name for kind in KINDS]
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"only of: {', '.join(names)}")
    parser.add_argument("--docs", action="store_true", help="retake the few in docs/pictures/")
    options = parser.parse_args(arguments)
    known = list(EXCERPTS) if options.docs else names
    if unknown := sorted({*options.names} - {*known}):
        parser.error(f"no picture is named {', '.join(unknown)}. There are: {', '.join(known)}")

    began = time.monotonic()
    folder = DOCS if options.docs else var_folder() / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    with site_in_browser() as (site, browser):
        if options.docs:
            chosen = {name: EXCERPTS[name] for name in options.names or known}
            wrong = take_excerpts(browser, site.logins, chosen, folder)
        else:
            kinds = [kind for kind in KINDS if kind.name in (options.names or known)]
            wrong = take_pictures(browser, site.logins, kinds, folder)
    for complaint in wrong:
        print(complaint, file=sys.stderr)
    print(f"The pictures are in {folder}/. They took {time.monotonic() - began:.0f} s.")
    return 1 if wrong else 0


@contextmanager
def site_in_browser() -> Iterator[tuple[DemoSite, Browser]]:
    needed = {"postgresql": find_postgres, "redis-server": find_redis, "chromium": find_chromium}
    missing = [package for package, find in needed.items() if not find()]
    if missing and not apt.install(*missing):
        raise Stop(f"Pictures need {', '.join(missing)}.\n{HOW_TO_GET_ALL}")
    print("Starting a site with demo content …")
    with demo_site() as site, running_chromium(str(find_chromium()), site.address) as browser:
        yield site, browser


def take_pictures(
    browser: Browser, logins: dict[str, str], kinds: Iterable[Kind], folder: Path
) -> list[str]:
    """Whole pages, each as NAME-WIDTH-SCHEME.png. Returns what is wrong with them."""
    wrong = []
    with people(browser, logins) as person_for:
        for kind in kinds:
            print(f"  {kind.name}")
            reader = person_for(kind)
            address = kind.find(reader)
            for width in WIDTHS:
                show(reader, kind, address, width=width)
                high = reader.page.evaluate("document.documentElement.scrollHeight")
                resize(reader, width=width, height=min(high, MAX_HEIGHT))
                for scheme in SCHEMES:
                    file = folder / f"{kind.name}-{width}-{scheme}.png"
                    file.write_bytes(picture(reader, scheme))
            wrong += complaints(reader, kind)
    return wrong


def take_excerpts(
    browser: Browser, logins: dict[str, str], excerpts: dict[str, Excerpt], folder: Path
) -> list[str]:
    """Small pictures for the docs, each as NAME.webp. Returns what is wrong with their pages."""
    kinds = {kind.name: kind for kind in KINDS}
    wrong = []
    with people(browser, logins) as person_for:
        for name, excerpt in excerpts.items():
            print(f"  {name}")
            kind = kinds[excerpt.kind]
            reader = person_for(kind)
            show(reader, kind, kind.find(reader), width=excerpt.width, height=excerpt.height)
            taken = PIL.Image.open(BytesIO(picture(reader, excerpt.scheme)))
            taken.convert("RGB").save(folder / f"{name}.webp", quality=50, method=6)
            wrong += complaints(reader, kind)
    return wrong


@contextmanager
def people(browser: Browser, logins: dict[str, str]) -> Iterator[Callable[[Kind], Visitor]]:
    """A visitor and, from when a page is for staff, an administrator."""
    with browser.visitor() as visitor, browser.visitor() as staff:
        for reader in visitor, staff:
            reader.page.set_default_timeout(PATIENCE)

        def person_for(kind: Kind) -> Visitor:
            if not kind.for_staff:
                return visitor
            if staff.page.url == "about:blank":
                staff.sign_in(ADMINISTRATOR, logins[ADMINISTRATOR])
            return staff

        yield person_for


def show(reader: Visitor, kind: Kind, address: str, *, width: int, height: int = 900) -> None:
    """Open the page afresh: some scripts look at the width of the window only once."""
    resize(reader, width=width, height=height)
    status = reader.open(address)
    if status != kind.status:
        reader.complaints.append(f"{reader.path}: answers {status}")
    kind.prepare(reader)
    if (over := reader.page.evaluate(TOO_WIDE)) > 0:
        reader.complaints.append(f"{reader.path}: {over} pixels wider than a window of {width}")


def resize(reader: Visitor, *, width: int, height: int) -> None:
    reader.page.set_viewport_size({"width": width, "height": height})


def picture(reader: Visitor, scheme: Scheme) -> bytes:
    """A PNG of what the window shows."""
    reader.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    reader.page.evaluate(LOAD_IMAGES)
    return reader.page.screenshot(animations="disabled")


def complaints(reader: Visitor, kind: Kind) -> list[str]:
    """All since the last time. That an error page is an error is none."""
    expected = (
        f"console: Failed to load resource: the server responded with a status of {kind.status}"
    )
    complaints = list(dict.fromkeys(reader.complaints))
    reader.complaints.clear()
    return [one for one in complaints if kind.status == 200 or expected not in one]


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Stop as reason:
        sys.exit(f"\n{reason}")
    except KeyboardInterrupt:
        sys.exit("\nInterrupted.")
