import pytest

from tests import ada as known
from tests import builders


@pytest.fixture
def administrator():
    return builders.user(role="Administrator", email="root@example.net", name="Root")


@pytest.fixture
def admin(client, administrator):
    client.force_login(administrator)
    return client


@pytest.fixture
def ada(administrator):
    return known.ada(administrator)


@pytest.fixture
def everywhere(ada, administrator, mailoutbox):
    """Ada in every way that an app can know her: as a visitor, on others’ leads, as staff."""
    return known.everywhere(ada, administrator)
