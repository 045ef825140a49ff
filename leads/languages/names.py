"""What languages are called, by their codes of ISO 639."""

from django.conf import settings
from django.conf.locale import LANG_INFO

NAMES: dict[str, str] = {
    code: info["name"] for code, info in LANG_INFO.items() if "name" in info and len(code) < 4
} | {"zh": "Chinese"}


def name(code: str | None) -> str:
    """“Danish”; empty for what is none."""
    return NAMES.get(code or "", "")


def foreign(code: str | None) -> str:
    """The name, unless it is the site's own language."""
    return "" if code == site_language() else name(code)


def site_language() -> str:
    return settings.LANGUAGE_CODE.partition("-")[0]


def choices() -> list[tuple[str, str]]:
    """All of them, by their names."""
    return sorted(NAMES.items(), key=lambda pair: pair[1])
