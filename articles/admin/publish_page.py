"""What publishing would do: what readers will see, what stands in the way, and when.

A page of its own, which the script of the room opens as a dialog over the words.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone

from accounts.requests import StaffRequest
from articles import comparing, publishing
from articles.admin.acts import carry_out, standing
from articles.article_form import edited_revision, stamp
from articles.checking import hours
from articles.checking.allowing import MAX_REASON, allow
from articles.checking.findings import Checked
from articles.checking.revisions import check
from articles.models import Article, Revision
from desk.differences import Comparison
from desk.moments import MomentInput, refuse_far_years
from web.addresses import host

USUAL_HOUR = time(9)


class WhenForm(forms.Form):
    when = forms.ChoiceField(choices=[("now", "Now"), ("later", "At a set time")])
    moment = forms.SplitDateTimeField(
        required=False, widget=MomentInput, validators=[refuse_far_years], label="Go live at"
    )
    seen = forms.CharField(required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("when") == "later" and not self.has_error("moment"):
            moment = cleaned.get("moment")
            if moment is None:
                self.add_error("moment", "Choose when it should go live.")
            elif moment <= timezone.now():
                self.add_error("moment", "This time is in the past. Choose a later one, or “Now”.")
        return cleaned

    @property
    def at(self) -> datetime:
        """The moment that is chosen; now, unless another one is."""
        if not self.is_bound and self.initial["when"] == "later":
            begins: datetime = self.initial["moment"]
            return begins
        cleaned = getattr(self, "cleaned_data", {})
        if cleaned.get("when") == "later" and cleaned.get("moment"):
            moment: datetime = cleaned["moment"]
            return moment
        return timezone.now()


@dataclass(frozen=True)
class When:
    """What the page tells of the chosen moment."""

    at: datetime
    is_later: bool
    clocks: list[hours.Clock]
    others: list[Revision]
    how_far: str


def urls(model_admin: admin.ModelAdmin[Any]) -> list[URLPattern]:
    wrap = model_admin.admin_site.admin_view
    return [
        path(f"<int:pk>/{name}/", wrap(partial(view, model_admin)), name=f"articles_article_{name}")
        for name, view in (("publish", page), ("checks", checks))
    ]


def page(model_admin: admin.ModelAdmin[Any], request: StaffRequest, pk: int) -> HttpResponse:
    article = get_object_or_404(Article.objects.with_titles(), pk=pk)
    if not model_admin.has_change_permission(request, article):
        raise PermissionDenied
    draft = article.draft()
    if draft is None:
        # A script that asks what an hour means may come after it was published: nobody reads that.
        if request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate":
            messages.info(request, "There is nothing to publish: readers see the latest text.")
        return redirect("admin:articles_article_change", pk)
    if request.method == "POST" and "allow" in request.POST:
        return _allow(model_admin, request, article, draft)
    data = request.POST if request.method == "POST" else request.GET
    # Asked for “At a set time”, it is open there, with an hour to begin from.
    is_asked = request.method == "GET" and "moment_0" not in data
    planned = _planned(article) | ({"when": data["when"]} if is_asked and "when" in data else {})
    form = WhenForm(None if is_asked or "when" not in data else data, initial=planned)
    is_whole = form.is_valid()
    if request.method == "POST" and is_whole and _published(request, article, draft, form):
        article.refresh_from_db()
        messages.success(request, standing(article))
        return redirect("admin:articles_article_change", pk)
    return _page(model_admin, request, article, draft, form)


def checks(model_admin: admin.ModelAdmin[Any], request: StaffRequest, pk: int) -> HttpResponse:
    """The part of the rail that says what was found, made again after a save."""
    article = get_object_or_404(Article, pk=pk)
    if not model_admin.has_view_permission(request, article):
        raise PermissionDenied
    context = {"checks": checks_of(article), "original": article}
    return TemplateResponse(request, "admin/articles/article/_rail_checks.html", context)


def checks_of(article: Article | None) -> Checked | None:
    """What is found in the text that is being worked on; None for an article without one."""
    revision = edited_revision(article) if article else None
    return check(revision) if revision else None


def _published(request: StaffRequest, article: Article, draft: Revision, form: WhenForm) -> bool:
    """Whether it was done; the form says what was in the way."""
    if not request.user.has_perm("articles.publish_article"):
        raise PermissionDenied("Only publishers can publish.")
    if form.cleaned_data["seen"] != stamp(draft):
        is_theirs = draft.edited_by and draft.edited_by_id != request.user.pk
        changed = f"{draft.edited_by} has changed the text" if is_theirs else "the text has changed"
        form.add_error(
            None, f"Nothing was published: {changed} since this page was opened. Look at it again."
        )
        return False
    try:
        carry_out(
            request,
            article,
            lambda one, act: publishing.publish(one, at=form.at, by=request.user, act=act),
        )
    except ValidationError as error:
        form.add_error(None, error)
        return False
    return True


def _allow(
    model_admin: admin.ModelAdmin[Any], request: StaffRequest, article: Article, draft: Revision
) -> HttpResponse:
    if not request.user.has_perm("articles.clear_privatename"):
        raise PermissionDenied("Only administrators can allow this.")
    key, reason = request.POST["allow"], request.POST.get("reason", "")
    try:
        carry_out(
            request,
            article,
            lambda one, act: allow(one, key, reason=reason, by=request.user, act=act),
        )
    except ValidationError as error:
        form = WhenForm(None, initial=_planned(article))
        return _page(model_admin, request, article, draft, form, problems=error.messages)
    return redirect("admin:articles_article_publish", article.pk)


def _page(
    model_admin: admin.ModelAdmin[Any],
    request: StaffRequest,
    article: Article,
    draft: Revision,
    form: WhenForm,
    *,
    problems: list[str] | None = None,
) -> HttpResponse:
    may_publish = request.user.has_perm("articles.publish_article")
    comparison = comparing.what_publishing_changes(article)
    when = _when(article, form)
    found = [*(problems or []), *form.non_field_errors(), *form.errors.get("moment", [])]
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _heading(article, comparison, may_publish=may_publish),
        "opts": model_admin.opts,
        "article": article,
        "draft": draft,
        "comparison": comparison,
        "words": draft.rendered() if comparison is None else None,
        "checks": check(draft, at=when.at),
        "form": form,
        "when": when,
        "seen": stamp(draft),
        "problems": found,
        "host": host(),
        "may_publish": may_publish,
        "may_allow": request.user.has_perm("articles.clear_privatename"),
        "max_reason": MAX_REASON,
    }
    status = 422 if found else 200
    return TemplateResponse(request, "articles/desk/publish.html", context, status=status)


def _heading(article: Article, comparison: Comparison | None, *, may_publish: bool) -> str:
    who = "Readers will see" if may_publish else "A reviewer will see"
    if comparison is not None:
        return f"{who} {comparison.said}"
    return f"{who} this article again" if article.off_site_since else f"{who} a new article"


def _when(article: Article, form: WhenForm) -> When:
    at = form.at
    return When(
        at,
        form["when"].value() == "later",
        hours.clocks(at),
        hours.that_day(article, at),
        hours.how_far(at),
    )


def _planned(article: Article) -> dict[str, Any]:
    """Now; and for another hour the day that somebody had in mind, or tomorrow."""
    today = timezone.localdate()
    planned = article.planned_for
    day = planned if planned and planned > today else today + timedelta(days=1)
    moment = timezone.make_aware(datetime.combine(day, USUAL_HOUR))
    return {"when": "now", "moment": moment}
