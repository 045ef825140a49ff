"""`deploy/run`, by which every process of a site on a server starts."""

import shutil
import subprocess

import pytest
from django.conf import settings

RUN = settings.BASE_DIR / "deploy" / "run"


@pytest.fixture
def current(tmp_path):
    """A link to a release whose Python says where it is and what it was told."""
    release = tmp_path / "releases" / "0.4.0"
    for folder in ["deploy", ".venv/bin"]:
        (release / folder).mkdir(parents=True)
    shutil.copy(RUN, release / "deploy" / "run")
    python = release / ".venv" / "bin" / "python"
    python.write_text('#!/bin/sh\necho "$0"\npwd -P\necho "$*"\n')
    python.chmod(0o755)
    (tmp_path / "current").symlink_to(release)
    return tmp_path / "current"


def run(release, *arguments, **environment):
    command = [release / "deploy" / "run", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True)


@pytest.mark.parametrize("name", ["web", "worker", "sender", "beat", "manage"])
def test_a_process_knows_its_release_by_the_path_without_links(current, name):
    """Else it would load what it needs later from the release that the link leads to by then."""
    python, folder, _ = run(current, name).stdout.splitlines()

    assert folder == str(current.resolve())
    assert python == f"{folder}/.venv/bin/python"


def test_what_follows_the_name_comes_last_and_so_wins(current):
    said = run(current, "web", "--port", "8001").stdout.splitlines()[2]

    assert said.startswith("-m granian ")
    assert said.endswith(" --port 8001")


def test_another_environment_may_be_named(current, tmp_path):
    shutil.copytree(current / ".venv", tmp_path / "venv")

    python, folder, _ = run(current, "manage", "check", VENV=str(tmp_path / "venv")).stdout.split(
        "\n", 2
    )

    assert python == f"{tmp_path}/venv/bin/python"
    assert folder == str(current.resolve())


@pytest.mark.parametrize("arguments", [[], ["wbe"], ["--help"]])
def test_whoever_does_not_say_which_is_told_the_names(current, arguments):
    done = run(current, *arguments)

    assert done.returncode == 2
    assert done.stderr == "Say which: deploy/run web, worker, sender, beat or manage.\n"
