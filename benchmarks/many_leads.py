"""Leads by the hundred thousand, for the benchmarks of sales: people, companies, words, moments.

Rows are written past the triggers and the index of search is made from them afterwards, as it is
for a database that has them already. The same rows at every run.
"""

import random
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import accumulate, islice
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone

from accounts.models import User
from devtools.environment import ROOT
from leads.models import (
    SPAM,
    Activity,
    Answer,
    Company,
    Contact,
    Inquiry,
    InquiryKind,
    Kind,
    Lead,
    NextStep,
    SpamMark,
)
from leads.search import upkeep
from offices.models import Office
from privacy import wordings

BATCH = 2_000
YEARS = 3
FIRST_NAMES = (
    "Freja Mikkel Lone Ada Carla Jonas Emma Sofía Łukasz Çelik Noah Olivia Amira Wei Yuki Priya "
    "Søren Ngozi Matteo Chloé Björn Zoë Ivan Fatima Liam Hana Tomás Ingrid Kwame Leïla Anders Mei "
    "Rahul Elif Dina Kim Henrik Astrid Pavel Marta"
)
LAST_NAMES = (
    "Mortensen Sørensen Nguyen García Kowalski Schmidt Rossi Tanaka Okafor Yılmaz Dubois Novák "
    "Jensen Andersson Murphy Patel Haddad Kim Lindqvist Fernández Müller Petrov Larsen Costa Weber "
    "Ivanova Bianchi Sato Mensah Demir Lefèvre Horák Nilsson Byrne Shah Khoury Park Berg Ruiz Vogel"
)
FIRMS = (
    "Nord Blue Clear Iron Silver North Bright Stone Green River Harbor Summit Cedar Falcon Delta"
)
TRADES = "Pay Labs Logistics Health Energy Foods Retail Systems Capital Media Freight Robotics"
FORMS = ("A/S", "ApS", "GmbH", "Ltd", "Inc.", "B.V.", "AB", "S.A.", "")
SOURCES = ("", "", "", "linkedin", "newsletter", "google", "conference", "podcast")
HOSTS = ("", "", "www.google.com", "news.ycombinator.com", "www.linkedin.com", "duckduckgo.com")
# What benchmarks ask for, and in what share of the texts it stands.
SAID_BY_VISITORS = {"reconciliation": 0.04, "migration": 0.12, "integration": 0.35}
SAID_IN_NOTES = {"quote": 0.45, "budget": 0.2, "kickoff": 0.05}
RARE = "kestrelmark"  # in two inquiries, however many there are
STAGES = (["new"] * 10 + ["contacted"] * 15 + ["qualified"] * 10 + ["proposal"] * 5
          + ["won"] * 20 + ["lost"] * 40)  # fmt: skip
REASONS = ("Too expensive", "Chose another vendor", "No budget this year", "No answer", "Postponed")


class ManyLeads:
    """As many leads as wanted, with three lines of history each, and no others."""

    def __init__(self) -> None:
        self.now = timezone.now().replace(microsecond=0)
        self.words = made_words()
        self.weights = list(accumulate(1 / (rank + 3) for rank in range(len(self.words))))
        self.office = Office.objects.headquarters() or Office.objects.create(
            name="Copenhagen", slug="copenhagen", street="Carlsberg Gate 1", city="København",
            postal_code="1260", country="DK", timezone="Europe/Copenhagen", is_headquarters=True,
        )  # fmt: skip
        self.staff = [
            User.objects.create_user(email=f"sales-{number}@example.com", name=name, password=None)
            for number, name in enumerate(["Mikkel Holm", "Lone Krogh", "Aisha Bello"])
        ]
        self.wording = wordings.live()

    def fill(self, count: int) -> None:
        numbers = range(1, count + 1)
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE leads_company, leads_contact CASCADE")
        with _past_the_triggers():
            _write(Company, (self._company(n) for n in numbers if n % 3 == 0))
            _write(Contact, (self._contact(n) for n in numbers))
            _write(Lead, (self._lead(n, count) for n in numbers))
            _write(Inquiry, (one for n in numbers for one in self._inquiries(n, count)))
            _write(SpamMark, (self._spam_mark(n) for n in numbers if n % 24 == 0))
            sorted_by_someone = (n for n in numbers if self._kind(n) not in ("", SPAM))
            _write(InquiryKind, map(self._sorted, sorted_by_someone))
            _write(Answer, (self._answer(n, count) for n in numbers if self._stage(n) != "new"))
            _write(Activity, (one for n in numbers for one in self._history(n, count)))
            _write(NextStep, (self._step(n) for n in numbers if n % 4 == 0))
        upkeep.fill("default")
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")  # as PostgreSQL does by itself within minutes

    def _company(self, n: int) -> Company:
        name = self._firm(n)
        return Company(
            pk=n, name=f"{name} {n}", domain=f"{re.sub('[^a-z]', '', name.lower())}{n}.com"
        )

    def _firm(self, n: int) -> str:
        chance = random.Random(f"firm {n}")
        parts = [chance.choice(FIRMS.split()) + chance.choice(TRADES.split()), chance.choice(FORMS)]
        return " ".join(filter(None, parts))

    def _contact(self, n: int) -> Contact:
        chance = random.Random(f"contact {n}")
        name = f"{chance.choice(FIRST_NAMES.split())} {chance.choice(LAST_NAMES.split())}"
        local = re.sub(r"[^a-z.]", "", name.lower().replace(" ", "."))
        company = n - n % 3 if n >= 3 and chance.random() < 0.7 else None
        domain = (
            f"firm{company}.example" if company else chance.choice(["gmail.com", "outlook.com"])
        )
        digits = "".join(chance.choices("0123456789", k=8))
        phone = f"+45 {digits[:4]} {digits[4:]}" if chance.random() < 0.4 else ""
        return Contact(
            pk=n, name=name, email=f"{local}.{n}@{domain}", address=f"{local}.{n}@{domain}",
            phone=phone, job_title=chance.choice(["CTO", "Head of Engineering", "Founder", ""]),
            company_id=company,
        )  # fmt: skip

    def _opened(self, n: int, count: int) -> datetime:
        """The latest an hour ago, the first years before."""
        return self.now - timedelta(hours=1) - (count - n) * timedelta(days=365 * YEARS) / count

    def _stage(self, n: int) -> str:
        return random.Random(f"stage {n}").choice(STAGES)

    def _lead(self, n: int, count: int) -> Lead:
        chance, opened, stage = random.Random(f"lead {n}"), self._opened(n, count), self._stage(n)
        answered = opened + timedelta(hours=5) if stage != "new" else None
        step = self._step(n) if n % 4 == 0 else None
        return Lead(
            pk=n, contact_id=n, kind=self._kind(n), stage=stage, stage_since=opened,
            owner=chance.choice([None, *self.staff]),
            office=self.office, opened_at=opened, respond_by=opened + timedelta(days=1),
            responded_at=answered, first_responded_at=answered,
            value=chance.choice([5_000, 12_000, 48_000]) if stage in ("proposal", "won") else None,
            closed_at=opened + timedelta(days=20) if stage in ("won", "lost") else None,
            lost_reason=chance.choice(REASONS) if stage == "lost" else "",
            step_due=step.due_on if step and not step.done_at else None,
        )  # fmt: skip

    def _kind(self, n: int) -> str:
        """As its inquiries say: of some leads nobody has said it yet."""
        if n % 24 == 0 and n % 5:
            return SPAM
        if n % 20 == 3:
            return random.Random(f"kind {n}").choice([kind for kind in Kind if kind != Kind.WORK])
        return Kind.WORK if n % 2 else ""

    def _sorted(self, n: int) -> InquiryKind:
        return InquiryKind(
            pk=n, inquiry_id=2 * n, kind=self._kind(n), by=self.staff[0], at=self.now
        )

    def _inquiries(self, n: int, count: int) -> Iterable[Inquiry]:
        contact = self._contact(n)
        for number in range(2 if n % 5 == 0 else 1):
            chance = random.Random(f"inquiry {n} {number}")
            received = self._opened(n, count) + timedelta(minutes=number)
            said = self._text(chance, chance.randint(25, 120), SAID_BY_VISITORS)
            rare = f" {RARE}" if n in (7, 900) and not number else ""
            yield Inquiry(
                pk=2 * n + number, name=contact.name, email=contact.email, message=f"{said}{rare}.",
                company=self._firm(n), source_path=chance.choice(["/contact/", "/services/", "/"]),
                referrer_host=chance.choice(HOSTS), utm_source=chance.choice(SOURCES),
                received_at=received, wording=self.wording, submission_key=f"{n}:{number}",
                fingerprint=f"{n}:{number}", contact_id=n, lead_id=n, office=self.office,
                notified_at=received,
            )  # fmt: skip

    def _spam_mark(self, n: int) -> SpamMark:
        return SpamMark(pk=n, inquiry_id=2 * n, by=self.staff[0], at=self.now)

    def _answer(self, n: int, count: int) -> Answer:
        at = self._opened(n, count) + timedelta(hours=5)
        return Answer(pk=n, lead_id=n, by=self.staff[n % 3], at=at)

    def _history(self, n: int, count: int) -> Iterable[Activity]:
        chance, opened = random.Random(f"history {n}"), self._opened(n, count)
        note = self._text(chance, chance.randint(8, 30), SAID_IN_NOTES)
        lines = [
            (Activity.Kind.INQUIRY, "Sent from /contact/"),
            (Activity.Kind.NOTE, note),
            chance.choice([
                (Activity.Kind.STAGE, "New → Contacted"),
                (Activity.Kind.NEXT_STEP, f"Added: {self._text(chance, 5, {})} (due 3 Mar 2027)"),
                (Activity.Kind.OWNER, "Assigned to Mikkel Holm"),
            ]),
        ]  # fmt: skip
        for number, (kind, text) in enumerate(lines):
            yield Activity(
                pk=3 * n + number, lead_id=n, kind=kind, text=text, by=self.staff[n % 3],
                at=opened + timedelta(hours=number),
            )  # fmt: skip

    def _step(self, n: int) -> NextStep:
        chance = random.Random(f"step {n}")
        due = (
            (self.now + timedelta(days=chance.randint(-40, 40))).astimezone(ZoneInfo("UTC")).date()
        )
        done = self.now if chance.random() < 0.6 else None
        text = self._text(chance, 5, {})
        return NextStep(
            pk=n, lead_id=n, text=text, due_on=due, owner=self.staff[n % 3], done_at=done
        )

    def _text(self, chance: random.Random, length: int, planted: dict[str, float]) -> str:
        words = chance.choices(self.words, cum_weights=self.weights, k=length)
        for word, share in planted.items():
            if chance.random() < share:
                words.insert(chance.randrange(len(words)), word)
        return " ".join(words).capitalize()


def made_words() -> list[str]:
    """Words of our demo articles, and 30,000 made ones, the most frequent first."""
    chance = random.Random(1)
    texts = sorted((ROOT / "articles" / "demo" / "texts").glob("*"))
    text = " ".join(re.sub(r"<[^>]+>", " ", path.read_text()) for path in texts)
    counts: dict[str, int] = {}
    for word in re.findall(r"[a-z]{2,}", text.lower()):
        counts[word] = counts.get(word, 0) + 1
    planted = {*SAID_BY_VISITORS, *SAID_IN_NOTES, RARE}
    common = sorted(counts.keys() - planted, key=lambda word: (-counts[word], word))
    syllables = re.findall("..", "bacodefiguhalomaneporasitovuwezo")
    ends = ["", "s", "ing", "ed", "er", "ation", "ity", "able"]
    made = {
        "".join(chance.choices(syllables, k=chance.randint(2, 4))) + chance.choice(ends)
        for _ in range(30_000)
    }
    return [*common, *sorted(made)]


@contextmanager
def _past_the_triggers() -> Iterator[None]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield


def _write(model: type[Model], rows: Iterable[Model]) -> None:
    """In batches; the next row that is added in the ordinary way gets a number after them."""
    waiting, table = iter(rows), model._meta.db_table
    while batch := list(islice(waiting, BATCH)):
        model._default_manager.bulk_create(batch)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
        )
