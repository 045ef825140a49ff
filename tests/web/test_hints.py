"""Hints to the worker: gathered in a burst, published by a thread, lost without harm."""

import threading

import pytest
from celery import Celery
from django.db import transaction

from devtools.processes import wait_until
from web import hints, request_ids


class Published:
    """A task of an app whose broker keeps what it gets, or is dead."""

    def __init__(self):
        self.app = Celery("hints", set_as_current=False)
        self.name, self.sent, self.headers, self.is_dead = "task", [], [], False
        self.go_on = threading.Event()
        self.go_on.set()

    def apply_async(self, rows, headers):
        self.go_on.wait(10)
        if self.is_dead:
            raise ConnectionRefusedError(111, "Connection refused")
        self.sent.append(rows)
        self.headers.append(headers)


@pytest.fixture
def task():
    return Published()


def is_over(gatherer):
    return wait_until(lambda: gatherer._thread is None, seconds=10)


def test_the_first_hint_goes_at_once_and_the_others_together(task):
    gatherer = hints.Hints()
    task.go_on.clear()
    gatherer.give(task, (1,))
    for row in range(2, 8):
        gatherer.give(task, (row,))
    task.go_on.set()

    assert is_over(gatherer)
    assert sorted(row for rows in task.sent for row in rows) == [1, 2, 3, 4, 5, 6, 7]
    assert len(task.sent) <= 2


def test_many_rows_are_shared_out(task):
    gatherer = hints.Hints()
    gatherer.give(task, tuple(range(50)))

    assert is_over(gatherer)
    assert [len(rows) for rows in task.sent] == [20, 20, 10]


def test_a_hint_without_rows_is_one_however_often_it_is_given(task):
    gatherer = hints.Hints()
    task.go_on.clear()
    for _ in range(100):
        gatherer.give(task)
    task.go_on.set()

    assert is_over(gatherer)
    assert task.sent in ([()], [(), ()])


def test_nobody_waits_for_a_broker_that_does_not_answer(task):
    gatherer = hints.Hints()
    task.go_on.clear()

    gatherer.give(task, (1,))
    gatherer.give(task, (2,))

    assert task.sent == []
    task.go_on.set()
    assert is_over(gatherer)


def test_a_dead_broker_is_a_line_in_the_log_and_ends_nothing(task, caplog):
    gatherer = hints.Hints()
    task.is_dead = True
    gatherer.give(task, (1,))
    assert is_over(gatherer)
    assert "No hint to task could be queued" in caplog.text

    task.is_dead = False
    gatherer.give(task, (2,))

    assert is_over(gatherer)
    assert task.sent == [(2,)]


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_gives_no_hint(task, monkeypatch):
    gatherer = hints.Hints()
    monkeypatch.setattr(hints, "_hints", gatherer)
    with transaction.atomic():
        hints.hint(task, 1)
        transaction.set_rollback(True)

    with transaction.atomic():
        hints.hint(task, 2)
        assert task.sent == []

    assert is_over(gatherer)
    assert task.sent == [(2,)]


def test_each_row_goes_with_the_id_of_the_request_that_asks(task):
    gatherer = hints.Hints()
    task.go_on.clear()
    gatherer.give(task, (1,))
    for row, request_id in ((2, "a" * 32), (3, "b" * 32)):
        with request_ids.task("7", (), [request_id]):
            gatherer.give(task, (row,))
    task.go_on.set()

    assert is_over(gatherer)
    sent = [headers[request_ids.IN_MESSAGES] for headers in task.headers]
    assert sorted(one for ids in sent for one in ids) == ["", "a" * 32, "b" * 32]
    assert [len(ids) for ids in sent] == [len(rows) for rows in task.sent]
