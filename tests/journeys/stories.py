"""What takes minutes to happen. Each story runs once; several tests look at how it ended."""

import signal
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from devtools.processes import wait_until
from tests.smtp import STALL, Behavior
from tests.stack import InquiryEmails, Stack, visitor

MINUTE = 60.0


@dataclass(frozen=True)
class Outcome:
    """What the mail server has in the end, and how long that took once all was back."""

    emails: dict[str, InquiryEmails]
    seconds: float


def run(story: Callable[[Stack], Any], start: Callable[[], AbstractContextManager[Stack]]) -> Any:
    """Run a story on a stack of its own."""
    with start() as stack:
        try:
            return story(stack)
        except AssertionError as error:
            error.add_note(stack.log_tails())
            raise


@dataclass(frozen=True)
class AfterTheKill:
    in_flight: InquiryEmails
    sent_meanwhile: InquiryEmails
    seconds: float  # from the new worker's start until both emails came again


def a_worker_killed_while_sending(stack: Stack) -> AfterTheKill:
    """The mail server has both emails and has not said so yet when the worker is killed.

    A second visitor writes before there is a new one.
    """
    in_flight, meanwhile = visitor(), visitor()
    stack.mail.delay_before_reply = MINUTE
    assert stack.send_inquiry(in_flight).is_thanks
    _wait(lambda: len(stack.mail.emails) == 2, "both emails to be in flight", seconds=20)
    stack.kill("worker")
    stack.mail.delay_before_reply = 0
    assert stack.send_inquiry(meanwhile).is_thanks

    stack.start("worker")
    back_at = time.monotonic()
    _wait(
        lambda: stack.emails_by_visitor()[in_flight].copies >= 2,
        "both emails that were in flight to come again",
        seconds=120,
    )
    seconds = time.monotonic() - back_at
    emails = stack.expect_emails([in_flight, meanwhile], within=30)
    return AfterTheKill(emails[in_flight], emails[meanwhile], seconds)


@dataclass(frozen=True)
class AfterTheStop:
    seconds: float  # until both kinds of worker had ended
    states: set[str]
    unconfirmed: set[int]
    held: int


def a_worker_asked_to_stop(stack: Stack) -> AfterTheStop:
    """Two workers wait for a confirmation that does not come, and are asked to end."""
    stack.stop("worker")
    stack.start("office")
    stack.mail.faults = {"DOT": STALL}
    for kind, count in [("worker", 2), ("sender", 4)]:
        stack.start(kind)
        assert stack.send_inquiry(visitor()).is_thanks
        _wait(lambda count=count: len(stack.mail.emails) == count, "all in flight", seconds=60)
    began = time.monotonic()
    workers = [stack.children["worker"], stack.children["sender"]]
    for worker in workers:
        worker.send(signal.SIGTERM)
    _wait(lambda: not any(one.running for one in workers), "both to end", seconds=60)
    seconds = time.monotonic() - began
    rows = stack.execute("SELECT state, unconfirmed, leased_until FROM mail_message")
    return AfterTheStop(
        seconds,
        {state for state, _, _ in rows},
        {unconfirmed for _, unconfirmed, _ in rows},
        sum(lease is not None for _, _, lease in rows),
    )


def a_minute_without_mail_server(stack: Stack) -> Outcome:
    """The server refuses connections, then says nothing, then is busy in two different ways.

    Each fault meets the first attempt of one visitor's emails.
    """
    visitors = []
    for behavior in [None, Behavior.SILENT, Behavior.BUSY_AT_RCPT, Behavior.BUSY_AT_DATA]:
        if behavior is None:
            stack.mail.refuse_connections()
        else:
            stack.mail.behavior = behavior
            stack.mail.open()
        visitors.append(visitor())
        assert stack.send_inquiry(visitors[-1]).is_thanks
        time.sleep(MINUTE / 4)

    [[delayed]] = stack.execute("SELECT count(*) FROM mail_message WHERE error <> ''")
    assert delayed == 2 * len(visitors), "every email must have failed at first"
    stack.mail.behavior = Behavior.NORMAL
    return _expect_all(stack, visitors, within=120)


def a_minute_without_broker(stack: Stack) -> Outcome:
    visitors = [visitor() for _ in range(3)]
    stack.redis.stop()
    for one in visitors:
        assert stack.send_inquiry(one).is_thanks
    time.sleep(MINUTE)

    stack.redis.start()
    return _expect_all(stack, visitors, within=30)


def _expect_all(stack: Stack, visitors: list[str], *, within: float) -> Outcome:
    back_at = time.monotonic()
    emails = stack.expect_emails(visitors, within=within)
    return Outcome(emails, time.monotonic() - back_at)


def _wait(condition: Callable[[], bool], for_what: str, *, seconds: float) -> None:
    if not wait_until(condition, seconds=seconds, pause=0.1):
        raise AssertionError(f"Waited {seconds} s for {for_what}.")


ALL = {
    story.__name__: story
    for story in [
        a_worker_killed_while_sending,
        a_worker_asked_to_stop,
        a_minute_without_mail_server,
        a_minute_without_broker,
    ]
}
