"""What the admin pages of sales share."""

from django.contrib import admin, messages
from django.db.models import Prefetch
from django.forms.models import BaseInlineFormSet
from django.shortcuts import render
from django.template.loader import render_to_string

from accounts.models import User
from articles.models import Article
from desk.read_only import ReadOnly
from leads import erasure
from leads.briefs import hints, sections
from leads.models import (
    Brief,
)
from mail.addresses import mailbox
from mail.admin_search import FindsSpellings
from readiness import comparison
from readiness.reports import Report

MAX_AT_ONCE = 20


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


class ErasingAdmin(FindsSpellings):
    """Where a person can be forgotten: by an administrator, who sees first what goes."""

    def has_erase_permission(self, request) -> bool:
        return request.user.has_perm("leads.erase_contact")

    @admin.action(description="Erase the person, and all they sent…", permissions=["erase"])
    def erase(self, request, queryset):
        addresses = {mailbox(one) for one in queryset.values_list("email", flat=True)}
        if len(addresses) > MAX_AT_ONCE:
            self.message_user(
                request,
                f"At most {MAX_AT_ONCE} people at once: each wants a look.",
                messages.ERROR,
            )
            return None
        people = erasure.find_each(addresses)
        stamp = " ".join(traces.stamp for traces in people)
        if request.POST.get("stamp") == stamp and self._erased(people, by=request.user):
            counts = "; ".join(traces.summary for traces in people)
            self.message_user(request, f"Erased: {counts}.")
            return None
        if "stamp" in request.POST:
            self.message_user(
                request,
                "Nothing was erased: there is more or less by now than you looked at. Look again.",
                messages.WARNING,
            )
        context = {
            **self.admin_site.each_context(request),
            "title": "Erase the person, and all they sent",
            "opts": self.opts,
            "people": people,
            "stamp": stamp,
            "selected": [row.pk for row in queryset],
        }
        return render(request, "admin/leads/erase.html", context)

    def _erased(self, people: list[erasure.Traces], *, by: User) -> bool:
        try:
            erasure.erase_each(people, by=by)
        except erasure.ChangedMeanwhile:
            return False
        return True


def readiness(reports: list[Report]) -> str:
    """What came of the assessments, the latest open and the earlier ones to compare with."""
    if not reports:
        return "none"
    compared = comparison.compare(reports) if len(reports) > 1 else None
    context = {"reports": reports, "comparison": compared}
    return render_to_string("admin/leads/_readiness.html", context)


def brief_in_words(found: list[Brief]) -> str:
    """What they want built, the latest open, with what is open in it as questions to ask."""
    if not found:
        return "none"
    shown = [(one, sections.filled(one), hints.stored_findings(one)) for one in found]
    return render_to_string("admin/leads/_briefs.html", {"briefs": shown})
