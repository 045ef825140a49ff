"""A site whose questions are gone."""

from contextlib import closing

import pytest
from django.core.management import call_command

from tests.builders import user


@pytest.mark.django_db(transaction=True)
def test_without_questions_the_pages_say_so(client):
    call_command("flush", verbosity=0, interactive=False)

    start = client.get("/readiness/")

    assert start.status_code == 200
    assert "rewriting the questions" in start.text
    assert "/readiness/1/" not in start.text
    assert client.get("/readiness/1/").status_code == 404
    assert client.post("/readiness/1/", {"A1": "2", "version": "1"}).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_without_questions_there_is_nothing_to_calibrate_and_no_error(client):
    call_command("flush", verbosity=0, interactive=False)
    client.force_login(user(is_staff=True, is_superuser=True))

    page = client.get("/admin/leads/lead/calibration/")

    assert page.status_code == 200
    assert "No question set is published" in page.text
    with closing(client.get("/admin/leads/lead/calibration/csv/")) as file:
        assert file.status_code == 200
