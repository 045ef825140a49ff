"""Search boxes of sales: by every word, despite typing errors."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from leads import search


class FindsWords(admin.ModelAdmin):
    """A list that is searched by `leads.search`, and says what it took for a typing error."""

    # Django shows no box without; what is searched is in the index.
    search_fields = ("words",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if not search_term.strip():
            return queryset, False
        asked = search.understand(search_term)
        match = request.resolver_match
        if match and match.url_name and match.url_name.endswith("_changelist"):
            for typed, meant in asked.corrected:
                text = f"Nothing contains “{typed}”. Showing results for “{meant}”."
                self.message_user(request, text, messages.INFO)
        return search.matching(queryset, asked), False
