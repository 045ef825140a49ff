"""A brief as a file: for its visitor to take away, and for sales to keep."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.text import slugify

from leads.briefs import sections
from leads.models import Brief


def markdown_file(brief: Brief) -> HttpResponse:
    """The brief as a file to keep, named by its title."""
    name = slugify(brief.title, allow_unicode=True)[:60].strip("-") or "brief"
    return HttpResponse(
        sections.markdown(brief),
        content_type="text/markdown; charset=utf-8",
        headers={
            "Content-Disposition": content_disposition_header(True, f"{name}.md"),
            "Cache-Control": "private, no-store",
        },
    )
