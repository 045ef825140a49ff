"""Writes redirects to files, CSV or XLSX, and reads them back."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from import_export.fields import Field

from desk import spreadsheets, workbooks
from desk.exporting import Table
from redirects.models import Redirect
from redirects.paths import as_typed, normal_path, normal_target

COLUMNS = ["path", "target", "permanent", "note"]
MAX_BYTES = 2 * 1024**2
MAX_ROWS = 20_000
YES, NO = {"", "yes", "true", "1", "301"}, {"no", "false", "0", "302"}
# Spreadsheet programs write so which separator a file has, above its columns.
SEPARATOR = re.compile(r'\s*"?sep=([,;\t|])"?[ \t]*(?:\r\n|\r|\n|$)', re.IGNORECASE)
ENCODING = "This is not UTF-8 text. Save it as “CSV UTF-8”."


@dataclass(frozen=True)
class Problem:
    line: int
    reason: str


@dataclass
class Reading:
    """What a file says, and what is wrong with it. With any problem, nothing is imported."""

    redirects: list[Redirect] = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=dict)  # where each path stands
    problems: list[Problem] = field(default_factory=list)

    def refuse_rings(self, paths: Iterable[str]) -> None:
        self.problems += [
            Problem(self.lines[path], f"target: {path} would redirect to itself.") for path in paths
        ]
        self.problems.sort(key=lambda problem: problem.line)


class RedirectTable(Table):
    path = Field(column_name="path")
    target = Field("target", "target")
    permanent = Field("is_permanent", "permanent")
    note = Field("note", "note")

    def dehydrate_path(self, redirect: Redirect) -> str:
        return as_typed(redirect.path)


def decode(content: bytes) -> str:
    """The text of an uploaded file. Raises ValidationError with what to do about it."""
    if len(content) > MAX_BYTES:
        raise ValidationError(f"The file is larger than {MAX_BYTES // 1024**2} MB.")
    if content.startswith(workbooks.BEGINS):
        return _text_of_workbook(content)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValidationError(ENCODING) from error
    if "\0" in text:
        raise ValidationError(ENCODING)
    if not text.strip():
        raise ValidationError("The file is empty.")
    return text


def _text_of_workbook(content: bytes) -> str:
    """The sheet as CSV, each row on the line of its number."""
    try:
        rows = workbooks.rows_of(content)
    except workbooks.Unreadable as error:
        raise ValidationError(str(error)) from error
    lines = io.StringIO()
    writer = csv.writer(lines, quoting=csv.QUOTE_ALL)
    for row in rows:
        writer.writerow([spreadsheets.guarded(" ".join(cell.splitlines())) for cell in row])
    return lines.getvalue()


def read(text: str) -> Reading:
    """Check every row by itself and against the others. Each problem has its line and reason."""
    reading = Reading()
    rows = _rows(text, reading)
    _, header = next(rows, (1, []))
    columns = [cell.strip().lower() for cell in header]
    wrong = set(columns) - set(COLUMNS) or {"path", "target"} - set(columns)
    if wrong or len(set(columns)) < len(columns):
        if not reading.problems:
            reason = f"The first line must name the columns: {', '.join(COLUMNS)}."
            reading.problems.append(Problem(1, reason))
        return reading
    for count, (line, cells) in enumerate(rows, start=1):
        if count > MAX_ROWS:
            reading.problems.append(Problem(line, f"There are more than {MAX_ROWS} rows."))
            break
        _read_row(reading, line, columns, cells)
    return reading


def _rows(text: str, reading: Reading) -> Iterator[tuple[int, list[str]]]:
    """Each row that is not empty, with the line it ends on. Stops where the text is not CSV."""
    skipped = 0
    if said := SEPARATOR.match(text):
        delimiter, text, skipped = said[1], text[said.end() :], said[0].count("\n") or 1
    else:
        delimiter = max(",;\t|", key=text.lstrip().partition("\n")[0].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield skipped + reader.line_num, cells
    except csv.Error:
        reading.problems.append(
            Problem(
                skipped + reader.line_num,
                "The rest of the file cannot be read as CSV. Is a quotation mark missing?",
            )
        )


def _read_row(reading: Reading, line: int, columns: list[str], cells: list[str]) -> None:
    if len(cells) > len(columns) and any(cell.strip() for cell in cells[len(columns) :]):
        reading.problems.append(Problem(line, "This row has more cells than there are columns."))
        return
    said = dict.fromkeys(COLUMNS, "") | {
        column: spreadsheets.unguarded(cell).strip()
        for column, cell in zip(columns, cells, strict=False)
    }
    kept = said["permanent"].lower()
    reasons = [] if kept in YES | NO else ["permanent: Enter yes or no."]
    redirect = Redirect(is_permanent=kept in YES, note=said["note"])
    for name, normal in [("path", normal_path), ("target", normal_target)]:
        try:
            setattr(redirect, name, normal(said[name]))
        except ValidationError as error:
            reasons += [f"{name}: {message}" for message in error.messages]
    try:
        redirect.clean_fields(exclude=["path", "target", "target_path"])
    except ValidationError as error:
        reasons += [f"note: {message}" for message in error.messages]
    if redirect.path in reading.lines:
        reasons.append(f"path: Line {reading.lines[redirect.path]} already has this path.")
    if reasons:
        reading.problems += [Problem(line, reason) for reason in reasons]
        return
    reading.lines[redirect.path] = line
    reading.redirects.append(redirect)
