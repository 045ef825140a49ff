"""What people in sales set right: an answer that was none, a next step as it should be.

Each is an act like those in `acts.doing`.
"""

from collections.abc import Iterable
from datetime import datetime

from accounts.models import User
from desk.models import Act
from leads.acts.each import Done, each
from leads.models import Lead, NextStep
from leads.pipeline import many, steps


def not_answered(leads: Iterable[Lead], *, by: User, at: datetime) -> Done:
    """Take the latest answer of each back, whoever gave it: what it answered waits again."""

    def change(held: list[Lead], act: Act, done: Done) -> list[Lead]:
        changed = many.take_answers_back(held, by=by, at=at, act=act)
        done.left_out += [
            f"{one.contact.name} has no answer to take back." for one in held if one not in changed
        ]
        return changed

    return each(leads, change, by=by, at=at)


def change_step(step: NextStep, *, by: User, at: datetime) -> Done:
    """Save a next step that was reworded, rescheduled, reassigned, completed or reopened. One that
    a colleague has canceled meanwhile is added again.
    """
    save = steps.restore_next_step if step.pk is None else steps.update_next_step

    def change(held: list[Lead], act: Act, done: Done) -> list[NextStep]:
        return [step] if held and save(step, by=by, at=at, act=act) else []

    return each([step.lead], change, by=by, at=at)


def cancel_step(step: NextStep, *, by: User, at: datetime) -> Done:
    """Delete a next step; the history keeps it."""

    def change(held: list[Lead], act: Act, done: Done) -> list[Lead]:
        for _ in held:
            steps.cancel_next_step(step, by=by, at=at, act=act)
        return held

    return each([step.lead], change, by=by, at=at)
