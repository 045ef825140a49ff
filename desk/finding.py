"""Find anything that the person may see: gathered from every app, by kind."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from desk.navigation import usable
from web.contributions import every
from web.screens import Found, may

MAX_OF_A_KIND = 6
MAX_CHARACTERS = 100
MAX_WORDS = 8
DO, GO_TO = "Do", "Go to"


@dataclass(frozen=True)
class Kind:
    """What was found of one kind, best first."""

    name: str
    found: list[Found]


def page(request: HttpRequest) -> HttpResponse:
    """What was found, as a page; or with `?part=results` as a piece of HTML for the palette."""
    words = " ".join(request.GET.get("q", "")[:MAX_CHARACTERS].split()[:MAX_WORDS])
    is_part = request.GET.get("part") == "results"
    context = {
        "title": "Find anything",
        "words": words,
        "kinds": find(request, words),
        "as_options": is_part,
        "max_length": MAX_CHARACTERS,
    }
    template = "desk/_found.html" if is_part else "desk/find.html"
    return render(request, template, context)


def find(request: HttpRequest, words: str) -> list[Kind]:
    """The kind comes first whose best title is nearest to the words; a few of each kind."""
    kinds: dict[str, list[Found]] = {}
    for one in [*_own(request, words), *(_of_apps(request, words) if words else ())]:
        kinds.setdefault(one.kind, []).append(one)
    found = [Kind(name, list(some[:MAX_OF_A_KIND])) for name, some in kinds.items()]
    return sorted(found, key=lambda kind: -max(_nearness(one, words) for one in kind.found))


def _of_apps(request: HttpRequest, words: str) -> Iterator[Found]:
    for one in reversed(list(every())):  # what is nearest to the business first
        yield from one.finds(request, words)


def _own(request: HttpRequest, words: str) -> list[Found]:
    """Things to do, and screens. Without words: what one might want to do."""
    actions = [action for one in every() for action in one.actions]
    doing = [
        (Found(one.name, one.url, DO), one.words)
        for one in actions
        if may(request, one.permissions)
    ]
    going = [
        (Found(one.name, one.url, GO_TO, one.group if one.group[0].isupper() else ""), one.words)
        for one in usable(request)
        if one.url_name and words
    ]
    found = [one for one, also in [*doing, *going] if _has_all(f"{one.title} {also}", words)]
    return sorted(found, key=lambda one: -nearness(one.title, words))


def _nearness(found: Found, words: str) -> int:
    return max(nearness(found.title, words), min(nearness(found.about, words), 2))


def _has_all(text: str, words: str) -> bool:
    """Whether each of the words begins one of the text's."""
    said = text.casefold().split()
    return all(any(one.startswith(word) for one in said) for word in words.casefold().split())


def nearness(title: str, words: str) -> int:
    """4 when the title is the words, 3 when it begins with them, 2 when its words begin with them
    all, 1 when one stands in it, else 0.
    """
    said, asked = title.casefold(), words.casefold()
    if said == asked:
        return 4
    if said.startswith(asked):
        return 3
    if _has_all(title, words):
        return 2
    return int(any(word in said for word in asked.split()))
