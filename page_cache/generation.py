"""The finished pages of one stamp, found by path and by what of the query makes another page."""

import threading
from collections import OrderedDict
from contextlib import suppress
from urllib.parse import parse_qsl, unquote, urlencode

from page_cache.responses import Entry

Key = tuple[str, str]  # path and what matters of the query
MAX_QUERY_LENGTH = 500  # characters; nothing of ours asks longer questions
MAX_REMEMBERED = 2_000


class Generation:
    """The entries that are valid while the stamp is this one; the least recently used make room."""

    def __init__(self, stamp: str, max_bytes: int) -> None:
        self.stamp = stamp
        self.max_bytes = max_bytes
        self.bytes = 0
        self.entries: OrderedDict[Key, Entry] = OrderedDict()
        # By path: which parameters of the query make another page. Learned from the answers.
        self.parameters: dict[str, frozenset[str]] = {}
        self._writing = threading.Lock()

    def get(self, path: str, query: str) -> Entry | None:
        key = (path, "")
        if query:
            parameters = self.parameters.get(path)
            if parameters is None or len(query) > MAX_QUERY_LENGTH:
                return None
            key = entry_key(path, query, parameters)
        entry = self.entries.get(key)
        if entry is not None:
            with suppress(KeyError):  # it just made room for another
                self.entries.move_to_end(key)
        return entry

    def put(self, path: str, query: str, parameters: frozenset[str], entry: Entry) -> None:
        if entry.size > self.max_bytes:
            return
        key = entry_key(path, query, parameters)
        with self._writing:
            if before := self.entries.pop(key, None):
                self.bytes -= before.size
            while self.entries and self.bytes + entry.size > self.max_bytes:
                self.bytes -= self.entries.popitem(last=False)[1].size
            if len(self.parameters) >= MAX_REMEMBERED:
                self.parameters.clear()
            self.parameters[path] = parameters
            self.entries[key] = entry
            self.bytes += entry.size


def named_parameters(no_vary_search: str) -> frozenset[str]:
    """The query's parameters that make another page, by the header No-Vary-Search.

    draft-ietf-httpbis-no-vary-search: `params` says that none does, `params, except=("a" "b")`
    that only these do. A page that says nothing, or something else, is one page whatever is asked.
    """
    _, has_exceptions, names = no_vary_search.partition("except=(")
    if not has_exceptions:
        return frozenset()
    return frozenset(unquote(name.strip('"')) for name in names.partition(")")[0].split())


def entry_key(path: str, query: str, parameters: frozenset[str]) -> Key:
    """What of an address decides the entry. If a parameter is repeated, Django reads the last."""
    if not query or not parameters:
        return path, ""
    said = dict(parse_qsl(query, keep_blank_values=True))
    return path, urlencode(sorted((name, said[name]) for name in parameters & said.keys()))
