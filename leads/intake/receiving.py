"""The only way in for an inquiry."""

import hashlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from accounts.models import User
from desk.models import Act
from leads.intake import counting, spam_marks
from leads.intake.filing import Changed, file, settled, unfile
from leads.intake.known import SAME_WORDS_FOR, Known, look
from leads.messages.tasks import notify_about_inquiry
from leads.models import Activity, Brief, ByHand, Inquiry, Lead
from leads.pipeline import assessments, history, settling
from leads.spam import weighing
from leads.spam.weighing import Sign
from leads.spam.weights import DOUBTFUL_FROM, SUSPECTED_FROM
from mail.addresses import mailbox, readable
from web import request_ids
from web.hints import hint

# So soon after midnight, the same words may just be coming in under the key of yesterday.
NEW_DAY = 300  # seconds
_BROWSER_KEY = re.compile(r"[A-Za-z0-9-]{16,64}")


def receive(
    inquiry: Inquiry,
    *,
    browser_key: str = "",
    signs: Sequence[Sign] = (),
    about: str = "",
    assessment: str = "",
    brief: Brief | None = None,
    by_hand: ByHand | None = None,
    act: Act | None = None,
) -> Inquiry:
    """Save the visitor's words, then have sales notified. Returns the inquiry.

    The order is the promise: when this returns, the words are committed (call it outside any
    transaction); nothing that can fail was tried before, and nothing that fails after takes them
    back. A submission that came before returns the inquiry it made then: `browser_key` is the
    random key that the browser made when the form was shown; without one, the same address and
    message (and brief) within a day count as the same. With enough `signs` of spam the inquiry is
    kept but held: nobody is notified until a person decides, and a daily email asks for that.
    With fewer, sales are notified that it may be spam. `about` is the slug of the article that led
    here, `assessment` the key of the result that comes with it, if any; `brief` is kept with it,
    held or not. What a colleague writes down comes with `by_hand`, in an `act` that can be undone:
    its emails, if any, leave when it no longer can.
    """
    has_key = bool(_BROWSER_KEY.fullmatch(browser_key))
    inquiry.email = readable(inquiry.email)
    inquiry.fingerprint = fingerprint(inquiry.email, inquiry.message, brief)
    inquiry.submission_key = _submission_key(inquiry, browser_key if has_key else "")
    inquiry.points = weighing.points(signs)
    inquiry.verdict = _verdict(inquiry.points)
    inquiry.reasons = weighing.reasons(signs)

    given_article_id, given_office = inquiry.article_id, inquiry.office

    def keep(known: Known) -> Inquiry:
        if known.twin_id is not None:
            return _again(known.twin_id, known)
        inquiry.article_id = given_article_id or known.article_id
        inquiry.office = given_office or known.page_office
        kept = _keep(inquiry, known, brief, has_key=has_key, by_hand=by_hand)
        _log_arrival(kept, by_hand, act)
        return kept

    kept = settled(lambda: look(inquiry, has_key=has_key, about=about, result_key=assessment), keep)
    counting.INQUIRIES.add(_outcome(kept, inquiry, by_hand))
    return kept


def _outcome(kept: Inquiry, sent: Inquiry, by_hand: ByHand | None) -> str:
    if kept is not sent:
        return counting.REPEATED
    return counting.BY_HAND if by_hand else str(kept.verdict)


def mark_not_spam(inquiry: Inquiry, *, by: User, at: datetime, act: Act | None = None) -> bool:
    """Of one inquiry: see `mark_all_not_spam`. False when that is settled, or its person was
    erased.
    """
    return bool(mark_all_not_spam([inquiry], by=by, at=at, act=act))


@transaction.atomic
def mark_all_not_spam(
    inquiries: Iterable[Inquiry], *, by: User, at: datetime, act: Act | None = None
) -> list[Inquiry]:
    """Decide that inquiries are not spam. Returns those of which that was not settled before.

    Suspected spam is let through as if it had just been received; it counts as waiting since it
    was received in truth. Takes back a colleague's "Spam", too.
    """
    found = spam_marks.hold(inquiries)
    settled_verdicts = (Inquiry.Verdict.CLEAR, Inquiry.Verdict.NOT_SPAM)
    clear = [one for one in found.inquiries if one.verdict in settled_verdicts]
    doubted = [one for one in found.inquiries if one.verdict not in settled_verdicts]
    changed = spam_marks.unmark_all(spam_marks.Held(clear, found.leads), by=by, at=at, act=act)
    if not doubted:
        return changed
    marked = {one.pk for one in spam_marks.remove_all(spam_marks.Held(doubted, found.leads))}
    before: dict[tuple[str, bool], list[Inquiry]] = defaultdict(list)
    suspected = [one for one in doubted if one.is_suspected]
    for one in doubted:
        before[one.verdict, one.pk in marked].append(one)
        one.verdict = Inquiry.Verdict.NOT_SPAM
    # One after the other, as each may bring the person and the lead of the next; and in one order,
    # whoever does it.
    for one in sorted(suspected, key=lambda one: (mailbox(one.email), one.pk)):
        lead = _let_through(one)
        found.leads[lead.pk] = lead
    Inquiry.objects.bulk_update(doubted, ["verdict", "contact", "lead", "office"])
    for (verdict, was_spam), alike in before.items():
        was = {"verdict": verdict, "was_spam": was_spam}
        spam_marks.log_all(alike, found, "Not spam", by=by, at=at, act=act, before=was)
    if act is None:  # with one, the sweep waits as long as it can be undone
        for one in suspected:
            hint(notify_about_inquiry, one.pk)
    return [*changed, *doubted]


def _let_through(inquiry: Inquiry) -> Lead:
    return settled(lambda: look(inquiry, has_key=True), lambda known: file(inquiry, known))


def suspect_again(
    inquiry: Inquiry, lead: Lead, *, verdict: str, was_spam: bool, by: User, at: datetime
) -> bool:
    """Take `mark_not_spam` back, of an inquiry and a lead that are held; False when sales and the
    visitor have been notified meanwhile.

    The lead and the person go if they came with it and nothing else has happened.
    """
    if verdict == Inquiry.Verdict.SUSPECTED:
        if inquiry.notified_at is not None:
            return False
        unfile(inquiry, lead)
    inquiry.verdict = verdict
    inquiry.save(update_fields=["verdict", "contact", "lead"])
    if was_spam:
        spam_marks.put_all([inquiry], by=by, at=at)
    if lead.pk:
        settling.settle(lead)
    return True


def _verdict(points: int) -> Inquiry.Verdict:
    if points >= SUSPECTED_FROM:
        return Inquiry.Verdict.SUSPECTED
    if points >= DOUBTFUL_FROM:
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
    return f"{browser_key or f'{inquiry.received_at:%Y-%m-%d}'}:{inquiry.fingerprint[:32]}"


def _refuse_same_words(inquiry: Inquiry) -> None:
    """Of two that come at once, the key of the day lets one be kept. Around midnight there are two
    such keys; then their person, who is held, lets one after the other look.
    """
    moment = inquiry.received_at
    since_midnight = (moment.hour * 60 + moment.minute) * 60 + moment.second
    same = Inquiry.objects.filter(
        fingerprint=inquiry.fingerprint, received_at__gt=moment - SAME_WORDS_FOR
    )
    if since_midnight < NEW_DAY and same.exists():
        raise Changed


def _again(twin_id: int, known: Known) -> Inquiry:
    """The inquiry that this one is, with the assessment that comes now."""
    twin = Inquiry.objects.get(pk=twin_id)
    if known.assessment_id:
        assessments.attach(twin, known.assessment_id)
    return twin


def _keep(
    inquiry: Inquiry,
    known: Known,
    brief: Brief | None,
    *,
    has_key: bool,
    by_hand: ByHand | None,
) -> Inquiry:
    inquiry.wording_id = known.wording_id
    inquiry.request_id = request_ids.current()
    if by_hand and by_hand.is_silent:
        inquiry.notified_at = inquiry.received_at  # whoever has to know does
    if not inquiry.is_suspected:
        file(inquiry, known)
    if not has_key:
        _refuse_same_words(inquiry)
    _save(inquiry, brief)
    if by_hand:
        by_hand.pk, by_hand.inquiry = None, inquiry
        by_hand.save(force_insert=True)
    if known.assessment_id:
        assessments.attach(inquiry, known.assessment_id, is_new=True)
    return inquiry


def _log_arrival(inquiry: Inquiry, by_hand: ByHand | None, act: Act | None) -> None:
    if inquiry.lead is None:
        return
    log, at = history.log, inquiry.received_at
    if by_hand:
        said = f"Added by hand: {by_hand.get_way_display().lower()}"
        said += f", {by_hand.place}" if by_hand.place else ""
        before = {"by_hand": True}
        log(
            inquiry.lead, Activity.Kind.INQUIRY, said,
            by=by_hand.by, at=at, inquiry=inquiry, act=act, before=before,
        )  # fmt: skip
        return  # the sweep sees to its emails, when it can no longer be undone
    said = f"Sent from {inquiry.source_path or 'the site'}"
    log(inquiry.lead, Activity.Kind.INQUIRY, said, by=None, at=at, inquiry=inquiry)
    hint(notify_about_inquiry, inquiry.pk)


def _save(inquiry: Inquiry, brief: Brief | None) -> None:
    inquiry.pk = None  # of an earlier try that was taken back
    inquiry.save(force_insert=True)
    if brief:
        brief.pk, brief.inquiry = None, inquiry
        brief.save(force_insert=True)
