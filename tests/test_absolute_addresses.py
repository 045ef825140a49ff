"""One function makes every absolute address."""

import re

import pytest
from django.conf import settings

from web.addresses import absolute

# They compare a request's origin with it, or show it as the site's name; none appends a path.
MAY_NAME_IT = {
    "web/addresses.py",
    "web/origin.py",
    "redirects/paths.py",
    "pages/models/pages.py",
    "pages/style.py",
    "leads/messages/compose.py",
    "web/diagnosis/outside.py",
    "web/management/commands/nginx_config.py",
}


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("/", "http://testserver/"),
        ("/articles/?page=2#top", "http://testserver/articles/?page=2#top"),
        ("//elsewhere.example/", "http://testserver//elsewhere.example/"),
        ("https://pictures.example/a.jpeg", "https://pictures.example/a.jpeg"),
        ("javascript:alert(1)", "http://testserver/javascript:alert(1)"),
    ],
)
def test_an_address_is_made_from_the_setting(path, address):
    assert absolute(path) == address


def test_nobody_else_makes_one():
    ours = [settings.BASE_DIR / app for app in settings.INSTALLED_APPS]
    files = [path for folder in ours if folder.is_dir() for path in folder.rglob("*.py")]
    naming = {
        str(path.relative_to(settings.BASE_DIR))
        for path in files
        if re.search(r"settings\.SITE_URL|build_absolute_uri", path.read_text())
    }
    joined = [
        path.name
        for path in (settings.BASE_DIR / "templates").rglob("*.*")
        if re.search(r"site_url ?\}\}/|site_url ?\|", path.read_text())
    ]

    assert files
    assert naming <= MAY_NAME_IT
    assert joined == []
