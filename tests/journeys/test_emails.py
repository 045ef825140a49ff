"""An inquiry reaches sales, and the visitor hears of it, through a real worker and real SMTP."""

import time
from concurrent.futures import ThreadPoolExecutor

from devtools.processes import wait_until
from tests.stack import SALES, visitor

SWEEP = 5  # seconds


def test_sales_and_the_visitor_have_their_emails_within_seconds(stack):
    ada = visitor()

    answer = stack.send_inquiry(ada)

    assert answer.is_thanks
    emails = stack.expect_emails([ada])
    assert emails[ada].arrived_once


def test_the_notification_can_be_answered_and_leads_to_the_lead(stack):
    ada = visitor()

    stack.send_inquiry(ada, message="Our ledger loses a cent a day.")

    [notification] = stack.expect_emails([ada])[ada].sales
    text = notification.email.get_body(["plain"]).get_content()
    assert notification.email["To"] == SALES
    assert notification.email["Reply-To"].addresses[0].addr_spec == ada
    assert notification.email["From"].addresses[0].domain == "127.0.0.1"
    assert "Our ledger loses a cent a day." in text
    assert f"{stack.address}/admin/lead/" in text


def test_the_acknowledgment_says_that_a_machine_wrote_it_and_repeats_nothing(stack):
    ada = visitor()

    stack.send_inquiry(ada, name="Quagga Byron", message="We need a quagga that adds up.")

    [received] = stack.expect_emails([ada])[ada].visitor
    assert received.email["Auto-Submitted"] == "auto-replied"
    assert "quagga" not in received.email.as_string().lower()


def test_a_double_click_is_one_inquiry_and_both_clicks_see_thanks(stack):
    ada = visitor()
    key = "b0b1b2b3-c4c5-d6d7"

    answers = at_once(lambda _: stack.send_inquiry(ada, key=key), range(2))

    assert all(answer.is_thanks for answer in answers)
    assert stack.execute("SELECT count(*) FROM leads_inquiry") == [(1,)]
    assert stack.expect_emails([ada])[ada].arrived_once


def test_without_script_ten_clicks_at_once_are_one_inquiry(stack):
    ada = visitor()

    answers = at_once(lambda _: stack.send_inquiry(ada), range(10))

    assert all(answer.is_thanks for answer in answers)
    assert stack.execute("SELECT count(*) FROM leads_inquiry") == [(1,)]
    assert stack.expect_emails([ada])[ada].arrived_once


def test_colleagues_who_write_at_the_same_moment_are_all_saved(stack):
    everyone: list[str] = []
    for number in range(5):
        colleagues = [visitor().replace("example", f"firm-{number}") for _ in range(4)]
        everyone += colleagues

        answers = at_once(
            lambda one, firm=f"Firm {number}": stack.send_inquiry(one, company=firm), colleagues
        )

        assert all(answer.is_thanks for answer in answers)
        assert stack.senders() >= set(colleagues)
    assert stack.execute("SELECT count(*) FROM leads_company") == [(5,)]
    stack.expect_emails(everyone)


def test_two_workers_and_two_beats_double_nothing(stack):
    stack.start("worker 2", "beat 2")
    stack.mail.delay_before_reply = 0.2  # the sweeps meet emails that are just being sent
    visitors = [visitor() for _ in range(30)]

    answers = at_once(stack.send_inquiry, visitors)

    assert all(answer.is_thanks for answer in answers)
    stack.expect_emails(visitors)
    time.sleep(SWEEP + 2)  # long enough for both sweeps to do it again, if they would
    emails = stack.emails_by_visitor()
    assert all(emails[one].arrived_once for one in visitors)


def test_a_burst_is_mailed_once_over_few_connections(stack):
    stack.stop("worker")
    stack.start("office")
    visitors = [visitor() for _ in range(60)]

    answers = at_once(stack.send_inquiry, visitors)

    assert all(answer.is_thanks for answer in answers)
    # However slowly they are composed: where there is nothing to send, a connection ends.
    expect_queued(stack, 120)
    stack.start("sender")
    emails = stack.expect_emails(visitors, within=120)
    assert all(one.arrived_once for one in emails.values())
    # Twenty threads with one each, and some anew: a thread that the machine let wait for a second
    # has ended its connection.
    assert stack.mail.greeted < 2 * len(visitors), "a connection for every email"


def test_sales_are_told_before_visitors_are_thanked(stack):
    stack.stop("worker")
    stack.start("office")
    visitors = [visitor() for _ in range(30)]
    at_once(stack.send_inquiry, visitors)
    expect_queued(stack, 60)

    stack.start("sender")

    stack.expect_emails(visitors)
    # A sender has 20 threads: 20 notifications may be under way while the first visitor is thanked.
    assert [one.recipients for one in stack.mail.emails[:10]] == [(SALES,)] * 10


def expect_queued(stack, count):
    queued = "SELECT count(*) FROM mail_message WHERE state = 'queued'"
    assert wait_until(lambda: stack.execute(queued) == [(count,)], seconds=120, pause=0.1)


def at_once(ask, whom):
    with ThreadPoolExecutor(max_workers=4) as pool:
        return list(pool.map(ask, whom))
