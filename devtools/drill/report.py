"""What visitors saw of each fault, and whether a promise was missed."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from devtools.drill.load import PAGE, PICTURE, SEARCH, STATIC, Load, Mailbox, Read, Sender

READERS_WAIT = 2.0  # seconds at most
MAILED_WITHIN = 60.0  # seconds after everything is back


@dataclass(frozen=True)
class Trial:
    """One fault: when it began, when all was back, and until when it was watched."""

    name: str
    began: float
    back: float
    ended: float
    restarts: int  # how often a supervisor had to start something that ended by itself
    needs_database: bool = False  # then what needs it may be refused, if it is said honestly
    needs_files: bool = False  # then pictures may be missing

    def of(self, load: Load) -> tuple[list[Read], list[Sender]]:
        reads = [one for one in load.reads if self.began <= one.at < self.ended]
        return reads, [one for one in load.senders if self.began <= one.at < self.ended]


@dataclass(frozen=True)
class Row:
    """What one trial came to."""

    trial: Trial
    waits: dict[str, float]  # the longest, by kind
    failures: dict[str, Counter[str]]  # by kind
    reads: int
    sent: int
    thanked_at_once: int
    thanked_later: int
    refusals: Counter[str]
    mailed_once: int
    doubled: int
    lost: int
    seconds: float  # until all emails were there, once everything was back

    def misses(self) -> list[str]:
        return [*self._of_readers(), *self._of_inquiries(), *self._of_emails()]

    def _of_readers(self) -> Iterator[str]:
        exempt = {SEARCH} if self.trial.needs_database else set()
        exempt |= {PICTURE} if self.trial.needs_files else set()
        for kind in {PAGE, SEARCH, STATIC, PICTURE} - exempt:
            wait = self.waits.get(kind, 0.0)
            if wait > READERS_WAIT:
                yield f"a {kind} took {wait:.1f} s"

    def _of_inquiries(self) -> Iterator[str]:
        never = self.sent - self.thanked_at_once - self.thanked_later
        if never:
            yield f"{never} were never thanked"
        if self.trial.needs_database:  # to be refused is right then, and to be told the truth
            bad = Counter({s: n for s, n in self.refusals.items() if "form kept" not in s})
        else:
            bad = self.refusals
        if bad:
            yield f"tries to send an inquiry failed: {_counts(bad)}"

    def _of_emails(self) -> Iterator[str]:
        if self.lost:
            yield f"emails of {self.lost} inquiries are missing"
        if self.doubled:
            yield f"emails of {self.doubled} inquiries came twice"
        if self.seconds > MAILED_WITHIN:
            yield f"the last email came {self.seconds:.0f} s after everything was back"


def row(trial: Trial, load: Load, mailbox: Mailbox) -> Row:
    reads, senders = trial.of(load)
    copies, complete_at = mailbox.copies(), mailbox.complete_at()
    waits: dict[str, float] = {}
    failures: dict[str, Counter[str]] = {}
    for one in reads:
        waits[one.kind] = max(waits.get(one.kind, 0.0), one.waited)
        failures.setdefault(one.kind, Counter()).update(one.failures)
    thanked = [one for one in senders if one.thanked_at]
    complete = [one for one in thanked if one.email in complete_at]
    doubled = [one for one in complete if max(copies[one.email].values()) > 1]
    return Row(
        trial=trial,
        waits=waits,
        failures={kind: counts for kind, counts in failures.items() if counts},
        reads=len(reads),
        sent=len(senders),
        thanked_at_once=sum(not one.failures for one in thanked),
        thanked_later=sum(bool(one.failures) for one in thanked),
        refusals=Counter(said for one in senders for said in one.failures),
        mailed_once=len(complete) - len(doubled),
        doubled=len(doubled),
        lost=len(thanked) - len(complete),
        seconds=max((complete_at[one.email] - trial.back for one in complete), default=0.0),
    )


def tables(rows: Sequence[Row]) -> str:
    """Both tables in Markdown: what readers saw, and what became of inquiries."""
    return f"{_table(READERS, map(_of_readers, rows))}\n\n{_table(SENDERS, map(_of_senders, rows))}"


READERS = ["killed", "reads", "longest wait: page", "search", "picture", "failed tries"]
SENDERS = [
    "killed", "sent", "thanked at once", "on another try", "failed tries", "mailed once", "doubled",
    "lost", "all mailed", "restarts",
]  # fmt: skip


def _of_readers(one: Row) -> list[str]:
    waits = [f"{one.waits.get(kind, 0):.2f} s" for kind in [PAGE, SEARCH, PICTURE]]
    failures = [f"{kind}: {_counts(said)}" for kind, said in one.failures.items()]
    return [one.trial.name, str(one.reads), *waits, "; ".join(failures) or "none"]


def _of_senders(one: Row) -> list[str]:
    thanked = [str(one.thanked_at_once), str(one.thanked_later), _counts(one.refusals) or "none"]
    mailed = [str(one.mailed_once), str(one.doubled), str(one.lost)]
    seconds = f"{max(0.0, one.seconds):.0f} s"
    return [one.trial.name, str(one.sent), *thanked, *mailed, seconds, str(one.trial.restarts)]


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _counts(said: Counter[str]) -> str:
    return ", ".join(f"{count} × {what}" for what, count in said.most_common())
