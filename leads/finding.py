"""What "Find anything" finds of sales: by every word, despite typing errors."""

from collections.abc import Iterator

from django.http import HttpRequest

from desk.finding import MAX_OF_A_KIND
from leads import search
from web.screens import Found

# Each kind as people read it, and whose right to see it is asked for.
KINDS = {
    search.PERSON: ("People", "leads.view_contact"),
    search.COMPANY: ("Companies", "leads.view_company"),
    search.LEAD: ("Leads", "leads.view_lead"),
    search.INQUIRY: ("Inquiries", "leads.view_inquiry"),
}


def finds(request: HttpRequest, words: str) -> Iterator[Found]:
    kinds = [kind for kind, (_, right) in KINDS.items() if request.user.has_perm(right)]
    if not kinds:
        return
    for hit in search.find(words, kinds=kinds, limit=MAX_OF_A_KIND):
        yield Found(hit.title, hit.url, KINDS[hit.kind][0], hit.excerpt)
