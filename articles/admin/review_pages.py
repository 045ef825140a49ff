"""Asking for a review, and reading what was submitted: with what readers would see differently."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from accounts.models import User
from accounts.requests import StaffRequest
from articles import comparing, reviewing
from articles.admin.acts import carry_out
from articles.article_form import edited_revision
from articles.models import Article, Review, Revision
from desk.moments import DayInput, refuse_far_years, refuse_past_day

MAX_WORDS = 2_000  # characters of a note or a reason


class ReviewForm(forms.Form):
    asked_of = forms.ModelChoiceField(
        User.objects.none(), required=False, label="Who", empty_label="Any publisher"
    )
    due_on = forms.DateField(
        required=False,
        label="Due",
        widget=DayInput,
        validators=[refuse_far_years, refuse_past_day],
    )
    note = forms.CharField(
        required=False,
        max_length=MAX_WORDS,
        widget=forms.Textarea({"rows": 4}),
        label="What should they look at?",
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        asked = [one.pk for one in reviewing.publishers() if one != user]
        self.fields["asked_of"].queryset = User.objects.filter(pk__in=asked)  # type: ignore[attr-defined]


class ReasonForm(forms.Form):
    reason = forms.CharField(
        max_length=MAX_WORDS,
        widget=forms.Textarea({"rows": 5, "autofocus": True}),
        label="What should change?",
        error_messages={"required": "Say what should change."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""


def ask(request: StaffRequest, pk: int) -> HttpResponse:
    """Asks someone to read the draft."""
    if not request.user.has_perm("articles.change_article"):
        raise PermissionDenied
    article = get_object_or_404(Article.objects.with_titles(), pk=pk)
    form = ReviewForm(request.POST if request.method == "POST" else None, user=request.user)
    draft = article.draft()
    missing = _missing(draft) if draft else []
    if request.method == "POST" and form.is_valid() and not missing:
        said = form.cleaned_data
        if _done(
            request,
            article,
            form,
            lambda one, act: reviewing.submit_for_review(
                one, by=request.user, of=said["asked_of"], due_on=said["due_on"],
                note=said["note"], act=act,
            ),
        ):  # fmt: skip
            return redirect("admin:articles_article_change", pk)
    return _page(
        request,
        article,
        form,
        title="Send for review",
        verb="Send",
        is_wanted=draft is not None,
        problems=missing,
        otherwise="There is no draft: everything is published.",
    )


def _missing(draft: Revision) -> list[str]:
    """What a reviewer could not read."""
    found = []
    if not draft.summary.strip():
        found.append("It has no summary. Lists and search results show it.")
    if not draft.body.strip():
        found.append("The text is empty.")
    return found


def send_back(request: StaffRequest, pk: int) -> HttpResponse:
    """Shows what was submitted, and sends it back to whoever asked, with a reason."""
    if not request.user.has_perm("articles.publish_article"):
        raise PermissionDenied
    article = get_object_or_404(Article.objects.with_titles(), pk=pk)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if _done(
            request,
            article,
            form,
            lambda one, act: reviewing.send_back(one, reason, by=request.user, act=act),
        ):
            return redirect("admin:articles_article_change", pk)
    draft = article.draft()
    is_wanted = draft is not None and draft.state == Revision.State.IN_REVIEW
    old = comparing.before(draft) if draft and is_wanted else None
    return _page(
        request,
        article,
        form,
        title="Review",
        verb="Send back",
        is_wanted=is_wanted,
        otherwise=reviewing.not_in_review(article),
        may_approve=is_wanted,
        review=Review.objects.filter(revision=draft).select_related("asked_by", "asked_of").first(),
        seen_by_readers=old,
        comparison=comparing.between(old, draft) if old and draft else None,
    )


def _done(request: StaffRequest, article: Article, form: forms.Form, change: Any) -> bool:
    try:
        carry_out(request, article, change)
    except ValidationError as error:
        form.add_error(None, error)
        return False
    return True


def _page(
    request: HttpRequest,
    article: Article,
    form: forms.Form,
    *,
    title: str,
    problems: Sequence[str] = (),
    **more: Any,
) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "title": title,
        "article": article,
        "revision": edited_revision(article),
        "form": form,
        "problems": [*problems, *form.non_field_errors()],
        "action": request.path,
        **more,
    }
    is_refused = request.method == "POST" and (form.errors or problems)
    status = 422 if is_refused else 200
    return render(request, "articles/desk/review.html", context, status=status)
