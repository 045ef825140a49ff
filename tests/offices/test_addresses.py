import pytest

from offices.addresses import address_lines
from offices.models import Office

NOTHING = {"street": "", "postal_code": "", "city": "", "region": ""}

AS_WRITTEN = {
    "DK": (
        {"street": "Carlsberg Gate 1", "postal_code": "1260", "city": "København"},
        ["Carlsberg Gate 1", "1260 København", "Denmark"],
    ),
    "ID": (
        {
            "street": "Jalan Bligo 12",
            "postal_code": "56485",
            "city": "Magelang",
            "region": "Jawa Tengah",
        },
        ["Jalan Bligo 12", "Magelang", "Jawa Tengah 56485", "Indonesia"],
    ),
    "US": (
        {"street": "233 S Wacker Dr", "postal_code": "60606", "city": "Chicago", "region": "IL"},
        ["233 S Wacker Dr", "Chicago, IL 60606", "United States of America"],
    ),
    "GB": (
        {"street": "10 Downing Street", "postal_code": "SW1A 2AA", "city": "London"},
        ["10 Downing Street", "London", "SW1A 2AA", "United Kingdom"],
    ),
    "JP": (
        {
            "street": "2-8-1 Nishi-Shinjuku",
            "postal_code": "163-8001",
            "city": "Shinjuku",
            "region": "Tokyo",
        },
        ["2-8-1 Nishi-Shinjuku", "Shinjuku, Tokyo", "163-8001", "Japan"],
    ),
    "AU": (
        {"street": "1 George St", "postal_code": "2000", "city": "Sydney", "region": "NSW"},
        ["1 George St", "Sydney NSW 2000", "Australia"],
    ),
    "BR": (
        {
            "street": "Av. Paulista, 1578",
            "postal_code": "01310-200",
            "city": "São Paulo",
            "region": "SP",
        },
        ["Av. Paulista, 1578", "São Paulo-SP", "01310-200", "Brazil"],
    ),
    "IN": (
        {
            "street": "1 Kasturba Rd",
            "postal_code": "560001",
            "city": "Bengaluru",
            "region": "Karnataka",
        },
        ["1 Kasturba Rd", "Bengaluru 560001", "Karnataka", "India"],
    ),
    "HU": (
        {"street": "Kossuth tér 1", "postal_code": "1055", "city": "Budapest"},
        ["Budapest", "Kossuth tér 1", "1055", "Hungary"],
    ),
    "IT": (
        {"street": "Via Roma 1", "postal_code": "20121", "city": "Milano", "region": "MI"},
        ["Via Roma 1", "20121 Milano MI", "Italy"],
    ),
    "SG": (
        {"street": "1 Raffles Place", "postal_code": "048616", "city": "Singapore"},
        ["1 Raffles Place", "Singapore 048616", "Singapore"],
    ),
    "LI": (  # not in the table: the default
        {"street": "Städtle 49", "postal_code": "9490", "city": "Vaduz", "region": "Oberland"},
        ["Städtle 49", "9490 Vaduz", "Oberland", "Liechtenstein"],
    ),
}


@pytest.mark.parametrize(("country", "parts", "lines"), [(c, *v) for c, v in AS_WRITTEN.items()])
def test_an_address_reads_as_its_country_writes_it(country, parts, lines):
    assert address_lines(Office(country=country, **NOTHING | parts)) == lines


@pytest.mark.parametrize(
    ("country", "parts", "lines"),
    [
        ("US", {"city": "Chicago", "postal_code": "60606"}, ["Chicago 60606"]),
        ("US", {"city": "Chicago", "region": "IL"}, ["Chicago, IL"]),
        ("US", {"region": "IL", "postal_code": "60606"}, ["IL 60606"]),
        ("BR", {"city": "Recife", "postal_code": " "}, ["Recife"]),
        ("MX", {"city": "Puebla", "region": "Pue."}, ["Puebla, Pue."]),
        ("TR", {"city": "Kadıköy", "postal_code": "34710"}, ["34710 Kadıköy"]),
        ("SG", {"city": "Singapore"}, ["Singapore"]),
        ("DK", {}, []),
    ],
)
def test_a_missing_part_leaves_no_stray_comma_or_blank(country, parts, lines):
    office = Office(country=country, **NOTHING | parts)

    *above, last = address_lines(office)

    assert last == office.country.name
    assert above == [line for line in lines if line != last]
