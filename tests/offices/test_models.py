from datetime import UTC, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from offices.models import Office, days_in_words
from tests.builders import image, office

WINTER = datetime(2026, 1, 15, 12, tzinfo=UTC)
SUMMER = datetime(2026, 7, 15, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "facts",
    [
        {"weekdays": ""},
        {"weekdays": "0"},
        {"weekdays": "18"},
        {"weekdays": "21"},
        {"weekdays": "11"},
        {"weekdays": "12\n"},
        {"weekdays": "Mon"},
        {"opens_at": time(17), "closes_at": time(9)},
        {"opens_at": time(9), "closes_at": time(9)},
        {"latitude": 91, "longitude": 0},
        {"latitude": 0, "longitude": -181},
        {"latitude": 55, "longitude": None},
        {"latitude": None, "longitude": 12},
    ],
    ids=str,
)
def test_the_database_refuses(db, facts):
    with pytest.raises(IntegrityError), transaction.atomic():
        office(**facts)


def test_there_is_never_a_second_headquarters(db):
    office(is_headquarters=True)

    with pytest.raises(IntegrityError), transaction.atomic():
        office(is_headquarters=True)


def test_many_offices_are_no_headquarters(db):
    office(), office()

    assert Office.objects.headquarters() is None


def test_the_headquarters_is_found(db):
    office()
    copenhagen = office(is_headquarters=True)

    assert Office.objects.headquarters() == copenhagen


def test_offices_stand_in_the_order_the_editor_chose(db):
    last, first = office(name="Aarhus", position=2), office(name="Odense", position=1)

    assert list(Office.objects.in_order()) == [first, last]


def test_an_image_that_an_office_shows_stays(db):
    wall = image()
    office(image=wall)

    with pytest.raises(ProtectedError):
        wall.delete()


@pytest.mark.parametrize(
    ("weekdays", "words"),
    [
        ("12345", "Monday to Friday"),
        ("1234567", "Every day"),
        ("3", "Wednesday"),
        ("12", "Monday and Tuesday"),
        ("135", "Monday, Wednesday and Friday"),
        ("1235", "Monday to Wednesday and Friday"),
        ("124567", "Monday, Tuesday and Thursday to Sunday"),
        ("1257", "Monday, Tuesday, Friday and Sunday"),
    ],
)
def test_days_are_said_as_people_say_them(weekdays, words):
    assert days_in_words(weekdays) == words


def test_hours_are_said_in_one_line():
    assert Office(weekdays="12345").hours == "Monday to Friday, 09:00–17:00"


@pytest.mark.parametrize(
    ("timezone", "at", "words", "iso"),
    [
        ("Europe/Copenhagen", WINTER, "UTC+1", "+01:00"),
        ("Europe/Copenhagen", SUMMER, "UTC+2", "+02:00"),
        ("Asia/Jakarta", SUMMER, "UTC+7", "+07:00"),
        ("Asia/Kolkata", WINTER, "UTC+5:30", "+05:30"),
        ("America/St_Johns", WINTER, "UTC−3:30", "-03:30"),
        ("America/Chicago", WINTER, "UTC−6", "-06:00"),
        ("UTC", WINTER, "UTC+0", "+00:00"),
    ],
)
def test_the_offset_is_that_of_the_day(timezone, at, words, iso):
    place = Office(timezone=timezone)

    assert (place.utc_offset(at), place.iso_offset(at)) == (words, iso)


def test_the_offset_is_todays_unless_another_moment_is_given():
    today = datetime.now(ZoneInfo("Asia/Jakarta"))

    assert Office(timezone="Asia/Jakarta").utc_offset() == Office(
        timezone="Asia/Jakarta"
    ).utc_offset(today)


def test_a_place_is_on_the_map():
    place = Office(latitude=Decimal("55.666667"), longitude=Decimal("-12.534"))

    assert place.map_url == (
        "https://www.openstreetmap.org/?mlat=55.666667&mlon=-12.534#map=16/55.666667/-12.534"
    )
    assert Office().map_url == ""


@pytest.mark.parametrize(
    ("country", "phone", "link"),
    [
        ("DK", "+45 12 34 56 78", "tel:+4512345678"),
        ("GB", "+44 (0)20 7946 0958", "tel:+442079460958"),
        ("DE", "+49 (0) 30 1234567", "tel:+49301234567"),
        ("IT", "+39 06 1234 5678", "tel:+390612345678"),  # its zero is dialed
        ("DK", "+45 33 12 34 56 ext. 12", "tel:+4533123456;ext=12"),
        ("US", "(312) 555-0100 x7", "tel:+13125550100;ext=7"),
        ("US", "1-800-FLOWERS", "tel:+18003569377"),
        ("DK", "33 12 34 56", "tel:+4533123456"),
        ("DK", "0045 33 12 34 56", "tel:+4533123456"),
        ("DK", "+45 33 12 34 56 / 33 12 34 57", ""),
        ("DK", "+45 33 12 34 56 lokal 12", ""),
        ("DK", "by appointment", ""),
        ("DK", "+45 12", ""),
        ("DK", "", ""),
    ],
)
def test_a_phone_number_is_linked_as_it_is_dialed(country, phone, link):
    assert Office(country=country, phone=phone).phone_link == link
