"""Whether a text says who someone is."""

import pytest

from privacy.person import Person

ADA = Person.known_as(addresses=["Ada@Example.com"], names=["Ada Lovelace"])
BO = Person.known_as(addresses=["b@li.de"], names=["Bo Li"])


@pytest.mark.parametrize(
    ("person", "text"),
    [
        (ADA, "/team/Ada-Lovelace"),
        (ADA, "/lovelace_ada.jpg"),
        (ADA, "theadalovelacefanclub"),
        (ADA, "ada example com"),
        (BO, "/team/bo-li"),
        (BO, "/team/boli.jpg"),
        (BO, "invoice for li bo"),
        (BO, "b@li.de"),
    ],
)
def test_whole_names_and_addresses_are_found_however_they_are_joined(person, text):
    assert person.is_named_in(text)


@pytest.mark.parametrize(
    ("person", "text"),
    [
        (ADA, "/languages/ada"),
        (ADA, "lovelace"),
        (ADA, "example com"),
        (BO, "Bolivia hosting"),
        (BO, "a symbolic link"),
        (BO, "jumbo live"),
        (BO, ""),
    ],
)
def test_parts_of_names_and_of_other_words_are_not(person, text):
    assert not person.is_named_in(text)


def test_nobody_is_named_nowhere():
    assert not Person.known_as(addresses=[""], names=[""]).is_named_in("anything")
