"""Tables that a phone cannot show."""

from collections.abc import Iterator

from articles.checking.findings import Finding, Kind, Place
from articles.checking.passages import Body
from desk.numbers import row_number

# So many can be read side by side on a phone, 360 px wide, at the type of our tables.
MAX_COLUMNS = 6


def check_tables(body: Body) -> Iterator[Finding]:
    for nth, table in body.each("table"):
        widths = [
            sum(row_number(cell.get("colspan")) or 1 for cell in row) for row in table.iter("tr")
        ]
        if widths and (columns := max(widths)) > MAX_COLUMNS:
            yield Finding(
                Kind.TABLE,
                False,
                f"A table has {columns} columns, so on a phone readers have to scroll sideways. "
                f"Turn rows into columns, or make two of it, with at most {MAX_COLUMNS} each.",
                Place(body.field, tag="table", nth=nth, noun="table"),
            )
