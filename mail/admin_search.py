"""Search boxes of the admin that find a mailbox however its address is typed."""

import unicodedata
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from mail.addresses import readable, wire


class FindsSpellings(admin.ModelAdmin):
    """Finds words composed or not, and an address or domain by any of its spellings."""

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        found, has_duplicates = super().get_search_results(request, queryset, search_term)
        for spelling in _spellings(search_term) - {search_term}:
            more, _ = super().get_search_results(request, queryset, spelling)
            found |= more
        return found, has_duplicates


def _spellings(term: str) -> set[str]:
    ways = {" ".join(map(way, term.split())) for way in (_in_letters, _in_a_labels)}
    return {unicodedata.normalize(form, one) for one in {term, *ways} for form in ("NFC", "NFD")}


def _in_letters(word: str) -> str:
    return readable(word) if _is_address(word) else readable(f"@{word}")[1:]


def _in_a_labels(word: str) -> str:
    return wire(word) if _is_address(word) else wire(f"@{word}")[1:]


def _is_address(word: str) -> bool:
    return "@" in unicodedata.normalize("NFKC", word)
