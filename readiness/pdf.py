"""A result as a document to print, keep and pass on: A4, tagged as PDF/UA-1 asks (ISO 14289-1).

The words go to the template (`result.typ`) as data, never as markup, so nothing in them is obeyed.
It asks nobody on the network: the faces come with the library, and it knows no other file than the
template. Why this library: docs/decisions/0016.
"""

import json
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any

import typst
from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from articles.models import Revision
from readiness.reports import Report, Said
from readiness.scoring import FULL
from web.addresses import absolute

TEMPLATE = settings.BASE_DIR / "templates" / "readiness" / "result.typ"
SUBJECT = "Readiness for async contractors"


def render(
    report: Report,
    *,
    gaps: Iterable[tuple[Said, list[Revision]]],
    key: str,
    letterhead: dict[str, str],
) -> bytes:
    """The same bytes for the same result, articles and letterhead: `name` and `mark`, its drawing
    as SVG or the name again. `key` is that of the result. Says nothing about who answered.
    """
    assert report.assessment.finished_at  # a report is of a finished assessment only
    data = json.dumps(_data(report, gaps=gaps, key=key, letterhead=letterhead))
    made_at = int(report.assessment.finished_at.timestamp())
    try:
        return _typeset(data, made_at, _faces(system=False), pdf_standards="ua-1")
    except typst.TypstError:
        # PDF/UA forbids what no face can draw, and a word in a script that ours lack must not cost
        # the whole document: the system's faces help out, and what is still missing is an empty
        # box. Tagged as before, but no longer said to be PDF/UA.
        return _typeset(data, made_at, _faces(system=True))


def file_name(report: Report) -> str:
    """Says when, and nothing about who."""
    return f"readiness-{timezone.localtime(report.assessment.finished_at):%Y-%m-%d}.pdf"


def letterhead(request: HttpRequest) -> dict[str, str]:
    """Who we are, as the pages around it say: templates are where apps meet."""
    said: dict[str, str] = json.loads(
        render_to_string("readiness/letterhead.json", request=request)
    )
    return said


def _typeset(data: str, made_at: int, faces: typst.Fonts, **options: Any) -> bytes:
    # A compiler of its own for each: one can't be shared between threads, and costs nothing.
    compiler = typst.Compiler(
        TEMPLATE, root=TEMPLATE.parent, font_paths=faces, sys_inputs={"data": data}
    )
    document = compiler.compile(format="pdf", timestamp=made_at, **options)
    assert isinstance(document, bytes)  # a PDF is one file, however many pages it has
    return document


@cache
def _faces(*, system: bool) -> typst.Fonts:
    return typst.Fonts(include_system_fonts=system)


def _data(
    report: Report,
    *,
    gaps: Iterable[tuple[Said, list[Revision]]],
    key: str,
    letterhead: dict[str, str],
) -> dict[str, Any]:
    shown_until = _date(report.assessment.expires_at)
    return {
        "title": f"{SUBJECT}: {report.result.name}",
        "subject": SUBJECT,
        "letterhead": letterhead,
        "date": _date(report.assessment.finished_at),
        "result": report.result.name,
        "summary": report.result.summary,
        "bars": [
            {
                "name": bar.dimension.name,
                "percent": bar.percent,
                "text": bar.percent_text,
                "alt": bar.text,
                "remark": "the weakest" if bar.is_weakest else "",
            }
            for bar in report.bars
        ],
        "floors": [floor.percent for floor in report.floors],
        "legend": report.legend,
        "why": f"{report.rule.explanation} The total is {report.total_text}.",
        "total": report.total,
        "of_total": f"of {FULL}",
        "ahead": report.ahead,
        "suggestion": report.result.next_step,
        "find_out": [said.question.text for said in report.to_find_out],
        "gaps": [
            {
                "question": said.question.text,
                "said": f"Answer: {said.text}",
                "holds_back": said.question.holds_back,
                "remedy": said.question.remedy,
                "articles": [
                    {
                        "title": revision.title,
                        "url": absolute(revision.get_absolute_url()),
                    }
                    for revision in revisions
                ],
            }
            for said, revisions in gaps
        ],
        "answers": [
            {
                "name": bar.dimension.name,
                "rows": [
                    [said.question.text, said.text]
                    for said in report.answers
                    if said.question.dimension_id == bar.dimension.pk
                ],
            }
            for bar in report.bars
        ],
        "url": absolute(reverse("readiness:result", args=[key])),
        "shown": f"This result is available until {shown_until} at its private link, which says "
        "nothing about who answered:",
    }


def _date(moment: datetime | None) -> str:
    return date_format(timezone.localtime(moment), "j F Y")
