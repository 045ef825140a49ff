"""What the demo says: demo.toml, the articles' HTML and the pictures beside this file."""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


@cache
def demo() -> dict[str, Any]:
    return tomllib.loads((FOLDER / "demo.toml").read_text())


def picture_file(name: str) -> Path:
    return FOLDER / "pictures" / f"{name}.png"


def article_body(slug: str, pictures: dict[str, tuple[int, str]]) -> str:
    """The article's HTML, its `demo:NAME` pictures leading to the library's (id, address)."""
    html = (FOLDER / "articles" / f"{slug}.html").read_text()

    def placed(match: re.Match[str]) -> str:
        number, url = pictures[match[1]]
        return f'src="{url}" data-file="{number}"'

    return re.sub(r'src="demo:([\w-]+)"', placed, html)
