"""CSV files for spreadsheet programs, which must not take what people wrote for a formula."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence

# What spreadsheet programs take for the beginning of a formula, in full width as well.
FORMULA = tuple("=+-@＝＋－＠")
# Where a program may begin a new cell: at a separator other than ours, at the end of a line.
CELLS = re.compile(r"[;,\t|\r\n\v\f\x1c-\x1e\x85\u2028\u2029]")


def write(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """RFC 4180, every cell quoted and guarded, with the mark by which programs know UTF-8."""
    file = io.StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([guarded(cell) for cell in row])
    return f"\ufeff{file.getvalue()}"


def guarded(cell: str) -> str:
    """The cell so that no program runs any part of it, wherever it splits lines into cells.

    `unguarded` gives it back as it was.
    """
    return "".join(f"'{part}" if _needs_a_guard(part) else part for part in _parts(cell))


def unguarded(cell: str) -> str:
    return "".join(
        part[1:] if part.startswith("'") and _needs_a_guard(part[1:]) else part
        for part in _parts(cell)
    )


def _parts(cell: str) -> list[str]:
    """Each with the separator at its end."""
    begins = [0, *(found.end() for found in CELLS.finditer(cell))]
    return [cell[begin:end] for begin, end in zip(begins, [*begins[1:], None], strict=True)]


def _needs_a_guard(part: str) -> bool:
    """Programs skip blanks, quotes and what nobody sees before they look for the sign."""
    for character in part:
        if character == '"' or character.isspace():
            continue
        if unicodedata.category(character) not in ("Cc", "Cf", "Mn"):
            return character == "'" or character in FORMULA
    return False
