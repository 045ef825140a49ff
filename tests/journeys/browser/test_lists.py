"""The lists of the desk, in a real browser, whatever stands in them."""

import json

import pytest
from playwright.sync_api import expect

ADMIN = "admin@cleansystems.example"

# In every list, one row whose text columns are as long as they may be, without a blank.
LONG_WORDS = """
import json
from django.contrib import admin
from django.db import IntegrityError, models, transaction
from django.urls import reverse

before = []
for model, model_admin in admin.site._registry.items():
    if model._meta.label == "leads.Inquiry":
        continue  # never changes
    for field in model._meta.concrete_fields:
        is_text = isinstance(field, models.CharField) and not field.choices
        if not is_text or (field.max_length or 0) < 40 or field.unique:
            continue
        row = model._default_manager.order_by("pk").values("pk", field.name).first()
        if row is None:
            continue
        try:
            with transaction.atomic():
                model._default_manager.filter(pk=row["pk"]).update(
                    **{field.name: "Q" * field.max_length}
                )
                before.append([model._meta.label, row["pk"], field.name, row[field.name]])
        except IntegrityError:
            pass
lists = sorted(
    reverse(f"admin:{m._meta.app_label}_{m._meta.model_name}_changelist")
    for m in admin.site._registry
)
print(json.dumps({"lists": lists, "before": before}, default=str))
"""
# Other journeys go through the same site.
AS_BEFORE = """
import json
from django.apps import apps

for label, pk, field, value in json.loads({before!r}):
    apps.get_model(label)._default_manager.filter(pk=pk).update(**{{field: value}})
"""

LONG = f"We need help with our ledger. Can you help us? {'M' * 300}"
WIDTHS = """() => {
    const table = document.querySelector('#result_list');
    const cells = [...document.querySelectorAll('#result_list :is(th, td)')];
    return {
        page: document.documentElement.scrollWidth - innerWidth,
        cell: Math.max(0, ...cells.map((cell) => cell.getBoundingClientRect().width)),
        over: table ? table.scrollWidth - table.parentElement.clientWidth : 0,
        wide: [...document.querySelectorAll('#content *')]
            .filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
            .filter((one) => !one.closest('.results, .tabular'))
            .slice(0, 5).map((one) => one.outerHTML.slice(0, 90)),
        spills: cells.filter((cell) => cell.scrollWidth > cell.clientWidth + 1).length,
    };
}"""


@pytest.fixture
def office_manager(browser, logins):
    with browser.visitor(viewport={"width": 1280, "height": 900}) as someone:
        someone.sign_in(ADMIN, logins[ADMIN])
        yield someone


@pytest.fixture
def long_words(site):
    """The addresses of all lists, each with long words in one of its rows."""
    said = json.loads(site.shell(LONG_WORDS).splitlines()[-1])
    yield said["lists"]
    site.shell(AS_BEFORE.format(before=json.dumps(said["before"])))


def test_one_long_name_widens_no_list(site, long_words, office_manager):
    site.send_inquiry(
        "long@example.com",
        name="Q" * 120,
        company="W" * 160,
        message=f"We need help with our ledger. Can you help us? {'M' * 300}",
    )
    assert len(long_words) > 20
    too_wide = []

    for address in long_words:
        office_manager.open(address)
        for width in (320, 768, 1280):
            office_manager.page.set_viewport_size({"width": width, "height": 900})
            found = office_manager.page.evaluate(WIDTHS)
            limit = min(352, width * 0.45) + 40  # and its padding
            is_wide = found["over"] > 0 and found["cell"] > limit
            if found["page"] > 0 or is_wide or found["spills"]:
                too_wide.append((address, width, found))

    assert too_wide == []


def test_a_leads_page_with_a_long_name_does_not_scroll_sideways(site, office_manager):
    site.send_inquiry(
        "longer@example.com",
        name="Q" * 120,
        company="W" * 160,
        message=f"We need help with our ledger. Can you help us? {'M' * 300}",
    )
    [(lead,)] = site.execute(
        "SELECT lead_id FROM leads_inquiry WHERE email = %s", "longer@example.com"
    )

    office_manager.open(f"/admin/leads/lead/{lead}/change/")

    expect(office_manager.page.locator("#lead_form")).to_be_visible()
    for width in (320, 768, 1280):
        office_manager.page.set_viewport_size({"width": width, "height": 900})
        found = office_manager.page.evaluate(WIDTHS)
        assert found["page"] <= 0, found
