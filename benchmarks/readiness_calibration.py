#!/usr/bin/env python3
"""How long the figures of the assessment take among 100 assessments and among 10,000.

    .venv/bin/python benchmarks/readiness_calibration.py

Starts a PostgreSQL of its own, fills it with closed leads that came with a finished assessment and
with as many unfinished ones that came with none, and asks for each page inside this process. Then
lets all the unfinished ones expire and deletes them. Needs PostgreSQL to be installed, and touches
nothing of it.
"""

import random
import secrets
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from statistics import median

from django.db import connection
from django.http.response import HttpResponseBase
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.in_process import product_on_postgres

FEW, MANY = 100, 10_000
TIMES = 15


def main() -> None:
    with product_on_postgres():
        measure()


def measure() -> None:
    from django.test import Client  # Django is set up only now

    from accounts.models import User
    from readiness import taking
    from readiness.models import Assessment, QuestionSet

    [questions] = QuestionSet.objects.published()
    root = User.objects.create_superuser("root@desk.example", secrets.token_urlsafe(), name="Root")
    client = Client(headers={"host": "127.0.0.1:8000"})
    client.force_login(root)
    pages = {
        "calibration": "/admin/leads/lead/calibration/",
        "its CSV": "/admin/leads/lead/calibration/csv/",
        "one version's figures": f"/admin/readiness/questionset/{questions.pk}/statistics/",
    }

    fill(FEW)
    few = {name: ask(partial(client.get, path)) for name, path in pages.items()}
    fill(MANY - FEW)
    many = {name: ask(partial(client.get, path)) for name, path in pages.items()}
    Assessment.objects.filter(finished_at=None).update(expires_at=timezone.now())
    began = time.perf_counter()
    gone = 0
    while count := taking.forget(Assessment.objects.expired()):
        gone += count
    spent = time.perf_counter() - began

    print(f"| page | queries | with {FEW} of each | with {MANY:,} |")
    print("| --- | ---: | ---: | ---: |")
    for name, (queries, before) in few.items():
        queries = max(queries, many[name][0])
        print(f"| {name} | {queries} | {before:.0f} ms | {many[name][1]:.0f} ms |")
    print(f"\n{gone:,} expired ones counted and deleted in {spent:.1f} s.")


def ask(act: Callable[[], HttpResponseBase]) -> tuple[int, float]:
    """How many queries it takes, and the median of its milliseconds."""
    act()
    with CaptureQueriesContext(connection) as queries:
        assert act().status_code == 200
    count = len(queries)  # the next request empties the log
    spent = []
    for _ in range(TIMES):
        began = time.perf_counter()
        act()
        spent.append(time.perf_counter() - began)
    return count, median(spent) * 1000


def fill(count: int) -> None:
    """So many closed leads with an assessment, and so many assessments that nobody finished."""
    from leads.models import Contact, Inquiry, InquiryAssessment, Lead
    from privacy import wordings
    from readiness import scoring
    from readiness.models import Assessment, QuestionSet

    asked, wording = QuestionSet.objects.current(), wordings.live()
    assert asked
    chance, now = random.Random(count), timezone.now()
    rubric, keys = asked.rubric(), list(asked.questions)
    contacts = Contact.objects.bulk_create(
        Contact(
            name=f"Visitor {n}", email=f"{count}-{n}@x.example", address=f"{count}-{n}@x.example"
        )
        for n in range(count)
    )
    leads = Lead.objects.bulk_create(
        Lead(
            contact=contact,
            stage=stage,
            lost_because="price" if stage == "lost" else "",
            closed_at=now,
            value=chance.randint(5, 90) * 1000,
            currency=chance.choice(["EUR", "USD"]),
        )
        for contact in contacts
        for stage in [chance.choice(["won", "lost"])]
    )
    inquiries = Inquiry.objects.bulk_create(
        Inquiry(
            name=lead.contact.name,
            email=lead.contact.email,
            message="Hello.",
            contact=lead.contact,
            lead=lead,
            notified_at=now,
            wording=wording,
            submission_key=secrets.token_hex(),
            fingerprint=secrets.token_hex(),
        )
        for lead in leads
    )

    def assessment(is_finished: bool) -> Assessment:
        answers = {key: chance.choice([0, 1, 2, 3, None]) for key in keys}
        made = Assessment(
            question_set=asked,
            answers=answers,
            started_at=now - timedelta(days=3),
            expires_at=now + timedelta(days=20),
            key_hash=secrets.token_hex(),
            result_hash=secrets.token_hex(),
        )
        if not is_finished:
            made.answers = dict(list(answers.items())[: chance.randint(0, len(keys))])
            return made
        profile = scoring.score(rubric, answers)
        made.total = Decimal(str(round(float(profile.total), 1)))
        made.rule, made.finished_at = asked.ordered_rules[profile.rule], now - timedelta(days=2)
        return made

    taken = Assessment.objects.bulk_create(assessment(True) for _ in range(count))
    Assessment.objects.bulk_create(assessment(False) for _ in range(count))
    InquiryAssessment.objects.bulk_create(
        InquiryAssessment(inquiry=inquiry, assessment=one)
        for inquiry, one in zip(inquiries, taken, strict=True)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


if __name__ == "__main__":
    main()
