"""A real Chromium for tests, which asks nobody but the site, and remembers what went wrong."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol
from urllib.parse import urlsplit

from playwright.sync_api import (
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    Request,
    expect,
    sync_playwright,
)

# Milliseconds, for whatever a page is to do. The machine may be busy.
PATIENCE = 30_000
expect.set_options(timeout=PATIENCE)
SESSION = "desk_session"  # its cookie

# Chromium itself would ask for updates, safe-browsing lists and more.
QUIET = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-first-run",
    "--no-pings",
]


class Sessions(Protocol):
    """Of those who have signed in, for their next browsers. By email, the key of a new one."""

    def remember(self, email: str, key: str) -> None: ...
    def new(self, email: str) -> str | None: ...


@dataclass
class Visitor:
    """Someone with a browser. `complaints` is all the browser had to say against the site."""

    page: Page
    address: str
    sessions: Sessions | None = None
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> int:
        """Go there. Returns the status of the answer."""
        response = self.page.goto(f"{self.address}{path}")
        assert response is not None
        return response.status

    @property
    def path(self) -> str:
        return urlsplit(self.page.url).path

    def sign_in(self, email: str, password: str) -> None:
        """By the form, or as someone whose session began like this."""
        context = self.page.context
        if self.sessions and (key := self.sessions.new(email)):
            cookie = {"name": SESSION, "value": key, "domain": urlsplit(self.address).hostname}
            context.add_cookies([{**cookie, "path": "/admin/", "httpOnly": True}])
            self.open("/admin/")
            if self.path == "/admin/":
                return
        self.open("/admin/login/?next=/admin/")
        self.page.get_by_label("Email").fill(email)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url(f"{self.address}/admin/")
        if self.sessions:
            [key] = [one["value"] for one in context.cookies() if one["name"] == SESSION]
            self.sessions.remember(email, key)

    def watch(self, context: BrowserContext) -> None:
        context.on("console", self._on_console)
        context.on("weberror", lambda error: self._complain(f"script: {error.error}"))
        context.on("requestfailed", self._on_failure)
        context.on("request", self._on_request)

    def _complain(self, what: str) -> None:
        self.complaints.append(f"{self.path}: {what}")

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self._complain(f"console: {message.text}")

    def _on_failure(self, request: Request) -> None:
        # A page that is left while it loads takes back its requests; nobody is at fault.
        if request.failure != "net::ERR_ABORTED":
            self._complain(f"{request.url} failed: {request.failure}")

    def _on_request(self, request: Request) -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self._complain(f"asked another host: {request.url}")


class Browser:
    """Chromium, running. Each visitor has a window, a history and cookies of their own.

    Now and then it ends by itself. Whoever was looking at a page then fails; the next visitor gets
    a new one.
    """

    def __init__(
        self, launch: Callable[[], Any], address: str, sessions: Sessions | None = None
    ) -> None:
        self.launch, self.address, self.sessions = launch, address, sessions
        self.chromium = launch()

    @contextmanager
    def visitor(self, **options: Any) -> Iterator[Visitor]:
        """`options` go to Playwright: java_script_enabled, color_scheme, viewport …"""
        if not self.chromium.is_connected():
            self.chromium = self.launch()
        context = self.chromium.new_context(**options)
        context.set_default_timeout(PATIENCE)
        visitor = Visitor(context.new_page(), self.address, self.sessions)
        visitor.watch(context)
        try:
            yield visitor
        finally:
            self._close(context)

    def _close(self, context: BrowserContext) -> None:
        """What a window had to show has been shown by now, so Chromium may end of its closing."""
        try:
            context.close()
        except Error:
            if self.chromium.is_connected():
                raise


@contextmanager
def running_chromium(
    path: str, address: str, sessions: Sessions | None = None
) -> Iterator[Browser]:
    flags = [*QUIET, "--no-sandbox"] if os.geteuid() == 0 else QUIET
    with sync_playwright() as playwright:
        launch = partial(playwright.chromium.launch, executable_path=path, args=flags)
        browser = Browser(launch, address, sessions)
        yield browser
        browser.chromium.close()
