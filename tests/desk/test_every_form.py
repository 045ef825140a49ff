"""Every form of the admin that changes something is the one that two people may have open."""

import pytest
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.db import transaction
from django.test import RequestFactory

from articles.models import MoreArticle
from desk.merging import MergingForm
from desk.merging_admin import MergingAdmin, MergingListRows, MergingRows
from tests import builders
from tests.desk.test_merging import FORMS

pytestmark = pytest.mark.django_db

# Fields that show nothing of the row: what is entered is added, not put in place of something.
ADDED = {
    "lead": {"note", "next_step", "next_due"},
    "image": {"kept"},  # the picture of a form that was refused, by its digest
}
# What changes rows of a list at once, and why it undoes nothing of a colleague's.
ACTIONS = {
    "delete_selected": "asks first, with the names of what is deleted",
    "mark_answered": "leaves out, by name, what came or was answered since the list was opened",
    "erase": "asks first; refused when there is more or less than was shown",
    "spam": "a row of its own, made once: a colleague's mark stays and is named",
    "not_spam": "a row of its own, deleted once",
    "send_again": "asks first, and sends a copy: nothing is changed",
    "activate": "says how an account is to be, whatever it was",
    "mark_done": "done once: what a colleague has done already is left alone",
    "deactivate": "says how an account is to be, whatever it was",
}


@pytest.fixture
def request_of_all_rights():
    request = RequestFactory().get("/admin/")
    request.user = builders.user(is_superuser=True, is_staff=True)
    return request


def test_every_form_that_changes_something_is_tried_by_two_people(request_of_all_rights):
    tried = set()
    for make, *_ in FORMS.values():
        with transaction.atomic():
            tried.add(type(make()))
            transaction.set_rollback(True)

    changing = {
        model
        for model, site in admin.site._registry.items()
        if site.has_change_permission(request_of_all_rights)
    }
    assert changing == tried


@pytest.mark.parametrize("kind", FORMS)
def test_the_form_its_rows_and_its_list_are_the_one_form(kind, request_of_all_rights):
    request, row = request_of_all_rights, FORMS[kind][0]()
    site = admin.site.get_model_admin(type(row))

    form = site.get_form(request, row, change=True)
    formsets = [
        (inline, formset)
        for formset, inline in site.get_formsets_with_inlines(request, row)
        if inline.has_change_permission(request, row)
    ]

    assert isinstance(site, MergingAdmin)
    assert issubclass(form, MergingForm)
    for inline, formset in formsets:
        assert issubclass(formset, MergingRows), inline
        assert issubclass(formset.form, MergingForm), inline
    assert issubclass(site.get_changelist_form(request), MergingForm)
    if site.list_editable:
        assert issubclass(site.get_changelist_formset(request), MergingListRows)


@pytest.mark.parametrize("kind", FORMS)
def test_each_field_of_the_form_is_compared_with_the_row(kind, request_of_all_rights):
    request, row = request_of_all_rights, FORMS[kind][0]()
    site = admin.site.get_model_admin(type(row))
    fields = flatten_fieldsets(site.get_fieldsets(request, row))

    form = site.get_form(request, row, change=True, fields=fields)(instance=row)

    entered = {name for name, field in form.fields.items() if not field.disabled}
    assert entered - form.shown().keys() == ADDED.get(kind, set())


def test_each_action_on_a_list_says_why_it_undoes_nothing(request_of_all_rights):
    actions = {
        name
        for site in admin.site._registry.values()
        for name in site.get_actions(request_of_all_rights)
    }

    assert actions == ACTIONS.keys()


def test_an_author_sees_the_rows_of_a_live_article_that_they_cannot_change():
    live = builders.article(authors=[builders.author(name="Grace")])
    other = builders.article(text={"title": "Read next"})
    MoreArticle.objects.create(article=live, other=other, position=1)

    page = builders.signed_in("Author").get(f"/admin/articles/article/{live.pk}/change/").text

    assert "Grace" in page and other.slug in page
