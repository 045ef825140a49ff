#!/usr/bin/env python3
"""How many clicks the commonest jobs of writing take.

    .venv/bin/python benchmarks/clicks_writing.py

Starts the whole product with the demo's content, does each job in a real browser as a publisher who
is an author, counts clicks and drops, makes sure that the job was done, and prints a table. What
is typed does not count, nor does a key that leads from one line to the next; keys beside that are
counted on their own. Ends with 1 if a job takes more clicks than is promised. Needs PostgreSQL,
Redis and Chromium to be installed.
"""

import sys
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from playwright.sync_api import Locator, Page, expect

from benchmarks.demo_site import demo_site
from devtools.services import find_chromium
from tests.browser import running_chromium
from tests.pictures import picture_file

PUBLISHER = "publisher@cleansystems.example"
WINDOW = {"width": 1280, "height": 800}
LIST = "/admin/article-list/"
# A publisher who signs, an article to link to, and one with a change that waits.
PREPARE = """
from articles import publishing
from articles.models import Author
from accounts.models import User
from tests import builders

user = User.objects.get(email="publisher@cleansystems.example")
author = Author.objects.filter(user=user).first()
known = {"name": user.name, "slug": "who-counts", "job_title": "Editor"}
author = author or Author.objects.create(user=user, **known)
builders.article(authors=[author], text={"title": "Backpressure Is a Kindness"})
body = "<p>A retry is a laon.</p><p>It is paid back.</p>"
made = builders.article(authors=[author], text={"title": "A Retry Is a Loan", "body": body})
publishing.save_draft(made, text={"body": body + "<p>And it bears interest.</p>"}, by=user)
print(made.pk)
"""
DROP = """
([target, content]) => {
    const bytes = Uint8Array.from(atob(content), (one) => one.charCodeAt(0));
    const data = new DataTransfer();
    data.items.add(new File([bytes], "harbor.png", { type: "image/png" }));
    const { left, top } = target.getBoundingClientRect();
    const where = { clientX: left + 20, clientY: top + 8, bubbles: true, cancelable: true };
    target.dispatchEvent(new DragEvent("drop", { dataTransfer: data, ...where }));
}
"""


class Hands:
    """Of somebody who writes: what they click and drop is counted, and keys that are no words."""

    def __init__(self, page: Page) -> None:
        self.page, self.clicks, self.keys = page, 0, 0

    def click(self, place: Locator) -> None:
        self.clicks += 1
        place.click()

    def press(self, key: str) -> None:
        self.keys += 1
        self.page.keyboard.press(key)

    def type(self, *lines: str) -> None:
        """Each in a line of its own."""
        for number, line in enumerate(lines):
            if number:
                self.page.keyboard.press("Tab")
            self.page.keyboard.type(line)

    @property
    def words(self) -> Locator:
        return self.page.locator(".paper .ProseMirror")

    def wait_until_saved(self) -> None:
        expect(self.page.locator(".saved__words").first).to_contain_text("s ago")


def write_and_publish(hands: Hands) -> None:
    page = hands.page
    hands.click(page.get_by_role("link", name="Write", exact=True))
    expect(page.locator("[name=title]")).to_be_focused()
    hands.type("Ten Lines of Code", "Less is easier to read.")
    page.keyboard.press("Tab")
    page.keyboard.type("Nobody ever complained of a short program.")
    hands.wait_until_saved()
    hands.click(page.get_by_role("button", name="Publish…"))
    hands.click(page.locator("dialog.publish [form=publish-form]"))
    expect(page.locator(".bar__state")).to_contain_text("Live")


def fix_a_typo(hands: Hands) -> None:
    page = hands.page
    hands.click(page.get_by_role("link", name="Fix the live text"))
    hands.clicks += 1  # behind the wrong letters
    box = hands.words.locator("p").first.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] - 4, box["y"] + box["height"] / 2)
    page.keyboard.press("End")
    for _ in "aon.":
        page.keyboard.press("Backspace")
    page.keyboard.type("oan.")
    hands.click(page.get_by_role("button", name="Publish the fix"))
    hands.click(page.get_by_role("button", name="Take it in"))
    expect(page.get_by_text("Live and next have the fix.")).to_be_visible()


def drop_a_picture(hands: Hands) -> None:
    page = hands.page
    content = b64encode(picture_file(color=(31, 97, 141)).read()).decode()
    hands.clicks += 1  # a drop
    paragraph = hands.words.locator("p").first
    paragraph.evaluate(f"(target, content) => ({DROP})([target, content])", content)
    expect(page.locator(".ask input[type=text]")).to_be_focused()
    page.keyboard.type("A harbor at dawn")
    hands.press("Enter")
    expect(hands.words.locator("img[alt='A harbor at dawn']")).to_be_visible()


def link_to_an_article(hands: Hands) -> None:
    page = hands.page
    hands.words.locator("p").last.evaluate("(last) => getSelection().selectAllChildren(last)")
    hands.click(page.locator(".tools").get_by_role("button", name="Link", exact=False).first)
    page.keyboard.type("Backpressure")
    hands.click(page.get_by_role("option", name="Backpressure Is a Kindness"))
    expect(hands.words.locator("a", has_text="It")).to_be_visible()


def see_what_changed(hands: Hands) -> None:
    hands.click(hands.page.get_by_role("link", name="What would change?"))
    expect(hands.page.locator(".diff ins").first).to_contain_text("it bears interest")


@dataclass(frozen=True)
class Job:
    name: str
    promised: int
    begins: str
    do: Callable[[Hands], None]


CHANGE = "/admin/articles/article/{pk}/change/"
JOBS = (
    Job("New article to live", 4, LIST, write_and_publish),
    Job("What changed", 1, CHANGE, see_what_changed),
    Job("Fix a typo live while a change waits", 4, CHANGE, fix_a_typo),
    Job("Put in a picture", 1, CHANGE, drop_a_picture),
    Job("Link to an own article", 2, CHANGE, link_to_an_article),
)


def main() -> int:
    chromium = find_chromium()
    if chromium is None:
        raise SystemExit("Chromium is not installed.")
    is_kept = True
    with demo_site() as site, running_chromium(str(chromium), site.address) as browser:
        assert site.stack
        pk = site.stack.shell(PREPARE).split()[-1]
        print("| job | promised | clicks | keys beside words |")
        print("| --- | ---: | ---: | ---: |")
        for job in JOBS:
            with browser.visitor(viewport=WINDOW) as visitor:
                visitor.sign_in(PUBLISHER, site.logins[PUBLISHER])
                visitor.open(job.begins.format(pk=pk))
                hands = Hands(visitor.page)
                job.do(hands)
            is_kept = is_kept and hands.clicks <= job.promised
            print(f"| {job.name} | {job.promised} | {hands.clicks} | {hands.keys} |", flush=True)
    return 0 if is_kept else 1


if __name__ == "__main__":
    sys.exit(main())
