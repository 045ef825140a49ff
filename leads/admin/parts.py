"""What the admin pages of sales share."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Prefetch, QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.template.loader import render_to_string

from articles.models import Article
from desk.read_only import ReadOnly
from leads.acts.each import MAX_AT_ONCE
from leads.admin.words import FindsWords
from leads.briefs import hints, sections
from leads.models import (
    Brief,
)
from privacy import person_page
from readiness import comparison
from readiness.reports import Report

ARTICLE = Prefetch("article", queryset=Article.objects.with_titles())


class ShownFormSet(BaseInlineFormSet):
    """Rows as they are now, also when the page comes back with errors: nothing is read from it."""

    def __init__(self, data=None, files=None, **kwargs) -> None:
        super().__init__(**kwargs)

    def is_valid(self) -> bool:
        return True

    def save(self, commit=True):
        self.new_objects, self.changed_objects, self.deleted_objects = [], [], []
        return []


class ReadOnlyInline(ReadOnly, admin.TabularInline):
    """Rows that staff look at: they are written elsewhere."""

    formset = ShownFormSet

    extra = 0
    can_delete = False


class ErasingAdmin(FindsWords):
    """For lists of people: an action to see what is stored about them, and to erase it."""

    def has_erase_permission(self, request) -> bool:
        return request.user.has_perm("privacy.add_erasure")

    @admin.action(description="Show or erase all about this person…", permissions=["erase"])
    def erase(self, request, queryset):
        return person_page.stored(request, queryset.values_list("email", flat=True))


def chosen_at_once(request: HttpRequest, rows: QuerySet[Any]) -> list[Any]:
    """The rows that an action is to be done to; none, which is said, if there are too many."""
    chosen = list(rows[: MAX_AT_ONCE + 1])
    if len(chosen) <= MAX_AT_ONCE:
        return chosen
    messages.error(request, f"At most {MAX_AT_ONCE:,} can be changed at once.")
    return []


def readiness(reports: list[Report]) -> str:
    """The results of the assessments: the latest open, the earlier ones for comparison."""
    if not reports:
        return "none"
    compared = comparison.compare(reports) if len(reports) > 1 else None
    context = {"reports": reports, "comparison": compared}
    return render_to_string("admin/leads/_readiness.html", context)


def briefs_html(briefs: list[Brief]) -> str:
    """What they want built, the latest open, with what is open in it as questions to ask."""
    if not briefs:
        return "none"
    shown = [(one, sections.filled(one), hints.stored_findings(one)) for one in briefs]
    return render_to_string("admin/leads/_briefs.html", {"briefs": shown})
