import subprocess
import sys
import time
from threading import Event

import pytest

from page_cache.in_time import InTime


def test_an_answer_is_had_each_time_anew():
    answers = iter("ab")
    ask = InTime(lambda: next(answers), seconds=60)

    assert [ask(), ask()] == ["a", "b"]


def test_nobody_waits_for_an_answer_that_does_not_come_and_it_is_not_asked_for_again():
    asked, may_answer, has_answered = [], Event(), Event()

    def answer():
        asked.append(1)
        may_answer.wait(60)
        return len(asked)

    ask = InTime(answer, seconds=0.01)

    for _ in range(2):
        with pytest.raises(TimeoutError):
            ask()
    assert asked == [1]
    ask._asked.add_done_callback(lambda future: has_answered.set())
    may_answer.set()
    assert has_answered.wait(60)
    assert ask() == 1


def test_what_goes_wrong_is_said_to_who_asked_and_the_next_one_asks_again():
    answers = iter([OSError("refused"), "back"])

    def answer():
        said = next(answers)
        if isinstance(said, OSError):
            raise said
        return said

    ask = InTime(answer, seconds=60)

    with pytest.raises(OSError, match="refused"):
        ask()
    assert ask() == "back"


def test_a_process_can_end_without_the_answer():
    program = """
import time
from page_cache.in_time import InTime
try:
    InTime(lambda: time.sleep(60), seconds=0.01)()
except TimeoutError:
    print("none")
"""
    began = time.monotonic()

    said = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)

    assert said.stdout == b"none\n"
    assert time.monotonic() - began < 60
