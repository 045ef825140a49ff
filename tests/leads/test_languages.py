"""The language of an inquiry: guessed in a process of its own, after everyone was notified."""

import subprocess
import sys
from datetime import timedelta

import pytest
import time_machine
from celery.exceptions import Ignore
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from leads.intake import receiving
from leads.languages import detecting, guessing, names
from leads.models import Brief, Inquiry
from leads.tasks import detect_languages
from tests import builders
from tests.builders import SPAM

pytestmark = pytest.mark.django_db

DANISH = "Hej, vi skal bruge en at hjælpe os med vores regnskab, som er skrevet i PHP."
ENGLISH = "Hello, we need somebody to help us with a ledger that is written in PHP."
TEXTS = {
    DANISH: "da",
    ENGLISH: "en",
    "Dzień dobry, szukamy zespołu, który przepisze nasz system zleceń.": "pl",
    "我们需要一个团队来帮助我们重写支付系统，请尽快与我们联系。": "zh",
    "Нам нужна команда, которая перепишет нашу систему расчётов с магазинами.": "ru",
}
SAY_NOTHING = [
    "",
    "Hej",
    "price?",
    "call me +45 31 00 77 20",
    "https://example.dk/hvad-koster-det-at-faa-lavet-et-regnskab-hos-jer",
    "1234567890 1234567890 1234567890 1234567890",
    "\U0001f40e" * 60,
    "KjTzEqwVnRxPasGhYub KjTzEqwVnRx",
]


def receive(message=DANISH, name="Ada", signs=(), brief=None):
    email = f"{name.lower()}@example.com"
    inquiry = Inquiry(name=name, email=email, message=message)
    return receiving.receive(inquiry, signs=signs, brief=brief)


@pytest.fixture
def sales():
    return builders.signed_in("Sales")


@pytest.fixture(autouse=True)
def pace(monkeypatch):
    fresh = detecting.Pace()
    monkeypatch.setattr(detecting, "pace", fresh)
    return fresh


@pytest.fixture(autouse=True)
def notified(monkeypatch):
    """Everyone has been, unless a test is about it."""
    monkeypatch.setattr(detecting, "BURST", timedelta(0))


def detect():
    return detecting.detect_missing(timezone.now())


def test_texts_are_told_and_short_ones_say_nothing():
    found = guessing.guess([*TEXTS, *SAY_NOTHING], names.NAMES)

    assert found == [*TEXTS.values(), *("" for _ in SAY_NOTHING)]


def test_a_brief_says_it_where_the_message_is_the_forms():
    receive("Please read the brief.", brief=Brief(title="Regnskab", context=DANISH))

    detect_languages()

    assert Inquiry.objects.get().language == "da"


def test_each_is_looked_at_once_the_newest_first(pace):
    pace.at_once = 2
    old, short, new = receive(), receive("Hej", "Bo"), receive(ENGLISH, "Carla")

    assert [detect() for _ in range(3)] == [2, 1, 0]

    found = dict(Inquiry.objects.values_list("pk", "language"))
    assert found == {old.pk: "da", short.pk: "", new.pk: "en"}


def test_an_inquiry_that_is_erased_meanwhile_is_no_error(monkeypatch):
    receive(), receive(ENGLISH, "Bo")
    guess = detecting._guess

    def erase_one_meanwhile(texts):
        Inquiry.objects.filter(name="Bo").delete()
        return guess(texts)

    monkeypatch.setattr(detecting, "_guess", erase_one_meanwhile)

    detect_languages()

    assert Inquiry.objects.get().language == "da"


def test_a_guess_that_fails_is_made_again_later(settings, tmp_path):
    receive()
    ours, settings.BASE_DIR = settings.BASE_DIR, tmp_path

    with pytest.raises(subprocess.CalledProcessError), transaction.atomic():
        detect_languages()

    assert Inquiry.objects.get().language is None
    settings.BASE_DIR = ours
    with pytest.raises(Ignore):
        detect_languages()
    with time_machine.travel(timezone.now() + detecting.MIN_PAUSE):
        detect_languages()
    assert Inquiry.objects.get().language == "da"


def test_each_failure_in_a_row_makes_the_pause_longer(pace, settings, tmp_path):
    receive()
    settings.BASE_DIR = tmp_path
    now, pauses = timezone.now(), []

    for _ in range(9):
        with pytest.raises(subprocess.CalledProcessError), transaction.atomic():
            detecting.detect_missing(now)
        pauses.append(pace.pause)
        now = pace.until

    assert pauses[:3] == [detecting.MIN_PAUSE * n for n in (1, 2, 4)]
    assert pauses[-1] == detecting.MAX_PAUSE


def test_one_text_that_fails_the_guess_holds_up_no_other(monkeypatch):
    _, bad, _ = [receive(f"{DANISH} {name}", name) for name in ("Ada", "Bo", "Carla")]
    guess = detecting._guess

    def fail_at_the_bad_one(texts):
        if any(bad.message in text for text in texts):
            raise subprocess.CalledProcessError(-11, "guessing")
        return guess(texts)

    monkeypatch.setattr(detecting, "_guess", fail_at_the_bad_one)

    assert [detect() for _ in range(4)] == [0, 1, 1, 1]

    found = dict(Inquiry.objects.values_list("name", "language"))
    assert found == {"Ada": "da", "Bo": "", "Carla": "da"}


def test_it_waits_until_everyone_is_notified_of_what_has_just_come(monkeypatch):
    monkeypatch.setattr(detecting, "BURST", timedelta(minutes=1))
    receive()

    assert detect() == 0
    Inquiry.objects.update(notified_at=timezone.now())

    assert detect() == 1


def test_it_does_not_wait_for_a_notification_that_is_stuck(monkeypatch):
    monkeypatch.setattr(detecting, "BURST", timedelta(minutes=1))
    receive()

    assert detecting.detect_missing(timezone.now() + timedelta(minutes=2)) == 1


def test_neither_the_site_nor_a_worker_ever_loads_the_model():
    loads = "import django; django.setup(); import config.urls, config.celery, leads.tasks, sys;"
    loads += "print([name for name in ('py3langid', 'numpy') if name in sys.modules])"

    said = subprocess.run(
        [sys.executable, "-c", loads],
        capture_output=True,
        check=True,
        cwd=settings.BASE_DIR,
        text=True,
    )

    assert said.stdout == "[]\n"


class TestOnTheDesk:
    @pytest.fixture(autouse=True)
    def told(self):
        receive(), receive(ENGLISH, "Bo"), receive("Hej", "Carla")
        receive(DANISH.replace("PHP", "Perl"), "Dina", signs=SPAM)
        detect_languages()

    def test_the_inbox_marks_what_is_in_another_language(self, sales):
        page = sales.get(reverse("admin:inbox"), {"open": ""}).context["rows"]

        marks = {
            row.name: [(mark.text, mark.said) for mark in row.marks if mark.said] for row in page
        }
        assert marks == {"Ada": [("DA", "In Danish")], "Bo": [], "Carla": []}

    def test_its_name_is_there_for_those_who_hear_it(self, sales):
        lead = Inquiry.objects.get(name="Ada").lead

        page = sales.get(reverse("admin:lead", args=[lead.pk])).content.decode()

        assert '<span class="mark" title="In Danish"><span aria-hidden="true">DA</span>' in page
        assert '<span class="unseen">In Danish</span>' in page
        assert 'dir="auto" lang="da">Hej, vi' in page

    def test_suspected_spam_is_marked_as_well(self, sales):
        page = sales.get(reverse("admin:inbox"), {"tab": "suspected"}).content.decode()

        assert page.count('title="In Danish"') == 2  # in the list, and beside it

    @pytest.mark.parametrize(
        ("language", "found"),
        [("", "ABC"), ("foreign", "A"), ("da", "A"), ("en", "B"), ("pl", "")],
    )
    def test_the_list_of_inquiries_is_narrowed_by_it(self, sales, language, found):
        page = sales.get(reverse("admin:inquiries"), {"language": language})

        assert {row.row.name[0] for row in page.context["listed"].rows} == set(found)
