"""Sheets of XLSX files that somebody sends us, read as text.

Such a file is a ZIP archive, so a small one may hold more than our memory: it is measured before
it is read.
"""

import io
import re
import zipfile
import zlib
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from desk import spreadsheets

BEGINS = b"PK\x03\x04"
MAX_UNPACKED = 60 * 1024**2  # bytes
MAX_ROWS, MAX_COLUMNS = 50_000, 50  # a reader makes room for every cell up to the last one
# Where a row or a cell says that it stands, in whatever part of the archive a sheet may be.
PLACE = re.compile(rb"""\br\s*=\s*["']\s*([A-Za-z]{0,10})(\d{1,20})""")


class Unreadable(Exception):
    """No XLSX file that we can read, with what to do about it."""


def rows_of(content: bytes) -> list[list[str]]:
    """Of the first sheet, from its first row on, whatever is empty."""
    _measure(content)
    try:
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
        rows = sheet.to_python(skip_empty_area=False)
    except (CalamineError, IndexError) as error:
        raise Unreadable("This is not a readable Excel file. Save it as CSV.") from error
    return [[_cell(cell) for cell in row] for row in rows]


def _cell(value: Any) -> str:
    return spreadsheets.said(
        int(value) if isinstance(value, float) and value.is_integer() else value
    )


def _measure(content: bytes) -> None:
    """Raises `Unreadable` for what would not fit into memory."""
    left = MAX_UNPACKED
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                with archive.open(name) as part:
                    xml = part.read(left + 1)  # whatever size it pretends to have
                left -= len(xml)
                if left < 0:
                    raise Unreadable("There is too much in this file. Save it as CSV.")
                _check_places(xml)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        raise Unreadable("This Excel file is broken or locked. Save it as CSV.") from error


def _check_places(xml: bytes) -> None:
    for letters, digits in PLACE.findall(xml):
        column = 0
        for letter in letters.upper():
            column = column * 26 + letter - ord("A") + 1
        if column > MAX_COLUMNS or int(digits) > MAX_ROWS:
            raise Unreadable("A cell is far outside the table. Delete it, or save as CSV.")
