"""Where `collectstatic` puts files: hashed, compressed, our stylesheets whole and small."""

import re

from django.core.files.base import ContentFile, File
from whitenoise.storage import CompressedManifestStaticFilesStorage

OURS = "css/"
# A string is kept as it is; a comment goes; white space goes beside punctuation, and is one blank
# elsewhere. Before a colon it matters: `a :hover` is not `a:hover`.
_PIECES = re.compile(r'("[^"]*")|/\*.*?\*/|\s*([{};,])\s*|(:)\s+|(\s+)', re.DOTALL)
# What one of ours takes from another, as Django has written it: with the hash of what is taken, so
# that the one's own name changes with the other.
_TAKEN = re.compile(r'@import url\("([a-z-]+)\.[0-9a-f]+\.css"\);')


class StaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # WhiteNoise has no types
    """WhiteNoise's, which makes our stylesheets whole and smaller first."""

    def _save(self, name: str, content: File[bytes]) -> str:
        if name.startswith(OURS) and name.endswith(".css"):
            css = b"".join(content.chunks()).decode()  # from its beginning
            content = ContentFile(minified(_TAKEN.sub(self._part, css)).encode())
        return str(super()._save(name, content))

    def _part(self, taken: re.Match[str]) -> str:
        with self.open(f"{OURS}{taken[1]}.css") as part:
            return str(part.read(), "utf-8")


def minified(css: str) -> str:
    """The same stylesheet in fewer bytes. For ours: it knows neither `url()` nor single quotes."""

    def smaller(piece: re.Match[str]) -> str:
        string, punctuation, colon, blank = piece.groups()
        return string or punctuation or colon or (" " if blank else "")

    return _PIECES.sub(smaller, css).replace(";}", "}").strip()
