"""Redis may be down, silent or wiped at any moment. It costs seconds, never an email."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import redis

from tests.stack import visitor

# What we promise when only the broker failed.
ANSWER = 3  # seconds
EMAILS = 30  # seconds, once it is back


def test_with_redis_refusing_the_visitor_is_answered_and_the_emails_follow(stack):
    visitors = [visitor() for _ in range(3)]
    stack.redis.stop()

    answers = [stack.send_inquiry(one) for one in visitors]

    assert all(answer.is_thanks and answer.seconds < ANSWER for answer in answers)
    assert stack.senders() == set(visitors)
    stack.redis.start()
    emails = stack.expect_emails(visitors, within=EMAILS)
    assert all(one.arrived_once for one in emails.values())


def test_with_redis_silent_the_visitor_is_answered_and_the_emails_follow(stack):
    visitors = [visitor() for _ in range(3)]
    stack.redis.pause()

    answers = [stack.send_inquiry(one) for one in visitors]

    assert all(answer.is_thanks and answer.seconds < ANSWER for answer in answers)
    assert stack.senders() == set(visitors)
    stack.redis.resume()
    emails = stack.expect_emails(visitors, within=EMAILS)
    assert all(one.arrived_once for one in emails.values())


def test_with_redis_silent_visitors_who_come_at_once_do_not_wait_for_each_other(stack):
    visitors = [visitor() for _ in range(16)]
    with ThreadPoolExecutor(max_workers=16) as pool:
        empty_forms = list(pool.map(lambda _: stack.post("/contact/", {}), visitors))
        stack.redis.pause()

        answers = list(pool.map(stack.send_inquiry, visitors))

    stack.redis.resume()
    assert all(answer.is_thanks for answer in answers)
    by_the_machine = max(answer.seconds for answer in empty_forms)  # alone next to nothing
    assert max(answer.seconds for answer in answers) < by_the_machine + ANSWER
    stack.expect_emails(visitors, within=EMAILS)


def test_a_queue_that_is_wiped_loses_no_email(stack):
    waiting = [visitor() for _ in range(3)]
    stack.stop("worker")
    for one in waiting:
        assert stack.send_inquiry(one).is_thanks

    wipe(stack.redis)

    stack.start("worker")
    stack.expect_emails(waiting, within=EMAILS)


def test_after_redis_was_wiped_under_a_worker_new_inquiries_are_notified_too(stack):
    wipe(stack.redis)
    ada = visitor()

    assert stack.send_inquiry(ada).is_thanks

    stack.expect_emails([ada], within=EMAILS)


def test_redis_killed_under_load_loses_nothing_that_was_thanked_for(stack):
    visitors = [visitor() for _ in range(20)]
    five_have_asked = threading.Semaphore(0)

    def ask(one):
        answer = stack.send_inquiry(one)
        five_have_asked.release()
        time.sleep(0.1)
        return answer

    with ThreadPoolExecutor(max_workers=4) as pool:
        answers = pool.map(ask, visitors)
        for _ in range(5):
            five_have_asked.acquire(timeout=10)
        stack.redis.kill()
        time.sleep(1)
        stack.redis.start()
        answers = list(answers)

    assert all(answer.is_thanks and answer.seconds < ANSWER for answer in answers)
    assert stack.senders() == set(visitors)
    stack.expect_emails(visitors, within=EMAILS)


def test_after_a_minute_without_redis_the_emails_are_there_within_half_a_minute(
    a_minute_without_broker,
):
    assert a_minute_without_broker.seconds <= EMAILS
    assert all(emails.arrived_once for emails in a_minute_without_broker.emails.values())


def wipe(server):
    with redis.Redis.from_url(server.url) as client:
        client.flushall()
