"""Shares, numbers and what rules ask for, in words."""

from fractions import Fraction

from readiness import scoring
from readiness.models import NOT_SURE


def share_text(share: float) -> str:
    """As a percentage, never rounded down to nothing nor up to everything."""
    percent = share * 100
    if 0 < percent < 0.1:
        return "under 0.1%"
    if 99.9 < percent < 100:
        return "over 99.9%"
    return f"{percent:.0f}%" if percent in (0, 100) else f"{percent:.1f}%"


def demand_text(demand: scoring.Demand) -> str:
    """What is asked and what there is, in numbers."""
    match demand.name:
        case "unsure":
            return f"“{NOT_SURE}” {demand.actual} times, needs {demand.required}"
        case "below":
            return f"total {number(demand.actual)}, has to be below {demand.required}"
        case "total":
            return f"total {number(demand.actual)}, needs {demand.required}"
        case "dimension":
            return f"{demand.subject} {number(demand.actual)}%, needs {demand.required}%"
        case "zero":
            if demand.actual is None and not demand.holds:
                return f"{demand.subject} is not asked, has to score 0"
            said = f"“{NOT_SURE}”" if demand.actual is None else demand.actual
            return f"{demand.subject} is {said}, has to score 0"


def number(value: Fraction | int | None) -> str:
    """To one decimal place, but never rounded up to a whole number that it does not reach."""
    exact = Fraction(value or 0)
    tenths = round(exact * 10)
    if tenths % 10 == 0 and tenths > exact * 10:
        tenths -= 1
    return f"{tenths // 10}.{tenths % 10}" if tenths % 10 else str(tenths // 10)
