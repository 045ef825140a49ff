"""A worker may die at any point. What it was sending goes again, what it was not goes once."""

from devtools.processes import wait_until
from tests.smtp import STALL
from tests.stack import visitor

RECOVERY = 15  # seconds, while there is a worker


def test_emails_in_flight_at_the_kill_go_again_within_seconds(a_worker_killed_while_sending):
    assert a_worker_killed_while_sending.seconds <= RECOVERY


def test_of_three_workers_the_others_take_over_within_seconds(stack):
    ada = visitor()
    stack.mail.faults = {"DOT": STALL}
    stack.send_inquiry(ada)
    assert wait_until(lambda: len(stack.mail.emails) == 2, seconds=20)
    stack.start("worker 2", "worker 3")
    stack.mail.faults = {}

    stack.kill("worker")

    stack.expect_emails([ada], within=RECOVERY, copies=2)


def test_what_a_living_worker_holds_is_left_to_it(stack):
    ada = visitor()
    stack.mail.faults = {"DOT": STALL}
    stack.send_inquiry(ada)
    assert wait_until(lambda: len(stack.mail.emails) == 2, seconds=20)
    stack.start("worker 2")
    [[before]] = stack.execute("SELECT max(leased_until) FROM mail_message")

    def is_renewed_beyond_a_lease():
        [[seconds]] = stack.execute(
            "SELECT extract(epoch FROM max(leased_until) - %s) FROM mail_message", before
        )
        return seconds > 12

    assert wait_until(is_renewed_beyond_a_lease, seconds=60, pause=0.5)
    assert len(stack.mail.emails) == 2


def test_slow_confirmations_hold_up_nobody_else(stack):
    slow = [visitor() for _ in range(6)]
    stack.stop("worker")
    stack.start("office", "sender")
    stack.mail.faults, stack.mail.faults_for = {"DOT": STALL}, set(slow)
    for one in slow:
        stack.send_inquiry(one)
    assert wait_until(lambda: set(slow) <= set(stack.emails_by_visitor()), seconds=30)
    ada = visitor()

    stack.send_inquiry(ada)

    stack.expect_emails([ada])
    assert {tuple(stack.states(one)) for one in slow} == {("queued",)}


def test_a_worker_asked_to_stop_hands_back_what_it_waits_for(a_worker_asked_to_stop):
    story = a_worker_asked_to_stop

    assert story.seconds <= 30
    assert story.states == {"queued"}
    assert story.unconfirmed == {1}
    assert story.held == 0


def test_the_copies_carry_the_same_message_id(a_worker_killed_while_sending):
    in_flight = a_worker_killed_while_sending.in_flight

    for copies in [in_flight.sales, in_flight.visitor]:
        first, second = copies
        assert first.message_id == second.message_id
        assert first.email["Subject"] == second.email["Subject"]


def test_what_came_in_while_no_worker_lived_is_notified_once(a_worker_killed_while_sending):
    assert a_worker_killed_while_sending.sent_meanwhile.arrived_once
