"""One working day, counted as the office counts it."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest

from offices.models import Office
from offices.working_days import one_working_day_after

COPENHAGEN, LOS_ANGELES = "Europe/Copenhagen", "America/Los_Angeles"
RIYADH = "Asia/Riyadh"


def due(when, zone, **hours) -> str:
    fields = {"opens_at": time(9), "closes_at": time(17), "weekdays": "12345"} | hours
    moment = datetime.fromisoformat(when).replace(tzinfo=ZoneInfo(zone))
    found = one_working_day_after(moment, Office(timezone=zone, **fields))
    return f"{found.astimezone(ZoneInfo(zone)):%a %Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("zone", "sent", "expected"),
    [
        (COPENHAGEN, "2026-12-02T10:30", "Thu 2026-12-03 10:30"),
        (COPENHAGEN, "2026-12-04T15:00", "Mon 2026-12-07 15:00"),
        (COPENHAGEN, "2026-12-04T17:00", "Mon 2026-12-07 17:00"),  # Friday at closing
        (COPENHAGEN, "2026-12-05T12:00", "Mon 2026-12-07 17:00"),  # Saturday
        (COPENHAGEN, "2026-12-02T06:00", "Wed 2026-12-02 17:00"),  # before we open
        (COPENHAGEN, "2026-12-02T09:00", "Wed 2026-12-02 17:00"),
        (LOS_ANGELES, "2026-12-03T18:00", "Fri 2026-12-04 17:00"),
        (LOS_ANGELES, "2026-12-04T18:00", "Mon 2026-12-07 17:00"),
        (LOS_ANGELES, "2026-12-31T23:59", "Fri 2027-01-01 17:00"),
        # Over the change of clocks the time of day stays.
        (COPENHAGEN, "2026-10-23T15:00", "Mon 2026-10-26 15:00"),
        (COPENHAGEN, "2027-03-26T15:00", "Mon 2027-03-29 15:00"),
        (LOS_ANGELES, "2026-10-30T11:00", "Mon 2026-11-02 11:00"),
    ],
)
def test_it_ends_within_that_offices_hours(zone, sent, expected):
    assert due(sent, zone) == expected


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("2026-12-03T15:00", "Sun 2026-12-06 15:00"),  # Thursday
        ("2026-12-04T12:00", "Sun 2026-12-06 17:00"),  # Friday
        ("2026-12-06T10:00", "Mon 2026-12-07 10:00"),
    ],
)
def test_a_week_from_sunday_to_thursday(sent, expected):
    assert due(sent, RIYADH, weekdays="12347") == expected


def test_an_office_that_works_one_day_a_week():
    assert due("2026-12-02T12:00", COPENHAGEN, weekdays="3") == "Wed 2026-12-09 12:00"


def test_an_office_that_never_closes():
    hours = {"weekdays": "1234567", "opens_at": time(0), "closes_at": time(23, 59)}

    assert due("2026-12-05T22:00", COPENHAGEN, **hours) == "Sun 2026-12-06 22:00"


@pytest.mark.parametrize(
    "office",
    [
        None,
        Office(timezone="Mars/Olympus"),
        Office(timezone=""),
        Office(timezone="UTC", weekdays=""),
        Office(timezone="UTC", opens_at=time(9), closes_at=time(9)),
    ],
)
def test_without_an_office_or_with_nonsense_in_it_there_is_an_answer_all_the_same(office):
    friday = datetime(2026, 12, 4, 15, tzinfo=ZoneInfo("UTC"))

    assert one_working_day_after(friday, office) == datetime(
        2026, 12, 7, 15, tzinfo=ZoneInfo("UTC")
    )
