"""Every address of the desk, as the resolver knows it, so that a test sweeps new ones by itself."""

import re
from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.urls import URLPattern, URLResolver, get_resolver, reverse

_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


def of_the_desk() -> dict[str, list[str]]:
    """The names of its addresses, each with the parameters that it takes."""
    [desk] = [
        one
        for one in get_resolver().url_patterns
        if isinstance(one, URLResolver) and one.namespace == "admin"
    ]
    return dict(_named(desk.url_patterns, []))


def _named(patterns: list[Any], above: list[str]) -> Iterator[tuple[str, list[str]]]:
    for pattern in patterns:
        parameters = [*above, *_PARAMETER.findall(str(pattern.pattern))]
        if isinstance(pattern, URLPattern):
            if pattern.name:
                yield pattern.name, parameters
        else:
            yield from _named(pattern.url_patterns, parameters)


def address(name: str, parameters: list[str], given: dict[str, object]) -> str:
    return reverse(f"admin:{name}", kwargs={one: given[one] for one in parameters})


def models() -> dict[str, Any]:
    """Those with pages in the admin, by the beginning of their addresses' names."""
    return {
        f"{model._meta.app_label}_{model._meta.model_name}_": model
        for model in admin.site._registry
    }
