"""The page on which people go on duty and say when they are away."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from leads.duty import turns
from leads.models import Absence, Duty
from tests import builders

pytestmark = pytest.mark.django_db

PAGE, SWITCH, LEAVE = (reverse(f"admin:{name}") for name in ("duty", "duty_switch", "duty_leave"))
TODAY = timezone.localdate()
DAY = timedelta(days=1)


@pytest.fixture
def mikkel():
    return builders.user(role="Sales", name="Mikkel")


@pytest.fixture
def lone():
    return builders.user(role="Sales", name="Lone")


@pytest.fixture
def administrator():
    return builders.user(role="Administrator", name="Ida")


def at_the_desk(user):
    client = Client()
    client.force_login(user)
    return client


def said(response):
    return response.content.decode()


def leave(user, cover=None, first=0, last=2, whose=None):
    sent = {
        "user": (whose or user).pk,
        "first_day": (TODAY + first * DAY).isoformat(),
        "last_day": (TODAY + last * DAY).isoformat(),
        "cover": cover.pk if cover else "",
    }
    return said(at_the_desk(user).post(LEAVE, sent, follow=True))


def back(user, absence):
    address = reverse("admin:duty_back", args=[absence.pk])
    return at_the_desk(user).post(address, follow=True)


def test_it_is_linked_on_every_page_for_who_may_use_it(mikkel):
    assert PAGE in said(at_the_desk(mikkel).get(reverse("admin:index")))
    assert PAGE not in said(builders.signed_in("Author").get(reverse("admin:index")))


@pytest.mark.parametrize("role", ["Author", "Publisher"])
def test_it_is_nothing_to_those_who_sell_nothing(role):
    client = builders.signed_in(role)

    answers = [client.get(PAGE), client.post(SWITCH), client.post(LEAVE)]

    assert [one.status_code for one in answers] == [403] * 3


class TestGoingOnDuty:
    def test_one_goes_on_and_off_duty_oneself(self, mikkel):
        client = at_the_desk(mikkel)

        on = said(client.post(SWITCH, {"user": mikkel.pk, "office": ""}, follow=True))
        off = said(client.post(SWITCH, {"user": mikkel.pk, "office": "", "off": ""}, follow=True))

        assert "Mikkel is on duty for every office." in on
        assert "Mikkel is off duty for every office." in off and "Nobody is on duty" in off
        assert Duty.objects.get().changed_by == mikkel

    def test_twice_it_says_that_it_was_done(self, mikkel):
        client = at_the_desk(mikkel)
        client.post(SWITCH, {"user": mikkel.pk})

        page = said(client.post(SWITCH, {"user": mikkel.pk}, follow=True))

        assert "Mikkel was on duty for every office already." in page

    def test_it_can_be_for_one_office(self, mikkel):
        office = builders.office(name="Copenhagen")

        at_the_desk(mikkel).post(SWITCH, {"user": mikkel.pk, "office": office.pk})

        assert Duty.objects.get().office == office

    def test_nobody_puts_a_colleague_on_duty_or_takes_one_off(self, mikkel, lone):
        turns.switch(lone, None, is_on=True, by=lone, at=timezone.now())
        office = builders.office()

        for sent in ({"user": lone.pk, "off": ""}, {"user": lone.pk, "office": office.pk}):
            page = said(at_the_desk(mikkel).post(SWITCH, sent))
            assert "You can only do this for yourself." in page

        assert list(Duty.objects.values_list("user", "office", "is_on")) == [(lone.pk, None, True)]

    def test_but_an_administrator_does(self, administrator, lone):
        at_the_desk(administrator).post(SWITCH, {"user": lone.pk})

        assert Duty.objects.get().user == lone

    @pytest.mark.parametrize("sent", [{}, {"user": "x"}, {"user": 0}, {"user": "", "office": "9"}])
    def test_what_is_sent_wrongly_is_said(self, mikkel, sent):
        page = said(at_the_desk(mikkel).post(SWITCH, sent))

        assert 'class="error"' in page
        assert not Duty.objects.exists()

    def test_they_stand_in_the_order_of_their_turns(self, mikkel, lone):
        for one in (mikkel, lone):
            turns.switch(one, None, is_on=True, by=one, at=timezone.now())
        Duty.objects.filter(user=mikkel).update(turn=1)

        page = said(at_the_desk(mikkel).get(PAGE))

        assert re.findall(r"<b>(\w+)</b>, every", page) == ["Lone", "Mikkel"]


class TestBeingAway:
    def test_one_sets_it_oneself_and_all_see_it(self, mikkel, lone):
        page = leave(mikkel, cover=lone)

        assert "Lone covers." in page
        absence = Absence.objects.get()
        assert (absence.user, absence.cover, absence.set_by) == (mikkel, lone, mikkel)
        assert f"{absence.days}" in said(at_the_desk(lone).get(PAGE))

    def test_who_is_on_duty_is_said_to_be_away(self, mikkel, lone):
        turns.switch(mikkel, None, is_on=True, by=mikkel, at=timezone.now())
        leave(mikkel, cover=lone)

        until = f"{TODAY + 2 * DAY:%a %-d %b}"
        assert f"Mikkel is away until {until}, Lone covers" in said(at_the_desk(lone).get(PAGE))

    def test_without_cover_it_says_that_nobody_covers(self, mikkel):
        assert "nobody covers." in leave(mikkel)

    def test_that_the_one_who_covers_is_away_as_well_is_said(self, mikkel, lone):
        leave(lone, first=1, last=1)

        assert "Lone is away as well:" in leave(mikkel, cover=lone)

    @pytest.mark.parametrize(
        ("first", "last", "why"),
        [
            (2, 1, "The last day comes before the first."),
            (-9, -1, "This date has passed."),
            (0, 366, "at most a year"),
            (1, 3, "There is an absence for these days already"),
        ],
    )
    def test_what_cannot_be_is_said(self, mikkel, lone, first, last, why):
        Absence.objects.create(user=mikkel, first_day=TODAY + 3 * DAY, last_day=TODAY + 4 * DAY)

        page = leave(mikkel, cover=lone, first=first, last=last)

        assert why in page
        assert Absence.objects.count() == 1

    def test_nobody_covers_for_themselves(self, administrator, mikkel):
        assert 'class="error"' in leave(mikkel, cover=mikkel)
        assert "nobody covers for themselves" in leave(administrator, mikkel, whose=mikkel)
        assert not Absence.objects.exists()

    def test_nobody_sends_a_colleague_away_or_fetches_one_back(self, mikkel, lone):
        leave(mikkel, whose=lone)
        assert not Absence.objects.exists()

        leave(lone)
        assert back(mikkel, Absence.objects.get()).status_code == 403
        assert Absence.objects.get().last_day > TODAY

    def test_but_an_administrator_does(self, administrator, lone):
        leave(administrator, whose=lone)
        assert Absence.objects.get().user == lone

        back(administrator, Absence.objects.get())
        assert not Absence.objects.exists()

    @pytest.mark.parametrize("first", [-3, 0, 1])
    def test_coming_back_has_an_undo(self, mikkel, lone, first):
        absence = Absence.objects.create(
            user=mikkel, cover=lone, first_day=TODAY + first * DAY, last_day=TODAY + 5 * DAY
        )

        answer = back(mikkel, absence)
        form = said(answer).split('class="toast"')[1].split("</form>")[0]
        fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
        at_the_desk(mikkel).post(LEAVE, fields)

        assert "Mikkel is no longer away" in said(answer)
        again = at_the_desk(mikkel).get(answer.redirect_chain[-1][0])
        assert "is no longer away" not in said(again)
        restored = Absence.objects.latest("last_day")
        assert (restored.user, restored.cover) == (mikkel, lone)
        assert restored.first_day == TODAY + max(first, 0) * DAY
        assert restored.last_day == TODAY + 5 * DAY

    @pytest.mark.parametrize("ended", ["x", "", "a:b:c"])
    def test_a_forged_undo_is_not_offered(self, mikkel, ended):
        page = said(at_the_desk(mikkel).get(PAGE, {"ended": ended}))

        assert "is no longer away" not in page

    def test_coming_back_twice_is_said(self, mikkel):
        absence = Absence.objects.create(user=mikkel, first_day=TODAY, last_day=TODAY)
        back(mikkel, absence)

        assert "over or canceled already" in said(back(mikkel, absence))

    @pytest.mark.parametrize("sent", [{}, {"first_day": "1/12/2026"}, {"user": "x", "cover": "y"}])
    def test_what_is_sent_wrongly_is_said(self, mikkel, sent):
        assert 'class="error"' in said(at_the_desk(mikkel).post(LEAVE, sent))
        assert not Absence.objects.exists()


def test_ten_people_cost_no_more_queries_than_two(mikkel, lone, django_assert_max_num_queries):
    people = [builders.user(role="Sales") for _ in range(8)]
    for one in [mikkel, lone, *people]:
        turns.switch(one, None, is_on=True, by=one, at=timezone.now())
        Absence.objects.create(
            user=one, first_day=TODAY, last_day=TODAY, cover=mikkel if one != mikkel else lone
        )
    client = at_the_desk(mikkel)

    with django_assert_max_num_queries(15, connection=connection):
        client.get(PAGE)
