import pytest

from tests.builders import question_set as published


@pytest.fixture
def question_set(db):
    return published()
