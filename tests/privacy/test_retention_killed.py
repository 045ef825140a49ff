"""A night of retention whose process is killed goes on with the next one: nothing is left half
deleted, and nothing is counted twice.
"""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from leads.intake import receiving
from leads.messages.tasks import notify_about_inquiry
from leads.models import Activity, Company, Contact, Inquiry, Lead, Notification, Recipient
from leads.pipeline import moves
from mail.models import Message
from privacy import retention
from privacy.models import Deletion, Night
from tests import builders
from tests.locks import wait_until_held_up

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite tells nobody who waits"),
]

LOST, BATCH = 12, 4
NIGHT = f"""
import django
django.setup()
from django.utils import timezone
from privacy import retention
retention.BATCH = {BATCH}
retention.go_on(timezone.now(), seconds=600)
"""


@pytest.fixture
def lost():
    """Twelve leads that were lost three years ago, each with its inquiry, emails and company."""
    Recipient.objects.create(email="sales@example.net")
    sales = builders.user(role="Sales")
    with time_machine.travel(timezone.now() - timedelta(days=3 * 365), tick=False):
        for number in range(LOST):
            said = {"name": f"Ada {number}", "email": f"ada@firm{number}.example"}
            inquiry = receiving.receive(
                Inquiry(**said, company=f"Firm {number}", message="We need a ledger.")
            )
            notify_about_inquiry(inquiry.pk)
            inquiry.refresh_from_db()
            now = timezone.now()
            Message.objects.undelivered().update(state="sent", sent_at=now)
            moves.answer(inquiry.lead, by=sales, at=now)
            why = {"lost_because": "price", "lost_reason": "Too dear"}
            moves.move(inquiry.lead, "lost", by=sales, at=now, **why)


class Child:
    """The night in a process of its own, on the database of this test."""

    def __init__(self):
        told = connection.settings_dict
        host, port = told["HOST"].replace("/", "%2F"), told["PORT"]
        login = f"{told['USER']}:{told['PASSWORD']}" if told["PASSWORD"] else told["USER"]
        url = f"postgres://{login}@{host}:{port}/{told['NAME']}"
        environment = {**os.environ, "DATABASE_URL": url, "READ_DOT_ENV": "0"}
        environment["DJANGO_SETTINGS_MODULE"] = "config.settings"
        command = [sys.executable, "-c", NIGHT]
        self.process = subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment)

    def done(self):
        return self.process.poll() is not None

    def kill(self):
        self.process.kill()
        return self.process.wait()


def last_to_go(model):
    """What belongs to a lead in the middle of the second batch."""
    lead = Lead.objects.order_by("pk")[BATCH + 2]
    return model.objects.filter(
        **{Company: {"contacts__leads": lead}, Contact: {"leads": lead}, Lead: {"pk": lead.pk}}[
            model
        ]
    )


@pytest.mark.parametrize("model", [Lead, Contact, Company])
def test_a_night_that_is_killed_goes_on_with_nothing_doubled_or_half_deleted(lost, model):
    with transaction.atomic():
        # Of a company of the second batch, the rest is deleted by then, and not committed.
        list(last_to_go(model).select_for_update(of=("self",)))
        child = Child()
        wait_until_held_up(child)
        assert not child.done(), "it has to be in the middle"

        assert child.kill() == -9

    # Waits for what the dead process still holds, which the database takes back.
    night = Night.objects.select_for_update().get
    with transaction.atomic():
        assert night().finished_at is None
        left = set(Lead.objects.values_list("contact__name", flat=True))
        assert len(left) == LOST - BATCH
        assert whole() == {name: 2 for name in left}
        assert count_of_night() == BATCH == Deletion.objects.count()

    retention.go_on(timezone.now(), seconds=600)

    assert whole() == {} and not Activity.objects.exists()
    assert not any(model.objects.exists() for model in (Contact, Company, Message, Notification))
    assert count_of_night() == LOST == Deletion.objects.count()
    assert len(set(Deletion.objects.values_list("number", flat=True))) == LOST
    assert Night.objects.get().finished_at is not None


def whole():
    """How many emails there are by person, of those of whom everything is there."""
    return {
        one.name: Message.objects.filter(notification__inquiry=one).count()
        for one in Inquiry.objects.filter(
            contact__company__isnull=False, lead__activities__isnull=False
        ).distinct()
    }


def count_of_night():
    return Night.objects.get().counts.get(rule="leads.lost").count
