"""What someone wrote as a link, as the address that a reader's browser can open.

static/admin/prose/addresses.js does the same while a link is written; tests hold the two
together.
"""

import re

_FILE = re.compile(
    r"\.(html?|php|aspx?|pdf|docx?|xlsx?|pptx?|md|txt|png|jpe?g|gif|svg|zip)\Z", re.IGNORECASE
)
_NAME = r"[\w-]+(?:\.[\w-]+)*\.[^\W\d_][\w-]+"
_HOST = re.compile(rf"{_NAME}\.?(?::\d+)?(?=\Z|[/?#])")
_EMAIL = re.compile(rf"""[^\s@/:?#<>"]+@{_NAME}(?=\Z|\?)""")
_TELEPHONE = re.compile(r"\+[\d\s().-]{6,24}\Z")
_TYPO = re.compile(r"(https?)(?::/?|//?)(?=[^\s/])(?!/)", re.IGNORECASE)
_WORKS = re.compile(r"(https?://[^\s/?#]+|mailto:[^\s@]+@[^\s@]+|tel:\+?[\d.-]+|/(?!/)|\?)", re.I)


def link_address(written: str) -> str:
    """With the scheme that it lacks: `www.example.test` is https, `me@example.test` is mailto.

    What is no address stays as it is; `can_work` tells.
    """
    text = re.sub(r"\A<(.*)>\Z", r"\1", written.strip())
    if (typo := _TYPO.match(text)) and _HOST.match(text[typo.end() :]):
        return f"{typo[1].lower()}://{text[typo.end() :]}"
    if text.startswith("//"):
        return f"https:{text}"
    if _EMAIL.match(text):
        return f"mailto:{text}"
    if _TELEPHONE.match(text):
        return "tel:" + re.sub(r"[^+\d]", "", text)
    if (host := _HOST.match(text)) and not (host[0] == text and _FILE.search(text)):
        return f"https://{text}"
    return text


def can_work(href: str) -> bool:
    """Whether a link with this address works from any page. A relative one does not."""
    return bool(_WORKS.match(href))
