import csv
import io
import tracemalloc
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import product
from tempfile import TemporaryFile

import pytest
from django.utils import timezone
from python_calamine import CalamineWorkbook

from desk import spreadsheets

SIGNS = "=+-@＝＋－＠"
BEFORE = ["", " ", "\t", "\n", "\r\n", "\u200b", "\ufeff", "\x01", "\u00a0 ", '"', "'"]
# How programs split a line, whatever we separate with.
BETWEEN = ["", "/x;", "/x,", "/x\t", "/x|", "/x\n", "/x\r", "/x\u2028", "; ;", "',"]


def written(columns, rows):
    file = io.BytesIO()
    spreadsheets.CSV().write(file, columns, rows)
    return file.getvalue().decode()


def cells_as_read(text, delimiter, quoted):
    file = io.StringIO(text.removeprefix("\ufeff"), newline="")
    quoting = csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE
    return [cell for row in csv.reader(file, delimiter=delimiter, quoting=quoting) for cell in row]


def is_a_formula(cell):
    shown = cell.strip("".join(map(chr, range(33))) + '"\u00a0\u200b\ufeff\u2028')
    return shown[:1] in SIGNS and shown != ""


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("quoted", [True, False])
def test_no_program_finds_a_formula_wherever_it_splits_cells(delimiter, quoted):
    texts = [f"{a}{b}{sign}cmd|'/C calc'!A0;" for a, b, sign in product(BETWEEN, BEFORE, SIGNS)]

    found = cells_as_read(written(["text"], [[text] for text in texts]), delimiter, quoted)

    assert len(found) > len(texts)
    assert [cell for cell in found if is_a_formula(cell)] == []


def test_what_was_written_reads_back_the_same():
    texts = [f"{a}{b}{c}" for a, b, c in product(BETWEEN, BEFORE, [*SIGNS, "'=1", "''", "x", ""])]

    text = written(["text"], [[text] for text in texts]).removeprefix("\ufeff")

    _, *rows = csv.reader(io.StringIO(text, newline=""))
    assert [spreadsheets.unguarded(cell) for [cell] in rows] == texts


def test_every_cell_is_quoted():
    text = written(["a", "b"], [["1", ""]])

    assert text == '\ufeff"a","b"\r\n"1",""\r\n'


MOMENT = datetime(2026, 11, 29, 23, 30, tzinfo=UTC)
CELLS = [None, True, 5, Decimal("1250.500"), MOMENT, date(2026, 11, 30), "yes"]


def test_csv_says_each_kind_of_cell_so_that_programs_know_it():
    with timezone.override("Europe/Copenhagen"):
        text = written(["a"], [[cell] for cell in CELLS])

    assert text.replace('"', "").split()[1:] == [
        "yes", "5", "1250.500", "2026-11-30", "00:30", "2026-11-30", "yes",
    ]  # fmt: skip


def sheet(rows, of=spreadsheets.XLSX):
    file = io.BytesIO()
    of().write(file, ["text"], rows)
    book = CalamineWorkbook.from_filelike(io.BytesIO(file.getvalue()))
    return book.get_sheet_by_index(0).to_python(skip_empty_area=False)[1:]


def test_xlsx_has_numbers_and_moments_as_such():
    with timezone.override("Europe/Copenhagen"):
        rows = sheet([[cell] for cell in CELLS])

    assert [row[0] for row in rows] == [
        "", "yes", 5.0, 1250.5, datetime(2026, 11, 30, 0, 30), date(2026, 11, 30), "yes",
    ]  # fmt: skip


TEXTS = [
    *SIGNS, "=1+1", '=HYPERLINK("https://evil.example")', "@SUM(1)", "https://evil.example/",
    "mailto:a@b.example", "internal:Sheet1!A1", "007", "1e9", "TRUE",
    " lead", "a\nb", "a\r\nb", "\x01", "_x0041_", "{=1}", "'=1", "é", "\U0001f600",
]  # fmt: skip


def test_what_was_written_to_xlsx_reads_back_the_same():
    assert [text for [text] in sheet([[text] for text in TEXTS])] == TEXTS


def test_in_xlsx_no_text_is_a_formula_or_a_link():
    file = io.BytesIO()
    spreadsheets.XLSX().write(file, ["text"], [[text] for text in TEXTS])

    with zipfile.ZipFile(file) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml").decode()
        links = [name for name in archive.namelist() if "rels/sheet" in name]
    assert "<f>" not in xml and "hyperlink" not in xml
    assert not links


@pytest.mark.parametrize("character", ["a", "\U0001f600"])
def test_a_text_too_long_for_a_cell_says_that_it_was_cut(character):
    [[kept]] = sheet([[character * 50_000]])

    assert kept.startswith(character * 16_000)
    assert kept.endswith(spreadsheets.CUT)
    assert len(kept.encode("utf-16-le")) // 2 <= spreadsheets.MAX_CELL


def test_what_xml_cannot_say_breaks_no_file():
    assert sheet([["a\uffffb\ufffec"]]) == [["a\ufffdb\ufffdc"]]


class Small(spreadsheets.XLSX):
    max_rows = 2


def test_more_rows_than_a_sheet_holds_are_refused():
    assert len(sheet([["a"]] * 2, Small)) == 2
    with pytest.raises(spreadsheets.TooLong, match="can hold 2 rows"):
        sheet([["a"]] * 3, Small)


@pytest.mark.parametrize("of", spreadsheets.FORMATS)
def test_rows_are_written_as_they_come_and_never_all_held(of):
    def rows():
        for _ in range(20_000):
            yield ["x" * 200] * 5

    tracemalloc.start()
    with TemporaryFile() as file:
        of().write(file, ["text"] * 5, rows())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 4 * 1024**2  # the cells are 20 MB
