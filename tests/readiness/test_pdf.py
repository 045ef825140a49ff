"""The result as a document: what it says, that everyone can read it, and no words break it."""

import io
import re
import threading
from datetime import timedelta

import pypdf
import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from pypdf.generic import ArrayObject, DictionaryObject

from pages.models import SiteSettings
from readiness import pdf, reports, taking
from readiness.models import QuestionSet
from tests.builders import article, topic

pytestmark = pytest.mark.django_db

LETTERHEAD = {"name": "Clean Systems", "mark": "<span>Clean Systems</span>"}
GAPS = {"A1": 0, "B1": 0}
ODD = [
    '#panic("no") #let x = 1 $x^2$ *bold* _it_ `raw` @label <label> // gone /* gone */',
    "\\ \\u{41} \\n 50 % & < > \" ' ~ -- --- ... [x] (y) {z}",
    "= Heading - list + list / term: 1. one",
    "漢字 かな 한국어",
    "😀 🏳️‍🌈 ☃",
    "שלום עולם مرحبا بالعالم",
    "\x01\x02\x07\x1b\x7f \u202e \u200b \ufeff \ufffd \ue000",
    "combining: e\u0301 \u0e01\u0e33 \U0001d54f",
    "a\nb\r\nc\td\u2028e\u2029f",
    "wordwithoutend" * 140,
    "many words " * 180,
    "",
    " ",
]


def finish(question_set, value=2, wishes=None, **answers):
    """A finished assessment, and the key of its result."""
    assessment, key = taking.begin(question_set)
    said = dict.fromkeys(question_set.questions, value) | answers
    taking.save(assessment, answers=said, wishes=wishes)
    taking.finish(assessment)
    return assessment, taking.result_key(key)


def address(key):
    return reverse("readiness:pdf", args=[key])


def read(answer):
    return pypdf.PdfReader(io.BytesIO(getattr(answer, "content", answer)))


def words(document):
    return " ".join(" ".join(page.extract_text() for page in document.pages).split())


def links(document):
    notes = [note.get_object() for page in document.pages for note in page.get("/Annots", [])]
    return [note["/A"]["/URI"] for note in notes if note["/Subtype"] == "/Link"]


def tags(document):
    """Every element of the structure tree, as (role, alternative text)."""

    def walk(node):
        node = node.get_object()
        if isinstance(node, ArrayObject):
            for one in node:
                yield from walk(one)
        elif isinstance(node, DictionaryObject) and "/S" in node:
            yield node["/S"], node.get("/Alt")
            yield from walk(node["/K"]) if "/K" in node else ()

    return list(walk(document.trailer["/Root"]["/StructTreeRoot"]["/K"]))


def is_pdf_ua(document):
    return "pdfuaid:part>1<" in document.trailer["/Root"]["/Metadata"].get_data().decode()


def test_it_says_what_the_page_says(client, question_set, settings):
    docs = topic()
    for key in GAPS:
        question_set.questions[key].topics.add(docs)
    on_it = article(topics=[docs], text={"title": "Half a page"})
    _, key = finish(question_set, **GAPS)

    answer = client.get(address(key))
    document = read(answer)
    said = words(document)

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/pdf"
    assert "Foundations first" in said
    assert "42%" in said and "40%" in said and "67%" in said  # the three bars
    assert "The total is 49 of 100." in said
    for question in (question_set.questions[key] for key in GAPS):
        assert " ".join(question.holds_back.split()) in said
        assert " ".join(question.remedy.split()) in said
    assert "Get your documentation and the way you define work in order first" in said
    assert links(document) == [
        f"{settings.SITE_URL}{on_it.get_absolute_url()}",
        f"{settings.SITE_URL}{reverse('readiness:result', args=[key])}",
    ]
    for question in question_set.questions.values():
        assert " ".join(question.text.split()) in said
    assert "Nobody in particular" in said
    assert said.count("Within days, by a known process") == 1
    assert len(document.pages) == 2


def test_it_is_tagged_has_a_title_and_says_its_language(client, question_set):
    _, key = finish(question_set, **GAPS)

    document = read(client.get(address(key)))
    root = document.trailer["/Root"]
    found = tags(document)
    roles = [role for role, _ in found]

    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en-US"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert document.metadata.title == "Readiness for async contractors: Foundations first"
    assert is_pdf_ua(document)
    assert [alt for role, alt in found if role == "/Figure"] == [
        "Clean Systems Consulting",
        "Documentation and process roles: 42%",
        "How work gets defined: 40%, the weakest",
        "Structural conditions: 67%",
    ]
    headings = [role for role in roles if re.fullmatch(r"/H\d", role)]
    assert headings == ["/H1", "/H2", "/H2", "/H2", "/H3", "/H3", "/H2"]
    assert roles.count("/TH") == 2
    assert roles.count("/Link") == 1


def test_its_name_and_headers_keep_it_private(client, question_set):
    with time_machine.travel("2026-11-24 12:00"):
        _, key = finish(question_set)
        answer = client.get(address(key))
        made = read(answer).metadata.creation_date

    assert f"{made:%Y-%m-%d}" == "2026-11-24"
    assert answer.headers["Content-Disposition"] == 'inline; filename="readiness-2026-11-24.pdf"'
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert not answer.cookies


def test_it_says_nothing_about_who(client, question_set):
    _, key = finish(question_set, wishes={"system": "The mint of Ada", "timezone": "Kyiv"})

    document = read(client.get(address(key)))

    assert "mint" not in words(document) and "Kyiv" not in words(document)
    assert "Kyiv" not in str(document.metadata)


@pytest.mark.parametrize("key", ["x", "x" * 43, "%00", "x" * 5000])
def test_a_key_that_opens_nothing_has_no_document(client, key):
    assert client.get(f"/readiness/result/{key}/pdf/").status_code in (400, 404)


def test_what_is_not_finished_has_no_document(client, question_set):
    _, key = taking.begin(question_set)

    assert client.get(address(taking.result_key(key))).status_code == 404


def test_a_document_that_is_over_says_so(client, question_set):
    _, key = finish(question_set)
    with time_machine.travel(timezone.now() + timedelta(days=121)):
        answer = client.get(address(key))

    assert answer.status_code == 410
    assert "This result has expired" in answer.text


def test_it_can_only_be_read(client, question_set):
    _, key = finish(question_set)

    assert client.head(address(key)).status_code == 200
    assert client.post(address(key)).status_code == 405


def test_the_same_result_is_the_same_document(client, question_set):
    _, key = finish(question_set)

    assert client.get(address(key)).content == client.get(address(key)).content


def test_who_is_not_sure_reads_what_to_find_out(client, question_set):
    _, key = finish(question_set, A3=None, B2=None, C2=None)

    said = words(read(client.get(address(key))))

    assert "What to find out" in said
    assert "with 3 “Not sure” answers" in said
    assert said.count("How does a finished change reach production?") == 2


def test_a_perfect_result_takes_one_page_and_names_no_gap(client, question_set):
    _, key = finish(question_set, 3)

    document = read(client.get(address(key)))

    assert len(document.pages) == 1
    assert "What holds the team back most" not in words(document)


def test_a_name_that_cannot_be_drawn_is_set_in_letters(client, question_set):
    SiteSettings.objects.update(name='Łódź "Systems" <b> #1')
    _, key = finish(question_set)

    document = read(client.get(address(key)))

    assert 'Łódź "Systems" <b> #1' in words(document)
    assert is_pdf_ua(document)


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
def test_any_words_of_editors_are_printed_as_they_stand(question_set, odd):
    assessment, key = finish(question_set, **GAPS)
    report = reports.report(assessment)
    gaps = reports.with_articles(report.holding_back)
    for part, fields in [
        (report.result, ["name", "summary", "next_step"]),
        (report.rule, ["explanation"]),
        *((bar.dimension, ["name"]) for bar in report.bars),
        *((said.question, ["text", "holds_back", "remedy"]) for said in report.answers),
    ]:
        for field in fields:
            setattr(part, field, odd)  # not saved: a published set never changes

    document = read(pdf.render(report, gaps=gaps, key=key, letterhead=LETTERHEAD))

    assert document.metadata.title.startswith("Readiness for async contractors: ")
    assert document.trailer["/Root"]["/MarkInfo"]["/Marked"]
    if odd.strip() and odd.isascii() and odd.isprintable() and len(odd) < 200:
        assert words(document).count(odd) > 5
        assert is_pdf_ua(document)


def test_threads_do_not_mix_their_documents(question_set):
    made = {}
    finished = {}
    for value, result in [(3, "Ready"), (1, "Foundations first"), (0, "Not yet")]:
        assessment, key = finish(question_set, value)
        report = reports.report(assessment)
        finished[result] = report, key

    def print_it(result):
        report, key = finished[result]
        for _ in range(5):
            document = pdf.render(report, gaps=[], key=key, letterhead=LETTERHEAD)
            made.setdefault(result, set()).add(document)

    threads = [
        threading.Thread(target=print_it, args=[result]) for result in finished for _ in "12"
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {result: len(documents) for result, documents in made.items()} == dict.fromkeys(
        finished, 1
    )
    for result, [document] in made.items():
        assert result in read(document).metadata.title


def test_every_result_of_the_first_set_is_said_to_be_pdf_ua(client, question_set):
    for value in (0, 1, 2, 3, None):
        _, key = finish(question_set, value)
        assert is_pdf_ua(read(client.get(address(key)))), value
    assert QuestionSet.objects.count() == 1
