"""The version that the changelog, the project and the admin's foot name."""

import tomllib

import pytest
from django.conf import settings
from django.urls import reverse

from accounts.roles import SALES
from config import version
from tests.builders import signed_in


def test_the_changelog_and_the_project_name_the_same_version():
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())["project"]

    assert settings.VERSION.number == project["version"]


@pytest.mark.django_db
def test_the_foot_of_the_admin_names_version_and_date(client, settings):
    settings.VERSION = version.Version("1.2.3", "2027-01-31")

    at_home = signed_in(SALES).get(reverse("admin:index")).text
    before_the_login = client.get(reverse("admin:login")).text

    assert "Version 1.2.3 (2027-01-31)" in at_home
    assert "1.2.3" not in before_the_login


def test_the_first_heading_of_a_version_is_the_latest(tmp_path):
    changelog = tmp_path / "CHANGELOG.md"
    changelog.write_text("# Changelog\n\n## 0.3.0 (unreleased)\n\n## 0.2.0 (2026-11-30)\n")

    assert version.latest(changelog) == ("0.3.0", "unreleased")


def test_a_heading_in_another_form_ends_the_start(tmp_path):
    changelog = tmp_path / "CHANGELOG.md"
    changelog.write_text("# Changelog\n\n## Unreleased\n")

    with pytest.raises(ValueError, match="no heading like"):
        version.latest(changelog)
