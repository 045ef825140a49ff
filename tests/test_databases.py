"""What tests commit, the next one does not find."""

import pytest
from django.contrib.auth.models import Group

from offices.models import Office
from tests import databases
from tests.builders import office


@pytest.mark.django_db(transaction=True)
def test_what_was_committed_is_gone_and_what_migrations_made_is_back():
    roles = set(Group.objects.values_list("name", flat=True))
    first = office()
    Group.objects.all().delete()

    databases.renew()

    assert roles
    assert set(Group.objects.values_list("name", flat=True)) == roles
    assert not Office.objects.exists()
    assert office().pk == first.pk
