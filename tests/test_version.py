"""The version that the changelog, the project and the admin's foot name."""

import tomllib

import pytest
from django.conf import settings
from django.urls import reverse

from accounts.roles import SALES
from config import version
from deploy.upgrading import notes
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


def test_what_a_release_asks_of_operators_is_a_list_of_things_to_do():
    asked = notes.for_operators(settings.BASE_DIR / "CHANGELOG.md")

    assert "0.3.0" in asked
    for text in asked.values():
        assert all(line.startswith(("- ", "  ")) for line in text.splitlines())


def test_each_release_on_the_way_is_asked_in_the_order_in_which_they_came_out(tmp_path):
    changelog = tmp_path / "CHANGELOG.md"
    changelog.write_text(
        "# Changelog\n\n## 0.10.0 (unreleased)\n\n### Sales\n\n- A list.\n\n### For operators\n\n"
        "- Do the third.\n\n## 0.9.0 (2027-02-01)\n\n### For operators\n\n- Do the second,\n"
        "  then rest.\n\n### Speed\n\n- More.\n\n## 0.8.1 (2027-01-01)\n\n- Small.\n\n"
        "## 0.8.0 (2026-12-01)\n\n### For operators\n\n- Do the first.\n"
    )

    assert notes.between(changelog, "0.8.0", "0.10.0") == {
        "0.9.0": "- Do the second,\n  then rest.",
        "0.10.0": "- Do the third.",
    }
    assert list(notes.between(changelog, "0.7.0", "0.9.0")) == ["0.8.0", "0.9.0"]
