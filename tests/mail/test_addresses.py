"""Whose mailbox an address names: one function decides, for everyone who compares."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from mail import outbox
from mail.addresses import is_written_to, mailbox, readable, untagged, validate_address, wire
from mail.models import Message, Suppression
from tests import builders

CEO = [
    "ceo@victim.example", " CEO@Victim.EXAMPLE ", '"ceo"@victim.example', '"c\\eo"@victim.example',
    "ceo@ｖictim.example", "ceo@ｖｉｃｔｉｍ．example", "ceo@victim。example",
    "ｃｅｏ＠victim.example", "ceo@vic\u00adtim.example", "ceo@𝐯ictim.example",
    "ceo@victim.example.",
]  # fmt: skip
BOOKS = [
    "info@bücher.example", "info@xn--bcher-kva.example", "info@bu\u0308cher.example",
    "Info@BÜCHER.Example", "info@XN--BCHER-KVA.example", '"info"@bücher.example',
]  # fmt: skip


@pytest.mark.parametrize("spelling", CEO)
def test_all_spellings_are_one_mailbox(spelling):
    assert mailbox(spelling) == "ceo@victim.example"
    assert readable(spelling).lower() == wire(spelling).lower() == "ceo@victim.example"


@pytest.mark.parametrize("spelling", BOOKS)
def test_an_international_domain_is_one_in_its_spellings(spelling):
    assert mailbox(spelling) == "info@xn--bcher-kva.example"
    assert readable(spelling).lower() == "info@bücher.example"


def test_no_spelling_turns_into_the_domain_of_someone_else():
    assert wire("a@straße.example") == "a@xn--strae-oqa.example"  # IDNA 2003: strasse.example
    assert wire("a@faß.example") == "a@xn--fa-hia.example"


def test_a_tag_is_ignored_by_caps_and_kept_by_contacts():
    assert untagged("Ada+news@example.com") == untagged('"ada+x"@example.com') == "ada@example.com"
    assert mailbox("ada+news@example.com") == "ada+news@example.com"
    assert untagged("+ada@example.com") == "+ada@example.com"


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("åse@example.no", "“å” before the @"),
        ("a@[127.0.0.1]", "a name after the @"),
        (f"a@{'ü' * 60}.example", "We cannot email"),
        (f"a@{'a' * 64}.example", "We cannot email"),
        ("a@i❤.example", "We cannot email"),
        (f"{'a' * 60}@{'b.' * 110}example", "characters long"),
        ("=?utf-8?q?a?=@example.com", "does not look like"),
        ("a@example.com\n", "does not look like"),
        ("a\u200b@example.com", "does not look like"),
        ("\u017fam@example.com", "before the @"),  # a long s, which ignores case as an s does
    ],
)
def test_what_cannot_be_written_to_is_refused_in_words(address, said):
    with pytest.raises(ValidationError, match=said):
        validate_address(address)


@pytest.mark.parametrize("address", [*CEO[2:3], *BOOKS[:3], "o'hara@x.example"])
def test_what_can_be_written_to_passes(address):
    validate_address(address)


@given(st.text() | st.emails() | st.from_regex(r".{1,9}@.{1,9}"))
def test_nothing_breaks_it_and_a_second_look_changes_nothing(typed):
    once = mailbox(typed)

    assert mailbox(once) == once == mailbox(readable(typed)) == mailbox(wire(typed))


@pytest.mark.parametrize(
    "address",
    [
        "MAILER-DAEMON@example.com", "postmaster@example.com", "no-reply@example.com",
        "noreply@example.com", "no_reply@example.com", "No.Reply+x@example.com",
        "do-not-reply@example.com", "shop-noreply@example.com", "noreply123@example.com",
        "bounces+12-ab=c@example.com", "owner-list@example.com", "list-request@example.com",
        "ne-pas-repondre@example.com", "a@[10.0.0.1]", "a@10.0.0.1", "a@localhost",
        "a@intranet", "a@host.localdomain", "a@host.local", "a@x.invalid", "a@ｌocalhost",
        "Website@Consult.example", "website+x@consult.example", '"website"@consult.example',
    ],
)  # fmt: skip
def test_no_automatic_email_goes_to_robots_and_ourselves(address, settings):
    settings.DEFAULT_FROM_EMAIL = "Consult <website@consult.example>"

    assert not is_written_to(address)


@pytest.mark.parametrize(
    "address",
    ["ada@example.com", "bouncer@example.com", "norep@example.com", "info@bücher.example"],
)
def test_people_are_written_to(address):
    assert is_written_to(address)


@pytest.mark.django_db
@pytest.mark.parametrize("typed", CEO)
def test_suppression_holds_every_spelling_and_tag(typed):
    Suppression.objects.create(address="ceo+old@victim.example", why="Asked for it")

    assert Suppression.objects.holds(typed)
    assert not Suppression.objects.holds("cfo@victim.example")


@pytest.mark.django_db
def test_a_mailbox_is_suppressed_once():
    Suppression.objects.create(address=BOOKS[0], why="Asked for it")

    answer = builders.signed_in("Administrator").post(
        "/admin/mail/suppression/add/", {"address": BOOKS[1], "why": "Again"}
    )

    assert "This mailbox is already on the list." in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.usefixtures("worker_at_hand")
def test_the_row_has_the_mailbox_as_typed_and_its_domain_in_a_labels(
    mailoutbox, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        message = outbox.put(key="k", to="Info@Straße.example", subject="S", text="T")

    assert Message.objects.get(pk=message.pk).to == "Info@xn--strae-oqa.example"
    assert mailoutbox[0].message()["To"] == "Info@xn--strae-oqa.example"


@pytest.mark.django_db
@pytest.mark.parametrize("typed", [*BOOKS, "bücher.example", "BÜCHER", "xn--bcher-kva.example"])
def test_the_search_box_finds_every_spelling(typed):
    outbox.put(key="k", to="info@bücher.example", subject="Found", text="T")

    answer = builders.signed_in("Administrator").get("/admin/mail/message/", {"q": typed})

    assert ">Found<" in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("typed", BOOKS)
def test_staff_sign_in_by_any_spelling(typed):
    user = builders.user(email="Info@bücher.example", password="correct horse battery")

    assert type(user).objects.get_by_natural_key(typed) == user
