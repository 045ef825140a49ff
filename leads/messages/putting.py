"""Emails about inquiries on their way into the outbox: each once, in few queries."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from leads.messages import compose, limits
from leads.models import Inquiry, Notification
from mail import outbox
from mail.addresses import untagged
from mail.models import Message
from readiness.models import Assessment
from web import request_ids


@dataclass(frozen=True)
class Outgoing:
    """One email as composed: to be put into the outbox, once for each recipient."""

    kind: Notification.Kind
    recipient: str
    email: compose.Email
    assessment: Assessment | None = None

    @property
    def is_to_visitor(self) -> bool:
        return self.kind in limits.MAX_A_DAY


class Emails:
    """Those about inquiries that are held: unless one is in the outbox already, or would bother a
    visitor.
    """

    def __init__(self, inquiries: Sequence[Inquiry], *, request_id: str = "") -> None:
        """They name that request or, for each inquiry, the one that asked to look at it."""
        self.inquiries, self.request_id = inquiries, request_id
        self._wanted: list[tuple[Inquiry, Outgoing]] = []

    def add(self, inquiry: Inquiry, *outgoing: Outgoing) -> None:
        self._wanted += [(inquiry, one) for one in outgoing]

    def put(self) -> None:
        """Write all that was added, in its order."""
        known = self._known()
        messages, notifications = list[Message](), list[Notification]()
        for inquiry, one in self._wanted:
            assessment = one.assessment.pk if one.assessment else None
            what = (inquiry.pk, one.kind, one.recipient, assessment)
            if what in known:
                continue
            if one.is_to_visitor and not self._allowance.take(one.recipient, one.kind):
                continue
            known.add(what)
            message = self._message(inquiry, one)
            messages.append(message)
            notifications.append(
                Notification(
                    inquiry=inquiry,
                    kind=one.kind,
                    recipient=one.recipient,
                    mailbox=untagged(one.recipient),
                    assessment=one.assessment,
                    message=message,
                )
            )
        if messages:
            outbox.put_all(messages)
            Notification.objects.bulk_create(notifications)

    def _message(self, inquiry: Inquiry, one: Outgoing) -> Message:
        of_it = f"assessment {one.assessment.pk} " if one.assessment else ""
        key = f"inquiry {inquiry.pk} {of_it}{one.kind} {one.recipient}"
        request_id = self.request_id or request_ids.of_row(inquiry.pk)
        if one.is_to_visitor:
            return outbox.message(
                key=key, to=one.recipient, can_wait=True, request_id=request_id, **one.email
            )
        thread = self._threads[inquiry.lead_id or 0, one.recipient]
        own = [message_id for message_id, about in thread if about == inquiry.pk]
        earlier = dict.fromkeys([*(message_id for message_id, _ in thread[:1]), *own])
        email = compose.in_thread(one.email, list(earlier))
        message = outbox.message(key=key, to=one.recipient, request_id=request_id, **email)
        if one.kind == Notification.Kind.NOTIFICATION:
            thread.append((message.message_id, inquiry.pk))
        return message

    def _known(self) -> set[tuple[int, str, str, int | None]]:
        found = Notification.objects.filter(inquiry__in=[one.pk for one in self.inquiries])
        return set(found.values_list("inquiry", "kind", "recipient", "assessment"))

    @cached_property
    def _threads(self) -> dict[tuple[int, str], list[tuple[str, int]]]:
        """The Message-IDs of the notifications that a recipient got of a lead, the first of all
        first, each with the inquiry that it was about.
        """
        got = Notification.objects.filter(
            kind=Notification.Kind.NOTIFICATION,
            inquiry__lead__in={one.lead_id for one in self.inquiries},
        )
        found: dict[tuple[int, str], list[tuple[str, int]]] = defaultdict(list)
        for lead, recipient, message_id, inquiry in got.order_by(
            "message__created_at", "pk"
        ).values_list("inquiry__lead", "recipient", "message__message_id", "inquiry"):
            found[lead or 0, recipient].append((message_id, inquiry))
        return found

    @cached_property
    def _allowance(self) -> limits.Allowance:
        return limits.Allowance([one.recipient for _, one in self._wanted if one.is_to_visitor])
