import pytest
from django_countries.data import COUNTRIES

from offices.addresses import address_lines, unused_parts
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
    "LI": (
        {"street": "Städtle 49", "postal_code": "9490", "city": "Vaduz"},
        ["Städtle 49", "9490 Vaduz", "Liechtenstein"],
    ),
    "FO": (
        {"street": "Tinganes 1", "postal_code": "100", "city": "Tórshavn"},
        ["Tinganes 1", "100 Tórshavn", "Faroe Islands"],
    ),
    "JE": (
        {"street": "1 Wharf Street", "postal_code": "JE2 3AB", "city": "St Helier"},
        ["1 Wharf Street", "St Helier", "JE2 3AB", "Jersey"],
    ),
    "IM": (
        {"street": "6 Prospect Hill", "postal_code": "IM1 1ET", "city": "Douglas"},
        ["6 Prospect Hill", "Douglas", "IM1 1ET", "Isle of Man"],
    ),
    "BH": (
        {"street": "Road 2831", "postal_code": "428", "city": "Manama"},
        ["Road 2831", "Manama 428", "Bahrain"],
    ),
    "BD": (
        {"street": "12 Mirpur Road", "postal_code": "1205", "city": "Dhaka"},
        ["12 Mirpur Road", "Dhaka - 1205", "Bangladesh"],
    ),
    "VE": (
        {
            "street": "Av. Urdaneta 5",
            "postal_code": "1010",
            "city": "Caracas",
            "region": "Distrito Capital",
        },
        ["Av. Urdaneta 5", "Caracas 1010, Distrito Capital", "Venezuela"],
    ),
    "MZ": (
        {"street": "Rua 1", "postal_code": "1100", "city": "Matola", "region": "Maputo"},
        ["Rua 1", "1100 Matola Maputo", "Mozambique"],
    ),
    "AE": (
        {"street": "12 Al Wasl Road", "city": "Jumeirah", "region": "Dubai"},
        ["12 Al Wasl Road", "Jumeirah", "Dubai", "United Arab Emirates"],
    ),
    "TL": (  # not among the formats: as elsewhere
        {"street": "Rua 5", "city": "Dili"},
        ["Rua 5", "Dili", "Timor-Leste"],
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


def test_every_country_shows_each_part_once_or_says_that_it_has_no_place_for_it():
    given = {"street": "7 Main", "city": "Xytown", "region": "Xyshire", "postal_code": "X123"}

    for country in COUNTRIES:
        office = Office(country=country, **given)
        *lines, last = address_lines(office)

        shown = {field for field, part in given.items() if "|".join(lines).count(part) == 1}
        assert shown == given.keys() - set(unused_parts(office)), country
        assert {"street", "city"} <= shown, country
        assert last == office.country.name


@pytest.mark.parametrize(
    ("country", "unused"),
    [("DK", ["region"]), ("HK", ["postal_code"]), ("US", []), ("TL", ["region", "postal_code"])],
)
def test_a_part_that_the_country_does_not_write_is_named(country, unused):
    office = Office(country=country, street="1", city="2", region="3", postal_code="4")

    assert unused_parts(office) == unused
