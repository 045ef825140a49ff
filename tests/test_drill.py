"""How the drill judges what visitors saw. The drill itself is a command: `dev.py drill`."""

from collections import Counter
from email.message import EmailMessage
from types import SimpleNamespace

import pytest

from devtools.drill.balancers import balancers
from devtools.drill.load import PAGE, PICTURE, SEARCH, Mailbox, Read, Sender
from devtools.drill.report import Trial, row, tables
from devtools.drill.site import Site
from tests.smtp import Received

VISITOR, SALES = "visitor-1@example.com", "sales@desk.example"


def email(recipient, *, at, about=None):
    message = EmailMessage()
    if about:
        message["Reply-To"] = about
    return Received(at, "website@example.com", (recipient,), message, b"")


def judged(*, reads=(), senders=(), emails=(), **trial):
    load = SimpleNamespace(reads=list(reads), senders=list(senders))
    mailbox = Mailbox(SimpleNamespace(emails=list(emails)))
    said = {"name": "a node", "began": 0, "back": 10, "ended": 15, "restarts": 0, **trial}
    return row(Trial(**said), load, mailbox)


def thanked(**more):
    return Sender(VISITOR, at=1, thanked_at=2, **more)


BOTH = [email(VISITOR, at=3), email(SALES, at=3, about=VISITOR)]


def test_what_came_in_time_and_once_is_as_promised():
    one = judged(reads=[Read(PAGE, 1, 1.9, ("503",))], senders=[thanked()], emails=BOTH)

    assert one.misses() == []
    assert (one.mailed_once, one.doubled, one.lost, one.thanked_at_once) == (1, 0, 0, 1)
    assert "a node" in tables([one]) and "page: 1 × 503" in tables([one])


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        ({"reads": [Read(PAGE, 1, 2.1, ())]}, "a page took 2.1 s"),
        ({"reads": [Read(SEARCH, 1, 9, ("503",))]}, "a search took 9.0 s"),
        ({"reads": [Read(PICTURE, 1, 9, ("503",))], "needs_database": True}, "picture took"),
        ({"senders": [Sender(VISITOR, at=1)]}, "1 were never thanked"),
        ({"senders": [thanked(failures=["503"])], "emails": BOTH}, "failed: 1 × 503"),
        (
            {"senders": [thanked(failures=["503"])], "emails": BOTH, "needs_database": True},
            "failed: 1 × 503",
        ),
        ({"senders": [thanked()], "emails": BOTH[:1]}, "emails of 1 inquiries are missing"),
        ({"senders": [thanked()], "emails": [*BOTH, BOTH[1]]}, "came twice"),
        ({"senders": [thanked()], "emails": [BOTH[0], email(SALES, at=71, about=VISITOR)]}, "61 s"),
    ],
)  # fmt: skip
def test_each_promise_that_is_missed_is_named(seen, said):
    [miss] = judged(**seen).misses()

    assert said in miss


@pytest.mark.parametrize(
    "seen",
    [
        {"reads": [Read(SEARCH, 1, 9, ("503",))], "needs_database": True},
        {"reads": [Read(PICTURE, 1, 9, ("500",))], "needs_files": True},
        {
            "senders": [thanked(failures=["503, form kept"])],
            "emails": BOTH,
            "needs_database": True,
        },
        {"reads": [Read(PAGE, 16, 9, ())]},  # when it was over
    ],
)
def test_what_nobody_promised_is_not_missed(seen):
    assert judged(**seen).misses() == []


def test_two_in_sales_who_have_an_email_each_have_no_copy():
    other = email("other@desk.example", at=4, about=VISITOR)

    assert judged(senders=[thanked()], emails=[*BOTH, other]).doubled == 0


def test_the_samples_of_deploy_have_the_lines_that_the_drill_fills_in(tmp_path):
    services = list(balancers(Site(tmp_path)))

    assert Counter(one.command[0] for one in services) == {"haproxy": 2, "keepalived": 2}
