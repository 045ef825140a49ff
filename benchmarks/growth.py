"""A year of the demo's traffic times a thousand: what the site takes of its disk, month by month.

    .venv/bin/python benchmarks/growth.py [--times 1000] [--months 12]

The demo has 25 inquiries in 33 days. Each simulated day writes as many as that times a thousand,
with people, leads, histories and emails as long as the demo's own, assessments, the most searches
and missing pages that are counted, and the pictures of a busy week. Then the night is passed as the
worker passes it, at the clock of that day: what is old is deleted by the rules of retention, and
files without owner go. What is told of a month is what the page *Settings → Disk* shows. At the end
of each quarter a real `pg_dump` says how large one archive is.

Needs what the tests need: a PostgreSQL server on this machine. The database is made and dropped.
"""

import argparse
import itertools
import os
import random
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import time_machine

from benchmarks.in_process import product_on_postgres

DAYS_OF_DEMO = 33
PICTURES_A_WEEK = 10
LEFT_BEHIND = 0.1  # of the pictures: uploads that ended before their row was saved
UNFINISHED = 2  # assessments that are given up, for each that is finished
MB = 1_000_000


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--times", type=int, default=1000)
    parser.add_argument("--months", type=int, default=12)
    options = parser.parse_args()
    with product_on_postgres():
        call_command("seed", verbosity=0, stdout=StringIO())
        Year(options.times).pass_by(options.months)


class Year:
    def __init__(self, times: int) -> None:
        from leads.models import Inquiry, Notification
        from mail.models import Message
        from offices.models import Office
        from privacy import wordings
        from readiness.models import Assessment, QuestionSet

        self.chance = random.Random(1)
        inquiries = list(Inquiry.objects.all())
        self.a_day = round(len(inquiries) * times / DAYS_OF_DEMO)
        self.texts = [one.message for one in inquiries]
        emails = Message.objects.exclude(html="")
        self.emails = {
            kind: list(emails.filter(notification__kind=kind))
            for kind in (Notification.Kind.NOTIFICATION, Notification.Kind.ACKNOWLEDGMENT)
        }
        self.assessments = list(Assessment.objects.all())
        self.with_assessment = len(self.assessments) / len(inquiries)
        self.questions = QuestionSet.objects.current()
        self.wording = wordings.live()
        self.office = Office.objects.headquarters()
        self.pictures = [
            (one.file.size, [each.file.size for each in one.renditions.all()])
            for one in _images_with_renditions()
        ]
        self.number = itertools.count(1)
        self.start = timezone.now().replace(hour=3, minute=0, second=0, microsecond=0)
        self.deleted = 0

    def pass_by(self, months: int) -> None:
        print(f"{self.a_day} inquiries a day.", flush=True)
        began, archive = time.perf_counter(), 0
        for month in range(1, months + 1):
            for day in range(365 * (month - 1) // 12, 365 * month // 12):
                at = self.start + timedelta(days=day)
                with time_machine.travel(at):
                    self.live_through(at)
                    self.deleted += _pass_the_night(at)
            with connection.cursor() as cursor:
                cursor.execute("VACUUM ANALYZE")  # as PostgreSQL does by itself by then
            if month % 3 == 0:
                archive = _size_of_an_archive()
            _tell(month, archive, self.deleted, time.perf_counter() - began)

    def live_through(self, at: datetime) -> None:
        self.receive(at)
        self.take_assessments(at)
        _count_visits(at, self.chance)
        if at.weekday() == 0:
            for _ in range(PICTURES_A_WEEK):
                self.upload(at)

    def receive(self, at: datetime) -> None:
        from leads.models import (
            Activity,
            Answer,
            Company,
            Contact,
            Inquiry,
            Lead,
            Notification,
            SpamMark,
        )
        from mail.models import Message

        numbers = list(itertools.islice(self.number, self.a_day))
        kinds = {n: self._fate(n) for n in numbers}
        kept = [n for n in numbers if kinds[n] != "held"]
        companies = Company.objects.bulk_create(
            Company(name=f"Company {n}", domain=f"company{n}.example") for n in kept[::3]
        )
        contacts = Contact.objects.bulk_create(
            Contact(
                name=f"Person {n}", email=f"p{n}@example.com", address=f"p{n}@example.com",
                company=self.chance.choice(companies),
            )
            for n in kept
        )  # fmt: skip
        closed = at + timedelta(days=20)
        leads = Lead.objects.bulk_create(
            Lead(
                contact=contact, office=self.office, opened_at=at, responded_at=at,
                kind=kinds[n] if kinds[n] in ("job", "support", "vendor", "press") else "work",
                stage=kinds[n] if kinds[n] in ("won", "lost") else "new",
                closed_at=closed if kinds[n] in ("won", "lost") else None,
                lost_because="price" if kinds[n] == "lost" else "",
            )
            for n, contact in zip(kept, contacts, strict=True)
        )  # fmt: skip
        of = dict(zip(kept, leads, strict=True))
        inquiries = Inquiry.objects.bulk_create(
            Inquiry(
                name=f"Person {n}", email=f"p{n}@example.com", message=self._text(n),
                contact=of[n].contact if n in of else None, lead=of.get(n), received_at=at,
                notified_at=at if n in of else None, wording=self.wording, office=self.office,
                verdict="clear" if n in of else "suspected", submission_key=f"growth:{n}",
                fingerprint=uuid.uuid4().hex * 2, points=0, request_id=uuid.uuid4().hex,
                source_path="/contact/", referrer_host="www.google.com", language="eng",
            )
            for n in numbers
        )  # fmt: skip
        staff = self._somebody()
        SpamMark.objects.bulk_create(
            SpamMark(inquiry=one, by=staff, at=at)
            for n, one in zip(numbers, inquiries, strict=True)
            if kinds[n] == "spam"
        )
        Activity.objects.bulk_create(
            Activity(lead=lead, kind=kind, at=at, text=text)
            for lead in leads
            for kind, text in (
                ("inquiry", "Sent from /contact/"),
                ("note", "Called them back; they want an estimate by the end of next week."),
                ("stage", "New → Contacted"),
            )
        )
        Answer.objects.bulk_create(Answer(lead=lead, by=staff, at=at) for lead in leads)
        written = [
            (inquiry, kind, self.chance.choice(self.emails[kind]))
            for inquiry in inquiries
            if inquiry.lead_id
            for kind in (Notification.Kind.NOTIFICATION, Notification.Kind.ACKNOWLEDGMENT)
        ]
        messages = Message.objects.bulk_create(
            Message(
                key=f"inquiry {inquiry.pk} {kind}", to=inquiry.email, subject=like.subject,
                sender_name=like.sender_name, text=like.text, html=like.html, state="sent",
                headers={"X-Request-ID": inquiry.request_id}, created_at=at, due_at=at, sent_at=at,
                message_id=f"<{uuid.uuid4()}@example.com>",
            )
            for inquiry, kind, like in written
        )  # fmt: skip
        Notification.objects.bulk_create(
            Notification(
                inquiry=inquiry, kind=kind, recipient=inquiry.email, mailbox=inquiry.email,
                message=message,
            )
            for (inquiry, kind, _), message in zip(written, messages, strict=True)
        )  # fmt: skip

    def take_assessments(self, at: datetime) -> None:
        from readiness import taking
        from readiness.models import Assessment

        count = round(self.a_day * self.with_assessment)
        keys = ((uuid.uuid4().hex * 2, uuid.uuid4().hex * 2) for _ in itertools.count())
        Assessment.objects.bulk_create(
            Assessment(
                question_set=like.question_set, answers=like.answers, wishes=like.wishes,
                started_at=at, finished_at=at if is_finished else None,
                expires_at=at + (taking.RESULT_KEPT_FOR if is_finished else taking.KEPT_FOR),
                key_hash=key, result_hash=result, points=like.points if is_finished else {},
                total=like.total if is_finished else None, rule=like.rule if is_finished else None,
            )
            for number in range(count * (1 + UNFINISHED))
            for is_finished in [number < count]
            for like in [self.chance.choice(self.assessments)]
            for key, result in [next(keys)]
        )  # fmt: skip

    def upload(self, at: datetime) -> None:
        from images.models import Image, Rendition

        original, renditions = self.chance.choice(self.pictures)
        digest = uuid.uuid4().hex * 2
        folder = f"images/{''.join(self.chance.choices('abcdefghijklmnopqrstuvwxyz234567', k=12))}"
        name = f"images/{digest[:2]}/{digest}.jpg"
        names = [f"{folder}/{number}.avif" for number in range(len(renditions))]
        for path, size in zip([name, *names], [original, *renditions], strict=True):
            default_storage.save(path, ContentFile(os.urandom(size)))
            os.utime(default_storage.path(path), (at.timestamp(), at.timestamp()))
        if self.chance.random() < LEFT_BEHIND:
            return
        image = Image.objects.create(
            file=name, title="A picture", alt="What it shows", width=1600, height=900, digest=digest
        )
        Rendition.objects.bulk_create(
            Rendition(image=image, format="avif", width=number + 1, height=1, file=path)
            for number, path in enumerate(names)
        )

    def _fate(self, n: int) -> str:
        """As in the demo: of 25, three are held or spam, and four are no work."""
        share = self.chance.random()
        for kind, until in (
            ("held", 0.08), ("spam", 0.12), ("job", 0.17), ("support", 0.22), ("vendor", 0.26),
            ("press", 0.28), ("lost", 0.73), ("won", 0.83),
        ):  # fmt: skip
            if share < until:
                return kind
        return "new"

    def _text(self, n: int) -> str:
        """As long as the demo's, and no two the same, as the index of words has to keep each."""
        words = self.chance.choice(self.texts).split()
        for _ in range(max(1, len(words) // 20)):
            place = self.chance.randrange(len(words))
            words[place] = f"{words[place]}{self.chance.randrange(3000)}"
        return " ".join(words)

    def _somebody(self) -> Any:
        from accounts.models import User

        return User.objects.order_by("pk").first()


def _images_with_renditions() -> Iterator[Any]:
    from images import renditions
    from images.models import Image

    for one in Image.objects.all():
        renditions.make(one.pk)
        yield one


def _count_visits(at: datetime, chance: random.Random) -> None:
    """As many different ones as are counted at most: more than enough people look."""
    from articles.models import SearchCount
    from articles.search_log import MAX_PER_DAY
    from redirects.missing import MAX_KEPT
    from redirects.models import MissingPage

    SearchCount.objects.bulk_create(
        SearchCount(day=at.date(), query=f"ledger migration {number}", count=3, results=2)
        for number in range(MAX_PER_DAY)
    )
    room = MAX_KEPT - MissingPage.objects.count()
    MissingPage.objects.bulk_create(
        MissingPage(
            path=f"/old/{at:%Y%m%d}/{number}-{chance.randrange(10**9)}", first_seen=at, last_seen=at
        )
        for number in range(min(room, 500))
    )


def _pass_the_night(at: datetime) -> int:
    """As the worker does, only that it has the whole night for itself. How many rows went."""
    from privacy import retention
    from web import disk, growth

    night = retention.go_on(at, seconds=float("inf"))
    growth.delete_what_nobody_needs(at)
    if at.day == 1:  # to count everything takes its time, and only the month is told
        disk.record()
    return sum(night.counts.values_list("count", flat=True)) if night else 0


def _size_of_an_archive() -> int:
    """Of the database, as `manage.py backup` dumps it."""
    url = os.environ["DATABASE_URL"]
    with tempfile.NamedTemporaryFile() as file:
        subprocess.run(["pg_dump", "--format=custom", url], stdout=file, check=True)
        return os.fstat(file.fileno()).st_size


def _tell(month: int, archive: int, deleted: int, seconds: float) -> None:
    """In MB. The apps are called as on the page; what is small is one column."""
    from web import disk

    parts = disk.measure()
    tables = {one.name: one.size for one in parts if one.group == disk.DATABASE}
    shown = {name: tables.pop(name) for name in ("Sales", "Mail", "Readiness", "Articles")}
    shown["Other tables"] = sum(tables.values())
    shown["Database"] = sum(shown.values())
    shown["Uploads"] = sum(one.size for one in parts if one.group == disk.UPLOADS)
    shown["One dump"] = archive
    if month == 1:
        print(f"| month | {' | '.join(shown)} | rows deleted | minutes |")
        print(f"| ---: {'| ---: ' * (len(shown) + 2)}|")
    sizes = " | ".join(f"{size / MB:,.0f}" for size in shown.values())
    print(f"| {month} | {sizes} | {deleted:,} | {seconds / 60:,.0f} |", flush=True)


if __name__ == "__main__":
    main()
