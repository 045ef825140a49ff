"""The only cookie a visitor ever gets: it leads back to the answers, and nowhere else."""

from django.conf import settings
from django.http import HttpResponse

from readiness import taking

NAME = f"{settings.COOKIE_PREFIX}readiness"
PATH = "/readiness/"


def remember(response: HttpResponse, key: str) -> HttpResponse:
    response.set_cookie(
        NAME,
        key,
        max_age=taking.KEPT_FOR,
        path=PATH,
        secure=settings.IS_HTTPS,
        httponly=True,
        samesite="Lax",
    )
    return response


def forget(response: HttpResponse) -> None:
    response.delete_cookie(NAME, path=PATH, samesite="Lax")
