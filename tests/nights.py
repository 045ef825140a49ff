"""Nights in which what is old is deleted, as many as a test needs."""

from datetime import date, timedelta

from django.utils import timezone

from privacy import retention
from privacy.models import Night


def begin(at=None):
    day = date(2000, 1, 1) + timedelta(days=Night.objects.count())
    return Night.objects.create(day=day, began_at=at or timezone.now())


def pass_by(at=None):
    """One night, from its beginning to its end: what it deleted, by rule."""
    night = begin(at)
    retention.work_through(night)
    assert not night.counts.exclude(error="").exists()
    return {line.rule: line.count for line in night.counts.all()}
