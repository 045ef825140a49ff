"""Our cookies have names of their own, and nothing of another product gets in their way."""

import os
import re
import subprocess

import pytest
from django.conf import settings
from django.urls import reverse

from devtools.environment import PYTHON
from tests import builders


@pytest.fixture
def grace(db):
    return builders.user(role="Publisher", password="compile the compiler")


@pytest.mark.parametrize("foreign", ["sessionid", "csrftoken", "messages"])
def test_a_foreign_cookie_on_the_same_host_locks_nobody_out(client, grace, foreign):
    client.handler.enforce_csrf_checks = True
    client.cookies[foreign] = "junk-of-another-product"
    login = client.get(reverse("admin:login"))
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', login.text).group(1)

    client.post(
        reverse("admin:login"),
        {
            "username": grace.email,
            "password": "compile the compiler",
            "csrfmiddlewaretoken": token,
            "next": reverse("admin:index"),
        },
    )

    assert client.get(reverse("admin:index")).status_code == 200


def test_with_https_the_names_say_that_they_are_secure():
    show = (
        "import django; django.setup();"
        "from django.conf import settings; from accounts import familiar;"
        "from readiness import cookie;"
        "print(settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME);"
        "print(cookie.NAME, familiar.COOKIE)"
    )
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "SITE_URL": "https://www.example.com",
    }
    names = subprocess.run(
        [PYTHON, "-c", show],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()

    assert names == [
        *["__Secure-desk_session", "__Secure-desk_csrf"],
        *["__Secure-readiness", "__Secure-desk_browser"],
    ]


@pytest.mark.parametrize("name", ["desk_session", "__Secure-desk_session"])
def test_nginx_knows_who_is_signed_in_by_the_same_name(name):
    nginx = (settings.BASE_DIR / "deploy" / "nginx.conf").read_text()
    pattern = re.search(r'map \$http_cookie \$signed_in \{.*?"~(.*?)" 1;', nginx, re.S).group(1)

    assert settings.SESSION_COOKIE_NAME == "desk_session"
    assert re.search(pattern, f"theme=dark; {name}=abc")
    assert re.search(pattern, f"{name}=abc")
    assert not re.search(pattern, f"not_{name}=abc")
