from collections.abc import Iterator

from offices.models import Office
from web.contributions import EVERYTHING, PUBLISHER, Contribution, Menu, Place, Rows, Section


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
    shown=("offices.Office",),
    navigation=(Menu("Site", ("offices.Office",), position=31),),
    rights={PUBLISHER: {"office": EVERYTHING}},
    impersonal=("offices.Office",),
    demo="offices.demo.part",
)
