"""What the apps say of their personal data, gathered."""

from collections.abc import Iterator

from django.db.models import Model

from privacy.person import Person
from web.contributions import every


def rows_about(person: Person) -> Iterator[Model]:
    """The rows that lead to a person, of every model whose app says how to find them."""
    for one in every():
        for each in one.personal:
            if each.rows:
                yield from each.rows(person)
