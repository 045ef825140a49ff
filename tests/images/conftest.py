import pytest


@pytest.fixture
def media(settings, own_media):
    """The folder where this test's files go."""
    return settings.MEDIA_ROOT
