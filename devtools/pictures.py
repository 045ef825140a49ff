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

from benchmarks.demo_site import DemoSite, demo_site
from devtools import apt
from devtools.environment import ROOT, Stop, var_folder
from devtools.page_kinds import KINDS, Kind
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
class Excerpt:
    """A small picture for the docs: what a window of this size shows of a page."""

    kind: str
    width: int
    height: int
    scheme: Scheme = "light"


# By the names of their files. They are shown in README.md and docs/, and retaken with --docs only.
EXCERPTS = {
    "home": Excerpt("home", 1280, 800),
    "article-phone": Excerpt("article", 360, 720, "dark"),
    "readiness-result": Excerpt("readiness-result", 768, 760),
    "editor": Excerpt("editor", 1280, 800),
    "inbox": Excerpt("inbox", 1280, 800),
    "record": Excerpt("record", 1280, 800),
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
