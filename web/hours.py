"""When people somewhere are at work, as an app says it of its offices."""

from dataclasses import dataclass
from datetime import datetime, time


@dataclass(frozen=True)
class WorkingHours:
    name: str
    zone: str  # "Europe/Copenhagen"
    weekdays: str  # "12345"; 1 is Monday
    opens_at: time
    closes_at: time

    def is_open(self, local: datetime) -> bool:
        is_working_day = str(local.isoweekday()) in self.weekdays
        return is_working_day and self.opens_at <= local.time() < self.closes_at
