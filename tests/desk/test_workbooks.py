"""XLSX files that somebody sends us: read as text, and refused before they fill the memory."""

import io
import zipfile
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from desk import spreadsheets, workbooks

ROWS = '<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>path</t></is></c></row></sheetData>'
SHEET = "xl/worksheets/sheet1.xml"


def workbook(rows):
    file = io.BytesIO()
    spreadsheets.XLSX().write(file, ["text", "more"], rows)
    return file.getvalue()


def changed(change):
    """A valid file, its first sheet put through `change`."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook([["a", "b"]]))) as before,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for name in before.namelist():
            xml = before.read(name)
            after.writestr(name, change(xml) if name == SHEET else xml)
    return file.getvalue()


def test_every_cell_is_read_as_the_text_that_csv_would_have():
    moment = datetime(2026, 11, 29, 14, 3, tzinfo=UTC)
    rows = [[5, Decimal("1.5")], [True, None], [moment, moment.date()], ["=1+1", "a\nb"]]

    read = workbooks.rows_of(workbook(rows))

    assert read == [
        ["text", "more"],
        *([spreadsheets.said(cell) for cell in row] for row in rows),
    ]


@pytest.mark.parametrize("content", [b"PK\x03\x04", b"PK\x03\x04" + b"x" * 999, b""], ids=len)
def test_what_is_no_archive_is_refused(content):
    with pytest.raises(workbooks.Unreadable):
        workbooks.rows_of(content)


def test_an_archive_of_something_else_is_refused():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("note.txt", "Hello")

    with pytest.raises(workbooks.Unreadable, match="not a readable Excel file"):
        workbooks.rows_of(file.getvalue())


@pytest.mark.parametrize("cut", [100, 2_000, -30, -2])
def test_half_a_file_is_refused(cut):
    with pytest.raises(workbooks.Unreadable):
        workbooks.rows_of(workbook([["a", "b"]] * 50)[:cut])


def test_a_sheet_that_is_no_xml_is_refused():
    with pytest.raises(workbooks.Unreadable):
        workbooks.rows_of(changed(lambda xml: xml[: len(xml) // 2] + b"<<<"))


def test_a_small_file_that_unpacks_to_a_huge_one_is_refused():
    bomb = changed(lambda xml: xml + b" " * (workbooks.MAX_UNPACKED + 1))

    assert len(bomb) < 200_000
    with pytest.raises(workbooks.Unreadable, match="too much"):
        workbooks.rows_of(bomb)


@pytest.mark.parametrize(
    "place",
    [b'"XFD1048576"', b'"A1048576"', b'"ZZ2"', b"'AAA1'", b'"A99999999999999"', b' \n= "XFD9"'],
)
def test_a_cell_far_outside_the_table_is_refused(place):
    """A reader makes room for every cell up to the last: that would be gigabytes."""
    attribute = b"r" + place if b"=" in place else b"r=" + place
    far = changed(lambda xml: xml.replace(b'r="B2"', attribute))

    with pytest.raises(workbooks.Unreadable, match="outside the table"):
        workbooks.rows_of(far)


def test_text_that_looks_like_a_place_in_the_table_is_text():
    rows = [['<c r="B2">', 'for="B2"']]

    assert workbooks.rows_of(workbook(rows))[1:] == rows
