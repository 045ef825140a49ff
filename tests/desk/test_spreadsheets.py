import csv
import io
from itertools import product

import pytest

from desk import spreadsheets

SIGNS = "=+-@＝＋－＠"
BEFORE = ["", " ", "\t", "\n", "\r\n", "\u200b", "\ufeff", "\x01", "\u00a0 ", '"', "'"]
# How programs split a line, whatever we separate with.
BETWEEN = ["", "/x;", "/x,", "/x\t", "/x|", "/x\n", "/x\r", "/x\u2028", "; ;", "',"]


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

    found = cells_as_read(
        spreadsheets.write(["text"], [[text] for text in texts]), delimiter, quoted
    )

    assert len(found) > len(texts)
    assert [cell for cell in found if is_a_formula(cell)] == []


def test_what_was_written_reads_back_the_same():
    texts = [f"{a}{b}{c}" for a, b, c in product(BETWEEN, BEFORE, [*SIGNS, "'=1", "''", "x", ""])]

    file = io.StringIO(
        spreadsheets.write(["text"], [[text] for text in texts]).removeprefix("\ufeff"), newline=""
    )

    _, *rows = csv.reader(file)
    assert [spreadsheets.unguarded(cell) for [cell] in rows] == texts


def test_every_cell_is_quoted():
    text = spreadsheets.write(["a", "b"], [["1", ""]])

    assert text == '\ufeff"a","b"\r\n"1",""\r\n'
