"""Amounts and their currencies: ISO 4217's active ones, each with its digits."""

import re
import unicodedata
from decimal import Decimal

from iso4217 import Currency

# Units in which nobody is paid: funds, indexed units, and what is no currency.
_NOT_PAID_IN = {"BOV", "CHE", "CHW", "CLF", "COU", "MXV", "USN", "UYI", "UYW"}
DIGITS: dict[str, int] = {
    one.code: one.exponent
    for one in sorted(Currency, key=lambda one: one.code)
    if one.exponent is not None and one.code not in _NOT_PAID_IN
}
CODES = tuple(DIGITS)
NAMES = {one.code: one.currency_name for one in Currency if one.code in DIGITS}
MAX_VALUE = Decimal("9999999999")

_SPACES = re.compile(r"[\s'’_]+")
_PLAIN = re.compile(r"\d+(?:\.\d+)?")
_GROUPED = re.compile(r"\d{1,3}(?:[.,]\d{3})+")


class AmountError(ValueError):
    """What was typed is not an amount, or is ambiguous. The message says so."""


def code(typed: str) -> str:
    """The code as ISO writes it, if it is one: "eur" and full-width letters are "EUR"."""
    return unicodedata.normalize("NFKC", typed).strip().upper()


def parse(typed: str, currency: str) -> Decimal:
    """The amount, however its thousands and decimals are set apart. Raises `AmountError`.

    Of two different separators the last one sets the decimals apart; one that comes twice sets
    thousands apart. One separator before exactly three digits sets thousands apart as well,
    unless the currency has three decimals: then it could be either.
    """
    text = _SPACES.sub("", unicodedata.normalize("NFKC", typed))
    text = "".join(str(unicodedata.digit(one)) if one.isdigit() else one for one in text)
    digits = DIGITS.get(currency, 2)
    amount = _decimal(text, digits, currency)
    if amount > MAX_VALUE:
        raise AmountError("The highest value is 9,999,999,999.")
    if amount != round(amount, digits):
        decimals = {0: "no decimals", 2: "two decimals", 3: "three decimals"}[digits]
        raise AmountError(f"{currency} has {decimals}: write a number {_example(digits)}")
    return amount


def _decimal(text: str, digits: int, currency: str) -> Decimal:
    separators = [one for one in text if one in ".,"]
    if len(set(separators)) == 2:
        whole, _, decimals = text.rpartition(separators[-1])
        if separators.count(separators[-1]) == 1 and (whole.isdigit() or _GROUPED.fullmatch(whole)):
            text = f"{re.sub('[.,]', '', whole)}.{decimals}"
    elif len(separators) > 1 and _GROUPED.fullmatch(text):
        text = re.sub("[.,]", "", text)
    elif len(separators) == 1:
        whole, _, rest = text.partition(separators[0])
        if _GROUPED.fullmatch(text) and whole != "0":
            if digits == 3:
                raise AmountError(
                    f"In {currency} this could be {whole}{rest} or {whole} and {rest} thousandths: "
                    f"write {whole}{rest}, or {whole}.{rest}0 for the smaller amount."
                )
            text = whole + rest
        else:
            text = f"{whole}.{rest}"
    if not _PLAIN.fullmatch(text):
        raise AmountError(f"Write the value as a number {_example(digits)}")
    return Decimal(text)


def _example(digits: int) -> str:
    return "such as 120000." if digits == 0 else f"such as 120000 or 1250.{'50000'[:digits]}."


def display(amount: Decimal | None, currency: str) -> str:
    """As staff read it: with the currency's decimals, unless there are none to show."""
    if amount is None:
        return "none"
    digits = DIGITS.get(currency, 2)
    is_whole = amount == amount.to_integral_value()
    return f"{amount:,.{0 if is_whole else max(digits, _digits_of(amount))}f}"


def plain(amount: Decimal, currency: str) -> str:
    """As a form shows it: what `parse` reads back as the same."""
    digits = max(DIGITS.get(currency, 2), _digits_of(amount))
    if amount == amount.to_integral_value():
        return f"{amount:.0f}"
    # Never exactly three decimals: they would be read as thousands.
    return f"{amount:.{4 if digits == 3 else digits}f}"


def _digits_of(amount: Decimal) -> int:
    exponent = amount.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
