"""The whole product with the demo's content, for scripts that look at its pages from outside."""

import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from devtools.processes import wait_until
from tests.stack import STILL_TO_CUT, Stack

ARTICLE = "/articles/idempotency-and-the-outbox/"
# One of each kind of public page.
PAGES = {
    "home": "/",
    "articles": "/articles/",
    "topics": "/articles/topics/",
    "topic": "/articles/topics/reliability/",
    "series": "/articles/series/a-team-with-no-shared-room/",
    "author": "/articles/authors/eric-hanson/",
    "article": ARTICLE,
    "search": "/articles/search/?q=queues",
    "search-without-hits": "/articles/search/?q=xylophones",
    "offices": "/offices/",
    "office": "/offices/copenhagen/",
    "services": "/services/",
    "about": "/about/",
    "privacy": "/privacy/",
    "contact": "/contact/",
    "brief": "/contact/brief/",
    "thanks": "/contact/thanks/",
    "readiness": "/readiness/",
    "readiness-step": "/readiness/1/",
    "not-found": "/articles/idempotency-and-outboxes/",
}


@dataclass
class DemoSite:
    """Where it is, and the passwords of its people by email; none of a site that is not ours."""

    address: str
    logins: dict[str, str] = field(default_factory=dict)
    stack: Stack | None = None  # its processes


@contextmanager
def demo_site(address: str = "") -> Iterator[DemoSite]:
    """A site that runs: the one given, or one started for the purpose.

    The latter needs PostgreSQL and Redis to be installed, and touches neither of them.
    """
    if address:
        yield DemoSite(address.rstrip("/"))
        return
    with tempfile.TemporaryDirectory(prefix="demo-site-") as folder:
        Path(folder).chmod(0o711)  # PostgreSQL runs as another user, who must pass through
        with Stack(Path(folder)) as stack:
            stack.manage("seed")
            if not wait_until(lambda: stack.execute(STILL_TO_CUT) == [(0,)], seconds=120, pause=1):
                raise SystemExit(f"The pictures were not cut.\n{stack.log_tails()}")
            logins = json.loads((stack.var / "demo-logins.json").read_text())
            yield DemoSite(stack.address, logins, stack)
