"""What the privacy page says by itself: driven by the settings, and kept with each version."""

import re

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils.html import strip_tags

from leads.intake import receiving
from leads.models import Inquiry
from pages.models import Page, SiteSettings
from privacy import retention, wordings
from privacy.models import Period, Wording
from privacy.tasks import delete_what_is_old
from tests import builders
from tests.forms import filled_in
from tests.privacy.test_retention import PAGE as PERIODS
from web.retention import in_words

pytestmark = pytest.mark.django_db


def shown(client):
    cache.clear()
    html = client.get(Page.objects.get(key="privacy").get_absolute_url()).text
    [text] = re.findall(r'<div class="prose" id="text">(.*?)</article>', html, re.DOTALL)
    return " ".join(strip_tags(text).split())


def inquiry(number=1):
    return receiving.receive(
        Inquiry(name="Ada", email=f"ada{number}@example.com", message="We need a ledger.")
    )


def test_it_says_each_purpose_basis_and_period(client):
    said, days = shown(client), retention.periods()
    public = [rule for rule in retention.rules() if rule.why]
    assert len(public) > 12

    for rule in public:
        period = f"{rule.what}: {in_words(days[rule.key])} after {rule.since}. {rule.why}"
        assert f"{period} ({rule.basis.clause})" in said
    assert not any(rule.what in said for rule in retention.rules() if not rule.why)


def test_a_changed_period_is_said_at_once_and_is_a_version_of_its_own(admin):
    before, said = inquiry(), shown(admin)
    assert "2 years after we closed them" in said

    form = filled_in(admin.get(PERIODS), "periods_form", **{"days leads.lost": "400"})
    admin.post(PERIODS, form | {"do": "save"})

    assert "400 days after we closed them" in shown(admin)
    after = inquiry(2)
    assert (before.wording.number, after.wording.number) == (1, 2)
    assert "400 days after we closed them" in strip_tags(after.wording.generated)
    assert before.wording.digest != after.wording.digest
    assert before.wording.text == after.wording.text


def test_periods_that_are_saved_as_they_were_are_no_version(admin):
    form = filled_in(admin.get(PERIODS), "periods_form")
    admin.post(PERIODS, form | {"do": "save"})

    assert Wording.objects.count() == 1


def test_what_is_kept_for_ever_is_said_so(client, administrator):
    Period.objects.create(rule="articles.searches", days=None, by=administrator)
    wordings.renew()

    assert "nothing about who searched: for as long as this site exists." in shown(client)


def test_it_says_who_is_responsible_and_where_to_complain(client):
    builders.office(is_headquarters=True, street="Long Lane 1")
    row = SiteSettings.load()
    row.save()
    said = shown(client)
    assert f"Who is responsible# {row.name}, " in said.replace(" #", "#")
    assert "to the data protection authority where you live or work" in said

    row.responsible_name, row.responsible_address = "Clean ApS", "Short Street 2, Aarhus"
    row.privacy_contact = "privacy@example.com"
    row.authority_name, row.authority_url = "Datatilsynet", "https://authority.example/"
    row.save()

    said = shown(client)
    assert "Clean ApS, Short Street 2, Aarhus. For questions about your data" in said
    assert "privacy@example.com" in said
    assert "complain to Datatilsynet, or to the data protection authority" in said
    assert inquiry().wording == Wording.objects.first()


def test_a_setting_changed_past_its_form_is_said_by_the_page_and_its_version_together(
    client, administrator
):
    """Until it is renewed, each minute, both say what was there before."""
    Period.objects.create(rule="leads.lost", days=500, by=administrator)
    assert "500 days" not in shown(client) and "500 days" not in inquiry().wording.generated

    delete_what_is_old()

    assert "500 days" in shown(client) and "500 days" in inquiry(2).wording.generated


def test_owners_edit_the_text_before_it_as_ever(client):
    page = Page.objects.get(key="privacy")
    page.body = "<p>In our own words.</p>"
    page.save()

    said = shown(client)

    assert said.startswith("In our own words.") and "What is kept, why, and for how long" in said


def test_another_page_says_none_of_it(client):
    about = builders.page()

    assert "for how long" not in client.get(about.get_absolute_url()).text


def test_markup_in_a_setting_is_shown_as_it_is(client):
    row = SiteSettings.load()
    row.responsible_name = "<script>alert(1)</script> & Sons"
    row.save()

    assert "<script>alert" not in wordings.shown()
    assert "alert(1)" in shown(client)


def test_administrators_see_each_version_with_what_the_settings_said(admin):
    version = Wording.objects.get()

    page = admin.get(reverse("admin:privacy_wording_change", args=[version.pk])).text

    assert "2 years after we closed them" in page


def test_a_preview_does_not_change_the_page(admin):
    before = shown(admin)
    form = filled_in(admin.get(PERIODS), "periods_form", **{"days leads.lost": "400"})

    admin.post(PERIODS, form | {"do": "preview"})

    assert shown(admin) == before
