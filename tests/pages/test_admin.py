"""Copy, menus and settings, as a publisher edits them; and the desk that greets everyone."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.roles import ADMINISTRATOR, AUTHOR, PUBLISHER, SALES
from articles import reviewing
from leads.models import Inquiry, Recipient
from pages.models import Page, Service, SiteSettings
from tests.builders import article, office, page, revision, signed_in
from tests.forms import filled_in

pytestmark = pytest.mark.django_db

SETTINGS = reverse("admin:pages_sitesettings_change", args=[1])
ADD_PAGE = reverse("admin:pages_page_add")
INQUIRY = {"name": "Ada", "email": "ada@example.com", "message": "We need a ledger."}


@pytest.fixture
def publisher():
    return signed_in(PUBLISHER)


def send(client, address, form_id, **changes):
    form = filled_in(client.get(address, follow=True), form_id, "_save", **changes)
    return client.post(address, form, follow=True)


def errors(answer):
    return answer.context["adminform"].form.errors


# Copy


def test_a_publisher_changes_what_the_home_page_says(publisher, client):
    send(publisher, SETTINGS, "sitesettings_form", home_heading="Backends, written down")

    assert "Backends, written down" in client.get("/").text


def test_the_settings_are_one_form_and_not_a_list(publisher):
    SiteSettings.objects.all().delete()

    answer = publisher.get(reverse("admin:pages_sitesettings_changelist"))

    assert (answer.status_code, answer.headers["Location"]) == (302, SETTINGS)
    assert publisher.get(reverse("admin:pages_sitesettings_add")).status_code == 403


def test_nobody_deletes_the_settings():
    address = reverse("admin:pages_sitesettings_delete", args=[1])

    assert signed_in(ADMINISTRATOR).post(address, {"post": "yes"}).status_code == 403
    assert SiteSettings.objects.exists()


def test_a_publisher_writes_a_page_and_it_is_there(publisher, client):
    send(publisher, ADD_PAGE, "page_form", title="About us", slug="about", body="<p>We are.</p>")

    assert "We are." in client.get("/about/").text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", "x" * 121),
        ("title", "a\0b"),
        ("slug", ""),
        ("slug", "not a slug"),
        ("slug", "admin"),
        ("slug", "taken"),
        ("slug", "x" * 81),
        ("body", ""),
        ("body", "a\0b"),
        ("description", "x" * 161),
        ("description", "a\0b"),
    ],
    ids=lambda text: text[:20],
)
def test_bad_input_is_an_error_beside_its_field(publisher, field, value):
    page(slug="taken")
    good = {"title": "About us", "slug": "about", "body": "<p>We are.</p>"}

    answer = send(publisher, ADD_PAGE, "page_form", **(good | {field: value}))

    assert answer.status_code == 200
    assert list(errors(answer)) == [field]
    assert set(Page.objects.values_list("slug", flat=True)) == {"privacy", "taken"}


@pytest.mark.parametrize(
    "name", [field.name for field in SiteSettings._meta.fields if field.name != "id"]
)
def test_no_setting_takes_what_cannot_be_kept(publisher, name):
    answer = send(publisher, SETTINGS, "sitesettings_form", **{name: "a\0b"})

    assert list(errors(answer)) == [name]


def test_a_publisher_changes_what_we_offer(publisher, client):
    send(
        publisher,
        reverse("admin:pages_service_add"),
        "service_form",
        heading="We scale your backend",
        text="First.\n\nSecond.",
        **{
            "features-TOTAL_FORMS": "1",
            "features-0-title": "Reliability",
            "features-0-text": "We measure first.",
            "features-0-position": "0",
        },
    )

    text = client.get("/services/").text
    assert Service.objects.get().features.count() == 1
    for words in ("We scale your backend", "<p>First.</p>", "<p>Second.</p>", "We measure first."):
        assert words in text


@pytest.mark.parametrize("model", ["pages_page", "pages_service", "pages_menulink"])
@pytest.mark.parametrize("role", [AUTHOR, SALES, ""])
def test_copy_belongs_to_publishers(role, model):
    client = signed_in(role)

    assert client.get(reverse(f"admin:{model}_changelist")).status_code == 403
    assert client.post(reverse(f"admin:{model}_add"), {"title": "Mine"}).status_code == 403


def test_when_jobs_ran_is_not_for_editing():
    client = signed_in(ADMINISTRATOR)

    assert client.get(reverse("admin:web_jobrun_changelist")).status_code == 200
    assert client.get(reverse("admin:web_jobrun_add")).status_code == 403


@pytest.mark.parametrize("model", ["page", "service", "menulink", "sitesettings"])
def test_a_strange_question_to_a_list_raises_nothing(model):
    address = reverse(f"admin:pages_{model}_changelist")
    client = signed_in(ADMINISTRATOR)

    assert client.get(f"{address}?q=%00").status_code == 400
    for query in ("q=x", "place__exact=x", "o=99", "p=x", "unknown=1"):
        assert client.get(f"{address}?{query}").status_code in (200, 302), query


# The desk


def waiting(client):
    """What the desk counts, by its words."""
    return {item.label: item.count for item in client.get("/admin/").context["waiting"]}


def test_the_desk_counts_what_waits_for_marketing(publisher):
    reviewing.submit_for_review(article(live_from=None))
    article(live_from=None)
    article(live_from=timedelta(days=1))
    revision(article(), title="Changing")

    assert waiting(publisher) == {
        "article in review": 1,
        "drafts in progress": 2,
        "scheduled article": 1,
    }


def test_the_desk_counts_what_waits_for_sales(client):
    spam = {"email": "eve@example.com", "reference_2": "x", "message": "Free spins"}
    client.post("/contact/", INQUIRY)
    client.post("/contact/", INQUIRY | spam)

    counted = waiting(signed_in(SALES))

    assert counted["inquiry in suspected spam"] == 1
    assert Inquiry.objects.count() == 2


def test_the_desk_shows_nobody_what_is_not_theirs(client):
    client.post("/contact/", INQUIRY)
    article(live_from=None)

    assert set(waiting(signed_in(SALES))).isdisjoint(waiting(signed_in(PUBLISHER)))
    assert waiting(signed_in("")) == {}


def test_every_number_on_the_desk_leads_to_its_list(client):
    administrator = signed_in(ADMINISTRATOR)

    links = [item.url for item in administrator.get("/admin/").context["waiting"]]

    assert len(links) == 5
    for link in links:
        assert administrator.get(link).status_code == 200, link


def test_the_desk_warns_when_nobody_is_notified_of_inquiries():
    sales, warning = signed_in(SALES), "Nobody is notified of new inquiries."
    before = sales.get("/admin/").text
    Recipient.objects.create(email="sales@example.com")
    with_recipient = sales.get("/admin/").text
    Recipient.objects.all().delete()
    office(is_headquarters=True, email="office@example.com")
    with_headquarters = sales.get("/admin/").text

    assert warning in before
    assert warning not in with_recipient
    assert warning not in with_headquarters
    assert warning not in signed_in(PUBLISHER).get("/admin/").text
