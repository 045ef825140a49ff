"""What the home page of the desk says to those who write and to those who publish."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from html import unescape

from django.db.models import Q, QuerySet, Sum
from django.http import HttpRequest
from django.template.defaultfilters import pluralize
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator

from articles.lists.states import day, edited, planned
from articles.lists.week import week
from articles.models import ListedArticle, Review, SearchCount
from desk.counts import counts
from desk.deadlines import in_words
from web.screens import MAX_ITEMS, Button, Headline, HomeCard, HomeItem, HomeList, HomePart, Part

# Characters of the line that an author stopped at, in a list and at the top
MAX_LINE, MAX_HEADLINE = 140, 60
SEARCHED_SINCE = timedelta(days=30)
OLD_AFTER = timedelta(days=15 * 30)
_BLOCK = re.compile(r"</(?:p|h[1-6]|li|blockquote|figcaption|td|th|pre)>|<br/?>")
_TAG = re.compile(r"<[^>]*>")


def headline(request: HttpRequest) -> Headline | None:
    """To publishers what waits for them; to authors the line they stopped at."""
    if request.user.has_perm("articles.publish_article"):
        waiting = Review.objects.waiting_for(request.user).count()
        if not waiting:
            return Headline((Part("Nothing is waiting for review."),), position=20)
        articles = f"{in_words(waiting).capitalize()} article{pluralize(waiting)}"
        rest = Part(f" {pluralize(waiting, 'waits,wait')} for you.")
        return Headline((Part(articles, _list("review")), rest), position=20)
    if request.user.has_perm("articles.change_article"):
        latest = _drafts_of(request).first()
        if latest is None:
            return Headline((Part("You have no drafts."),), position=21)
        line = last_line(latest.revision.body, most=MAX_HEADLINE) or latest.title
        return Headline((Part("You stopped at "), Part(f"“{line}”", _page(latest.pk))), position=21)
    return None


def parts(request: HttpRequest) -> Iterator[HomePart]:
    """The week, for those who publish."""
    if request.user.has_perm("articles.publish_article"):
        yield HomePart(
            "articles/desk/_week.html",
            {"week": week(timezone.now())},
            styles="admin/desk/articles.css",
        )


def lists(request: HttpRequest) -> Iterator[HomeList]:
    if not request.user.has_perm("articles.change_article"):
        return
    now = timezone.now()
    may_publish = request.user.has_perm("articles.publish_article")
    if may_publish:
        yield _waiting_for_you(request, now)
    returned = list(_few(Review.objects.returned_to(request.user).with_texts()))
    if returned or not may_publish:
        yield HomeList(
            "Returned to you",
            [_returned(one) for one in returned],
            empty="Nothing came back.",
            url=_list("returned"),
            position=21,
        )
    yield HomeList(
        "Continue writing",
        [_continued(row, now) for row in _few(_drafts_of(request))],
        empty="You have no drafts.",
        url=_list("mine"),
        position=22,
    )
    if may_publish:
        yield _needs_care(now)
    else:
        mine = Review.objects.open().filter(asked_by=request.user.pk)
        yield HomeList(
            "Sent for review",
            [_asked(one, now) for one in _few(mine.most_urgent_first().with_texts())],
            empty="Nothing of yours is in review.",
            url=_list("review"),
            position=23,
        )
    if request.user.has_perm("articles.view_searchcount"):
        yield _searched_for_nothing(now)


def cards(request: HttpRequest) -> Iterator[HomeCard]:
    if not request.user.has_perm("articles.view_article"):
        return
    rows = ListedArticle.objects
    review, drafts, scheduled = counts([rows.in_review(), rows.drafts(), rows.scheduled()])
    yield HomeCard(review, f"article{pluralize(review)} in review", _list("review"))
    yield HomeCard(drafts, f"draft{pluralize(drafts)} in progress", _list("drafts"))
    yield HomeCard(scheduled, f"scheduled article{pluralize(scheduled)}", _list("scheduled"))


def last_line(html: str, *, most: int = MAX_LINE) -> str:
    """The last line of a text, where its author most likely stopped."""
    blocks = (" ".join(unescape(_TAG.sub("", one)).split()) for one in _BLOCK.split(html))
    last = next((one for one in reversed(list(blocks)) if one), "")
    return f"…{last[-most:].partition(' ')[2]}" if len(last) > most else last


def _waiting_for_you(request: HttpRequest, now: datetime) -> HomeList:
    waiting = Review.objects.waiting_for(request.user).most_urgent_first().with_texts()
    return HomeList(
        "Waiting for you",
        [_asked(one, now, may_approve=True) for one in _few(waiting)],
        empty="Nothing is in review.",
        url=_list("review"),
        position=20,
    )


def _needs_care(now: datetime) -> HomeList:
    """What was planned and is a draft still, what is approved and not published, what readers ask
    for though it was taken off the site, and what has been live for long as it is.
    """
    today = timezone.localdate(now)
    rows = ListedArticle.objects.select_related("article").order_by("article__planned_for", "pk")
    late = rows.on_the_site().filter(
        ~Q(draft_state=""), article__planned_for__lt=today, last_from=None
    )
    approved = rows.drafts().filter(revision__review__verdict__is_approved=True)
    old = rows.live(now).filter(last_from__lt=now - OLD_AFTER).order_by("last_from", "pk")
    items: dict[int, HomeItem] = {}
    for row in _few(late):
        about = f"Planned for {day(row.article.planned_for, now)}, and still a draft"
        items.setdefault(row.pk, HomeItem(_title(row), _page(row.pk), about=about))
    for row in _few(approved):
        about = "Approved, and not published"
        items.setdefault(row.pk, HomeItem(_title(row), _page(row.pk), about=about))
    for row in _few(old):
        about = f"Live as it is since {timezone.localtime(row.last_from):%b %Y}"
        items.setdefault(row.pk, HomeItem(_title(row), _page(row.pk), about=about))
    return HomeList(
        "Needs care",
        list(items.values())[: MAX_ITEMS + 1],
        empty="Nothing needs care.",
        url=_list("live"),
        position=23,
    )


def _searched_for_nothing(now: datetime) -> HomeList:
    """What visitors searched for and no article answers."""
    lately = SearchCount.objects.filter(day__gte=timezone.localdate(now - SEARCHED_SINCE))
    answered = lately.filter(results__gt=0).values("query")
    terms = (
        lately.filter(results=0)
        .exclude(query__in=answered)
        .order_by()
        .values("query")
        .annotate(times=Sum("count"))
        .order_by("-times", "query")
    )
    searches = reverse("admin:articles_searchcount_changelist")
    return HomeList(
        "Searches that found nothing",
        [
            HomeItem(one["query"], f"{searches}?answer=nothing", moment=f"{one['times']} times")
            for one in terms[: MAX_ITEMS + 1]
        ],
        empty="Every search of the last 30 days found something.",
        url=f"{searches}?answer=nothing",
        position=24,
    )


def _drafts_of(request: HttpRequest) -> QuerySet[ListedArticle]:
    drafts = ListedArticle.objects.drafts().filter(edited_by=request.user.pk)
    return drafts.select_related("article", "revision").order_by("-edited_at", "-pk")


def _few(rows: QuerySet) -> QuerySet:  # type: ignore[type-arg]  # of any model
    return rows[: MAX_ITEMS + 1]


def _continued(row: ListedArticle, now: datetime) -> HomeItem:
    plan = planned(row, now)
    about = f"{row.words:,} word{pluralize(row.words)}"
    return HomeItem(
        _title(row),
        _page(row.pk),
        moment=edited(row, now),
        about=f"{about}, planned for {plan}" if plan else about,
        words=last_line(row.revision.body),
    )


def _asked(review: Review, now: datetime, *, may_approve: bool = False) -> HomeItem:
    revision = review.revision
    due = f"due {day(review.due_on, now)}" if review.due_on else ""
    page = _page(revision.article_id)
    act = reverse("admin:articles_article_act", args=[revision.article_id])
    return HomeItem(
        revision.title or "Without a title",
        page,
        moment=due,
        about=f"{review.asked_by or 'Someone'} asks for a review" if may_approve else "",
        is_late=bool(review.due_on and review.due_on < timezone.localdate(now)),
        words=review.note,
        button=Button("Approve", act, (("action", "approve"),)) if may_approve else None,
    )


def _returned(review: Review) -> HomeItem:
    verdict, revision = review.verdict, review.revision
    at = timezone.localtime(verdict.at)
    return HomeItem(
        revision.title or "Without a title",
        _page(revision.article_id),
        moment=f"{at:%-d %b}",
        about=f"{verdict.by or 'Someone'} sent it back",
        words=Truncator(verdict.reason).chars(300),
    )


def _title(row: ListedArticle) -> str:
    return row.title or "Without a title"


def _page(article: int) -> str:
    return reverse("admin:articles_article_change", args=[article])


def _list(tab: str) -> str:
    return f"{reverse('admin:article_list')}?tab={tab}"
