"""Live and Next side by side: what readers see, and what they will see."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone

from accounts.requests import StaffRequest
from articles import comparing, fixing
from articles.admin.acts import carry_out
from articles.models import Article, Revision
from desk.models import Act


def page(model_admin: admin.ModelAdmin[Any], request: StaffRequest, pk: int) -> HttpResponse:
    """`next` is the version that waits, by its number, or else the first of them. A POST takes
    the fixes of the live text into those that it names.
    """
    article = get_object_or_404(Article.objects.with_titles(), pk=pk)
    if not model_admin.has_view_permission(request, article):
        raise PermissionDenied
    if request.method == "POST":
        return _take_in(model_admin, request, article)
    live, waiting = article.live_revision(), fixing.waiting(article)
    if live is None or not waiting:
        return redirect("admin:articles_article_change", pk)
    number = request.GET.get("next", "")
    following = next((one for one in waiting if str(one.number) == number), waiting[0])
    offers = [found for one in waiting if (found := fixing.offer(one))]
    is_publisher = request.user.has_perm("articles.publish_article")
    context = {
        **model_admin.admin_site.each_context(request),
        "title": f"Live and next: {article}",
        "opts": model_admin.opts,
        "article": article,
        "live": live,
        "next": following,
        "waiting": waiting,
        "comparison": comparing.between(live, following, is_whole=True),
        "offers": offers,
        "open_offers": [(found, fixing.stamp(found)) for found in offers if found.is_open],
        "may_fix": is_publisher,
        "may_take_in": all(_may_change(request, one) for one in waiting),
    }
    return TemplateResponse(request, "articles/desk/lanes.html", context)


def _take_in(
    model_admin: admin.ModelAdmin[Any], request: StaffRequest, article: Article
) -> HttpResponse:
    wanted = dict(zip(request.POST.getlist("take"), request.POST.getlist("seen"), strict=False))
    chosen = [one for one in fixing.waiting(article) if str(one.number) in wanted]
    if not all(_may_change(request, one) for one in chosen):
        raise PermissionDenied
    now = timezone.now()

    def take_all_in(article: Article, act: Act) -> None:
        if not chosen:
            raise ValidationError("This version has changed since you opened the page. Look again.")
        for revision in chosen:
            seen = wanted[str(revision.number)]
            made = fixing.take_in(revision, seen=seen, at=now, by=request.user, act=act)
            said = f"Took the fix into revision {made.number}."
            model_admin.log_change(request, article, said)

    try:
        carry_out(request, article, take_all_in)
    except ValidationError as error:
        for message in error.messages:
            model_admin.message_user(request, message, messages.ERROR)
    else:
        said = "Taken in. Live and next have the fix."
        model_admin.message_user(request, said, messages.SUCCESS)
    return redirect("admin:articles_article_lanes", article.pk)


def _may_change(request: HttpRequest, revision: Revision) -> bool:
    """Whether the person may change what waits: what is scheduled goes live by itself."""
    needed = "change" if revision.is_draft else "publish"
    return request.user.has_perm(f"articles.{needed}_article")
