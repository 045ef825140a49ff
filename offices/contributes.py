from collections.abc import Iterator

from django.http import HttpRequest
from django.urls import reverse

from desk.matching import matching
from offices.models import Office
from web.contributions import EVERYTHING, PUBLISHER, Contribution, Menu
from web.hours import WorkingHours
from web.public import Place, Rows, Section
from web.screens import Action, Found, Screen


def llms() -> Iterator[Section]:
    offices = Office.objects.listed().in_order()
    lines = [
        (
            office.name,
            office.get_absolute_url(),
            f"{', '.join(office.address)}. {office.hours} ({office.utc_offset()})",
        )
        for office in offices
    ]
    if lines:
        yield Section("Offices", lines, position=30)


def finds(request: HttpRequest, words: str) -> Iterator[Found]:
    if request.user.has_perm("offices.view_office"):
        columns = ("name", "city", "street", "email", "phone")
        for office in matching(Office.objects.all(), words, *columns):
            url = reverse("admin:offices_office_change", args=[office.pk])
            yield Found(office.name, url, "Offices", office.city)


def working_hours() -> Iterator[WorkingHours]:
    for office in Office.objects.listed().in_order():
        yield WorkingHours(
            office.name, office.timezone, office.weekdays, office.opens_at, office.closes_at
        )


contribution = Contribution(
    places=(
        Place(
            "offices:list",
            "Our offices",
            "offices addresses locations opening working hours phone",
        ),
    ),
    rows=(
        Rows(
            "offices:detail",
            lambda: Office.objects.listed().in_order(),
            title="name",
            kind="Office",
            about=lambda office: f"{' '.join(office.address)} {office.description}",
            table="offices_office",
            only_when="OLD.was_listed",  # one that visitors never saw leaves nothing
        ),
    ),
    llms=llms,
    working_hours=working_hours,
    shown=("offices.Office",),
    navigation=(Menu("Site", ("offices.Office",), position=31),),
    screens=(
        Screen(
            "Offices",
            "admin:offices_office_changelist",
            group="Site",
            position=4,
            permissions=("offices.view_office",),
            covers=("offices.Office",),
        ),
    ),
    actions=(
        Action(
            "Add an office", "admin:offices_office_add", ("offices.add_office",), words="new place"
        ),
    ),
    finds=finds,
    rights={PUBLISHER: {"office": EVERYTHING}},
    impersonal=("offices.Office",),
    demo="offices.demo.part",
    bounded={"offices.Office": "As many as we have."},
)
