"""Addresses as each country writes them.

The layouts are those of Google's address metadata, which CLDR points to and libaddressinput
ships (cpp/src/region_data_constants.cc; the Latin-script form where a country has two). They use
its letters: %A street, %C city, %S region, %Z postal code, | ends a line. Country codes before the
postal code are left out, because the last line names the country.
"""

import re
from typing import TYPE_CHECKING

from django_countries import countries

if TYPE_CHECKING:
    from offices.models import Office

ELSEWHERE = "%A|%Z %C|%S"

LAYOUTS: dict[str, str] = {
    country: layout
    for countries, layout in [
        ("AT BE CH CZ DE DK EE FI FR GR HR IS LT LU NL NO PL PT RO RS SE SI SK", "%A|%Z %C"),
        ("ES IT", "%A|%Z %C %S"),
        ("AR CL MY", "%A|%Z %C|%S"),
        ("AU CA", "%A|%C %S %Z"),
        ("US", "%A|%C, %S %Z"),
        ("TW", "%A|%C, %S %Z"),
        ("GB EG UA", "%A|%C|%S|%Z"),
        ("IE", "%A|%C|%S|%Z"),
        ("IL NZ SA SG", "%A|%C %Z"),
        ("KE ZA", "%A|%C|%Z"),
        ("AE HK VN", "%A|%C|%S|%Z"),
        ("IN NG", "%A|%C %Z|%S"),
        ("ID TH", "%A|%C|%S %Z"),
        ("PH", "%A|%C|%Z %S"),
        ("JP", "%A|%C, %S|%Z"),
        ("CN", "%A|%C|%S, %Z"),
        ("KR", "%A|%C|%S|%Z"),
        ("BR", "%A|%C-%S|%Z"),
        ("MX", "%A|%Z %C, %S"),
        ("CO", "%A|%C, %S|%Z"),
        ("HU", "%C|%A|%Z"),
        ("LV", "%A|%C, %Z"),
        ("TR", "%A|%Z %C/%S"),
    ]
    for country in countries.split()
}


def address_lines(office: "Office") -> list[str]:
    """The lines of the address, the country's English name last. Missing parts leave no trace."""
    parts = {
        "%A": office.street.strip(),
        "%C": office.city.strip(),
        "%S": office.region.strip(),
        "%Z": office.postal_code.strip(),
    }
    layout = LAYOUTS.get(str(office.country), ELSEWHERE)
    lines = [_line(pattern, parts) for pattern in layout.split("|")]
    lines = [line for line in lines if line]
    country = countries.name(str(office.country))
    if lines[-1:] != [country]:  # Singapore needs saying once
        lines.append(country)
    return lines


def _line(pattern: str, parts: dict[str, str]) -> str:
    """Fill one line. What stands between two parts is kept only where both are there."""
    line = between = ""
    for piece in re.split("(%[ACSZ])", pattern):
        if piece not in parts:
            between = piece
        elif parts[piece]:
            line += (between if line else "") + parts[piece]
    return line
