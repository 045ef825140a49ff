"""Numbers of rows, as an address or a form has them."""


def row_number(text: str | None) -> int | None:
    """Of a row; None for anything else. Databases know numbers of 18 digits, no more."""
    is_one = text and len(text) <= 18 and text.isascii() and text.isdecimal()
    return int(text) if is_one and text else None
