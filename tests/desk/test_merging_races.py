"""Two people who save the same form at the same instant, each on a connection of their own."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from leads.intake.receiving import receive
from leads.models import Activity, Inquiry
from pages.models import Feature, Service
from tests import builders
from tests.builders import signed_in
from tests.desk.test_merging import change_page, errors, save, shown
from tests.locks import wait_until_all_are_held_up

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one writer"),
]


def service():
    made = Service.objects.create(heading="Audits", text="We read", position=1)
    Feature.objects.create(service=made, title="1", text="One", position=1)
    return made


def lead():
    return receive(Inquiry(name="Ada", email="ada@example.com", message="A ledger")).lead


def both_save(row, mine, theirs):
    """What each is answered. Both pages were open, and both forms wait for the row together."""
    clients = [signed_in(is_superuser=True, name=name) for name in ("Mikkel", "Lone")]
    opened = [client.get(change_page(row)) for client in clients]

    def send(client, page, changes):
        try:
            return save(client, row, page, **changes)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as people:
        with transaction.atomic():
            type(row).objects.select_for_update().get(pk=row.pk)
            saving = [
                people.submit(send, client, page, changes)
                for client, page, changes in zip(clients, opened, (mine, theirs), strict=True)
            ]
            wait_until_all_are_held_up(saving)
        return clients, [one.result(timeout=30) for one in saving]


def article():
    return builders.article(live_from=None)


KINDS = {
    "service": (service, ("heading", "A", "B"), ("position", "7")),
    "row of a service": (service, ("features-0-text", "A", "B"), ("features-0-title", "7")),
    "article": (article, ("title", "A", "B"), ("summary", "S")),
    "lead": (lead, ("value", "10", "20"), ("stage", "qualified")),
}


@pytest.mark.parametrize("kind", KINDS)
def test_both_are_kept_where_they_changed_different_fields(kind):
    make, (name, value, _), (other, other_value) = KINDS[kind]
    row = make()

    [client, _], answers = both_save(row, {name: value}, {other: other_value})

    assert [answer.status_code for answer in answers] == [302, 302], [*map(errors, answers)]
    assert shown(client, row, name) == [value]
    assert shown(client, row, other) == [other_value]


@pytest.mark.parametrize("kind", KINDS)
def test_the_second_sees_where_they_changed_the_same(kind):
    make, (name, mine, theirs), _ = KINDS[kind]
    row = make()

    [client, _], answers = both_save(row, {name: mine}, {name: theirs})

    assert sorted(answer.status_code for answer in answers) == [200, 302]
    values = [mine, theirs]
    [kept] = [value for value, one in zip(values, answers, strict=True) if one.status_code == 302]
    [refused] = [answer for answer in answers if answer.status_code == 200]
    assert shown(client, row, name) == [kept]
    assert f"Take theirs: “{kept}”" in errors(refused)[0]


def test_a_lead_has_one_line_in_its_history_for_each_change_that_was_made():
    row = lead()

    both_save(row, {"value": "10"}, {"value": "20"})

    assert Activity.objects.filter(kind=Activity.Kind.CHANGE).count() == 1
