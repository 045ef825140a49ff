"""Where `collectstatic` puts files: hashed, compressed, our stylesheets whole and small."""

import json
import os
import re
from pathlib import Path

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.http import HttpRequest, HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.storage import CompressedManifestStaticFilesStorage

OURS = "css/"
_HASHED = re.compile(r"\.[0-9a-f]{12}\.[a-z0-9]+$")
# A string is kept as it is; a comment goes; white space goes beside punctuation, and is one blank
# elsewhere. Before a colon it matters: `a :hover` is not `a:hover`.
_PIECES = re.compile(r'("[^"]*")|/\*.*?\*/|\s*([{};,])\s*|(:)\s+|(\s+)', re.DOTALL)
# What one of ours takes from another, as Django has written it: with the hash of what is taken, so
# that the one's own name changes with the other.
_TAKEN = re.compile(r'@import url\("([a-z-]+)\.[0-9a-f]+\.css"\);')


# How many releases have their files here: what earlier ones named is asked for by pages that are
# still open, or in a cache, and by machines that run them yet.
RELEASES = 3
MANIFESTS = "staticfiles*.json"
_VARIANTS = ("", ".br", ".gz")


class StaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # WhiteNoise has no types
    """WhiteNoise's, which makes our stylesheets whole and smaller first.

    Each release has a manifest of its own, so that two can share a folder; `collectstatic` deletes
    what only older ones named.
    """

    manifest_name = f"staticfiles-{settings.VERSION.number}.json"

    def save_manifest(self) -> None:
        super().save_manifest()
        delete_files_of_old_releases(Path(self.location))

    def _save(self, name: str, content: File[bytes]) -> str:
        if name.startswith(OURS) and name.endswith(".css"):
            css = b"".join(content.chunks()).decode()  # from its beginning
            content = ContentFile(minified(_TAKEN.sub(self._part, css)).encode())
        return str(super()._save(name, content))

    def _part(self, taken: re.Match[str]) -> str:
        with self.open(f"{OURS}{taken[1]}.css") as part:
            return str(part.read(), "utf-8")


def delete_files_of_old_releases(folder: Path) -> None:
    """Keep what the latest releases named, and whatever no release of ours did."""
    manifests = sorted(folder.glob(MANIFESTS), key=lambda one: one.stat().st_mtime, reverse=True)
    named = [set(json.loads(one.read_text())["paths"].values()) for one in manifests]
    kept = set[str]().union(*named[:RELEASES])
    for name in set[str]().union(*named[RELEASES:]) - kept:
        for variant in _VARIANTS:
            (folder / f"{name}{variant}").unlink(missing_ok=True)
    for manifest in manifests[RELEASES:]:
        manifest.unlink()


class StaticFilesMiddleware(WhiteNoiseMiddleware):  # type: ignore[misc]  # WhiteNoise has no types
    """WhiteNoise's, which also finds what came after this process has started: the files of the
    next release, while a page of that one's asks us for them.
    """

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        url = request.path_info
        if url.startswith(self.static_prefix) and url not in self.files and not self.autorefresh:
            self._look(url)
        response: HttpResponseBase = super().__call__(request)
        return response

    def _look(self, url: str) -> None:
        name = url.removeprefix(self.static_prefix)
        if not _HASHED.search(name) or not self.url_is_canonical(url):
            return
        path = os.path.join(self.static_root, name)
        if os.path.isfile(path):  # False, too, for a name that no disk can hold
            self.add_file_to_dictionary(url, path)


def minified(css: str) -> str:
    """The same stylesheet in fewer bytes. For ours: it knows neither `url()` nor single quotes."""

    def smaller(piece: re.Match[str]) -> str:
        string, punctuation, colon, blank = piece.groups()
        return string or punctuation or colon or (" " if blank else "")

    return _PIECES.sub(smaller, css).replace(";}", "}").strip()
