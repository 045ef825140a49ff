from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from tests.builders import question_set as published
from tests.locks import wait_until_held_up


@pytest.fixture
def question_set(db):
    return published()


@pytest.fixture
def colleague():
    """Does something on a connection of their own, and gets as far as they can."""
    with ThreadPoolExecutor(1) as pool:

        def begin(act, *args, **kwargs):
            def run():
                try:
                    return act(*args, **kwargs)
                finally:
                    connection.close()

            outcome = pool.submit(run)
            wait_until_held_up(outcome)
            return outcome

        yield begin
