"""What /metrics says of a site of several processes, whichever of them is asked."""

from collections import Counter

from prometheus_client.parser import text_string_to_metric_families

from devtools.processes import wait_until
from tests.stack import STATUS_TOKEN, WEB_WORKERS, visitor

QUEUES = {"messages", "sending", "pictures"}


def metrics(stack):
    """Sums by name and by its only label, or by its first."""
    text = stack.get("/metrics", headers={"Authorization": f"Bearer {STATUS_TOKEN}"}).text
    return {
        (one.name, *one.labels.values()): one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
    }


def answers(found):
    """How often the contact page was handed out, made or not."""
    made = found.get(("site_requests_total", "leads:contact", "GET", "2xx"), 0)
    return made + found.get(("site_page_cache_hits_total", "leads:contact"), 0)


def test_web_processes_count_together_and_go_on_when_they_are_replaced(stack):
    before = answers(metrics(stack))

    asked = Counter(stack.get("/contact/").status for _ in range(40))
    in_between = answers(metrics(stack))
    stack.kill("web")
    stack.start("web")
    asked += Counter(stack.get("/contact/").status for _ in range(10))

    assert asked == {200: 50}
    assert WEB_WORKERS > 1
    assert in_between - before == 40
    assert answers(metrics(stack)) - before == 50


def test_workers_queues_and_jobs_are_told_by_what_takes_from_them(stack):
    def workers():
        found = metrics(stack)
        return {queue: found.get(("site_workers", queue)) for queue in QUEUES}

    assert wait_until(lambda: workers() == dict.fromkeys(QUEUES, 1), seconds=60)
    job = "site_job_last_run_timestamp_seconds", "mail.tasks.deliver_due_messages"
    assert wait_until(lambda: job in metrics(stack), seconds=60)

    stack.kill("worker")

    assert wait_until(lambda: workers() == dict.fromkeys(QUEUES, 0), seconds=60)
    stack.send_inquiry(visitor())
    assert wait_until(lambda: metrics(stack)["site_queue_length", "messages"] > 0, seconds=60)


def test_inquiries_and_their_emails_are_told(stack):
    stack.send_inquiry(visitor())

    def sent():
        return metrics(stack)["site_emails_of_last_hour", "sent"]

    assert wait_until(lambda: sent() >= 2, seconds=60)
    outcomes = {
        key[1]: count for key, count in metrics(stack).items() if "inquiries_total" in key[0]
    }
    assert sum(outcomes.values()) >= 1
