"""The inquiries of the demo, and what sales has made of them since."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from accounts.models import User
from articles.models import Article
from leads.demo import duty
from leads.duty.care import Care
from leads.intake import receiving
from leads.messages import compose
from leads.models import (
    Activity,
    Brief,
    ByHand,
    Contact,
    Inquiry,
    Lead,
    NextStep,
    Notification,
    Recipient,
)
from leads.pipeline import assessments, companies, kinds, moves, steps
from mail import outbox
from mail.addresses import mailbox
from mail.models import Message
from offices.models import Office
from offices.working_days import one_working_day_after
from privacy import wordings
from privacy.models import Deletion
from readiness import taking
from readiness.models import QuestionSet
from web.contributions import SALES
from web.demo import Demo, Part, content

CONTENT = content(Path(__file__).parent)


def load(demo: Demo) -> None:
    _load_recipient(demo)
    # The oldest first, so that somebody's second inquiry finds the lead of the first.
    for entry in sorted(CONTENT["inquiries"], key=lambda entry: -entry["hours_ago"]):
        _load_inquiry(demo, entry)
    duty.load(demo)


def _load_recipient(demo: Demo) -> None:
    if not Recipient.objects.exists():
        demo.once(
            "recipient sales",
            lambda: Recipient.objects.create(email="sales@cleansystems.example"),
        )


def _load_inquiry(demo: Demo, entry: dict[str, Any]) -> None:
    key = f"inquiry {entry['email']} {entry['hours_ago']}"
    demo.once(key, lambda: _inquiry(demo, entry))


def _inquiry(demo: Demo, entry: dict[str, Any]) -> Inquiry:
    """An inquiry as if it had come in back then, with what sales made of it since."""
    received_at = demo.now - timedelta(hours=entry["hours_ago"])
    message = entry["message"].strip()
    brief = Brief(**{name: words.strip() for name, words in entry.get("brief", {}).items()})
    said = receiving.fingerprint(entry["email"], message, brief if "brief" in entry else None)
    inquiry = Inquiry(
        **{name: entry[name] for name in (
            "name", "email", "company", "source_path", "referrer_host",
            "utm_source", "utm_medium", "utm_campaign", "verdict", "reasons",
        )},
        message=message,
        points=entry.get("points", 0),
        article=Article.objects.filter(slug=entry["article"]).first(),
        office=Office.objects.headquarters(),
        wording=wordings.live(),
        received_at=received_at,
        fingerprint=said,
        submission_key=f"demo-{entry['hours_ago']}:{said[:32]}",
    )  # fmt: skip
    if inquiry.is_suspected:
        inquiry.save()
        return inquiry
    lead, is_new = _lead(demo, inquiry)
    inquiry.contact, inquiry.lead, inquiry.notified_at = lead.contact, lead, received_at
    inquiry.save()
    if "brief" in entry:
        brief.inquiry = inquiry
        brief.save()
    _remember(demo, lead, _how_it_came(inquiry, entry), received_at, inquiry)
    if "readiness" in entry:
        _assess(demo, inquiry, entry["readiness"], entry.get("wishes", {}))
    if "by_hand" not in entry:
        _emails(demo, inquiry)
    if is_new:
        _work(demo, lead, entry, received_at)
    return inquiry


def _how_it_came(inquiry: Inquiry, entry: dict[str, Any]) -> str:
    """From a page; or sales wrote it down, after a call, and nobody was emailed of it."""
    sales = User.objects.with_role(SALES).order_by("pk").first()
    if "by_hand" not in entry or sales is None:
        return f"Sent from {inquiry.source_path or 'the site'}"
    way = ByHand.Way(entry["by_hand"])
    ByHand.objects.create(inquiry=inquiry, by=sales, way=way, tells_sales=False, tells_person=False)
    return f"Added by hand: {way.label.lower()}"


def _assess(demo: Demo, inquiry: Inquiry, values: list[int], wishes: dict[str, str]) -> None:
    """The assessment that came with it: an option for each question, in their order."""
    questions = QuestionSet.objects.current()
    if questions is None or len(questions.questions) != len(values):
        return  # somebody has published questions of their own
    assessment, _ = taking.begin(questions, at=inquiry.received_at - timedelta(minutes=6))
    answers = dict(zip(questions.questions, values, strict=True))
    taking.save(assessment, answers=answers, wishes=wishes)
    taking.finish(assessment, at=inquiry.received_at - timedelta(minutes=1))
    demo.note(f"assessment {inquiry.submission_key}", assessment)
    assessments.attach(inquiry, assessment.pk)


def _lead(demo: Demo, inquiry: Inquiry) -> tuple[Lead, bool]:
    address = mailbox(inquiry.email)
    contact = Contact.objects.filter(address=address).first()
    if contact is None:
        contact = Contact(name=inquiry.name, email=inquiry.email)
        contact.company = companies.of(contact, named=inquiry.company)
        is_new = contact.company is not None and not contact.company.contacts.exists()
        contact.save()
        if contact.company and is_new:
            demo.note(f"company {contact.company.name}", contact.company)
        demo.note(f"contact {address}", contact)
    lead = Lead.objects.open().filter(contact=contact).first()
    if lead:
        return lead, False
    lead = Lead.objects.create(
        contact=contact,
        office=inquiry.office,
        opened_at=inquiry.received_at,
        respond_by=one_working_day_after(inquiry.received_at, inquiry.office),
    )
    demo.note(f"lead {address} {inquiry.submission_key}", lead)
    return lead, True


def _emails(demo: Demo, inquiry: Inquiry) -> None:
    reports = assessments.of_inquiry(inquiry)
    care = Care(Recipient.objects.addresses())
    earlier = Inquiry.objects.filter(lead=inquiry.lead_id, received_at__lt=inquiry.received_at)
    to_sales = compose.notification(inquiry, reports, before=earlier.count())
    told = [
        (
            Notification.Kind.NOTIFICATION,
            to,
            compose.notification_for(to, inquiry, to_sales, care),
        )
        for to in care.recipients
    ]
    acknowledgment = compose.acknowledgment(*reports[:1])
    if not inquiry.is_doubtful:
        told.append((Notification.Kind.ACKNOWLEDGMENT, inquiry.email, acknowledgment))
    inquiry.assessments.update(notified_at=inquiry.received_at)
    for kind, recipient, email in told:
        sent_at = inquiry.received_at + timedelta(seconds=2)
        key = f"inquiry {inquiry.pk} {kind} {recipient}"
        message = Message.objects.create(
            key=key,
            to=recipient,
            message_id=f"<demo-{inquiry.pk}-{kind}@demo.example>",
            state=Message.State.SENT,
            attempts=1,
            created_at=inquiry.received_at,
            due_at=inquiry.received_at,
            sent_at=sent_at,
            sender_name=outbox.sender_name(),
            **email,
        )
        demo.note(f"message {key}", message)
        notification = Notification.objects.create(
            inquiry=inquiry, kind=kind, recipient=recipient, message=message
        )
        demo.note(f"notification {key}", notification)


def _work(demo: Demo, lead: Lead, entry: dict[str, Any], began: datetime) -> None:
    """What sales did with the lead since, spread over the time that has passed."""
    sales = User.objects.with_role(SALES).first() if entry["owner"] else None
    parts = len(entry["notes"]) + 2
    pause = (demo.now - began) / (parts + 1)
    lead.value, lead.currency = entry.get("value"), entry.get("currency", "EUR")
    lead.save()
    moves.assign(lead, sales, by=sales, at=began + pause)
    if sales and "kind" in entry:
        kinds.sort(lead, entry["kind"], by=sales, at=began + pause)
    for number, note in enumerate(entry["notes"]):
        moves.note(lead, note, by=sales, at=began + pause * (number + 2))
    if entry["stage"] != Lead.Stage.NEW:
        moves.answer(lead, by=sales, at=began + pause)
    moves.move(
        lead,
        entry["stage"],
        by=sales,
        at=began + pause * parts,
        lost_because="no_fit" if "lost_reason" in entry else "",
        lost_reason=entry.get("lost_reason", ""),
    )
    if entry["stage"] in ("qualified", "proposal"):
        step = steps.add_next_step(
            lead,
            "Call about the next step",
            due_on=timezone.localdate() + timedelta(days=1),
            owner=sales,
            by=sales,
            at=began + pause * parts,
        )
        demo.note(f"next step {lead.pk}", step)
    for activity in lead.activities.all():
        key = f"activity {activity.pk}"
        if not demo.has(key):
            demo.note(key, activity)


def _remember(demo: Demo, lead: Lead, text: str, at: datetime, inquiry: Inquiry) -> None:
    activity = Activity.objects.create(
        lead=lead, kind=Activity.Kind.INQUIRY, text=text, at=at, inquiry=inquiry
    )
    demo.note(f"activity {activity.pk}", activity)


def delete_inquiry(inquiry: Inquiry) -> None:
    """And its receipt: it was invented, so nobody asks where it went."""
    number = inquiry.pk
    inquiry.delete()
    Deletion.objects.filter(record="Inquiry", number=number).delete()


part = Part(
    load,
    hangs_on={
        Inquiry: ("lead", "article"),
        Activity: ("lead",),
        NextStep: ("lead",),
        Notification: ("inquiry",),
        Lead: ("contact",),
    },
    delete={Inquiry: delete_inquiry},
)
