"""Taking the assessment: the one door by which answers enter.

Whoever has an assessment's key goes on with it. The key is random (256 bits), given to the visitor
and kept nowhere; from it the result's key is made, which cannot be turned back into it.
"""

import hashlib
import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from django.db import transaction
from django.utils import timezone

from readiness import scoring, statistics
from readiness.models import Assessment, AssessmentQuerySet, QuestionSet
from readiness.wishes import check as check_wishes
from web import request_ids
from web.contributions import counted

KEPT_FOR = timedelta(days=30)  # an assessment that is not finished
RESULT_KEPT_FOR = timedelta(days=120)  # long enough to compare with the next quarter's
MAX_BATCH_SIZE = 500
KEY = re.compile(r"[A-Za-z0-9_-]{43}")


class Finished(Exception):
    """The assessment has its result already; nothing was changed."""


class Incomplete(Exception):
    """There are questions without an answer; nothing was changed."""


def begin(question_set: QuestionSet, *, at: datetime | None = None) -> tuple[Assessment, str]:
    """A new assessment without an answer, begun now or `at`, and the key that goes on with it."""
    key = secrets.token_urlsafe(32)
    began = at or timezone.now()
    assessment = Assessment.objects.create(
        question_set=question_set,
        started_at=began,
        expires_at=began + KEPT_FOR,
        key_hash=_hash(key),
        result_hash=_hash(result_key(key)),
    )
    return assessment, key


def result_key(key: str) -> str:
    """What shows the result and can be passed on: it does not open the answers to change."""
    digest = hashlib.sha256(f"readiness result {key}".encode()).digest()
    return urlsafe_b64encode(digest).decode().rstrip("=")


def find(key: str) -> Assessment | None:
    """The assessment to go on with; None when there is none of that key, or its time is over."""
    found = _opened_by(key_hash=key)
    return None if found is None or found.has_expired else found


def find_result(key: str) -> Assessment | None:
    """The finished assessment whose result this key shows; it may have expired."""
    found = _opened_by(result_hash=key)
    return found if found and found.is_finished else None


def result_hash(key: str) -> str:
    """What the result of that key is found by in the table; of no key it is nothing."""
    return _hash(key) if KEY.fullmatch(key) else ""


def _opened_by(**key: str) -> Assessment | None:
    ((name, value),) = key.items()
    if not KEY.fullmatch(value):
        return None
    return Assessment.objects.filter(**{name: _hash(value)}).first()


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


@transaction.atomic
def save(
    assessment: Assessment,
    *,
    answers: Mapping[str, int | None] | None = None,
    wishes: Mapping[str, str] | None = None,
) -> None:
    """Keep these beside what is kept already: of two tabs, neither loses the other's steps.

    Raises `Finished` when the result is there: what it was made of never changes; and ValueError
    for wishes that nobody could choose.
    """
    check_wishes(wishes or {})
    _hold(assessment)
    assessment.answers = {**assessment.answers, **(answers or {})}
    assessment.wishes = {**assessment.wishes, **(wishes or {})}
    assessment.save(update_fields=["answers", "wishes"])


@transaction.atomic
def finish(assessment: Assessment, *, at: datetime | None = None) -> None:
    """Give the assessment its result, for good, now or `at`. Raises `Finished` or `Incomplete`."""
    _hold(assessment)
    questions = QuestionSet.objects.for_asking().get(pk=assessment.question_set_id)
    if questions.questions.keys() - assessment.answers.keys():
        raise Incomplete
    profile = scoring.score(questions.rubric(), assessment.answers)
    ended = at or timezone.now()
    assessment.points = {letter: float(round(few, 1)) for letter, few in profile.points.items()}
    assessment.total = _rounded(profile.total)
    assessment.rule = questions.ordered_rules[profile.rule]
    assessment.finished_at, assessment.expires_at = ended, ended + RESULT_KEPT_FOR
    assessment.request_id = request_ids.current()
    changed = ["points", "total", "rule", "finished_at", "expires_at", "request_id"]
    assessment.save(update_fields=changed)


@transaction.atomic
def forget(assessments: AssessmentQuerySet) -> int:
    """Delete some of these, and keep of them what `statistics` counts; return how many it were.

    To be called until it returns 0. Each is counted once, however many do this at the same time;
    one that someone holds, because they answer it or send it along, is left alone.
    """
    held = assessments.order_by("pk").select_for_update(of=("self",), skip_locked=True)
    keys = [assessment.pk for assessment in held[:MAX_BATCH_SIZE]]
    # Asked once more, now that nobody else changes them: what they waited for may have ended.
    going = list(assessments.filter(pk__in=keys))
    statistics.count_what_goes(counted(assessments.filter(pk__in=[one.pk for one in going])))
    Assessment.objects.filter(pk__in=[assessment.pk for assessment in going]).delete()
    return len(going)


def _hold(assessment: Assessment) -> None:
    """Bring it up to date, and let nobody else change it until the commit."""
    assessment.refresh_from_db(from_queryset=Assessment.objects.select_for_update())
    if assessment.is_finished:
        raise Finished


def _rounded(points: Fraction) -> Decimal:
    return Decimal(str(float(round(points, 1))))
