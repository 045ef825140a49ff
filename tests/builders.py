"""Valid objects, saved. A test names only what it is about."""

from datetime import timedelta
from decimal import Decimal
from itertools import count

from django.apps import apps
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from accounts.models import User
from articles import publishing
from articles.models import Article, Author, Byline, Revision, Series, Topic
from images import uploads
from images.models import Image
from leads.intake import receiving
from leads.models import Inquiry, InquiryAssessment, Lead
from leads.pipeline import moves
from leads.spam.weighing import Sign
from offices.models import Office
from pages.models import Page
from readiness import publishing as questions
from readiness import taking
from readiness.migrations import _first_questions
from readiness.models import Assessment, QuestionSet
from tests.pictures import picture_file

numbers = count(1)

# Signs enough to hold an inquiry, and too few of them for that.
SPAM = [Sign(6, "The hidden field was filled in.")]
DOUBT = [Sign(3, "There is markup in it.")]


def image(**fields) -> Image:
    """With a small real file, unlike any other. `file` takes a picture of the test's own."""
    number = next(numbers)
    upload = fields.pop("file", None) or picture_file(color=(number % 256, number // 256, 99))
    defaults = {"title": f"Picture {number}", "alt": "A wall painted in one color"}
    return uploads.receive(upload, **(defaults | fields))


def office(**fields) -> Office:
    number = next(numbers)
    defaults = {
        "name": f"Office {number}",
        "slug": f"office-{number}",
        "street": "Carlsberg Gate 1",
        "postal_code": "1260",
        "city": "København",
        "country": "DK",
        "timezone": "Europe/Copenhagen",
    }
    return Office.objects.create(**(defaults | fields))


def user(*, role="", password=None, **fields) -> User:
    """Staff with that role, or with none. Without a password only `force_login` lets them in."""
    number = next(numbers)
    defaults = {"email": f"person-{number}@example.com", "name": f"Person {number}"}
    made = User.objects.create_user(password=password, **(defaults | fields))
    if role:
        made.groups.add(Group.objects.get(name=role))
    return made


def signed_in(role="", **fields) -> Client:
    """The browser of someone new with that role, who is at the desk already."""
    client = Client()
    client.force_login(user(role=role, **fields))
    return client


def author(**fields) -> Author:
    number = next(numbers)
    defaults = {"name": f"Author {number}", "slug": f"author-{number}", "job_title": "Engineer"}
    return Author.objects.create(**(defaults | fields))


def topic(**fields) -> Topic:
    number = next(numbers)
    return Topic.objects.create(**({"name": f"Topic {number}", "slug": f"topic-{number}"} | fields))


def series(**fields) -> Series:
    number = next(numbers)
    defaults = {"title": f"Series {number}", "slug": f"series-{number}"}
    return Series.objects.create(**(defaults | fields))


def article(
    *, live_from=-timedelta(days=1), authors=None, topics=(), text=None, **fields
) -> Article:
    """Live since yesterday, by some author. `live_from` is a moment, or how far it is from now;
    with None it is a draft. `text` is that of its one revision."""
    made = Article.objects.create(**({"slug": f"article-{next(numbers)}"} | fields))
    for position, writer in enumerate([author()] if authors is None else authors):
        Byline.objects.create(article=made, author=writer, position=position)
    made.topics.set(topics)
    revision(made, live_from=live_from, **(text or {}))
    return made


def revision(of: Article, *, live_from=None, by=None, **text) -> Revision:
    """The draft of the article, or with a moment (as in `article`) a published revision."""
    if of.revisions.exists():
        defaults = {}
    else:
        number = next(numbers)
        defaults = {
            "title": f"Title {number}",
            "summary": f"Summary {number}",
            "body": f"<p>Body {number}</p>",
        }
    draft = publishing.save_draft(of, text=defaults | text, by=by)
    if live_from is None:
        return draft
    at = timezone.now() + live_from if isinstance(live_from, timedelta) else live_from
    return publishing.publish(of, at=at)


def page(**fields) -> Page:
    number = next(numbers)
    defaults = {"slug": f"page-{number}", "title": f"Page {number}", "body": "<p>Some copy</p>"}
    return Page.objects.create(**(defaults | fields))


def question_set() -> QuestionSet:
    """The first one, published, as the migration makes it."""
    if not QuestionSet.objects.exists():  # gone with the rest where a test emptied the tables
        _first_questions.publish(apps, None)
    current = QuestionSet.objects.current()
    assert current
    return current


def second_question_set() -> QuestionSet:
    """The current one, published once more under the next number."""
    questions.publish(questions.draft(note="Milder"), at=timezone.now())
    current = QuestionSet.objects.current()
    assert current
    return current


def assessment(*, answers=2, until=None, at=None, of=None) -> Assessment:
    """Taken and finished now, or at that moment. `answers` is one for all, or each in order; with
    `until` only so many of them are given, and it is not finished.
    """
    asked = QuestionSet.objects.for_asking().get(pk=of.pk) if of else QuestionSet.objects.current()
    keys = list(asked.questions)
    values = list(answers) if isinstance(answers, list | tuple) else [answers] * len(keys)
    made, _ = taking.begin(asked, at=at)
    taking.save(made, answers=dict(list(zip(keys, values, strict=True))[:until]))
    if until is None:
        taking.finish(made, at=at)
    return made


def lead(**fields) -> Lead:
    """Of someone new who wrote a moment ago. Fields are those of the inquiry."""
    number = next(numbers)
    defaults = {
        "name": f"Visitor {number}",
        "email": f"visitor-{number}@example.com",
        "message": "We need a ledger.",
    }
    made = receiving.receive(Inquiry(**(defaults | fields))).lead
    assert made
    return made


def closed_lead(*, won=True, taken=(), value=None, currency="EUR", at=None) -> Lead:
    """Of someone new, closed now or at that moment. `taken` are the assessments that came along,
    whenever they were finished. Nobody is mailed of it.
    """
    number, moment = next(numbers), at or timezone.now()
    inquiry = receiving.receive(
        Inquiry(
            name=f"Visitor {number}",
            email=f"visitor-{number}@example.com",
            message="Hello.",
            notified_at=moment,
        )
    )
    for one in taken:
        InquiryAssessment.objects.create(inquiry=inquiry, assessment=one)
    lead = inquiry.lead
    moves.revise(lead, {"currency": currency}, by=None, at=moment)
    stage, worth = ("won" if won else "lost"), Decimal(value or 0)
    moves.move(lead, stage, by=None, at=moment, lost_because="price", value=worth)
    if value is None:  # as it was possible before a won lead needed a value
        Lead.objects.filter(pk=lead.pk).update(value=None)
    return lead
