"""Whatever a stranger sends, wherever, costs at most half a second of CPU.

Counted in CPU seconds of this process, so a loaded machine changes nothing. Lines are longer than
the servers in front let through, texts as long as a form takes.
"""

from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse

from tests import builders
from tests.cpu import costs_more

MAX_CPU_SECONDS = 0.5
LINE, TEXT = 16_000, 50_000

# What patterns and parsers have been known to look for again and again.
HOSTILE = [
    "a", "1", " ", "-", ".", "/", "%", "@", "&a=1", ";q=0.1,", "*/*;q=0.1,", '"a",', "\\", "(",
    "<a",
    "=", "a=b; ", "0-1,", "Q1 ", "字", "\u0301", "\u200d", "a@b.", "http://",
]  # fmt: skip
HEADERS = (
    "ACCEPT", "ACCEPT_LANGUAGE", "ACCEPT_ENCODING", "COOKIE", "IF_NONE_MATCH", "IF_MATCH",
    "IF_MODIFIED_SINCE", "RANGE", "REFERER", "USER_AGENT", "ORIGIN", "AUTHORIZATION",
    "X_FORWARDED_FOR", "CACHE_CONTROL",
)  # fmt: skip
SECTIONS = (
    "context", "interfaces", "acceptance_criteria", "out_of_scope", "definition_of_done",
    "constraints",
)  # fmt: skip
HIDDEN = ("page", "about", "key", "seconds", "referrer", "utm_source", "assessment", "reference_2")
ADA = {"name": "Ada", "email": "ada@example.com", "company": "C", "message": "Hello"}


def long(unit: str, length: int) -> str:
    return (unit * (length // len(unit) + 1))[:length]


@pytest.fixture
def ask(db):
    """Sends a request; at the end of the test none of them has cost too much."""
    client, dear = Client(), []

    def send(method: str, path: str, body: str = "", **headers):
        def asked():
            answer = client.generic(
                method, path, body, "application/x-www-form-urlencoded", **headers
            )
            assert answer.status_code < 500, path[:80]

        if cost := costs_more(asked, MAX_CPU_SECONDS):
            dear.append((cost, method, path[:80], body[:80]))

    for path in ("/", "/articles/search/?q=ledger", "/nothing/", "/admin/login/"):
        client.get(path)  # what is made once is no stranger's doing
    yield send
    assert dear == []


@pytest.mark.parametrize("unit", HOSTILE, ids=repr)
def test_any_address(ask, unit):
    typed = quote(long(unit, LINE), safe="/%@&;=,.")
    for begun in ("/", "/articles/", "/offices/", "/readiness/result/", "/media/", "/admin/"):
        ask("GET", f"{begun}{typed}/")
    for path, names in {
        "/articles/search/": ("q", "topic", "page"),
        "/articles/": ("page", "topic"),
        "/contact/thanks/": ("for",),
        "/readiness/1/": ("version", "key", "why"),
        "/admin/login/": ("next",),
    }.items():
        ask("GET", f"{path}?{'&'.join(f'{name}={typed}' for name in names)}")


@pytest.mark.parametrize("unit", HOSTILE, ids=repr)
def test_any_header(ask, unit):
    typed = long(unit, LINE).encode().decode("latin-1")
    article = reverse("articles:detail", args=[builders.article().slug])

    for path in (article, "/admin/login/"):
        ask("GET", path, **{f"HTTP_{name}": typed for name in HEADERS})


@pytest.mark.parametrize("unit", HOSTILE, ids=repr)
def test_any_field(ask, unit):
    builders.question_set()
    text, line = long(unit, TEXT), long(unit, LINE)
    brief = {"title": long(unit, 160)} | dict.fromkeys(SECTIONS, text)
    for path, fields in (
        ("/contact/", ADA | {"message": text}),
        ("/contact/", dict.fromkeys(ADA, text) | dict.fromkeys(HIDDEN, line)),
        ("/contact/", ADA | {"email": f"a@{line}"} | dict.fromkeys(HIDDEN, line)),
        ("/contact/brief/", brief | {"do": "look"}),
        ("/contact/brief/", brief | {"do": "download"}),
        ("/contact/brief/", brief | ADA | {"message": text}),
        ("/contact/assessment/", {"for": line}),
        ("/readiness/4/", dict.fromkeys(("version", "key", "wanted", "timezone", "system"), text)),
        ("/admin/login/", {"username": line, "password": "wrong"}),
    ):
        ask("POST", path, "&".join(f"{name}={quote(value)}" for name, value in fields.items()))
