"""The page of all keys, for those who do not know of them yet."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from web.contributions import every


def page(request: HttpRequest) -> HttpResponse:
    keys = sorted((one for app in every() for one in app.keys), key=lambda one: one.position)
    return render(request, "desk/keys.html", {"title": "Keys", "keys": keys})
