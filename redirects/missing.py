"""What happens at an address where nothing answers: a redirect, or a count and a way on."""

import logging
import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote, urlsplit

from django.conf import settings
from django.db import Error
from django.db.models import F, QuerySet
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponsePermanentRedirect,
    HttpResponseRedirect,
)
from django.urls import is_valid_path
from django.utils import timezone
from django.utils.http import MAX_URL_REDIRECT_LENGTH

from redirects.models import MissingPage, Redirect
from redirects.paths import MAX_PATH_LENGTH, campaign_of, normal_query, with_own_query, with_query
from redirects.plans import answering
from web.counting import impatient
from web.personal import Named
from web.retention import YEAR, Basis, Rule

logger = logging.getLogger(__name__)

# Beyond this the ones asked for least give way, so that nobody can fill the disk with addresses.
MAX_KEPT = 5000
# Asked for by programs that look for holes, at every site alike: no reader misses them.
PROBED = re.compile(
    r"\.(?:php\d?|phtml|aspx?|jspx?|cgi|env|sql|bak|old|swp|ini|ya?ml|conf|cfg|log|pem|key|zip|rar"
    r"|7z|tar|t?gz)(?:$|[/.~])|/\.(?!well-known)|/(?:wp-|wordpress|cgi-bin|phpmyadmin|xmlrpc)",
    re.IGNORECASE,
)
# Someone's email address, in whatever spelling: nobody but its owner has a use for such a page.
HAS_ADDRESS = re.compile(r"[@\uff20\ufe6b]|%40|%ef%bc%a0", re.IGNORECASE)
OURS_ALONE = ("/admin/", f"/{settings.STATIC_URL.strip('/')}/")


def is_for_readers(path: str) -> bool:
    """Whether a reader may have meant this address, so that staff can do something about it."""
    return (
        len(path) <= MAX_PATH_LENGTH
        and path.isprintable()
        and not HAS_ADDRESS.search(path)
        and bool(path.strip("/"))
        and not path.startswith("//")
        and not f"{path}/".startswith(OURS_ALONE)
        and not PROBED.search(path)
    )


def only_lacks_its_slash(path: str) -> bool:
    """Whether the next answer is Django's own redirect to the same address with a slash."""
    return (
        settings.APPEND_SLASH
        and not path.endswith("/")
        and not is_valid_path(path)
        and bool(is_valid_path(f"{path}/"))
    )


def leading_on(request: HttpRequest) -> HttpResponse | None:
    """The redirect that staff made for this address, with or without its query.

    What told the old page apart is not passed on; any other query is, where the target has none.
    """
    path = request.path_info.rstrip("/")
    if len(path) > MAX_PATH_LENGTH or f"{path}/".lower().startswith("/admin/"):
        return None
    query = request.META.get("QUERY_STRING", "")
    whole = with_own_query(path, normal_query(query))
    rows = Redirect.objects.in_bulk({whole[:MAX_PATH_LENGTH], path}, field_name="path")
    redirect = answering(whole, rows)
    if redirect is None:
        return None
    _count_hit(redirect)
    rest = query if redirect.path == path else campaign_of(query)
    target = with_query(redirect.target, rest)
    if len(target) > MAX_URL_REDIRECT_LENGTH:
        target = redirect.target
    kind = HttpResponsePermanentRedirect if redirect.is_permanent else HttpResponseRedirect
    return kind(target)


def parameters_of_home() -> set[str]:
    """The parameters that distinguished old addresses at the home page: /?p=123."""
    paths = Redirect.objects.filter(path__startswith="/?").values_list("path", flat=True)
    return {name for path in paths for name, _ in parse_qsl(path[2:], keep_blank_values=True)}


def count(request: HttpRequest) -> None:
    """Count one more request for it. Never fails or waits: no response depends on it."""
    path = request.path_info.rstrip("/")
    if not is_for_readers(path):
        return
    now, host = timezone.now(), referrer_host(request.headers)
    seen = MissingPage.objects.filter(path=path)
    once_more = {"count": F("count") + 1, "last_seen": now}
    if host:
        once_more["referrer_host"] = host
    try:
        with impatient():
            if seen.update(**once_more):
                return
            _make_room()
            first = {"first_seen": now, "last_seen": now, "referrer_host": host}
            _, is_new = MissingPage.objects.get_or_create(path=path, defaults=first)
            if not is_new:  # someone else found it missing at the same moment
                seen.update(**once_more)
    except Error as error:
        logger.warning("A missing page was not counted: %s", error)


RULE = Rule(
    "redirects.missing",
    "redirects.MissingPage",
    "Addresses on this site that do not exist: how often they were requested, and from which site "
    "visitors came, with nothing about who they were",
    "they were last requested",
    days=90,
    at_least=30,
    at_most=YEAR,
    due=lambda before: MissingPage.objects.filter(last_seen__lt=before),
    why="To repair links.",
    basis=Basis.INTEREST,
)


def naming(person: Named) -> QuerySet[MissingPage]:
    """Rows whose address or referring site identifies the person."""
    rows = MissingPage.objects.values_list("pk", "path", "referrer_host")
    found = [pk for pk, *said in rows if any(person.is_named_in(unquote(one)) for one in said)]
    return MissingPage.objects.filter(pk__in=found)


def referrer_host(headers: Mapping[str, str]) -> str:
    """The host of the linking site, but not the page; empty if it is not a host name."""
    try:
        host = urlsplit(headers.get("Referer", "")).hostname or ""
    except ValueError:
        return ""
    return host if len(host) <= 253 and host.isprintable() else ""


def _make_room() -> None:
    if MissingPage.objects.count() < MAX_KEPT:
        return
    seldom = MissingPage.objects.order_by("count", "last_seen").values_list("pk", flat=True)
    MissingPage.objects.filter(pk__in=list(seldom[: MAX_KEPT // 20])).delete()


def _count_hit(redirect: Redirect) -> None:
    try:
        with impatient():
            Redirect.objects.filter(pk=redirect.pk).update(
                hits=F("hits") + 1, last_hit_at=timezone.now()
            )
    except Error as error:
        logger.warning("The use of a redirect was not counted: %s", error)
