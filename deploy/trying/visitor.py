#!/usr/bin/env python3
"""What happens inside the machine of the trial: a mail server, an administrator, a visitor, and
twenty requests a second. By the standard library alone, as a browser without scripts would.
"""

import http.client
import http.cookiejar
import re
import signal
import socketserver
import ssl
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from email import message_from_bytes, policy
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

SITE = "https://www.studio.example"
SECONDS = 60


class Mail(socketserver.StreamRequestHandler):
    """As much of RFC 5321 as it takes to be given an email, each of which becomes a file."""

    folder: Path

    def handle(self) -> None:
        self._say("220 trial")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                self._say("354 go on")
                text = b""
                while (line := self.rfile.readline()) not in (b".\r\n", b""):
                    text += line.removeprefix(b".") if line.startswith(b"..") else line
                new = self.folder / f".{time.time_ns()}"
                new.write_bytes(text)
                new.rename(self.folder / f"{time.time_ns()}.eml")
            self._say("221 bye" if verb == b"QUIT" else "250 trial")
            if verb == b"QUIT":
                return

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


def mail(folder: str) -> None:
    Mail.folder = Path(folder)
    Mail.folder.mkdir(exist_ok=True)
    socketserver.ThreadingTCPServer.allow_reuse_address = True
    with socketserver.ThreadingTCPServer(("127.0.0.1", 2525), Mail) as server:
        server.serve_forever()


class Form(HTMLParser):
    """The fields of the form that has this field."""

    def __init__(self, page: str, field: str) -> None:
        super().__init__()
        self.forms: list[dict[str, str]] = []
        self.feed(page)
        self.fields = next(form for form in self.forms if field in form)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "form":
            self.forms.append({})
        elif named.get("type") == "submit":
            pass  # which of several was pressed: none, as by the Enter key
        elif named.get("type") == "checkbox" and "checked" not in named:
            pass
        elif tag in ("input", "textarea") and named.get("name") and self.forms:
            self.forms[-1][str(named["name"])] = named.get("value") or (
                "on" if named.get("type") == "checkbox" else ""
            )


class Browser:
    def __init__(self) -> None:
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(jar)
        self.at = self.page = ""

    def open(self, url: str, form: dict[str, str] | None = None) -> str:
        body = urllib.parse.urlencode(form).encode() if form is not None else None
        request = urllib.request.Request(
            url, body, {"Referer": self.at or url, "Accept": "text/html"}
        )
        if body:
            request.add_header("Origin", SITE)
        with self.opener.open(request, timeout=SECONDS) as answer:
            self.at, self.page = answer.geturl(), answer.read().decode()
        return self.title()

    def send(self, **fields: str) -> str:
        form = Form(self.page, next(iter(fields))).fields
        return self.open(self.at, form | fields)

    def title(self) -> str:
        found = re.search(r"(?s)<title>(.*?)</title>", self.page)
        return " ".join(found.group(1).split()) if found else ""


def say(act: str, seen: str) -> None:
    print(f"{act}: {seen}", flush=True)


def sign_in(link: str, email: str, password: str) -> None:
    browser = Browser()
    say("The link is opened", browser.open(link))
    say("A password is chosen", browser.send(new_password1=password, new_password2=password))
    seen = browser.send(username=email, password=password)
    say("Signed in", f"{browser.at} {seen}")
    assert browser.at == f"{SITE}/admin/", browser.page
    browser.open(f"{SITE}/admin/leads/recipient/add/")
    browser.send(email=email)
    say("Who gets an email about each inquiry", email)
    assert browser.at == f"{SITE}/admin/leads/recipient/", browser.page


def inquire(folder: str) -> None:
    seen = set(Path(folder).glob("*.eml"))
    browser = Browser()
    say("A visitor opens", f"{browser.open(f'{SITE}/contact/')}")
    since = time.monotonic()
    message = f"We need a ledger. It is {time.ctime()}."  # the same words again would be a repeat
    asked = {"email": "ada@analytical.example", "name": "Ada Byron", "message": message}
    say("An inquiry is sent", browser.send(**asked))
    assert "/contact/thanks/" in browser.at, browser.at
    expected = {"ida@studio.example", "ada@analytical.example"}
    while expected and time.monotonic() < since + SECONDS:
        for path in set(Path(folder).glob("*.eml")) - seen:
            seen.add(path)
            one = message_from_bytes(path.read_bytes(), policy=policy.default)
            recipient = str(one["To"])
            # What an administrator is told of signing in comes by the same way.
            if "Ada" in str(one["Subject"]) or "ada@" in recipient:
                seconds = time.monotonic() - since
                say(f"Email after {seconds:.1f} s", f"to {recipient}: {one['Subject']}")
                expected = {name for name in expected if name not in recipient}
        time.sleep(0.1)
    assert not expected, f"no email to {expected}"


def wait_for_page() -> None:
    since = time.monotonic()
    while True:
        try:
            seen = Browser().open(f"{SITE}/")
        except (urllib.error.URLError, OSError):
            assert time.monotonic() < since + SECONDS
            time.sleep(0.2)
        else:
            say("The first page comes", seen)
            return


def load() -> None:
    """Twenty requests a second that no cache answers, by a connection each, until SIGINT."""
    found: list[str] = []
    threads: list[threading.Thread] = []
    ends = threading.Event()
    signal.signal(signal.SIGINT, lambda *_: ends.set())
    context = ssl.create_default_context()

    def ask(number: int) -> None:
        try:
            one = http.client.HTTPSConnection("www.studio.example", timeout=30, context=context)
            one.request("GET", f"/contact/?n={number}", headers={"Cookie": "desk_session=a"})
            found.append(str(one.getresponse().status))
        except OSError as error:
            found.append(type(error).__name__)

    print("Asking …", flush=True)
    number = 0
    while not ends.wait(0.05):
        number += 1
        threads.append(threading.Thread(target=ask, args=[number]))
        threads[-1].start()
    for thread in threads:
        thread.join()
    counts = {kind: found.count(kind) for kind in sorted(set(found))}
    print(f"{number} requests: " + ", ".join(f"{count} × {kind}" for kind, count in counts.items()))


if __name__ == "__main__":
    act: Any = globals()[sys.argv[1]]
    act(*sys.argv[2:])
