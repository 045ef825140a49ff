"""Addresses as people type them and as browsers send them, brought into one form.

Nothing here asks the database.
"""

import re
import unicodedata
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from django.conf import settings
from django.core.exceptions import ValidationError

MAX_PATH_LENGTH = 500
MAX_TARGET_LENGTH = 1000

_SCHEME = re.compile(r"https?://", re.IGNORECASE)


# Which campaign or newsletter led here: no address was ever told apart by it.
_TRACKING = re.compile(r"utm_\w+|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|mc_[ce]id|_ga")


def normal_path(typed: str) -> str:
    """The one form in which an old address is kept and looked up.

    A path of ours: percent-decoded as Django decodes a request's (RFC 3986, section 2.1), without
    fragment and last slash, its letters as they are; then its query in the form of `normal_query`,
    for many an old address is told apart by nothing else. A whole address of this site is taken
    for its path. Raises ValidationError, with words for who typed it.
    """
    address = without_our_origin(typed.strip()).partition("#")[0]
    path, _, query = address.partition("?")
    if not path.startswith("/") or path.startswith("//"):
        raise ValidationError("Start with / and enter the path as it was on this site.")
    try:
        path, query = unquote(path, errors="strict"), normal_query(query, errors="strict")
    except UnicodeDecodeError as error:
        raise ValidationError("It contains invalid percent encoding.") from error
    _refuse_odd_characters(path)
    _refuse_odd_characters(unquote(query))
    path = path.rstrip("/")
    if path.startswith("//") or not (path or query):
        raise ValidationError("The home page cannot be redirected.")
    if path.lower() == "/admin" or path.lower().startswith("/admin/"):
        raise ValidationError("Addresses of the admin cannot be redirected.")
    if "?" in path or "#" in path:
        raise ValidationError("A path with an encoded ? or # cannot be redirected.")
    found = with_own_query(path, query)
    if len(found) > MAX_PATH_LENGTH:
        raise ValidationError(f"This is longer than {MAX_PATH_LENGTH} characters.")
    return found


def normal_query(query: str, *, errors: str = "replace") -> str:
    """The query in one order and one encoding, without what only says which campaign led here."""
    pairs = parse_qsl(query, keep_blank_values=True, errors=errors)
    return urlencode(sorted(pair for pair in pairs if not _TRACKING.fullmatch(pair[0])))


def campaign_of(query: str) -> str:
    """What `normal_query` leaves out."""
    pairs = parse_qsl(query, keep_blank_values=True)
    return urlencode([pair for pair in pairs if _TRACKING.fullmatch(pair[0])])


def with_own_query(path: str, query: str) -> str:
    """Path and query in the form of `normal_path`. Only the home page has a slash at its end."""
    return f"{path or '/'}?{query}" if query else path


def as_typed(path: str) -> str:
    """A path that `normal_path` turns into this one again."""
    path, mark, query = path.partition("?")
    return path.replace("%", "%25").replace(" ", "%20") + mark + query


def normal_target(typed: str) -> str:
    """Where a redirect may lead: a path of ours, or https:// and a host. Query and fragment stay.

    Raises ValidationError, with words for who typed it.
    """
    target = without_our_origin(typed.strip())
    _refuse_odd_characters(target)
    # Browsers read a backslash as a slash (URL Standard, section 4.4), and /\host as //host.
    if "\\" in target or any(character.isspace() for character in target):
        raise ValidationError("It contains a space or a backslash.")
    _refuse_odd_characters(unquote(path_of(target)))
    path = without_query(path_of(target))
    for part, most in [(target, MAX_TARGET_LENGTH), (path, MAX_PATH_LENGTH)]:
        if len(part) > most:
            raise ValidationError(f"This is longer than {most} characters.")
    if target.startswith("/") and not target.startswith("//"):
        return target
    if not target.lower().startswith("https://"):
        raise ValidationError("Start with / for a page on this site, or with https://.")
    try:
        parts = urlsplit(target)
        is_whole = bool(parts.hostname) and parts.port != 0 and "@" not in parts.netloc
    except ValueError:
        is_whole = False
    if not is_whole:
        raise ValidationError("Enter a host name after https://, without a user name or password.")
    return urlunsplit(parts)


def path_of(target: str) -> str:
    """The path of a target of ours in the form of `normal_path`; empty for another site's."""
    if not target.startswith("/"):
        return ""
    path, _, query = target.partition("#")[0].partition("?")
    path = unquote(path, errors="replace").rstrip("/")
    found = with_own_query(path, normal_query(query))
    return (found if len(found) <= MAX_PATH_LENGTH else path) or "/"  # no row is longer


def without_query(path: str) -> str:
    return path.partition("?")[0]


def with_query(target: str, query: str) -> str:
    """The target with this query, unless it brings one of its own."""
    before, mark, fragment = target.partition("#")
    if not query or "?" in before:
        return target
    return f"{before}?{query}{mark}{fragment}"


def without_our_origin(address: str) -> str:
    """The path, query and fragment of a whole address of this site, however its scheme and host are
    written; any other address as it is.
    """
    if not _SCHEME.match(address):
        return address
    try:
        parts = urlsplit(address)
    except ValueError:
        return address
    if parts.netloc.lower() != urlsplit(settings.SITE_URL).netloc.lower():
        return address
    return urlunsplit(("", "", parts.path or "/", parts.query, parts.fragment))


def _refuse_odd_characters(address: str) -> None:
    if any(unicodedata.category(character) in ("Cc", "Cf", "Cs") for character in address):
        raise ValidationError("It contains an invisible character.")
