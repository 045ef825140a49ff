"""The only way in for an inquiry."""

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q, Value
from django.db.models.functions import Lower

from accounts.models import User
from leads.intake import spam, spam_marks
from leads.intake.spam import Sign
from leads.messages.tasks import notify_about_inquiry
from leads.models import Activity, Brief, Company, Contact, Inquiry, Lead
from leads.pipeline import assessments, moves
from mail.addresses import mailbox, readable
from mail.header_text import comparison_key, one_line
from offices.models import Office
from privacy import wordings

# Without a key from the browser, the same words from the same address are one inquiry for a day.
SAME_WORDS_FOR = timedelta(days=1)
_BROWSER_KEY = re.compile(r"[A-Za-z0-9-]{16,64}")


def receive(
    inquiry: Inquiry,
    *,
    browser_key: str = "",
    signs: Sequence[Sign] = (),
    assessment: str = "",
    brief: Brief | None = None,
) -> Inquiry:
    """Save the visitor's words, then have sales notified. Returns the inquiry.

    The order is the promise: when this returns, the words are committed (call it outside any
    transaction); nothing that can fail was tried before, and nothing that fails after takes them
    back. A submission that came before returns the inquiry it made then: `browser_key` is the
    random key that the browser made when the form was shown; without one, the same address and
    message (and brief) within a day count as the same. With enough `signs` of spam the inquiry is
    kept but held: nobody is notified until a person decides, and a daily email asks for that.
    With fewer, sales are notified that it may be spam. `assessment` is the key of the result that
    comes with it, if any; `brief` is kept with it, held or not.
    """
    inquiry.wording = wordings.live()
    inquiry.email = readable(inquiry.email)
    inquiry.fingerprint = fingerprint(inquiry.email, inquiry.message, brief)
    inquiry.submission_key = _submission_key(inquiry, browser_key)
    inquiry.verdict = _verdict(spam.points(signs))
    if inquiry.verdict != Inquiry.Verdict.CLEAR:
        inquiry.reasons = spam.reasons(signs)
    try:
        with transaction.atomic():
            if inquiry.is_suspected:
                kept = _received_before(inquiry, browser_key) or _keep(inquiry, brief)
                assessments.attach(kept, assessment)
                return kept
            contact = _contact(inquiry)  # locked: one person's submissions come one at a time
            if earlier := _received_before(inquiry, browser_key):
                assessments.attach(earlier, assessment)
                return earlier
            lead = _file(inquiry, contact)
            _keep(inquiry, brief)
            assessments.attach(inquiry, assessment)
            _log(lead, inquiry, f"Sent from {inquiry.source_path or 'the site'}")
            return inquiry
    except IntegrityError:
        # A double click: the other half was first with this key, and has it committed by now.
        if twin := Inquiry.objects.filter(submission_key=inquiry.submission_key).first():
            return twin
        raise


@transaction.atomic
def mark_not_spam(inquiry: Inquiry, *, by: User, at: datetime) -> bool:
    """Decide that an inquiry is not spam; False when that is settled, or its person was erased.

    Suspected spam is let through as if it had just been received; it counts as waiting since it
    was received in truth. Takes back a colleague's "Spam", too.
    """
    held, _ = spam_marks.lock(inquiry)
    if held is None:
        return False
    was_spam = spam_marks.unmark(held, by=by, at=at)
    if held.verdict in (Inquiry.Verdict.CLEAR, Inquiry.Verdict.NOT_SPAM):
        return was_spam
    inquiry = held
    was_held, inquiry.verdict = inquiry.is_suspected, Inquiry.Verdict.NOT_SPAM
    if was_held:
        _file(inquiry, _contact(inquiry))
    inquiry.save(update_fields=["verdict", "contact", "lead", "office"])
    spam_marks.log(inquiry, "Not spam", by=by, at=at)
    if was_held:
        _hint(inquiry)
    return True


def _verdict(points: int) -> Inquiry.Verdict:
    if points >= spam.SUSPECTED_FROM:
        return Inquiry.Verdict.SUSPECTED
    if points >= spam.DOUBTFUL_FROM:
        return Inquiry.Verdict.DOUBTFUL
    return Inquiry.Verdict.CLEAR


def fingerprint(email: str, message: str, brief: Brief | None = None) -> str:
    """What makes two submissions the same: the mailbox, and the words however spaced."""
    texts = [message, *(getattr(brief, name) for name in Brief.TEXT_FIELDS if brief)]
    composed = (unicodedata.normalize("NFC", " ".join(text.split())) for text in texts)
    said = [mailbox(email), *composed]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()


def _submission_key(inquiry: Inquiry, browser_key: str) -> str:
    """Unique in the database. The words are part of it: whoever goes back in the browser, writes
    something else and sends it under the old key has sent something else."""
    said = inquiry.fingerprint[:32]
    if _BROWSER_KEY.fullmatch(browser_key):
        return f"{browser_key}:{said}"
    return f"{inquiry.received_at:%Y-%m-%d}:{said}"


def _received_before(inquiry: Inquiry, browser_key: str) -> Inquiry | None:
    if _BROWSER_KEY.fullmatch(browser_key):
        return Inquiry.objects.filter(submission_key=inquiry.submission_key).first()
    return Inquiry.objects.filter(
        fingerprint=inquiry.fingerprint, received_at__gt=inquiry.received_at - SAME_WORDS_FOR
    ).first()


def _contact(inquiry: Inquiry) -> Contact:
    """Who wrote, held until the commit; made if nobody of that address has written before."""
    while True:
        contact, _ = Contact.objects.get_or_create(
            address=mailbox(inquiry.email),
            defaults={"name": one_line(inquiry.name), "email": inquiry.email},
        )
        # None when the person was erased while we waited for the row.
        if held := Contact.objects.select_for_update().filter(pk=contact.pk).first():
            return held


def _file(inquiry: Inquiry, contact: Contact) -> Lead:
    """Put the inquiry on the contact's one open lead, and reopen the question who answers it."""
    if (firm := one_line(inquiry.company)) and contact.company is None:
        contact.company = company(firm)
        contact.save(update_fields=["company"])
    inquiry.office = inquiry.office or Office.objects.headquarters()
    # Locked, so that a lead which is being closed at this moment is seen as closed afterwards.
    lead, _ = (
        Lead.objects.open()
        .select_for_update()
        .get_or_create(
            contact=contact,
            defaults={"office": inquiry.office, "opened_at": inquiry.received_at},
        )
    )
    moves.wait_for_answer(lead, since=inquiry.received_at)
    inquiry.contact, inquiry.lead = contact, lead
    return lead


def _log(lead: Lead, inquiry: Inquiry, text: str, *, by: User | None = None) -> None:
    Activity.objects.create(
        lead=lead, kind=Activity.Kind.INQUIRY, text=text, by=by, inquiry=inquiry
    )


def company(name: str) -> Company:
    """The company of that name, in whatever case it is typed; made if there is none."""
    if found := _company_called(name):
        return found
    try:
        with transaction.atomic():
            return Company.objects.create(name=name)
    except IntegrityError:
        if found := _company_called(name):
            return found  # a colleague wrote at the same moment and was first
        raise


def _company_called(name: str) -> Company | None:
    """Compared in Python where there is more than ASCII: of that, a database knows small letters,
    and what is composed, only if its locale does.
    """
    maybe = Q(lower=Lower(Value(name)))
    if not name.isascii():
        maybe |= Q(name__regex="[^ -~]")
    named = Company.objects.alias(lower=Lower("name")).filter(maybe).values_list("pk", "name")
    wanted = comparison_key(name)
    found = [pk for pk, other in named.order_by("pk") if comparison_key(other) == wanted]
    return Company.objects.filter(pk__in=found[:1]).first()


def _keep(inquiry: Inquiry, brief: Brief | None) -> Inquiry:
    inquiry.save(force_insert=True)
    if brief:
        brief.inquiry = inquiry
        brief.save(force_insert=True)
    if not inquiry.is_suspected:
        _hint(inquiry)
    return inquiry


def _hint(inquiry: Inquiry) -> None:
    # robust: a dead broker is logged, not shown to the visitor; the sweep finds the row. A lambda,
    # not a partial: Django logs the callback by __qualname__, which a partial lacks.
    transaction.on_commit(lambda: notify_about_inquiry.delay(inquiry.pk), robust=True)
