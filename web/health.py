"""Health. `/healthz`: the process answers. `/readyz`: it can serve visitors. `/status`: so is
everything that works behind their backs.

The first two are for load balancers, which take a node out that says no; the third is for people
and for what alerts them. A late email or a broker that is away costs no visitor anything.
"""

import logging
import secrets
from collections.abc import Callable
from datetime import timedelta
from threading import Event

from celery import current_app
from django.conf import settings
from django.contrib import admin
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from kombu.exceptions import OperationalError

from web import disk, media, migrating
from web.backups.places import places
from web.contributions import every
from web.diagnosis import machine
from web.jobs import WATCHING_SINCE, jobs

logger = logging.getLogger(__name__)

MAX_AGE_OF_BACKUP = timedelta(hours=26)
MAX_AGE_OF_TEST = timedelta(days=40)

_is_migrated = Event()


def healthz(request: HttpRequest) -> HttpResponse:
    """200 while this process serves requests at all."""
    return HttpResponse("ok\n", content_type="text/plain")


def readyz(request: HttpRequest) -> HttpResponse:
    """200 when this process can serve visitors, else 503. One word: what is wrong, `/status` tells
    those who may know. Who brings STATUS_TOKEN also reads which version answers and since when:
    an upgrade asks.
    """
    is_ready = _code(_findings(READINESS)) == 200
    word, status = ("ok", 200) if is_ready else ("unavailable", 503)
    if has_token(request):
        word = f"{word} {settings.VERSION.number} {WATCHING_SINCE.isoformat()}"
    return HttpResponse(f"{word}\n", content_type="text/plain", status=status)


def status(request: HttpRequest) -> HttpResponse:
    """200 when all is well, else 503; the body says `ok` or what is wrong, for each part.

    For staff, and for whoever brings STATUS_TOKEN. A browser that brings neither is sent to the
    same report below /admin/, where the session's cookie reaches and where to sign in. Whatever
    else asks gets a 404 rather than a redirect: a monitor with a wrong token would follow it to the
    sign-in page and take its 200 for good news.
    """
    if has_token(request) or _is_staff(request):
        return _report(checks())
    if "text/html" in request.headers.get("Accept", "") and "Authorization" not in request.headers:
        return redirect("admin:status")
    raise Http404("Only for staff or with the token.")


def status_for_staff(request: HttpRequest) -> HttpResponse:
    """The same as a page, where the session's cookie is sent to; the admin asks who it is."""
    findings = _findings(checks())
    now = timezone.now()
    context = {
        **admin.site.each_context(request),
        "title": "Status",
        "findings": findings,
        # For those who watch over the emails
        "jobs": [(job, job.is_late(now)) for job in jobs()]
        if request.user.has_perm("mail.view_message")
        else [],
    }
    return render(request, "admin/web/status.html", context, status=_code(findings))


def _is_staff(request: HttpRequest) -> bool:
    try:
        return request.user.is_active and request.user.is_staff
    except DatabaseError:
        return False  # then the token is the way in


def has_token(request: HttpRequest) -> bool:
    """Whether it brings STATUS_TOKEN, and there is one."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    expected = settings.STATUS_TOKEN.encode()
    is_right = secrets.compare_digest(token.strip().encode(), expected)
    return bool(expected) and scheme.lower() == "bearer" and is_right


def _report(asked: dict[str, Callable[[], str]]) -> JsonResponse:
    findings = _findings(asked)
    answer = JsonResponse(findings, status=_code(findings))
    answer["Cache-Control"] = "private, no-store"
    return answer


def _findings(asked: dict[str, Callable[[], str]]) -> dict[str, str]:
    return {name: finding(check) for name, check in asked.items()}


def _code(findings: dict[str, str]) -> int:
    return 200 if all(finding == "ok" for finding in findings.values()) else 503


def finding(check: Callable[[], str]) -> str:
    """What a check says, or that what it asks does not answer."""
    try:
        return check()
    except (DatabaseError, OperationalError, OSError) as error:
        logger.warning("Check failed: %s: %s", check.__name__.strip("_"), type(error).__name__)
        return "cannot be reached"


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


def _broker() -> str:
    if settings.REDIS_URL:
        with current_app.connection_for_write() as broker:
            broker.ensure_connection(max_retries=0, timeout=1)
    return "ok"  # without Redis the queue is a folder of ours


def _beat() -> str:
    now = timezone.now()
    late = [job.task for job in jobs() if job.is_late(now)]
    return f"Late: {', '.join(late)}. Are the worker and beat running?" if late else "ok"


def _uploads() -> str:
    """Readers see pages without them, so no node is taken out for it."""
    if not media.is_elsewhere():
        return "ok"
    try:
        default_storage.check()  # type: ignore[attr-defined]  # web.s3's
    except (media.StoreAway, media.StoreRefused) as error:
        return f"{error} Pictures cannot be shown or uploaded. Ask manage.py doctor."
    return "ok"


def _backups() -> str:
    """Of a site whose backups are told where to go."""
    told = places()
    if not told:
        return "ok"
    tried = []
    for place in told:
        where = f" in {place}" if len(told) > 1 else ""
        try:
            kept = place.kept()
        except OSError as error:
            return place.why_not(error)
        if not kept.archives:
            return f"There is no backup{where} yet. Run manage.py backup every night."
        made_at = kept.archives[-1].changed_at
        if timezone.now() - made_at > MAX_AGE_OF_BACKUP:
            since = f"{timezone.localtime(made_at):%-d %B, %H:%M}"
            return (
                f"The newest backup{where} is from {since}. Does manage.py backup run every night?"
            )
        tried += [kept.tried_at] if kept.tried_at else []
    last = max(tried, default=None)
    if last is None or timezone.now() - last > MAX_AGE_OF_TEST:
        since = f"since {last:%-d %B}" if last else "yet"
        return f"No backup has been tried {since}. Run manage.py restore --test every month."
    return "ok"


def checks() -> dict[str, Callable[[], str]]:
    """Every part of /status, by name."""
    own = {"broker": _broker, "beat": _beat, "uploads": _uploads, "backups": _backups}
    own["disk"] = disk.check
    return READINESS | own | {name: check for one in every() for name, check in one.checks.items()}


def _migrations() -> str:
    """Code that is ahead of the database would answer some pages with an error. What this process
    runs does not change: once the database has all of it, there is no need to ask again.
    """
    if not _is_migrated.is_set():
        if migrating.is_pending("default"):
            return "Migrations have not been run. Run manage.py migrate."
        _is_migrated.set()
    return "ok"


def _static_files() -> str:
    """Without them every page is an error, for each names its stylesheet."""
    return machine.missing_static_files() or "ok"


READINESS: dict[str, Callable[[], str]] = {
    "database": _database,
    "migrations": _migrations,
    "static files": _static_files,
}
