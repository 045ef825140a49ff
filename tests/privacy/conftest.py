import pytest

from tests import builders


@pytest.fixture
def administrator():
    return builders.user(role="Administrator", email="root@example.net", name="Root")


@pytest.fixture
def admin(client, administrator):
    client.force_login(administrator)
    return client
