import lxml.html
import pytest
from django.urls import reverse

from offices.models import Office
from tests.builders import office

ADD = "/admin/offices/office/add/"

COPENHAGEN = {
    "name": "Copenhagen",
    "slug": "copenhagen",
    "street": "Carlsberg Gate 1",
    "postal_code": "1260",
    "city": "København",
    "country": "DK",
    "timezone": "Europe/Copenhagen",
    "weekdays": ["1", "2", "5"],
    "opens_at": "08:30",
    "closes_at": "16:00",
    "position": "0",
    "is_listed": "on",
}


def errors(answer):
    return answer.context["adminform"].form.errors


def test_an_office_is_added(admin_client):
    answer = admin_client.post(ADD, COPENHAGEN)

    assert answer.status_code == 302
    assert Office.objects.get().hours == "Monday, Tuesday and Friday, 08:30–16:00"


def test_working_days_are_checkboxes(admin_client):
    place = office(weekdays="137")

    page = admin_client.get(reverse("admin:offices_office_change", args=[place.pk]))

    boxes = lxml.html.fromstring(page.content).xpath(
        "//input[@name='weekdays' and @checked]/@value"
    )
    assert boxes == ["1", "3", "7"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("timezone", "Europe/Kobenhavn"),
        ("timezone", "../../etc/passwd"),
        ("timezone", ""),
        ("country", "XX"),
        ("weekdays", []),
        ("weekdays", ["8"]),
        ("opens_at", "25:00"),
        ("latitude", "north"),
        ("email", "nobody"),
        ("slug", "no such/slug"),
        ("name", "\0"),
    ],
)
def test_a_bad_value_is_an_error_beside_its_field(admin_client, field, value):
    answer = admin_client.post(ADD, COPENHAGEN | {field: value})

    assert answer.status_code == 200
    assert errors(answer).keys() == {field}


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"opens_at": "18:00"}, "must be after the opening time"),
        ({"latitude": "55.6"}, "or neither"),
        ({"latitude": "91", "longitude": "1"}, "or neither"),
        ({"is_headquarters": "on"}, "already the headquarters"),
        ({"phone": "+45 33 12 34 56 lokal 12"}, "is not a phone number in Denmark."),
        ({"phone": "by appointment"}, "is not a phone number in Denmark."),
    ],
    ids=str,
)
def test_what_is_refused_is_said_in_words(admin_client, facts, words):
    office(is_headquarters=True)

    answer = admin_client.post(ADD, COPENHAGEN | facts)

    assert answer.status_code == 200
    assert words in str(errors(answer))
    assert Office.objects.count() == 1


def test_the_list_opens(admin_client):
    office(name="Copenhagen")

    assert "Copenhagen" in admin_client.get(reverse("admin:offices_office_changelist")).text


def test_a_part_of_the_address_that_visitors_will_not_see_is_said(admin_client):
    answer = admin_client.post(ADD, COPENHAGEN | {"region": "Hovedstaden"}, follow=True)

    assert "Visitors do not see the region: addresses in Denmark have none." in answer.text
