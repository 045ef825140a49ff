"""The site with a fault in a page and in a task, for tests that see what is told of them."""

import logging

import psycopg
from celery import shared_task
from django.core.exceptions import PermissionDenied
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.urls import get_resolver, path
from django.views.decorators.csrf import csrf_exempt

from config.wsgi import application

__all__ = ["app", "application"]

logger = logging.getLogger(__name__)


@csrf_exempt
def fail(request: HttpRequest) -> HttpResponse:
    typed = request.POST["message"]
    logger.warning("Typed: %s", typed)
    logger.error("Typed: %s", typed)
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s", [typed])
    try:
        raise KeyError(typed)
    except KeyError as error:
        raise ValueError(f"Cannot do {typed}") from error


@csrf_exempt
def begin(request: HttpRequest) -> HttpResponse:
    fail_later.delay(request.POST["message"])
    return HttpResponse("Begun.")


def refuse(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied(request.GET.get("q", ""))


def lose_the_database(request: HttpRequest) -> HttpResponse:
    try:
        psycopg.connect("postgres://127.0.0.1:1/nobody-listens")
    except psycopg.OperationalError as error:
        raise OperationalError(*error.args) from error
    return HttpResponse("It is there.")


@shared_task
def fail_later(typed: str) -> None:
    said = {"typed": typed}
    raise RuntimeError(f"Cannot do {said}")


get_resolver().url_patterns[:0] = [
    path("faulty/", fail, name="faulty"),
    path("begun/", begin, name="begun"),
    path("refused/", refuse, name="refused"),
    path("away/", lose_the_database, name="away"),
]
app = fail_later.app  # what the worker runs
