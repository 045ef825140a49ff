import pytest


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    """Hashing slowly protects people; here it would only be slow."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
