"""Emails to colleagues about a review: it is asked of them, or what came of it.

An email waits `Act.EMAILS_AFTER`: until then, undo takes it back as well.
"""

from collections.abc import Sequence
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse

from accounts.models import User
from articles.models import Review, Revision, Verdict
from desk.models import Act
from mail import outbox
from mail.header_text import one_line
from mail.models import Message
from mail.rendering import render_html
from web.addresses import absolute


def tell_of_request(review: Review, *, to: Sequence[User], act: Act | None) -> None:
    """To whoever was asked, but not to who asked."""
    revision = review.revision
    who = review.asked_by or "A colleague"
    subject = f"{who} asks for a review: {one_line(revision.title)}"
    context = {"who": who, "review": review, **_page(revision, "send_back")}
    for user in to:
        if user != review.asked_by:
            _put("review_asked", user, subject, context, act=act)


def tell_of_verdict(verdict: Verdict, *, act: Act | None) -> None:
    """To whoever asked, unless they decided it themselves."""
    author, revision = verdict.review.asked_by, verdict.review.revision
    if author is None or author == verdict.by or not author.is_active:
        return
    done = "approved" if verdict.is_approved else "sent back"
    subject = f"{verdict.by} {done} {one_line(revision.title)}"
    context = {"verdict": verdict, "done": done, **_page(revision)}
    _put("review_verdict", author, subject, context, act=act)


def take_back(act: Act) -> list[str]:
    """Delete those that have not left; say which have."""
    return outbox.take_back(Message.objects.filter(key__startswith=_key(act)))


def _key(act: Act) -> str:
    return f"article act {act.pk} "


def _page(revision: Revision, page: str = "change") -> dict[str, Any]:
    address = reverse(f"admin:articles_article_{page}", args=[revision.article_id])
    return {"title": one_line(revision.title), "url": absolute(address)}


def _put(
    template: str, to: User, subject: str, context: dict[str, Any], *, act: Act | None
) -> None:
    if act is None:
        return  # nobody at the desk did it
    outbox.put(
        key=f"{_key(act)}{template} {context['url']} {to.pk}",
        to=to.email,
        subject=subject,
        text=render_to_string(f"articles/mail/{template}.txt", context),
        html=render_html(f"articles/mail/{template}.html", context),
        headers={"Auto-Submitted": "auto-generated"},
        hold=Act.EMAILS_AFTER,
    )
