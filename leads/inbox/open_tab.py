"""The tab of the inbox that is open, for one person: what its rows are selected from."""

from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from accounts.requests import StaffRequest
from desk.counts import MAX_EXACT, counts, shown
from leads.inbox.numbers import numbers
from leads.inbox.tabs import BY_KEY
from leads.models import Kind

OF_LEADS = ("take", "owner", "kind", "stage", "step", "answered", "no-answer", "spam")
OF_SUSPECTED = ("spam", "not-spam")


class OpenTab:
    def __init__(self, request: StaffRequest, query: QueryDict) -> None:
        self.request, self.query, self.now = request, query, timezone.now()
        self.tab = BY_KEY.get(query.get("tab", ""), BY_KEY["all"])
        self.is_suspected = self.tab.key == "suspected"
        kind = query.get("kind", "")
        self.kind = kind if kind in Kind.values and not self.is_suspected else ""
        self.one, self.many = ("inquiry", "inquiries") if self.is_suspected else ("lead", "leads")
        self.acts = OF_SUSPECTED if self.is_suspected else OF_LEADS

    @property
    def found(self) -> QuerySet[Any]:
        found = self.tab.rows(self.request.user, self.now)
        return found.filter(kind=self.kind) if self.kind else found

    @property
    def filters(self) -> str:
        return urlencode({"tab": self.tab.key} | ({"kind": self.kind} if self.kind else {}))

    @property
    def here(self) -> str:
        return f"{reverse('admin:inbox')}?{self.filters}"

    @cached_property
    def count(self) -> int:
        if self.kind:
            known = numbers(self.request)[self.kind] if self.tab.key == "all" else None
            return counts([self.found])[0] if known is None else known
        return numbers(self.request)[self.tab.key]

    @property
    def is_counted(self) -> bool:
        return self.count <= MAX_EXACT

    @property
    def count_in_words(self) -> str:
        return shown(self.count)

    def act_url(self, name: str) -> str:
        return reverse("admin:inbox_act", args=[name])
