"""Every part of the desk on one page. What looks wrong there looks wrong everywhere."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from desk.finding import Kind
from desk.home import Day
from web.screens import Due, Found, HomeItem, HomeList


def page(request: HttpRequest) -> HttpResponse:
    here = reverse("admin:desk_style")
    dues = [
        Due("Daniel Reyes-Whitlock", here, 8 * 60 + 44, is_late=True),
        Due("Freja Mortensen", here, 10 * 60 + 18, is_late=True),
        Due("Mathilde Kjærgaard", here, 11 * 60 + 52),
        Due("Tomasz Wieczorek", here, 12 * 60 + 1),
        Due("Call Tomasz", here, 15 * 60, is_planned=True),
        Due("Send Emil the estimate", here, 16 * 60 + 30, is_planned=True),
    ]
    items = [
        HomeItem("Tomasz Wieczorek", here, "1 h 19 left", "Callbacks failing", mark="Urgent"),
        HomeItem("Daniel Reyes-Whitlock", here, "2 h late", "Harborcart", is_late=True),
    ]
    found = [
        Kind("People", [Found("Tomasz Wieczorek, Ledgerhaus", here, "People", "client")]),
        Kind("Inquiries", [Found("Freja", here, "Inquiries", "…the ledger off nightly jobs…")]),
    ]
    context = {
        "title": "The parts of the desk",
        "day": Day.of(dues),
        "list": HomeList("Waiting for me", items, empty="", url=here),
        "nothing": HomeList("Due today", [], empty="Nothing is due.", url=here),
        "kinds": found,
        "words": "ledger",
    }
    return render(request, "desk/style.html", context)
