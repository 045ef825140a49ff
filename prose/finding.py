"""Pages of our own that a text can link to, found by their title while one writes."""

from django.http import HttpRequest, JsonResponse

from desk.finding import MAX_CHARACTERS, MAX_WORDS, nearness
from web.contributions import every
from web.screens import LinkTarget

MAX_TARGETS = 8


def link_targets(request: HttpRequest) -> JsonResponse:
    """Those that the person may see, the nearest to the words first; without words the latest."""
    words = " ".join(request.GET.get("q", "")[:MAX_CHARACTERS].split()[:MAX_WORDS])
    found: list[LinkTarget] = []
    for one in every():
        for linked in one.linked:
            found += linked.finds(request, words)
    if words:
        found.sort(key=lambda target: -nearness(target.title, words))
    shown = [
        {"page": one.page, "title": one.title, "path": one.path, "state": one.state}
        for one in found[:MAX_TARGETS]
    ]
    return JsonResponse({"found": shown})
