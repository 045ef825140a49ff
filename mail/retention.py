"""How long we keep what we sent."""

from datetime import datetime

from django.db.models import Q, QuerySet

from mail.models import Message
from web.retention import YEAR, Basis, Rule

TEXT_DELETED = "(text deleted)"


def _with_text(before: datetime) -> QuerySet[Message]:
    return Message.objects.filter(state=Message.State.SENT, sent_at__lt=before).exclude(text="")


def _empty(emails: QuerySet[Message]) -> int:
    """To whom and when stays: what was sent can be told from what was not."""
    return emails.update(
        subject=TEXT_DELETED, text="", html="", reply_to="", reply_to_name="", headers={}
    )


def _about_nothing(before: datetime) -> QuerySet[Message]:
    """Those that no other row needs: what is about an inquiry goes with it."""
    alone = Q()
    for relation in Message._meta.related_objects:
        alone &= Q(**{relation.name: None})
    return Message.objects.exclude(state=Message.State.QUEUED).filter(alone, created_at__lt=before)


RULES = (
    Rule(
        "mail.texts",
        "mail.Message",
        "The text of emails that we sent you: that we did stays with the conversation",
        "we sent them",
        days=YEAR,
        at_least=30,
        at_most=5 * YEAR,
        due=_with_text,
        delete=_empty,
        why="To know what we wrote.",
        basis=Basis.INTEREST,
    ),
    Rule(
        "mail.alone",
        "mail.Message",
        "Emails that belong to no conversation",
        "we wrote them",
        days=2 * YEAR,
        at_least=90,
        at_most=5 * YEAR,
        due=_about_nothing,
        why="To prove that we wrote.",
        basis=Basis.INTEREST,
    ),
)
