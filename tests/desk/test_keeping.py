"""What is typed into a form of the desk is kept for the person who typed it, until they save."""

import json
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from desk.models import KeptForm
from leads.models import Contact
from pages.models import Page, Service
from tests import builders, nights
from tests.builders import signed_in
from tests.desk.test_merging import FORMS, change_page, form_id
from tests.forms import filled_in

pytestmark = pytest.mark.django_db

WINDOW, OTHER_WINDOW = "window-0001", "window-0002"
# Their text has a draft that takes it: tests/articles/test_autosave.py.
KINDS = [kind for kind in FORMS if kind != "article"]


@pytest.fixture
def grace():
    return signed_in(is_superuser=True, name="Grace")


def keep_page(row):
    name = f"admin:{row._meta.label_lower.replace('.', '_')}_keep"
    return reverse(name, args=[row.pk]) if row.pk else reverse(f"{name}_new")


def keep(client, row, fields, *, turn=1, window=WINDOW, **said):
    sent = {"window": window, "turn": turn, "fields": fields, **said}
    return client.post(keep_page(row), json.dumps(sent), content_type="application/json")


def kept(client, row):
    """By window: what the next visit is offered."""
    return {one["window"]: one["fields"] for one in client.get(keep_page(row)).json()["kept"]}


def values(value):
    return value if isinstance(value, list) else [value]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_typed_into_any_form_is_kept_and_the_row_stays_as_it_is(kind, grace):
    make, (name, value, _), _ = FORMS[kind]
    row = make()
    before = filled_in(grace.get(change_page(row)), form_id(row))

    answer = keep(grace, row, {name: values(value)})

    assert answer.json()["state"] == "saved"
    assert kept(grace, row) == {WINDOW: {name: values(value)}}
    after = filled_in(grace.get(change_page(row)), form_id(row))
    assert after.get(name) == before.get(name)
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_gone_once_the_form_is_saved(kind, grace):
    make, (name, value, _), _ = FORMS[kind]
    row = make()
    keep(grace, row, {name: values(value)})
    keep(grace, row, {name: values(value)}, window=OTHER_WINDOW)
    page = grace.get(change_page(row))

    changes = {name: value, "kept_windows": WINDOW}
    saved = grace.post(change_page(row), filled_in(page, form_id(row), "_continue", **changes))

    assert saved.status_code == 302
    windows = {window for window in kept(grace, row) if not window.startswith("before")}
    assert windows == {OTHER_WINDOW}, "what nobody decided about stays"


def test_a_refused_save_keeps_it(grace):
    page_row = builders.page()
    keep(grace, page_row, {"title": ["Half a ti"]}, turn=7)
    page = grace.get(change_page(page_row))

    refused = grace.post(
        change_page(page_row), filled_in(page, "page_form", title="", kept_windows=WINDOW)
    )

    assert refused.status_code == 200
    assert kept(grace, page_row) == {WINDOW: {"title": ["Half a ti"]}}
    assert f'data-windows="{WINDOW}"' in refused.text, "the page that comes back goes on with it"
    assert 'data-turn="7"' in refused.text, "and counts on from there"


def test_a_turn_that_arrives_late_or_twice_changes_nothing(grace):
    row = builders.topic()
    keep(grace, row, {"name": ["Que"]}, turn=1)
    keep(grace, row, {"name": ["Queues"]}, turn=2)

    late = keep(grace, row, {"name": ["Qu"]}, turn=1)
    twice = keep(grace, row, {"name": ["Queues"]}, turn=2)

    assert late.status_code == twice.status_code == 200
    assert kept(grace, row) == {WINDOW: {"name": ["Queues"]}}
    assert KeptForm.objects.count() == 1


def test_a_turn_that_arrives_after_the_save_keeps_nothing(grace):
    row = builders.topic()
    page = grace.get(change_page(row))
    grace.post(change_page(row), filled_in(page, "topic_form", "_save", kept_windows=WINDOW))

    answer = keep(grace, row, {"name": ["Queues"]}, turn=9)

    assert answer.json() == {"state": "saved", "is_over": True}
    assert kept(grace, row) == {}


def test_what_is_taken_back_is_no_longer_kept(grace):
    row = builders.topic()
    keep(grace, row, {"name": ["Queues"]}, turn=1)

    keep(grace, row, {}, turn=2)

    assert kept(grace, row) == {}


def test_two_windows_never_write_over_each_other(grace):
    row = builders.topic()
    keep(grace, row, {"name": ["In one tab"]})
    keep(grace, row, {"name": ["On another device"]}, window=OTHER_WINDOW)

    assert kept(grace, row) == {
        WINDOW: {"name": ["In one tab"]},
        OTHER_WINDOW: {"name": ["On another device"]},
    }


def test_what_is_thrown_away_is_not_offered_again(grace):
    row = builders.topic()
    keep(grace, row, {"name": ["Queues"]})

    keep(grace, row, {}, window=OTHER_WINDOW, forget=[WINDOW])

    assert kept(grace, row) == {}


def test_nobody_else_is_offered_it(grace):
    row = builders.topic()
    keep(grace, row, {"name": ["Queues"]})

    assert kept(signed_in("Publisher"), row) == {}


def test_what_someone_else_typed_at_this_browser_is_not_kept_as_mine(grace):
    row = builders.topic()

    answer = keep(grace, row, {"name": ["Queues"]}, person="0")

    assert answer.status_code == 403
    assert not KeptForm.objects.exists()


def test_a_device_that_never_got_the_answer_learns_that_the_form_was_saved(grace):
    row = builders.topic()
    page = grace.get(change_page(row))
    grace.post(change_page(row), filled_in(page, "topic_form", "_save", kept_windows=WINDOW))

    asked = {"window": [WINDOW, OTHER_WINDOW]}
    assert grace.get(keep_page(row), asked).json()["saved"] == [WINDOW]


def test_a_device_that_never_got_the_answer_learns_which_turn_was_taken(grace):
    row = builders.topic()
    keep(grace, row, {"name": ["Queues"]}, turn=7)

    answer = grace.get(keep_page(row), {"window": [WINDOW, OTHER_WINDOW]}).json()

    assert answer["turns"] == {WINDOW: 7}


def test_an_empty_form_is_kept_until_it_made_something(grace):
    keep(grace, Service(), {"heading": ["Audits"]})
    assert kept(grace, Service()) == {WINDOW: {"heading": ["Audits"]}}
    page = grace.get("/admin/pages/service/add/")

    grace.post(
        "/admin/pages/service/add/",
        filled_in(
            page,
            "service_form",
            "_save",
            heading="Audits",
            text="We read",
            position="1",
            kept_windows=WINDOW,
        ),
    )

    assert Service.objects.get().heading == "Audits"
    assert kept(grace, Service()) == {}


def test_rows_of_the_page_are_kept_with_their_number(grace):
    row = FORMS["service"][0]()
    fields = {"features-TOTAL_FORMS": ["1"], "features-0-text": ["Reports"], "features-0-id": [""]}

    keep(grace, row, fields)

    assert kept(grace, row) == {WINDOW: fields}


def test_the_names_of_what_was_chosen_are_kept_for_the_page(grace):
    article = builders.article()
    labels = {"bylines-0-author": {"7": "Grace Hopper"}}

    keep(grace, article, {"bylines-0-author": ["7"]}, labels=labels)

    [one] = grace.get(keep_page(article)).json()["kept"]
    assert one["labels"] == labels


@pytest.mark.parametrize(
    ("row", "fields"),
    [
        (builders.user, {"password": ["hunter2"], "password1": ["hunter2"]}),
        (lambda: builders.user().__class__(), {"password1": ["x"], "usable_password": ["true"]}),
        (builders.image, {"file": ["C:\\fakepath\\me.png"]}),
        (builders.topic, {"csrfmiddlewaretoken": ["x"], "_save": ["Save"], "seen": ["{}"]}),
        (builders.topic, {"of_no_form": ["x"], "name-0-x": ["x"], "names": ["x"]}),
    ],
    ids=["a password", "a new password", "a file", "what pages send besides", "another field"],
)
def test_passwords_files_and_what_is_no_field_are_never_kept(row, fields, grace):
    made = row()

    answer = keep(grace, made, fields)

    assert answer.status_code == 200
    assert kept(grace, made) == {}
    assert not KeptForm.objects.filter(data__isnull=False).exists()


@pytest.mark.parametrize(
    ("role", "kind", "status"),
    [
        ("Publisher", "topic", 200),
        ("Author", "topic", 403),
        ("Sales", "topic", 403),
        ("Sales", "contact", 200),
        ("Publisher", "contact", 403),
        ("Author", "settings", 403),
        ("Publisher", "settings", 200),
        ("Publisher", "user", 403),
        ("Administrator", "user", 200),
    ],
)
def test_whoever_may_not_change_the_row_keeps_and_sees_nothing(role, kind, status):
    row, client = FORMS[kind][0](), signed_in(role)

    assert keep(client, row, {"name": ["A"]}).status_code == status
    assert client.get(keep_page(row)).status_code == status


def test_whoever_may_not_add_keeps_nothing_of_an_empty_form():
    assert keep(signed_in("Author"), builders.topic().__class__(), {}).status_code == 403


def test_a_session_that_has_ended_is_led_to_sign_in(client):
    answer = keep(client, builders.topic(), {"name": ["Queues"]})

    assert answer.status_code == 302
    assert answer.url.startswith("/admin/login/")
    assert not KeptForm.objects.exists()


def test_a_request_from_another_site_keeps_nothing():
    client = type(signed_in())(enforce_csrf_checks=True)
    client.force_login(builders.user(role="Publisher"))

    assert keep(client, builders.topic(), {"name": ["Queues"]}).status_code == 403


def test_after_signing_in_again_a_page_gets_a_token_that_works():
    client = type(signed_in())(enforce_csrf_checks=True)
    client.force_login(builders.user(role="Publisher"))
    row = builders.topic()

    token = client.get(keep_page(row)).json()["token"]
    sent = json.dumps({"window": WINDOW, "turn": 1, "fields": {"name": ["Queues"]}})
    answer = client.post(
        keep_page(row), sent, content_type="application/json", headers={"X-CSRFToken": token}
    )

    assert answer.status_code == 200


def test_a_row_that_a_colleague_deleted_is_not_there(grace):
    row = builders.topic()
    page = keep_page(row)
    row.delete()

    assert grace.get(page).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "{",
        "null",
        '{"window": "../../etc", "turn": 1, "fields": {}}',
        '{"window": "window-0001", "turn": -1, "fields": {}}',
        '{"window": "window-0001", "turn": true, "fields": {}}',
        '{"window": "window-0001", "turn": 1e400, "fields": {}}',
        '{"window": "window-0001", "turn": 99999999999999999999, "fields": {}}',
        '{"window": "window-0001", "turn": 1, "fields": {"name": "A"}}',
        '{"window": "window-0001", "turn": 1, "fields": {"name": [1]}}',
        '{"window": "window-0001", "turn": 1, "fields": [], "seen": {"a": []}}',
        '{"window": "window-0001", "turn": 1, "forget": "all"}',
        "[" * 100_000,
    ],
)
def test_nonsense_is_refused_and_breaks_nothing(body, grace):
    row = builders.topic()

    answer = grace.post(keep_page(row), body, content_type="application/json")

    assert answer.status_code == 400
    assert not KeptForm.objects.exists()


def test_more_than_the_form_could_send_is_refused_in_words(grace, settings):
    row = builders.topic()
    too_long = "é" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE

    answer = keep(grace, row, {"description": [too_long]})

    assert answer.status_code == 413
    assert answer.json() == {"why": "too long"}


def test_letters_that_no_database_takes_are_left_out(grace):
    row = builders.topic()

    keep(grace, row, {"description": ["a\0b\ud800c"]})

    assert kept(grace, row) == {WINDOW: {"description": ["ab?c"]}}


def test_after_a_month_it_is_deleted(grace):
    row = builders.topic()
    keep(grace, row, {"name": ["Queues"]})
    keep(grace, row, {"name": ["Caches"]}, window=OTHER_WINDOW)
    long_ago = timezone.now() - timedelta(days=30, minutes=1)
    KeptForm.objects.filter(window=WINDOW).update(at=long_ago)

    nights.pass_by()

    assert kept(grace, row).keys() == {OTHER_WINDOW}


def test_a_page_says_where_it_is_kept_only_to_those_who_may_change_it():
    topic = builders.topic()

    for role, says in [("Publisher", True), ("Author", False)]:
        page = signed_in(role).get(change_page(topic))
        assert ("data-keeping=" in page.text) == says


def test_a_page_without_a_form_loads_nothing_of_it(grace):
    assert "admin/keeping/keeping" not in grace.get("/admin/pages/page/").text


class TestTheDatabaseRefuses:
    def test_two_rows_of_one_window(self, grace):
        keep(grace, builders.topic(), {"name": ["Queues"]})
        row = KeptForm.objects.get()
        row.pk = None

        with pytest.raises(IntegrityError, match="desk_a_window_keeps_a_form_once"):
            row.save()

    def test_a_form_that_is_saved_and_still_keeps_something(self, grace):
        keep(grace, builders.topic(), {"name": ["Queues"]})

        with (
            pytest.raises(IntegrityError, match="desk_what_is_over_keeps_nothing"),
            transaction.atomic(),
        ):
            KeptForm.objects.update(over_at=timezone.now())


class TestWordsThatAreTakenAway:
    def test_a_bad_save_can_be_brought_back_on_the_next_visit(self, grace):
        row = builders.page(body="<p>We write down what we keep, and why.</p>")
        page = grace.get(change_page(row))

        grace.post(change_page(row), filled_in(page, "page_form", "_save", body="<p>x</p>"))

        [one] = grace.get(keep_page(row)).json()["kept"]
        assert one["before"]
        assert one["fields"] == {"body": ["<p>We write down what we keep, and why.</p>"]}

    def test_a_save_that_adds_words_keeps_nothing(self, grace):
        row = builders.page(body="<p>We write down what we keep.</p>")
        page = grace.get(change_page(row))
        longer = "<p>We write down what we keep, and why we keep it.</p>"

        grace.post(change_page(row), filled_in(page, "page_form", "_save", body=longer))

        assert kept(grace, row) == {}

    def test_what_was_typed_and_deleted_before_it_was_saved_is_kept_as_well(self, grace):
        row = builders.topic()
        words = "Locks, queues and what waits behind them"
        keep(grace, row, {"description": [words]}, turn=1)

        keep(grace, row, {}, back={"description": [""]}, turn=2)

        assert [*kept(grace, row).values()] == [{"description": [words]}]

    def test_so_is_what_was_typed_and_deleted_just_before_the_save(self, grace):
        row = builders.topic()
        page = grace.get(change_page(row))
        keep(grace, row, {"description": ["Locks, queues and what waits behind them"]})

        sent = filled_in(page, "topic_form", "_save", description="", kept_windows=WINDOW)
        grace.post(change_page(row), sent)

        kept_now = [one["description"] for one in kept(grace, row).values()]
        assert kept_now == [["Locks, queues and what waits behind them"]]

    def test_what_is_typed_further_takes_nothing_away(self, grace):
        row = builders.topic()
        keep(grace, row, {"description": ["Loc"]}, turn=1)

        keep(grace, row, {"description": ["Locks and que"]}, turn=2)
        keep(grace, row, {"description": ["Locks and queues"]}, turn=3)

        assert kept(grace, row) == {WINDOW: {"description": ["Locks and queues"]}}

    @pytest.mark.parametrize(
        ("name", "one", "other"), [("country", "DK", "SE"), ("city", "A", "B")]
    )
    def test_another_choice_or_line_is_no_loss(self, name, one, other, grace):
        row = builders.office()
        keep(grace, row, {name: [one]}, turn=1)

        keep(grace, row, {name: [other]}, turn=2)

        assert KeptForm.objects.count() == 1

    def test_a_line_that_is_emptied_is_kept(self, grace):
        row = builders.office()
        keep(grace, row, {"street": ["Nyhavn 1"]}, turn=1)

        keep(grace, row, {"street": [""]}, turn=2)

        assert {"street": ["Nyhavn 1"]} in kept(grace, row).values()

    def test_only_the_last_few_are_kept(self, grace):
        row = builders.topic()
        for turn in range(20):
            words = f"Number {turn} " * 5 if turn % 2 else ""
            keep(grace, row, {"description": [words]}, turn=turn)

        assert KeptForm.objects.filter(is_before=True).count() == 5


def test_each_kind_of_row_is_kept_under_its_own_name(grace):
    page = Page.objects.create(title="A", slug="a", body="<p>A</p>", pk=7)
    contact = Contact.objects.create(name="Ada", email="ada@example.com", pk=7)

    keep(grace, page, {"title": ["Page"]})
    keep(grace, contact, {"name": ["Contact"]})

    assert kept(grace, page) == {WINDOW: {"title": ["Page"]}}
    assert kept(grace, contact) == {WINDOW: {"name": ["Contact"]}}
