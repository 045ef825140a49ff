"""Tables as files for spreadsheet programs, which must not take what people wrote for a formula.

CSV is guarded cell by cell; in XLSX a text is a text whatever it begins with. Both are written
row by row: no table is ever whole in memory.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from tempfile import TemporaryFile
from typing import IO, Any

from django.http import FileResponse
from django.utils import timezone
from import_export.formats.base_formats import Format
from xlsxwriter import Workbook

Cell = str | int | float | Decimal | date | datetime | bool | None

# What spreadsheet programs take for the beginning of a formula, in full width as well.
FORMULA = tuple("=+-@＝＋－＠")
# Where a program may begin a new cell: at a separator other than ours, at the end of a line.
CELLS = re.compile(r"[;,\t|\r\n\v\f\x1c-\x1e\x85\u2028\u2029]")

MAX_CELL = 32_767  # of XLSX, in UTF-16 units
CUT = " … (cut off: an Excel cell can hold no more; the CSV file has all of it)"
NO_XML = re.compile("[\ufffe\uffff]")


class TooLong(Exception):
    """More rows than a file of this kind can hold."""


class TableFormat(Format):  # type: ignore[misc]  # the package has no types
    """A kind of file, as django-import-export offers it."""

    title = extension = content_type = ""

    def get_title(self) -> str:
        return self.title

    def get_extension(self) -> str:
        return self.extension

    def get_content_type(self) -> str:
        return self.content_type

    def can_export(self) -> bool:
        return True

    def write(
        self, file: IO[bytes], columns: Sequence[str], rows: Iterable[Sequence[Cell]]
    ) -> None:
        raise NotImplementedError


class CSV(TableFormat):
    """RFC 4180, every cell quoted and guarded, with the mark by which programs know UTF-8."""

    title, extension, content_type = "CSV", "csv", "text/csv; charset=utf-8"

    def write(
        self, file: IO[bytes], columns: Sequence[str], rows: Iterable[Sequence[Cell]]
    ) -> None:
        text = io.TextIOWrapper(file, "utf-8-sig", newline="", write_through=True)
        writer = csv.writer(text, quoting=csv.QUOTE_ALL)
        writer.writerow(columns)
        for row in rows:
            writer.writerow([guarded(said(cell)) for cell in row])
        text.detach()


class XLSX(TableFormat):
    """One sheet. Numbers and moments are such; every other cell is a text and runs nothing."""

    title, extension = "Excel (XLSX)", "xlsx"
    max_rows = 1_048_575  # besides the columns' names
    content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    def write(
        self, file: IO[bytes], columns: Sequence[str], rows: Iterable[Sequence[Cell]]
    ) -> None:
        with Workbook(file, {"constant_memory": True, "remove_timezone": True}) as book:
            sheet = book.add_worksheet()
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, len(columns) - 1, 20)
            bold = book.add_format({"bold": True})
            looks = Looks(
                moment=book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
                day=book.add_format({"num_format": "yyyy-mm-dd"}),
            )
            for place, name in enumerate(columns):
                sheet.write_string(0, place, name, bold)
            for number, row in enumerate(rows, start=1):
                if number > self.max_rows:
                    raise TooLong(f"An Excel file can hold {self.max_rows:,} rows. Choose CSV.")
                for place, cell in enumerate(row):
                    _write_cell(sheet, (number, place), cell, looks)


@dataclass(frozen=True)
class Looks:
    """How a sheet shows what is no text."""

    moment: Any
    day: Any


def _write_cell(sheet: Any, at: tuple[int, int], cell: Cell, looks: Looks) -> None:
    match cell:
        case bool() | None | str():
            if text := _fitting(said(cell)):
                sheet.write_string(*at, text)
        case datetime():
            sheet.write_datetime(*at, _local(cell), looks.moment)
        case date():
            sheet.write_datetime(*at, cell, looks.day)
        case _:
            sheet.write_number(*at, float(cell))


FORMATS = [CSV, XLSX]


def as_file(
    of: TableFormat, name: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]]
) -> FileResponse:
    """The table to be kept by the browser. Whole on our disk first, so that it never ends early."""
    file = TemporaryFile()  # noqa: SIM115, the response closes it
    try:
        of.write(file, columns, rows)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return FileResponse(
        file,
        as_attachment=True,
        filename=f"{name}.{of.get_extension()}",
        content_type=of.get_content_type(),
    )


def said(cell: Cell) -> str:
    """The cell in words, moments as the clock of whoever is signed in shows them."""
    match cell:
        case None:
            return ""
        case bool():
            return "yes" if cell else "no"
        case datetime():
            return f"{_local(cell):%Y-%m-%d %H:%M}"
        case Decimal():
            return f"{cell:f}"
    return str(cell)


def _local(moment: datetime) -> datetime:
    return timezone.make_naive(moment) if timezone.is_aware(moment) else moment


def _fitting(text: str) -> str:
    """As much of it as a cell of XLSX holds."""
    text = NO_XML.sub("\ufffd", text)
    if len(text) * 2 <= MAX_CELL or len(coded := text.encode("utf-16-le")) // 2 <= MAX_CELL:
        return text
    return coded[: 2 * (MAX_CELL - len(CUT))].decode("utf-16-le", "ignore") + CUT


def guarded(cell: str) -> str:
    """The cell so that no program runs any part of it, wherever it splits lines into cells.

    `unguarded` gives it back as it was.
    """
    if not cell or (cell[0].isalnum() and not CELLS.search(cell)):
        return cell  # as most are
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
