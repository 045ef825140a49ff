"""The navigation of the desk: by job, from the screens that apps contribute, for one person."""

from collections import defaultdict
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest

from web.contributions import every
from web.screens import GROUPS, MAX_COUNT, Screen, may


@dataclass(frozen=True)
class Line:
    """A screen as one person sees it in the navigation."""

    name: str
    url: str
    is_here: bool = False
    count: int | None = None

    @property
    def count_in_words(self) -> str:
        return f"{MAX_COUNT}+" if self.count and self.count > MAX_COUNT else str(self.count)


class Navigation:
    """All that one person may use, as seen from the page that was requested."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self._by_group: dict[str, list[Screen]] = defaultdict(list)
        for screen in usable(request):
            self._by_group[screen.group].append(screen)
        self._here = self._find_here()

    @property
    def version(self) -> str:
        return f"Version {settings.VERSION.number} ({settings.VERSION.released})"

    def groups(self) -> list[list[Line]]:
        """What stands in the navigation, with counts: a query for each."""
        groups = ([one for one in self._by_group[group] if self._url(one)] for group in GROUPS)
        return [[self._line(one) for one in screens] for screens in groups if screens]

    def tabs(self) -> list[Line]:
        """Those of the screen that the page belongs to; none where there is but one."""
        names = {one.name for one in self._here}
        tabs = next((lines for name in names if (lines := self._by_group.get(name))), [])
        return [self._line(one) for one in tabs] if len(tabs) > 1 else []

    def _line(self, screen: Screen) -> Line:
        count = screen.count(self.request) if screen.count else None
        return Line(screen.name, self._url(screen), screen in self._here, count)

    def _url(self, screen: Screen) -> str:
        """Empty for a screen without an address of whose tabs the person may use none."""
        tabs = self._by_group[screen.name]
        return screen.url or (tabs[0].url if tabs else "")

    def _find_here(self) -> list[Screen]:
        """The screen of which the page is one, and those of which that is a tab."""
        screens = [one for group in self._by_group.values() for one in group]
        best = max(screens, key=self._nearness, default=None)
        if best is None or not self._nearness(best):
            return []
        in_navigation = [one for one in screens if one.group in GROUPS]
        return [best, *(one for one in in_navigation if one.name == best.group)]

    def _nearness(self, screen: Screen) -> int:
        """How surely the page is one of that screen; 0 when it is none."""
        match = self.request.resolver_match
        if match is None:
            return 0
        is_asked = all(self.request.GET.get(name) == value for name, value in screen.query)
        if match.view_name == screen.url_name and is_asked:
            return 3 if screen.query else 2
        if match.view_name in screen.covers:
            return 2
        pages = (f"admin:{one.lower().replace('.', '_')}_" for one in screen.covers if "." in one)
        return 1 if match.view_name.startswith(tuple(pages)) else 0


def usable(request: HttpRequest) -> list[Screen]:
    """Every screen that the person may use, by position."""
    screens = [screen for one in every() for screen in one.screens]
    return sorted(
        (screen for screen in screens if may(request, screen.permissions)),
        key=lambda screen: screen.position,
    )
