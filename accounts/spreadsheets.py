"""CSV files for spreadsheet programs, which must not take what people wrote for a formula."""

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence

# What spreadsheet programs take for the beginning of a formula, in full width as well.
FORMULA = tuple("=+-@＝＋－＠")


def write(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """RFC 4180, every cell guarded, with the mark by which spreadsheet programs know UTF-8."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([guarded(cell) for cell in row])
    return f"\ufeff{file.getvalue()}"


def guarded(cell: str) -> str:
    """The cell so that no spreadsheet program runs it. `unguarded` gives it back as it was."""
    return f"'{cell}" if _needs_a_guard(cell) else cell


def unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _needs_a_guard(cell[1:]) else cell


def _needs_a_guard(cell: str) -> bool:
    """Programs skip blanks and characters that nobody sees before they look for the sign."""
    for character in cell:
        if not character.isspace() and unicodedata.category(character) not in ("Cc", "Cf"):
            return character == "'" or character in FORMULA
    return False
