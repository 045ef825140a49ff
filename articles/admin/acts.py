"""What is done to an article without its text. All of it can be undone from the message."""

import re
from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone

from accounts.requests import StaffRequest
from articles import doing, publishing, reviewing
from articles.article_form import stamp
from articles.leading import leading_to
from articles.models import Article, Revision
from desk.models import Act

# As the buttons send it; PostgreSQL and Python each refuse what is much longer.
NUMBER = re.compile(r"[0-9]{1,9}")
# What an act says when it is done.
DONE = {
    "unpublish": "Taken off the site for now.",
    "retire": "Taken off the site for good.",
    "republish": "Back on the site.",
    "unschedule": "Unscheduled revision {number}.",
    "discard": "Discarded the draft.",
    "restore": "The draft now has the text of revision {number}.",
    "approve": "Approved.",
    "bring_back": "The draft is what it was before. What it was until now is kept below.",
}
# The others need the right to change articles.
OF_PUBLISHERS = ("unpublish", "retire", "republish", "unschedule", "approve")


def _change(
    action: str, request: StaffRequest, article: Article, number: str
) -> Callable[[Article, Act], object]:
    """What does it. Raises `ValidationError` for what is no action, 404 for no revision."""
    by, now = request.user, timezone.now()
    if action in ("unschedule", "restore"):
        revision = get_object_or_404(article.revisions, number=number)
        of_a_revision = publishing.restore if action == "restore" else publishing.unschedule
        return lambda one, act: of_a_revision(revision, by=by, act=act)
    changes: dict[str, Callable[[Article, Act], object]] = {
        "unpublish": lambda one, act: publishing.unpublish(one, at=now, by=by, act=act),
        "retire": lambda one, act: publishing.retire(one, at=now, by=by, act=act),
        "republish": lambda one, act: publishing.republish(one, by=by, act=act),
        "discard": lambda one, act: publishing.discard_draft(one, by=by, act=act),
        "approve": lambda one, act: reviewing.approve(one, by=by, act=act),
    }
    if action not in changes:
        raise ValidationError("There is no such action.")
    return changes[action]


def act(model_admin: admin.ModelAdmin, request: StaffRequest, pk: int) -> HttpResponse:
    """Does one of `DONE`. What takes something away asks first."""
    article = get_object_or_404(Article, pk=pk)
    action, _, number = request.POST.get("action", "").partition(" ")
    if not NUMBER.fullmatch(number):
        number = "0"  # which no revision has
    needed = "publish" if action in OF_PUBLISHERS else "change"
    if not request.user.has_perm(f"articles.{needed}_article"):
        raise PermissionDenied
    try:
        if action == "discard" and (asked := _ask_before_discarding(model_admin, request, article)):
            return asked
        if action in ("unpublish", "retire") and "sure" not in request.POST:
            return _ask_before_it_leaves(model_admin, request, article, action)
        _do(action, request, article, number)
    except ValidationError as error:
        for message in error.messages:
            model_admin.message_user(request, message, messages.ERROR)
    else:
        article.refresh_from_db()
        model_admin.message_user(
            request,
            f"{DONE[action].format(number=number)} {standing(article)}",
            messages.SUCCESS,
        )
    return redirect("admin:articles_article_change", pk)


def _do(action: str, request: StaffRequest, article: Article, number: str) -> None:
    if action == "bring_back":  # a text: its trail has what it was until now
        state = get_object_or_404(article.draft_states, pk=number)
        publishing.bring_back(state, by=request.user)
    else:
        carry_out(request, article, _change(action, request, article, number))


def carry_out(
    request: StaffRequest, article: Article, change: Callable[[Article, Act], object]
) -> None:
    """Do it in an act of its own, which the message offers to undo. Raises `ValidationError`."""
    done = doing.each([article], change, by=request.user, at=timezone.now())
    if done.left_out:
        raise ValidationError(done.left_out)


def _page(
    model_admin: admin.ModelAdmin,
    request: HttpRequest,
    template: str,
    article: Article,
    **more: Any,
) -> HttpResponse:
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "original": Article.objects.with_titles().get(pk=article.pk),
        **more,
    }
    return TemplateResponse(request, f"admin/articles/article/{template}.html", context)


def _ask_before_it_leaves(
    model_admin: admin.ModelAdmin, request: StaffRequest, article: Article, action: str
) -> HttpResponse:
    """The page that asks. Raises `ValidationError` for what readers never saw."""
    if not article.was_ever_live():
        raise ValidationError(
            f"This article has never been live, so it cannot be {action.rstrip('e')}ed. Unschedule "
            "or delete it instead."
        )
    return _page(
        model_admin,
        request,
        "off_site",
        article,
        title="Retire this article?" if action == "retire" else "Unpublish this article?",
        action=action,
        scheduled=article.scheduled_revision(),
        leading=leading_to(article),
    )


def _ask_before_discarding(
    model_admin: admin.ModelAdmin, request: StaffRequest, article: Article
) -> HttpResponse | None:
    """The page that asks; None once it was answered. Raises `PermissionDenied` for the
    draft of a colleague, unless the person publishes, and `ValidationError` when it has
    changed since.
    """
    draft = article.draft()
    if draft is None:
        return None  # `publishing` says so
    if not may_discard(request, draft):
        raise PermissionDenied("Only its author or a publisher can discard this draft.")
    if "discard" not in request.POST:
        return _page(
            model_admin,
            request,
            "discard",
            article,
            title="Discard this draft?",
            draft=draft,
            stamp=stamp(draft),
        )
    if request.POST["discard"] != stamp(draft):
        raise ValidationError(
            f"{draft.edited_by or 'Someone'} saved a newer draft in the meantime. "
            "Nothing was discarded."
        )
    return None


def may_discard(request: HttpRequest, draft: Revision) -> bool:
    is_theirs = draft.edited_by_id is not None and draft.edited_by_id == request.user.pk
    return is_theirs or request.user.has_perm("articles.publish_article")


def standing(article: Article) -> str:
    """The state of the article, in a sentence or two."""
    sentences = []
    live, scheduled, draft = (
        article.live_revision(),
        article.scheduled_revision(),
        article.draft(),
    )
    if article.off_site_since:
        state = "Retired" if article.retired_at else "Unpublished"
        sentences.append(f"{state} since {publishing.moment(article.off_site_since)}.")
    elif live:
        sentences.append(
            f"Live: revision {live.number}, since {publishing.moment(live.live_from)}."
        )
    else:
        sentences.append("Not live yet.")
    if scheduled and not article.off_site_since:
        sentences.append(
            f"Revision {scheduled.number} goes live on {publishing.moment(scheduled.live_from)}."
        )
    if draft:
        sentences.append(_of_the_draft(draft))
    return " ".join(sentences)


def _of_the_draft(draft: Revision) -> str:
    if draft.state == Revision.State.IN_REVIEW:
        return "The draft is in review."
    if reviewing.is_approved(draft):
        return "The draft is approved, and not published."
    return "The draft is not published."
