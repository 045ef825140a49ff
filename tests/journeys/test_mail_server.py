"""A mail server that is away, mute or busy is waited for. One that says no is believed."""

import time

from devtools.processes import wait_until
from tests.smtp import Behavior
from tests.stack import SALES, visitor

EMAILS = 120  # seconds, once it is back
SWEEP = 5  # seconds


def test_after_a_minute_of_troubles_the_emails_are_there_within_two(a_minute_without_mail_server):
    assert a_minute_without_mail_server.seconds <= EMAILS
    assert all(emails.arrived_once for emails in a_minute_without_mail_server.emails.values())


def test_an_email_that_is_refused_fails_and_says_why(stack):
    ada = visitor()
    stack.mail.behavior = Behavior.REFUSING

    assert stack.send_inquiry(ada).is_thanks

    assert wait_until(lambda: stack.states(ada) == ["failed"], seconds=10)
    assert wait_until(lambda: stack.states(SALES) == ["failed"], seconds=10)
    errors = {error for (error,) in stack.execute("SELECT error FROM mail_message")}
    assert errors == {"The mail server refused the address: 550 5.1.1 no such mailbox here"}
    attempts_before = stack.mail.attempts
    time.sleep(SWEEP + 2)
    assert stack.mail.attempts == attempts_before == 2


def test_a_failed_email_goes_out_when_staff_send_it_again(stack):
    ada = visitor()
    stack.mail.behavior = Behavior.REFUSING
    stack.send_inquiry(ada)
    assert wait_until(lambda: stack.states(ada) == stack.states(SALES) == ["failed"], seconds=10)

    stack.mail.behavior = Behavior.NORMAL
    stack.shell(
        "from django.utils import timezone\n"
        "for message in Message.objects.all(): message.send_again(now=timezone.now())"
    )

    assert stack.expect_emails([ada], within=30)[ada].arrived_once
