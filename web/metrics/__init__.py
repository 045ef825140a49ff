"""What the site counts about itself, for /metrics, in the words of Prometheus.

A counter or a histogram is defined where it is counted, and named in the `counted` of its app's
contribution:

    REFUSED = Counter("site_limit_refusals_total", "Requests refused by a limit.", ("limit",))
    REFUSED.add("inquiries")

What is asked at each scrape (rows, a queue, a disk) are gauges: functions in `gauges` there. Labels
have few values, all of them ours: a route, a state; never what someone typed, never an address.
https://prometheus.io/docs/practices/naming/ and .../instrumenting/exposition_formats/.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from web.metrics.shared import Slot, numbers


@dataclass(frozen=True)
class Counter:
    """Something that is counted by every process of this machine and never falls."""

    name: str
    about: str
    labels: tuple[str, ...] = ()
    kind = "counter"

    def slot(self, *values: str) -> Slot:
        """Where it is counted: for those who count so often that `add` would be felt."""
        found = numbers.found.get((self.name, values))
        if found is None:
            found = (numbers.slot(sample(self.name, zip(self.labels, values, strict=True))),)
            numbers.found[self.name, values] = found
        return found[0]

    def add(self, *values: str, much: float = 1) -> None:
        self.slot(*values)[0] += much


@dataclass(frozen=True)
class Histogram:
    """How long something took, in seconds: how many took no longer than each of `steps`."""

    name: str
    about: str
    labels: tuple[str, ...] = ()
    steps: tuple[float, ...] = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
    kind = "histogram"

    def observe(self, seconds: float, *values: str) -> None:
        slots = numbers.found.get((self.name, values)) or self._slots(values)
        slots[0][0] += seconds
        slots[1][0] += 1
        for slot in slots[2 + bisect_left(self.steps, seconds) :]:
            slot[0] += 1

    def _slots(self, values: tuple[str, ...]) -> tuple[Slot, ...]:
        said = [*zip(self.labels, values, strict=True)]
        steps = [*(f"{step:g}" for step in self.steps), "+Inf"]
        names = [sample(f"{self.name}_{end}", said) for end in ("sum", "count")]
        names += [sample(f"{self.name}_bucket", [*said, ("le", step)]) for step in steps]
        found = numbers.found[self.name, values] = tuple(numbers.slot(name) for name in names)
        return found


@dataclass(frozen=True)
class Gauge:
    """Something that is asked when somebody wants to know, with all its samples."""

    name: str
    about: str
    labels: tuple[str, ...] = ()
    samples: Iterable[tuple[tuple[str, ...], float]] = field(default=(), compare=False)
    kind = "gauge"


Counted = Counter | Histogram
Gauges = Callable[[], Iterable[Gauge]]


def sample(name: str, labels: Iterable[tuple[str, str]]) -> str:
    """The name of one number, as it stands on /metrics."""
    said = ",".join(f'{label}="{_escaped(value)}"' for label, value in labels)
    return f"{name}{{{said}}}" if said else name


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
