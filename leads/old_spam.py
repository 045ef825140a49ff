"""Deletes old spam. Until then, a mistake can be undone."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from leads.models import Company, Contact, Inquiry, Lead, SpamMark
from leads.people import messages_about
from mail.models import Message
from privacy.erasing import delete, lock
from readiness.models import Assessment

MAX_AT_ONCE = 100


def delete_old_spam(now: datetime) -> int:
    """Delete what was marked as spam longer ago than it is kept, with the emails about it; and the
    assessment, lead, person and company of which nothing else is left. How many inquiries it were.
    """
    old = SpamMark.objects.filter(at__lt=now - SpamMark.KEPT_FOR).order_by("at")
    count = 0
    while keys := list(old.values_list("inquiry", flat=True)[:MAX_AT_ONCE]):
        count += _delete(keys)
    return count


@transaction.atomic
def _delete(keys: list[int]) -> int:
    held = Inquiry.objects.select_for_update(of=("self",)).spam().filter(pk__in=keys)
    # But those whose mark was taken back at this moment
    inquiries = list(held.order_by("pk").values_list("pk", flat=True))
    contacts = _keys(Contact.objects.filter(inquiries__in=inquiries))
    lock(Contact, contacts)
    leads = _keys(Lead.objects.filter(inquiries__in=inquiries))
    lock(Lead, leads)
    messages = _keys(messages_about(Inquiry.objects.filter(pk__in=inquiries)))
    with_it = _keys(Assessment.objects.filter(inquiries__inquiry__in=inquiries))
    lock(Assessment, with_it)
    delete(Inquiry, inquiries)
    # Uncounted: by itself it would count as one that came with nothing.
    delete(Assessment, _keys(Assessment.objects.filter(pk__in=with_it, inquiries=None)))
    delete(Message, messages)
    delete(Lead, _keys(Lead.objects.filter(pk__in=leads, inquiries=None)))
    alone = _keys(Contact.objects.filter(pk__in=contacts, inquiries=None, leads=None))
    companies = _keys(Company.objects.filter(contacts__in=alone))
    delete(Contact, alone)
    delete(Company, _keys(Company.objects.filter(pk__in=companies, contacts=None)))
    return len(inquiries)


def _keys(rows: QuerySet[Any]) -> list[int]:
    return list(rows.order_by().values_list("pk", flat=True).distinct())
