"""What is done to an article without its text: unpublish, restore, discard."""

import re

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone

from accounts.models import User
from accounts.requests import StaffRequest
from articles import publishing
from articles.article_form import stamp
from articles.models import Article, Revision

# As the buttons send it; PostgreSQL and Python each refuse what is much longer.
NUMBER = re.compile(r"[0-9]{1,9}")
# What an act says when it is done, on the page and in the history.
DONE = {
    "unpublish": "Taken off the site.",
    "republish": "Back on the site.",
    "unschedule": "Unscheduled revision {number}.",
    "discard": "Discarded the draft. To undo this, choose “Use this revision again” below.",
    "restore": "The draft now has the text of revision {number}.",
}


def _carry_out(action: str, article: Article, *, number: str, by: User) -> None:
    """Do what needs no text. Raises `ValidationError` for what cannot be done, or is no action."""
    match action:
        case "unpublish":
            publishing.unpublish(article, at=timezone.now())
        case "republish":
            publishing.republish(article)
        case "unschedule":
            publishing.unschedule(get_object_or_404(article.revisions, number=number))
        case "discard":
            publishing.discard_draft(article)
        case "restore":
            publishing.restore(get_object_or_404(article.revisions, number=number), by=by)
        case _:
            raise ValidationError("There is no such action.")


def act(model_admin: admin.ModelAdmin, request: StaffRequest, pk: int) -> HttpResponse:
    """Unpublish, republish, unschedule, discard, restore: what needs no text."""
    article = get_object_or_404(Article, pk=pk)
    action, _, number = request.POST.get("action", "").partition(" ")
    if not NUMBER.fullmatch(number):
        number = "0"  # which no revision has
    needed = "publish" if action in ("unpublish", "republish", "unschedule") else "change"
    if not request.user.has_perm(f"articles.{needed}_article"):
        raise PermissionDenied
    try:
        if action == "discard" and (asked := _ask_before_discarding(model_admin, request, article)):
            return asked
        _carry_out(action, article, number=number, by=request.user)
    except ValidationError as error:
        for message in error.messages:
            model_admin.message_user(request, message, messages.ERROR)
    else:
        article.refresh_from_db()
        model_admin.log_change(request, article, DONE[action].format(number=number))
        model_admin.message_user(
            request,
            f"{DONE[action].format(number=number)} {standing(article)}",
            messages.SUCCESS,
        )
    return redirect("admin:articles_article_change", pk)


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
        context = {
            **model_admin.admin_site.each_context(request),
            "title": "Discard this draft?",
            "opts": model_admin.opts,
            "original": article,
            "draft": draft,
            "stamp": stamp(draft),
        }
        return TemplateResponse(request, "admin/articles/article/discard.html", context)
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
    if article.retired_at:
        sentences.append(f"Unpublished since {publishing.moment(article.retired_at)}.")
    elif live:
        sentences.append(
            f"Live: revision {live.number}, since {publishing.moment(live.live_from)}."
        )
    else:
        sentences.append("Not live yet.")
    if scheduled and not article.retired_at:
        sentences.append(
            f"Revision {scheduled.number} goes live on {publishing.moment(scheduled.live_from)}."
        )
    if draft:
        waits = draft.state == Revision.State.IN_REVIEW
        sentences.append("The draft is in review." if waits else "The draft is not published.")
    return " ".join(sentences)
