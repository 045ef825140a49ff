"""Leads that are moved while something else happens to them."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone

from leads.intake import receiving
from leads.models import Inquiry, Lead
from leads.pipeline import moves
from tests.locks import wait_until_held_up

ADA = {"name": "Ada", "email": "ada@example.com", "message": "We need a ledger."}

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def closed():
    lead = receiving.receive(Inquiry(**ADA)).lead
    moves.move(lead, "won", by=None, at=timezone.now(), value=Decimal(1))
    return lead


@contextmanager
def meanwhile(act, *args):
    """Begin `act` on a connection of its own, and let it get as far as it can.

    Its outcome is there when the block has ended.
    """

    def run():
        try:
            return act(*args)
        finally:
            connection.close()

    def begin():
        outcome = colleague.submit(run)
        wait_until_held_up(outcome)
        return outcome

    with ThreadPoolExecutor(1) as colleague:
        yield begin


def write_again():
    return receiving.receive(Inquiry(**{**ADA, "message": "The next project."}))


def open_again(lead):
    moves.move(lead, "qualified", by=None, at=timezone.now())


def test_an_email_that_comes_while_a_lead_is_opened_again_joins_it(closed):
    with meanwhile(write_again) as begin, transaction.atomic():
        open_again(closed)
        email = begin()

    assert email.result(timeout=20).lead == closed
    assert Lead.objects.get().is_waiting


def test_a_lead_that_is_opened_again_while_an_email_opens_another_stays_closed(closed):
    with meanwhile(open_again, Lead.objects.get()) as begin, transaction.atomic():
        write_again()
        reopening = begin()

    with pytest.raises(ValidationError, match="another open lead"):
        reopening.result(timeout=20)
    assert Lead.objects.open().count() == 1


def test_the_second_of_two_colleagues_sees_what_the_first_did(closed):
    stale = Lead.objects.get()
    open_again(closed)

    moves.move(stale, "qualified", by=None, at=timezone.now())
    moves.move(stale, "proposal", by=None, at=timezone.now(), value=Decimal(1))

    assert [line.text for line in closed.activities.filter(kind="stage")] == [
        "Qualified → Proposal sent: 1 EUR",
        "Won → Qualified",
        "New → Won: 1 EUR",
    ]
