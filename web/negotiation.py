"""What a request's `Accept` asks of an address that has two forms (RFC 9110, section 12.5.1)."""

from collections.abc import Iterator

from django.utils.http import parse_header_parameters

HTML, MARKDOWN = "text/html", "text/markdown"
MAX_LENGTH = 1000  # no program sends more; what does is not worth reading


def prefers_markdown(accept: str) -> bool:
    """Whether Markdown is named and HTML is not preferred.

    `*/*` asks for nothing in particular: browsers and crawlers send it, and get HTML. A header
    that can't be read says nothing either.
    """
    if MARKDOWN not in accept.lower() or len(accept) > MAX_LENGTH:
        return False
    wanted = dict(_qualities(accept))
    markdown = wanted.get(MARKDOWN, 0)
    html = next((wanted[kind] for kind in (HTML, "text/*", "*/*") if kind in wanted), 0)
    return markdown > 0 and markdown >= html


def _qualities(accept: str) -> Iterator[tuple[str, float]]:
    """Each media range without its parameters, and its weight; a weight that is none counts 0."""
    for part in accept.split(","):
        try:
            kind, parameters = parse_header_parameters(part)
            quality = float(parameters.get("q", 1))
        except ValueError:
            continue
        yield kind, quality if 0 <= quality <= 1 else 0
