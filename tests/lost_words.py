"""Someone who writes at the desk, in a real browser, and whom everything fails: how many of the
characters that were typed more than a second before the end are nowhere afterwards.

Each sitting types at random into a form, meets one of eight ends, comes back and looks: into the
form, at what is offered, into the history. `benchmarks/lost_words.py` does it 200 times.
"""

import os
import random
import re
import signal
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import (
    BrowserContext,
    Error,
    Locator,
    Page,
    Playwright,
    TimeoutError,
    expect,
)

from tests.browser import QUIET
from tests.stack import Stack

EMAIL = "publisher@cleansystems.example"
ALPHABET = "abcdefghijklmnopqrstuvwxyzæøåéß-"
OLD = 1.0  # seconds: what is older is promised
PAUSES = (0.1, 0.6, 1.05, 1.4, 2.2, 3.5)  # from the last key to the end
PATIENCE = 20_000  # ms
MAX_OFFERS = 40

# The form, and the fields to write in; those of the editor with a star.
FORMS = {
    "article": ("/admin/articles/article/{article}/change/", ("title", "summary", "*body")),
    "new article": ("/admin/articles/article/add/", ("title", "*body")),
    "page": ("/admin/pages/page/{page}/change/", ("description", "*body")),
    "settings": ("/admin/pages/sitesettings/{settings}/change/", ("home_intro", "form_intro")),
    "office": ("/admin/offices/office/{office}/change/", ("street", "description")),
}
KEYS = {
    "article": "SELECT max(article_id) FROM articles_revision WHERE state = 'published'",
    "page": "SELECT max(id) FROM pages_page WHERE key <> 'privacy'",
    "settings": "SELECT min(id) FROM pages_sitesettings",
    "office": "SELECT min(id) FROM offices_office",
}


@dataclass
class Sitting:
    """What was typed where, and what was found of it."""

    end: str
    form: str
    path: str
    field: str
    typed: list[tuple[float, str]] = field(default_factory=list)
    ended_at: float = 0.0
    found: str = ""

    @property
    def promised(self) -> str:
        return "".join(letter for at, letter in self.typed if self.ended_at - at > OLD)

    @property
    def lost(self) -> int:
        """Characters from the first one on that is found nowhere."""
        kept = len(self.promised)
        while self.promised[:kept] not in self.found:
            kept -= 1
        return len(self.promised) - kept


class Writer:
    """A person at a browser whose profile outlives it."""

    def __init__(
        self, playwright: Playwright, chromium: str, stack: Stack, password: str, *, seed: int
    ) -> None:
        self.playwright, self.chromium, self.stack = playwright, chromium, stack
        self.password = password
        self.chance = random.Random(seed)
        self.profile = tempfile.TemporaryDirectory(prefix="writer-", ignore_cleanup_errors=True)
        self.keys = {name: stack.execute(asked)[0][0] for name, asked in KEYS.items()}
        self.context: BrowserContext
        self.page: Page

    def __enter__(self) -> "Writer":
        self.open_browser()
        self.sign_in()
        return self

    def __exit__(self, *details: object) -> None:
        self.context.close()
        self.profile.cleanup()

    def sit_down(self, end: str, form: str) -> Sitting:
        """One sitting, from the first key to the look at what is left."""
        path, names = FORMS[form]
        sitting = Sitting(end, form, path.format(**self.keys), self.chance.choice(names))
        newest = max(self._articles_after(0))
        self.open_form(sitting.path)
        self.clear(sitting)
        self.write(sitting)
        ENDS[end](self, sitting)
        self.look(sitting, newest)
        return sitting

    # The browser

    def open_browser(self) -> None:
        self.context = self.playwright.chromium.launch_persistent_context(
            self.profile.name, executable_path=self.chromium, args=[*QUIET, "--no-sandbox"]
        )
        self.context.set_default_timeout(PATIENCE)
        self.page = self.context.pages[0] if self.context.pages else self.context.new_page()

    def kill_browser(self) -> None:
        """kill -9 for the one browser that has our profile."""
        mine = f"--user-data-dir={self.profile.name}"
        for process in Path("/proc").glob("[0-9]*"):
            try:
                arguments = (process / "cmdline").read_text(errors="replace").split("\0")
            except OSError:
                continue
            if mine in arguments:
                os.kill(int(process.name), signal.SIGKILL)
        try:
            self.context.close()
        except Error:
            return  # it is dead already

    def new_tab(self) -> None:
        """In place of the one that is open."""
        old, self.page = self.page, self.context.new_page()
        old.close()

    def sign_in(self) -> None:
        self.page.goto(f"{self.stack.address}/admin/login/?next=/admin/")
        if self.page.locator("#login-form").count():
            self._fill_in(self.page.locator("#login-form"))
            self.page.wait_for_url("**/admin/")

    def _fill_in(self, form: Locator) -> None:
        form.get_by_label("Email").fill(EMAIL)
        form.get_by_label("Password").fill(self.password)
        form.get_by_role("button", name="Sign in").click()

    # Writing

    def open_form(self, path: str) -> None:
        try:
            self.page.goto(f"{self.stack.address}{path}")
        except Error as error:
            # A save that was on its way led to its own page meanwhile.
            if "ERR_ABORTED" not in error.message:
                raise
            self.page.wait_for_load_state("networkidle")
            self.page.goto(f"{self.stack.address}{path}")
        # What was left has been looked for once it says anything at all. What the page before sent
        # may be on its way; it is offered if it does not arrive.
        words = self.page.locator(".saved__words").first
        expect(words).to_have_text(re.compile("."))
        expect(words).not_to_have_text("Saving")

    def place(self, name: str) -> Locator:
        if name.startswith("*"):
            return self.page.locator(f".prose-editor:has([name={name[1:]}]) [contenteditable]")
        return self.page.locator(f"#content-main [name={name}]")

    def text(self, name: str) -> str:
        place = self.place(name)
        return place.inner_text() if name.startswith("*") else place.input_value()

    def clear(self, sitting: Sitting) -> None:
        """So that there is always room for what is typed."""
        self.place(sitting.field).click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.press("Delete")

    def write(self, sitting: Sitting) -> None:
        for _ in range(self.chance.randint(6, 24)):
            letter = self.chance.choice(ALPHABET)
            self.page.keyboard.insert_text(letter)
            sitting.typed.append((time.monotonic(), letter))
            time.sleep(self.chance.choice((0.0, 0.01, 0.04, 0.1, 0.2)))
        time.sleep(self.chance.choice(PAUSES))

    # Coming back

    def look(self, sitting: Sitting, newest: int) -> None:
        self.open_form(sitting.path)
        sitting.found += self._what_is_here(sitting)
        if sitting.form != "new article":
            return
        # The words that were on their way may have made one meanwhile; and so does what an earlier
        # sitting left, when it is brought back.
        for made in self._articles_after(newest):
            self.open_form(f"/admin/articles/article/{made}/change/")
            sitting.found += self._what_is_here(sitting)

    def _what_is_here(self, sitting: Sitting) -> str:
        """In the form; what is offered; and the draft as the history has it."""
        found = [self.text(sitting.field)]
        offers = self.page.locator(".kept")
        while offers.count() and len(found) < MAX_OFFERS:  # one after the other
            found += offers.first.locator("ins").all_text_contents()
            if offers.first.locator("summary").count():
                offers.first.locator("summary").click()
            try:
                offers.first.get_by_role("button", name="Bring them back").click(timeout=5_000)
            except TimeoutError:
                continue  # withdrawn: the words have arrived meanwhile
            found.append(self.text(sitting.field))
        states = self.page.locator("[value^='bring_back']")
        if states.count():
            closed = self.page.locator("details:not([open])").filter(has=states)
            if closed.count():  # of an article they are in the rail, below its history
                closed.locator("> summary").click()
            with self.page.expect_navigation():
                states.first.click()
            self.page.locator(".saved__words").first.wait_for(state="attached")
            found.append(self.text(sitting.field))
        return "\n".join(found)

    def _articles_after(self, newest: int) -> list[int]:
        asked = "SELECT id FROM articles_article WHERE id > %s ORDER BY id"
        return [int(made) for [made] in self.stack.execute(asked, newest)]


# The eight ends. Each comes back to a browser that works and a person who is signed in.


def tab_closed(writer: Writer, sitting: Sitting) -> None:
    sitting.ended_at = time.monotonic()
    writer.new_tab()


def browser_killed(writer: Writer, sitting: Sitting) -> None:
    sitting.ended_at = time.monotonic()
    writer.kill_browser()
    writer.open_browser()
    writer.sign_in()


def link_followed(writer: Writer, sitting: Sitting) -> None:
    sitting.ended_at = time.monotonic()
    form = writer.page.url
    writer.page.locator(":is(a.shell__home, .bar a):visible").first.click()
    writer.page.wait_for_url(lambda address: address != form)


def back(writer: Writer, sitting: Sitting) -> None:
    sitting.ended_at = time.monotonic()
    writer.page.go_back()


def session_ended(writer: Writer, sitting: Sitting) -> None:
    """In the middle; the person signs in over the form, or leaves."""
    writer.context.clear_cookies()
    writer.write(sitting)
    dialog = writer.page.locator("dialog.signin")
    if writer.chance.random() < 0.5:
        dialog.wait_for()
        writer._fill_in(dialog)
        dialog.wait_for(state="detached")
    sitting.ended_at = time.monotonic()
    writer.new_tab()
    writer.sign_in()


def server_gone(writer: Writer, sitting: Sitting) -> None:
    writer.stack.kill("web")
    writer.write(sitting)
    sitting.ended_at = time.monotonic()
    writer.new_tab()
    writer.stack.start("web")


def network_gone(writer: Writer, sitting: Sitting) -> None:
    writer.context.set_offline(True)
    writer.write(sitting)
    sitting.ended_at = time.monotonic()
    writer.new_tab()
    writer.context.set_offline(False)


def bad_save(writer: Writer, sitting: Sitting) -> None:
    """Everything deleted, and saved: by the button, or by itself."""
    sitting.ended_at = time.monotonic()
    writer.clear(sitting)
    if writer.chance.random() < 0.5:
        time.sleep(3)  # it is saved two seconds after the last key
    else:
        save = ".submit-row [type=submit], .bar [name=_draft], .bar [name=_save]"
        with writer.page.expect_navigation():  # which may begin a moment later
            writer.page.locator(f"#content-main :is({save})").last.click()
        writer.page.wait_for_load_state("networkidle")


ENDS: dict[str, Callable[[Writer, Sitting], None]] = {
    "tab closed": tab_closed,
    "browser killed": browser_killed,
    "link followed": link_followed,
    "Back": back,
    "session ended": session_ended,
    "server gone": server_gone,
    "network gone": network_gone,
    "a bad save": bad_save,
}
