import json
import logging
import os
from io import StringIO
from itertools import count

import pytest
from django.conf import settings as configured
from django.core.cache import cache
from django.test import TransactionTestCase, override_settings
from hypothesis import HealthCheck
from hypothesis import settings as trials

from config.celery import app
from config.log import Line
from tests import databases

# A machine that is busy with something else is no fault of the code under test. What is tried is
# the same in every run, so that chance decides about no change; `dev.py test --random` tries more.
trials.register_profile(
    "any machine",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=True,
)
trials.register_profile(
    "random", trials.get_profile("any machine"), derandomize=False, max_examples=1000
)
trials.load_profile("any machine")

pytest_plugins = ["tests.services_report"]

numbers = count(1)


@pytest.fixture(scope="session", autouse=True)
def settings_of_tests():
    """Templates name static files as they are: the manifest is made by `collectstatic` only.
    Hashing slowly protects people; here it would only be slow, but for the demo's logins.
    """
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    quick = "django.contrib.auth.hashers.MD5PasswordHasher"
    with override_settings(
        STORAGES={**configured.STORAGES, "staticfiles": plain},
        PASSWORD_HASHERS=[quick, *configured.PASSWORD_HASHERS],
    ):
        yield


@pytest.fixture(scope="session")
def folder_of_media(tmp_path_factory):
    return tmp_path_factory.mktemp("media")


@pytest.fixture(autouse=True)
def own_media(settings, folder_of_media):
    """Each test's pictures go into a folder of its own, which is made if there are any."""
    settings.MEDIA_ROOT = folder_of_media / str(next(numbers))


@pytest.fixture
def open_umask():
    """What is made is for everyone to read, whoever closed the umask of this process before."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture(autouse=True)
def empty_cache():
    cache.clear()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix, django_db_blocker
) -> None:
    with django_db_blocker.unblock():
        databases.use_a_copy()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Django would leave everything empty after a test that commits, and take longer for it."""
    with django_db_blocker.unblock():
        databases.keep_a_copy()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: databases.renew())
        yield


@pytest.fixture
def worker_at_hand():
    """Tasks run where they are sent from, as soon as they are sent."""
    app.conf.update(task_always_eager=True, task_eager_propagates=True)
    yield
    app.conf.update(task_always_eager=False, task_eager_propagates=False)


@pytest.fixture
def json_log():
    """The lines that production gets, read as what they are."""
    written = StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(Line(as_json=True))
    logging.getLogger().addHandler(handler)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    logging.getLogger().removeHandler(handler)
