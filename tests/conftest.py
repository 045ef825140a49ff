import pytest
from django.core.cache import cache
from hypothesis import HealthCheck
from hypothesis import settings as trials

from config.celery import app

# A machine that is busy with something else is no fault of the code under test.
trials.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
trials.load_profile("any machine")

pytest_plugins = ["tests.services_report"]


@pytest.fixture(autouse=True)
def own_media(settings, tmp_path):
    """Each test's pictures go into a folder of its own, and are thrown away with it."""
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture(autouse=True)
def plain_static_files(settings):
    """Templates name static files as they are: the manifest is made by `collectstatic` only."""
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    """Hashing slowly protects people; here it would only be slow."""
    quick = "django.contrib.auth.hashers.MD5PasswordHasher"
    settings.PASSWORD_HASHERS = [quick, *settings.PASSWORD_HASHERS]  # the demo's logins are slow


@pytest.fixture(autouse=True)
def empty_cache():
    cache.clear()


@pytest.fixture
def worker_at_hand():
    """Tasks run where they are sent from, as soon as they are sent."""
    app.conf.update(task_always_eager=True, task_eager_propagates=True)
    yield
    app.conf.update(task_always_eager=False, task_eager_propagates=False)
