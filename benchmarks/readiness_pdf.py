#!/usr/bin/env python3
"""What a readiness result as a PDF costs: time, memory, bytes, and the page beside it to compare.

    .venv/bin/python benchmarks/readiness_pdf.py

On a SQLite file of its own, all of Django with its middleware inside this process, no network.
"""

import os
import resource
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median, quantiles

import django
from django.db import connections

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

REQUESTS, THREADS = 300, 4


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        os.environ.update(
            DJANGO_SETTINGS_MODULE="config.settings",
            LOG_LEVEL="ERROR",
            READ_DOT_ENV="0",
            SECRET_KEY=secrets.token_urlsafe(50),
            SITE_URL="http://127.0.0.1:8000",
            VAR_DIR=folder,
        )
        for command in ("collectstatic --no-input", "migrate"):  # apart: their memory is not ours
            manage = [sys.executable, "manage.py", *command.split(), "--verbosity=0"]
            subprocess.run(manage, cwd=ROOT, check=True)
        django.setup()
        try:
            measure()
        finally:
            connections.close_all()


def measure() -> None:
    from django.test import Client  # Django is set up only now
    from django.urls import reverse

    from readiness import pdf, reports, taking
    from readiness.models import QuestionSet

    questions = QuestionSet.objects.current()
    assert questions
    assessment, key = taking.begin(questions)
    taking.save(assessment, answers=dict.fromkeys(questions.questions, 1))
    taking.finish(assessment)
    key = taking.result_key(key)
    client = Client(headers={"host": "127.0.0.1:8000"})
    report = reports.report(assessment)
    gaps = reports.with_articles(report.holding_back)
    letterhead = {"name": "Clean Systems", "mark": ""}

    def typeset(_: int = 0) -> bytes:
        return pdf.render(report, gaps=gaps, key=key, letterhead=letterhead)

    def ask(name: str) -> bytes:
        answer = client.get(reverse(f"readiness:{name}", args=[key]))
        assert answer.status_code == 200, answer
        return answer.content

    print("| what | bytes | median | p95 | peak memory of the process |")
    print("| --- | ---: | ---: | ---: | ---: |")
    show("the page, whole request", lambda: ask("result"))
    show("the PDF, typesetting alone", typeset)
    show("the PDF, whole request", lambda: ask("pdf"))
    began = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        made = len(list(pool.map(typeset, range(REQUESTS))))
    rate = made / (time.perf_counter() - began)
    print(
        f"\n{THREADS} threads at once: {rate:.0f} documents a second, {peak_mb():.0f} MB at most."
    )


def show(name: str, act: Callable[[], bytes]) -> None:
    size = len(act())  # the first loads templates and faces
    spent = []
    for _ in range(REQUESTS):
        began = time.perf_counter()
        act()
        spent.append((time.perf_counter() - began) * 1000)
    p95 = quantiles(spent, n=20, method="inclusive")[-1]
    print(f"| {name} | {size:,} | {median(spent):.1f} ms | {p95:.1f} ms | {peak_mb():.0f} MB |")


def peak_mb() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e6 if sys.platform == "darwin" else 1e3)


if __name__ == "__main__":
    main()
