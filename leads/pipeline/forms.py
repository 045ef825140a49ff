"""Fields that several forms of sales have."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from accounts.models import User
from accounts.roles import SALES
from leads import money
from leads.models import Lead


class CurrencyField(forms.ChoiceField):
    """One of ISO 4217's, in whatever case it comes."""

    def __init__(self, **kwargs: Any) -> None:
        choices = [(code, f"{code} · {money.NAMES[code]}") for code in money.CODES]
        super().__init__(choices=choices, **kwargs)

    def to_python(self, value: str | None) -> str:
        return money.code(super().to_python(value))


class StageRadios(forms.RadioSelect):
    """Each stage has a key, and leads on to the field that it needs."""

    ASKS = {
        Lead.Stage.PROPOSAL: "value",
        Lead.Stage.WON: "value",
        Lead.Stage.LOST: "lost_because",
    }

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        key = Lead.Stage.values.index(value) + 1
        option["attrs"] |= {"data-key": str(key), "data-key-name": str(option["label"])}
        if asked := self.ASKS.get(value):
            option["attrs"]["data-leads-to"] = asked
        return option


def who_may_take_care(others: QuerySet[User]) -> QuerySet[User]:
    """Active people in sales, and those who took care of it before they left."""
    return (User.objects.with_role(SALES) | others).distinct()
