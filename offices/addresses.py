"""Addresses as each country writes them.

The formats are Google's address metadata, which CLDR points to: address_formats.json says where
they come from and of which day they are. Their letters: %A street, %C city, %S region, %Z postal
code, %n ends a line. %N and %O (who), %D (a part of the city) and %X (a sorting code) have no field
of ours. An office always has a city, and the country's name ends the address, so that names and
codes of the country within a format are left out.
"""

import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from django_countries import countries

if TYPE_CHECKING:
    from offices.models import Office

# Formats without a place for the city, or without a blank behind it, as we read them.
ADAPTED = {
    "AE": "%A%n%C%n%S",
    "GI": "%A%n%C%n%Z",
    "JP": "%A%n%C, %S%n%Z",
    "KY": "%A%n%C, %S %Z",
    "MO": "%A%n%C",
    "MZ": "%A%n%Z %C %S",
    "NR": "%A%n%C%n%S",
    "SG": "%A%n%C %Z",
}
_FIELDS = {"%A": "street", "%C": "city", "%S": "region", "%Z": "postal_code"}
_PIECE = re.compile("(%[ACDNOSXZ])")
# “FI-%Z”, “FO%Z”, “AZ %Z” where the country is named anyway; a line of nothing but “JERSEY”.
_COUNTRY_CODE = re.compile(r"^[A-Z]{1,2}[- ]?(?=%Z)")
_COUNTRY_NAME = re.compile(r"[^\W\d_]+")


class Formats(TypedDict):
    """What we read of address_formats.json."""

    formats: dict[str, str]  # by country
    elsewhere: str


def address_lines(office: "Office") -> list[str]:
    """The lines of the address, the country's English name last. Missing parts leave no trace."""
    parts = {letter: getattr(office, field).strip() for letter, field in _FIELDS.items()}
    lines = [_line(pattern, parts) for pattern in _layout(str(office.country))]
    lines = [line for line in lines if line]
    country = countries.name(str(office.country))
    if lines[-1:] != [country]:  # Singapore needs saying once
        lines.append(country)
    return lines


def unused_parts(office: "Office") -> list[str]:
    """The filled-in fields that addresses of the office's country have no place for."""
    layout = "".join(_layout(str(office.country)))
    return [
        field
        for letter, field in _FIELDS.items()
        if letter not in layout and getattr(office, field).strip()
    ]


@cache
def _layout(country: str) -> tuple[str, ...]:
    formats = _formats()
    pattern = ADAPTED.get(country) or formats["formats"].get(country, formats["elsewhere"])
    lines = (_COUNTRY_CODE.sub("", line) for line in pattern.split("%n"))
    return tuple(line for line in lines if not _COUNTRY_NAME.fullmatch(line))


@cache
def _formats() -> Formats:
    formats: Formats = json.loads((Path(__file__).parent / "address_formats.json").read_text())
    return formats


def _line(pattern: str, parts: dict[str, str]) -> str:
    """Fill one line. What stands between two parts is kept only where both are there."""
    line = between = ""
    for piece in _PIECE.split(pattern):
        if not _PIECE.fullmatch(piece):
            between = piece
        elif part := parts.get(piece, ""):
            line += (between if line else "") + part
    return line
