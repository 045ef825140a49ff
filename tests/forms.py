"""Filling in a page's form as a browser does: what it shows is sent back, changed where told."""

import lxml.html


def filled_in(answer, form_id: str, button: str = "", **changes) -> dict[str, list[str]]:
    """What is posted: each field as shown or as in `changes`, and the button pressed."""
    [form] = lxml.html.fromstring(answer.text).xpath(f"//form[@id='{form_id}']")
    sent: dict[str, list[str]] = {}
    for name, value in form.form_values():
        sent.setdefault(name, []).append(_with_line_ends_of_the_web(value))
    for name, value in changes.items():
        values = value if isinstance(value, list) else [value]
        sent[name] = [_with_line_ends_of_the_web(str(one)) for one in values]
    return sent | ({button: ["Press"]} if button else {})


def _with_line_ends_of_the_web(text: str) -> str:
    """HTML, section 4.10.21.4: forms send every line end as CR LF."""
    return text.replace("\r\n", "\n").replace("\n", "\r\n")
