"""Two people who have the same form of the admin open."""

import re

import lxml.html
import pytest
from django.urls import reverse

from articles.models import PrivateName
from leads.intake.receiving import receive
from leads.models import Company, Contact, Inquiry, Recipient
from mail.models import Suppression
from pages.models import Feature, MenuLink, Service, SiteSettings
from readiness import publishing
from redirects.models import Redirect
from tests import builders
from tests.builders import signed_in
from tests.forms import filled_in

pytestmark = pytest.mark.django_db


def service():
    return Service.objects.create(heading="Audits", text="We read", position=1)


def menu_link():
    return MenuLink.objects.create(label="Blog", address="https://example.com/", place="head")


def redirect():
    return Redirect.objects.create(path="/old", target="/offices/", note="Moved")


def contact():
    return Contact.objects.create(name="Ada", email="ada@example.com", job_title="CTO")


def lead():
    return receive(Inquiry(name="Ada", email="ada@example.com", message="A ledger")).lead


def article():
    return builders.article(live_from=None)


def question_set():
    builders.question_set()
    return publishing.draft()


def dimension():
    return question_set().dimensions.get(letter="A")


def question():
    return dimension().questions.get(position=1)


# What makes the row, and two fields with another value for each of the two people.
FORMS = {
    "settings": (SiteSettings.load, ("tagline", "A", "B"), ("footer_text", "A", "B")),
    "page": (builders.page, ("title", "A", "B"), ("body", "<p>A</p>", "<p>B</p>")),
    "service": (service, ("heading", "A", "B"), ("position", "7", "8")),
    "menu link": (menu_link, ("label", "A", "B"), ("position", "7", "8")),
    "office": (builders.office, ("street", "A", "B"), ("weekdays", ["1"], ["2"])),
    "article": (article, ("title", "A", "B"), ("body", "<p>A</p>", "<p>B</p>")),
    "question set": (question_set, ("note", "A", "B"), ("rules-0-explanation", "A", "B")),
    "dimension": (dimension, ("name", "A", "B"), ("questions-0-text", "A", "B")),
    "question": (question, ("remedy", "A", "B"), ("weight", "7", "8")),
    "author": (builders.author, ("job_title", "A", "B"), ("name", "A", "B")),
    "topic": (builders.topic, ("name", "A", "B"), ("description", "A", "B")),
    "series": (builders.series, ("title", "A", "B"), ("description", "A", "B")),
    "image": (builders.image, ("alt", "A", "B"), ("focal_x", "0.1", "0.2")),
    "redirect": (redirect, ("target", "/a/", "/b/"), ("note", "A", "B")),
    "user": (builders.user, ("name", "A", "B"), ("timezone", "Asia/Tokyo", "Europe/Oslo")),
    "lead": (lead, ("value", "10", "20"), ("stage", "qualified", "proposal")),
    "contact": (contact, ("name", "A", "B"), ("job_title", "A", "B")),
    "company": (
        lambda: Company.objects.create(name="Acme", domain="acme.example"),
        ("name", "A", "B"),
        ("domain", "a.example", "b.example"),
    ),
    "recipient": (
        lambda: Recipient.objects.create(email="sales@example.com"),
        ("email", "a@example.com", "b@example.com"),
        ("is_active", [], ["on"]),
    ),
    "private name": (
        lambda: PrivateName.objects.create(name="Old name"),
        ("name", "One name", "Other name"),
        ("note", "A", "B"),
    ),
    "suppression": (
        lambda: Suppression.objects.create(address="a@example.com", why="asked"),
        ("why", "A", "B"),
        ("address", "b@example.com", "c@example.com"),
    ),
}


@pytest.fixture
def first():
    return signed_in(is_superuser=True, name="Mikkel")


@pytest.fixture
def second():
    return signed_in(is_superuser=True, name="Lone")


def change_page(row):
    return reverse(f"admin:{row._meta.label_lower.replace('.', '_')}_change", args=[row.pk])


def form_id(row):
    return f"{row._meta.model_name}_form"


def save(client, row, opened, **changes):
    return client.post(change_page(row), filled_in(opened, form_id(row), "_continue", **changes))


def shown(client, row, name, answer=None):
    """The values of a field on the page, opened afresh or as it came back."""
    answer = answer or client.get(change_page(row))
    return [value.strip() for value in filled_in(answer, form_id(row)).get(name, [])]


def errors(answer):
    found = lxml.html.fromstring(answer.text).xpath("//*[contains(@class, 'errorlist')]/li")
    return [re.sub(r"\s+", " ", one.text_content()).strip() for one in found]


def as_list(value):
    return value if isinstance(value, list) else [value]


@pytest.mark.parametrize("kind", FORMS)
def test_what_only_one_of_two_changed_is_kept(kind, first, second):
    make, (one, value, _), (other, _, other_value) = FORMS[kind]
    row = make()
    theirs, ours = first.get(change_page(row)), second.get(change_page(row))

    assert save(first, row, theirs, **{one: value}).status_code == 302
    saved = save(second, row, ours, **{other: other_value})

    assert saved.status_code == 302, errors(saved)
    assert shown(first, row, one) == as_list(value)
    assert shown(first, row, other) == as_list(other_value)


@pytest.mark.parametrize("kind", FORMS)
def test_what_both_changed_is_shown_and_either_can_be_had_by_saving_again(kind, first, second):
    make, (name, theirs, ours), _ = FORMS[kind]
    row = make()
    opened = first.get(change_page(row)), second.get(change_page(row))
    save(first, row, opened[0], **{name: theirs})

    refused = save(second, row, opened[1], **{name: ours})

    assert shown(first, row, name) == as_list(theirs)
    assert shown(second, row, name, refused) == as_list(ours)
    [error] = errors(refused)
    assert re.match(
        r"Mikkel changed this on \d+ \w+, \d\d:\d\d, while you had the page open", error
    )
    assert re.sub("<.*?>", "", theirs) in error
    saved = save(second, row, refused, **{f"{name}-decide": "theirs"})
    assert saved.status_code == 302, errors(saved)
    assert shown(first, row, name) == as_list(theirs)
    saved = save(second, row, refused)
    assert saved.status_code == 302, errors(saved)
    assert shown(first, row, name) == as_list(ours)


# Nobody is deleted among users; a lead is deleted with its person: tests/leads/test_admin.py.
@pytest.mark.parametrize("kind", sorted(FORMS.keys() - {"user", "lead"}))
def test_what_was_typed_is_shown_when_a_colleague_deleted_the_row(kind, first):
    make, (name, typed, _), _ = FORMS[kind]
    row = make()
    opened, address = first.get(change_page(row)), change_page(row)
    type(row)._base_manager.filter(pk=row.pk).delete()

    sent = filled_in(opened, form_id(row), "_save", **{name: typed})
    answer = first.post(address, sent)

    assert answer.status_code == 409
    assert "Nothing was saved" in answer.text
    assert lxml.html.fromstring(answer.content).xpath(f"//*[@class][.='{typed}']")


def test_theirs_is_not_taken_unseen_when_it_changed_again(first, second):
    row = service()
    opened = first.get(change_page(row)), second.get(change_page(row))
    save(first, row, opened[0], heading="A")
    refused = save(second, row, opened[1], heading="B")
    save(first, row, first.get(change_page(row)), heading="A, again")

    again = save(second, row, refused, **{"heading-decide": "theirs"})

    assert "“A, again”" in errors(again)[0]
    assert shown(second, row, "heading", again) == ["B"]


def test_theirs_can_be_taken_where_mine_cannot_be_saved(first, second):
    row = service()
    opened = first.get(change_page(row)), second.get(change_page(row))
    save(first, row, opened[0], heading="A")
    refused = save(second, row, opened[1], heading="B")

    saved = save(second, row, refused, heading="", **{"heading-decide": "theirs"})

    assert saved.status_code == 302, errors(saved)
    assert shown(first, row, "heading") == ["A"]


def test_a_page_that_comes_back_shows_what_only_a_colleague_changed(first, second):
    row = service()
    opened = first.get(change_page(row)), second.get(change_page(row))
    save(first, row, opened[0], heading="A", position="7")

    refused = save(second, row, opened[1], heading="B")

    assert shown(second, row, "position", refused) == ["7"]
    assert "A colleague also changed this while you had the page open: Position" in refused.text
    save(second, row, refused)
    row.refresh_from_db()
    assert (row.heading, row.position) == ("B", 7)


def test_the_message_says_which_changes_of_a_colleague_were_kept(first, second):
    row = service()
    opened = first.get(change_page(row)), second.get(change_page(row))
    save(first, row, opened[0], position="7")

    save(second, row, opened[1], heading="B")

    assert "A colleague’s changes were kept as well: Position." in second.get(change_page(row)).text


def test_what_was_typed_into_rows_is_shown_when_the_page_is_gone(with_features, first):
    opened, address = first.get(change_page(with_features)), change_page(with_features)
    sent = filled_in(opened, form_id(with_features), "_save", **{"features-1-text": "Mine"})
    Service.objects.filter(pk=with_features.pk).delete()

    page = lxml.html.fromstring(first.post(address, sent).content)

    [group] = page.xpath("//section[not(ancestor::details)]")
    assert re.sub(r"\s+", " ", group.text_content()).split() == ["Feature", "2", "Text", "Mine"]
    assert "Audits" in page.xpath("string(//details)")


def test_what_a_menu_link_leads_to_is_not_undone_by_whoever_changes_its_label(first, second):
    page = builders.page()
    row = menu_link()
    opened = first.get(change_page(row)), second.get(change_page(row))
    save(first, row, opened[0], leads_to=f"page:{page.pk}")

    save(second, row, opened[1], label="B")

    row.refresh_from_db()
    assert (row.label, row.page, row.address) == ("B", page, "")


def test_fields_that_mean_one_thing_are_not_merged_unseen(first, second):
    row = builders.office(opens_at="09:00", closes_at="17:00")
    opened = first.get(change_page(row)), second.get(change_page(row))
    save(first, row, opened[0], closes_at="11:00")

    refused = save(second, row, opened[1], opens_at="12:00")

    [error] = [one for one in errors(refused) if "Take theirs" in one]
    assert "Keep mine: “17:00” Take theirs: “11:00”" in error
    row.refresh_from_db()
    assert f"{row.opens_at:%H:%M}" == "09:00"


# Rows of a page


@pytest.fixture
def with_features():
    made = service()
    Feature.objects.create(service=made, title="1", text="One", position=1)
    Feature.objects.create(service=made, title="2", text="Two", position=2)
    return made


def texts(of):
    return sorted(of.features.values_list("text", flat=True))


def test_rows_that_two_people_changed_are_merged(with_features, first, second):
    opened = first.get(change_page(with_features)), second.get(change_page(with_features))
    save(first, with_features, opened[0], **{"features-0-text": "A"})

    save(second, with_features, opened[1], **{"features-1-text": "B"})

    assert texts(with_features) == ["A", "B"]


def test_a_row_that_both_changed_is_shown_and_decided_by_saving_again(with_features, first, second):
    opened = first.get(change_page(with_features)), second.get(change_page(with_features))
    save(first, with_features, opened[0], **{"features-0-text": "A"})

    refused = save(second, with_features, opened[1], **{"features-0-text": "B"})

    assert texts(with_features) == ["A", "Two"]
    assert "“A”" in errors(refused)[0]
    save(second, with_features, refused)
    assert texts(with_features) == ["B", "Two"]


def test_a_row_that_a_colleague_deleted_stays_deleted(with_features, first, second):
    opened = first.get(change_page(with_features)), second.get(change_page(with_features))
    save(first, with_features, opened[0], **{"features-0-DELETE": "on"})

    saved = save(second, with_features, opened[1], **{"features-1-text": "B"})

    assert saved.status_code == 302, errors(saved)
    assert texts(with_features) == ["B"]


def test_a_row_that_a_colleague_deleted_can_be_added_again(with_features, first, second):
    opened = first.get(change_page(with_features)), second.get(change_page(with_features))
    save(first, with_features, opened[0], **{"features-0-DELETE": "on"})

    refused = save(second, with_features, opened[1], **{"features-0-text": "B"})

    assert "A colleague deleted this" in errors(refused)[0]
    assert texts(with_features) == ["Two"]
    saved = save(second, with_features, refused)
    assert saved.status_code == 302, errors(saved)
    assert texts(with_features) == ["B", "Two"]


def test_a_row_that_a_colleague_deleted_can_be_let_go(with_features, first, second):
    opened = first.get(change_page(with_features)), second.get(change_page(with_features))
    save(first, with_features, opened[0], **{"features-0-DELETE": "on"})
    refused = save(second, with_features, opened[1], **{"features-0-text": "B"})

    saved = save(second, with_features, refused, **{"features-0-DELETE": "on"})

    assert saved.status_code == 302, errors(saved)
    assert texts(with_features) == ["Two"]


def test_a_row_is_not_deleted_before_its_change_was_seen(with_features, first, second):
    opened = first.get(change_page(with_features)), second.get(change_page(with_features))
    save(first, with_features, opened[0], **{"features-0-text": "A"})

    refused = save(second, with_features, opened[1], **{"features-0-DELETE": "on"})

    assert texts(with_features) == ["A", "Two"]
    assert "Save again to delete it anyway" in errors(refused)[0]
    save(second, with_features, refused)
    assert texts(with_features) == ["Two"]


def test_a_row_that_a_colleague_added_stays(with_features, first, second):
    opened = first.get(change_page(with_features)), second.get(change_page(with_features))
    Feature.objects.create(service=with_features, title="3", text="Three", position=3)

    save(second, with_features, opened[1], heading="B")

    assert texts(with_features) == ["One", "Three", "Two"]


# Lists


def positions():
    return list(Service.objects.order_by("pk").values_list("position", flat=True))


@pytest.fixture
def services():
    Service.objects.all().delete()
    rows = [Service.objects.create(heading=f"S{i}", text="T", position=i) for i in (1, 2)]
    return reverse("admin:pages_service_changelist"), rows


def save_list(client, address, opened, **changes):
    return client.post(address, filled_in(opened, "changelist-form", "_save", **changes))


def test_positions_of_different_rows_are_merged(services, first, second):
    address, _ = services
    opened = first.get(address), second.get(address)
    save_list(first, address, opened[0], **{"form-0-position": "7"})

    save_list(second, address, opened[1], **{"form-1-position": "8"})

    assert positions() == [7, 8]


def test_a_position_that_both_changed_is_decided_by_saving_again(services, first, second):
    address, _ = services
    opened = first.get(address), second.get(address)
    save_list(first, address, opened[0], **{"form-0-position": "7"})

    refused = save_list(second, address, opened[1], **{"form-0-position": "8"})

    assert positions() == [7, 2]
    assert "“7”" in errors(refused)[0]
    [row] = lxml.html.fromstring(refused.content).xpath("//tr[.//*[@name='form-0-position']]")
    assert "S1" in row.text_content()
    save_list(second, address, refused)
    assert positions() == [8, 2]


def test_a_list_is_saved_after_a_colleague_deleted_a_row(services, first):
    address, rows = services
    opened = first.get(address)
    rows[0].delete()

    save_list(first, address, opened, **{"form-1-position": "8"})

    assert positions() == [8]
