#!/usr/bin/env python3
"""How well the signs of spam tell spam from real inquiries: a labeled corpus, weighed.

    .venv/bin/python benchmarks/spam_filter.py [--show-unseen] [--learn]

Needs no services and takes a second. The weights are set on one half of the corpus (seen) and
measured on the other (unseen). Texts of the unseen half are shown only when asked for: once you
have read them, set no weights by what you read. --learn proposes weights, from the seen half alone.
"""

import argparse
import hashlib
import math
import random
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from leads.spam import weighing
from leads.spam.weights import DOUBTFUL_FROM, SUSPECTED_FROM, WEIGHTS

CORPUS = Path(__file__).parent / "spam_corpus"
HELD, MARKED, CLEAR = "held", "marked", "clear"
WORST = 10

Features = dict[str, int]

# How the weights are learned: see `learn`.
SHARE_FORGOTTEN = 0.5
COPIES = 4
STEPS = 300
COST_OF_A_REAL_ONE = 1.5
HOLD_ON = 1.0


@dataclass(frozen=True)
class Message:
    """One of the corpus, and what the rules make of it."""

    label: str
    sort: str
    language: str
    name: str
    email: str
    company: str
    message: str
    seconds: float | None = None
    trap: str = ""

    @property
    def is_spam(self) -> bool:
        return self.label == "spam"

    @property
    def is_seen(self) -> bool:
        """Which half it is in. By who wrote: one person's messages stay together, and a message
        that is added moves no other.
        """
        domain = self.email.casefold().rpartition("@")[2]
        writer = self.name.casefold() if domain.startswith("example.") else domain
        return hashlib.sha256(writer.encode()).digest()[-1] % 4 != 0

    @cached_property
    def signs(self) -> list[weighing.Sign]:
        return weighing.signs_of(
            name=self.name,
            email=self.email,
            company=self.company,
            message=self.message,
            trap=self.trap,
            seconds=self.seconds,
        )

    @property
    def points(self) -> int:
        return weighing.points(self.signs)

    @property
    def verdict(self) -> str:
        if self.points >= SUSPECTED_FROM:
            return HELD
        return MARKED if self.points >= DOUBTFUL_FROM else CLEAR

    @property
    def wrong_by(self) -> int:
        """By how many points it is on the wrong side; 0 or less on the right one."""
        over = self.points - DOUBTFUL_FROM + 1
        return 1 - over if self.is_spam else over


def corpus() -> list[Message]:
    return [
        Message(**message)
        for path in sorted(CORPUS.glob("*.toml"))
        for message in tomllib.loads(path.read_text(encoding="utf-8"))["message"]
    ]


def share(messages: Sequence[Message], label: str, *verdicts: str) -> float:
    """What percentage of those with the label got one of the verdicts."""
    these = [one for one in messages if one.label == label]
    return 100 * sum(one.verdict in verdicts for one in these) / len(these)


def report(messages: Sequence[Message], *, with_texts: bool) -> None:
    for label in ("spam", "real"):
        these = [one for one in messages if one.label == label]
        _print_shares(label, these)
        for by in ("sort", "language"):
            for group, _ in Counter(getattr(one, by) for one in these).most_common():
                _print_shares(f"  {group}", [one for one in these if getattr(one, by) == group])
    wrong = sorted((one for one in messages if one.wrong_by > 0), key=lambda one: -one.wrong_by)
    print(f"  The worst of {len(wrong)} wrong ones:")
    for one in wrong[:WORST]:
        print(f"  {one.label} ({one.sort}, {one.language}): {one.points} points, {one.verdict}")
        if with_texts:
            print(f"      {one.name}, {one.company}: {' '.join(one.message.split())[:300]}")
        for reason in weighing.reasons(one.signs) if with_texts else [_kinds(one)]:
            print(f"      {reason}")


def _print_shares(name: str, messages: Sequence[Message]) -> None:
    counts = Counter(one.verdict for one in messages)
    shares = (f"{100 * counts[one] / len(messages):5.1f} % {one}" for one in (HELD, MARKED, CLEAR))
    print(f"  {name:26} {len(messages):4}  {'  '.join(shares)}")


def _kinds(message: Message) -> str:
    return ", ".join(f"{sign.kind} {sign.points:+d}" for sign in message.signs)


def learn(messages: Iterable[Message]) -> dict[str, float]:
    """Weights by which these messages are told apart, staying near those that there are.

    A logistic regression: a message at DOUBTFUL_FROM points is as likely spam as not. The corpus is
    small, and its phrases helped to choose ours; so each message is taken several times, each time
    with half of its phrases forgotten, as if nobody had thought of them. No sign changes sides.
    """
    chance = random.Random(1)
    examples = [(_features(one, chance), one.is_spam) for one in messages for _ in range(COPIES)]
    before = {kind: float(weight.points) for kind, weight in WEIGHTS.items()}
    now, speed = dict(before), dict.fromkeys(before, 0.0)
    for step in range(STEPS):
        slope = {kind: 2 * HOLD_ON * (now[kind] - before[kind]) for kind in now}
        for features, is_spam in examples:
            over = sum(now[kind] * times for kind, times in features.items()) - DOUBTFUL_FROM
            error = 1 / (1 + math.exp(-max(-30.0, min(30.0, over)))) - is_spam
            error *= (1 if is_spam else COST_OF_A_REAL_ONE) * 200 / len(examples)
            for kind, times in features.items():
                slope[kind] += error * times
        for kind in now:
            speed[kind] = 0.8 * speed[kind] + slope[kind]
            moved = now[kind] - 0.008 * speed[kind] / (1 + step / 150)
            now[kind] = max(0.0, moved) if before[kind] > 0 else min(0.0, moved)
    return now


def _features(message: Message, chance: random.Random) -> Features:
    times = {sign.kind: sign.times for sign in message.signs if sign.kind != "nothing_asked"}
    for kind in times.keys() & weighing.PHRASES.themes:
        times[kind] = sum(chance.random() > SHARE_FORGOTTEN for _ in range(times[kind]))
    features = {kind: min(n, WEIGHTS[kind].most) for kind, n in times.items() if n}
    if weighing.ASKING.isdisjoint(features):
        features["nothing_asked"] = 1
    return features


def main() -> None:
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("--show-unseen", action="store_true", help="show texts of that half, too")
    parser.add_argument("--learn", action="store_true", help="propose weights from the seen half")
    arguments = parser.parse_args()
    messages = corpus()
    seen = [one for one in messages if one.is_seen]
    if arguments.learn:
        for kind, points in learn(seen).items():
            now = WEIGHTS[kind].points
            note = "" if round(points) == now else f"   now {now:+d}"
            print(f"{kind:18} {points:+5.1f}{note}")
        return
    print(f"Seen: the weights were set on these {len(seen)}.")
    report(seen, with_texts=True)
    unseen = [one for one in messages if not one.is_seen]
    print(f"\nUnseen: measured on these {len(unseen)}.")
    report(unseen, with_texts=arguments.show_unseen)


if __name__ == "__main__":
    main()
