"""While the database is away nobody is thanked; once it is back everything goes on by itself."""

import threading
import time

from tests.stack import visitor

EMAILS = 120  # seconds, once it is back


def test_nobody_is_thanked_for_what_could_not_be_kept_and_what_they_typed_is(stack):
    stack.postgres.stop()

    answer = stack.send_inquiry(visitor(), message="We need a ledger, & soon.")

    assert answer.status == 503
    assert "send it again" in answer.text
    assert "We need a ledger, &amp; soon." in answer.text  # in the form
    sent = {"name": "Ada", "email": visitor(), "title": "A ledger", "goal": "Count.", "do": "send"}
    answer = stack.post("/contact/brief/", sent)
    assert answer.status == 503
    assert 'action="/contact/brief/"' in answer.text
    assert '<input type="hidden" name="title" value="A ledger">' in answer.text
    stack.postgres.start()
    assert stack.senders() == set()


def test_an_inquiry_from_before_a_restart_and_one_from_after_it_are_both_notified_of(stack):
    before, after = visitor(), visitor()
    stack.stop("worker")
    assert stack.send_inquiry(before).is_thanks

    stack.postgres.restart()
    stack.start("worker")

    assert stack.send_inquiry(after).is_thanks
    stack.expect_emails([before, after], within=EMAILS)


def test_a_restart_in_the_middle_of_things_loses_nothing_that_was_thanked_for(stack):
    thanked, turned_away = set(), set()
    is_over = threading.Event()

    def keep_asking():
        while not is_over.wait(0.1):
            one = visitor()
            answer = stack.send_inquiry(one)
            (thanked if answer.is_thanks else turned_away).add(one)
            assert answer.status in (302, 503)

    crowd = [threading.Thread(target=keep_asking) for _ in range(2)]
    for person in crowd:
        person.start()
    time.sleep(1)
    stack.postgres.stop()
    time.sleep(2)
    stack.postgres.start()
    time.sleep(1)
    is_over.set()
    for person in crowd:
        person.join()

    assert thanked and turned_away, "both must have happened for this to tell anything"
    assert thanked <= stack.senders()
    stack.expect_emails(thanked, within=EMAILS)
