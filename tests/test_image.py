"""The image and the composition that runs it agree with the code, without either being run.

`python3 dev.py image` builds and runs them.
"""

import fnmatch
import importlib.util
import os
import re
import runpy
import shutil
import subprocess
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import get_commands

from config.reading import SECRETS
from devtools import compose_file
from devtools.environment import PYTHON
from web.backups.places import SUFFIXES

ROOT = Path(settings.BASE_DIR)
DOCKERFILE = (ROOT / "Dockerfile").read_text()
IMAGE = dict(re.findall(r"^(?:ENV|   ) ([A-Z_]+)=([^\s\\]+)", DOCKERFILE, re.MULTILINE))
ANSWERS = {
    "SITE_HOST": "www.example.com",
    "ADMIN_EMAIL": "ada@example.com",
    "EMAIL_URL": "smtp+tls://me:p%27w$1@mail.example.com:587",
    "DEFAULT_FROM_EMAIL": "Clean Systems <website@example.com>",
    "TIME_ZONE": "Europe/Berlin",
}
COMPOSITION = compose_file.read(ANSWERS)
SERVICES = compose_file.services(ANSWERS)
OURS = {name: service for name, service in SERVICES.items() if service.is_ours}
LASTING = [name for name, one in SERVICES.items() if one.facts["restart"] == "unless-stopped"]
ENTRY = ["/app/deploy/run"]


def known_variables():
    example = (ROOT / ".env.example").read_text()
    names = set(re.findall(r"(?m)^(?:# )?([A-Z_]+)=", example)) | {"READ_DOT_ENV"}
    return names | {f"{name}_FILE" for name in SECRETS}


@pytest.mark.parametrize("name", OURS)
def test_a_process_of_ours_gets_only_variables_that_we_read(name):
    assert OURS[name].environment
    assert OURS[name].environment.keys() <= known_variables()


def test_the_image_sets_only_variables_that_we_read():
    assert {"STATIC_ROOT", "VAR_DIR"} <= IMAGE.keys()
    assert IMAGE.keys() - {"LANG", "VENV"} <= known_variables()


@pytest.mark.parametrize("name", OURS)
def test_a_process_of_ours_runs_a_command_that_there_is(name):
    program, *arguments = OURS[name].command(ENTRY)

    script = ROOT / Path(program).relative_to("/app")
    assert os.access(script, os.X_OK)
    if program == "/app/deploy/run":
        process = arguments[0]
        assert re.search(rf"(?m)^    {process}\)$", script.read_text())
        assert process != "manage" or arguments[1] in get_commands() or arguments[1] == "help"


def test_each_process_of_the_site_is_run():
    run = {tuple(one.command(ENTRY)[1:2]) for one in OURS.values()}

    assert {("web",), ("worker",), ("sender",), ("beat",)} <= run


@pytest.mark.parametrize("script", sorted((ROOT / "deploy/compose").iterdir()), ids=str)
def test_the_scripts_of_containers_call_commands_that_there_are(script):
    text = script.read_text()
    called = re.findall(r"(?:deploy/run manage|\$manage) ([a-z]\w*)", text)

    assert os.access(script, os.X_OK)
    assert set(called) <= get_commands().keys()
    assert not subprocess.run(["sh", "-n", script]).returncode


def test_the_archives_that_a_container_looks_for_are_named_as_ours_are():
    script = (ROOT / "deploy/compose/backup").read_text()
    [pattern] = re.findall(r'"\$BACKUP_DIR"/(\S+)', script)

    for suffix in SUFFIXES:
        assert fnmatch.fnmatchcase(f"www.example.com-20261130-031500{suffix}", pattern)


def test_the_modules_that_are_compiled_beforehand_are_there():
    named = runpy.run_path(str(ROOT / "deploy/precompile.py"))["BY_SETTINGS"]

    assert [name for name in named if importlib.util.find_spec(name) is None] == []


def test_the_options_that_nginx_is_configured_with_are_there():
    script = (ROOT / "deploy/compose/nginx-config").read_text()
    options = set(re.findall(r"--[a-z-]+", script))
    said = subprocess.run(
        [PYTHON, "manage.py", "nginx_config", "--help"], cwd=ROOT, capture_output=True, text=True
    ).stdout

    assert options and all(option in said for option in options)


def test_static_files_are_where_the_image_collected_them():
    assert IMAGE["STATIC_ROOT"] == "/srv/static"
    assert "COPY --from=build /srv/static /srv/static" in DOCKERFILE
    mounted = {target for one in OURS.values() for _, target in one.mounts}
    assert not any(target.startswith(IMAGE["STATIC_ROOT"]) for target in mounted)


@pytest.mark.parametrize("name", OURS)
def test_what_a_process_writes_to_is_a_volume_and_all_else_is_read_only(name):
    service = OURS[name]
    targets = [target for _, target in service.mounts]

    assert service.facts["read_only"] is True
    assert service.facts["cap_drop"] == ["ALL"]
    assert IMAGE["VAR_DIR"] in targets
    assert "USER 10001:10001" in DOCKERFILE


@pytest.mark.parametrize("name", ["backup", "manage"])
def test_archives_outlive_the_container_that_makes_them(name):
    targets = [target for _, target in OURS[name].mounts]

    assert OURS[name].environment["BACKUP_DIR"] in targets
    assert f"{IMAGE['VAR_DIR']}/media" in targets


def test_uploads_are_read_by_nginx_where_the_site_writes_them():
    media = f"{IMAGE['VAR_DIR']}/media"

    assert ("media", media) in SERVICES["web"].mounts
    assert ("media", media) in SERVICES["nginx"].mounts
    assert SERVICES["web"].environment["SERVE_MEDIA"] == "0"


@pytest.mark.parametrize("name", SERVICES)
def test_a_secret_is_read_from_a_file_that_the_process_gets(name):
    service = SERVICES[name]
    files = {value for key, value in service.environment.items() if key.endswith("_FILE")}
    given = {f"/run/secrets/{secret}" for secret in service.facts.get("secrets", [])}

    assert files <= given
    assert set(service.facts.get("secrets", [])) <= COMPOSITION["secrets"].keys()


@pytest.mark.parametrize("name", SERVICES)
def test_what_a_process_names_is_declared(name):
    service = SERVICES[name]
    volumes = {source for source, _ in service.mounts if not source.startswith("./")}

    assert volumes <= COMPOSITION["volumes"].keys()
    assert set(service.facts["networks"]) <= COMPOSITION["networks"].keys()
    assert service.facts.get("depends_on", {}).keys() <= SERVICES.keys()
    for source, _ in service.mounts:
        assert not source.startswith("./") or (ROOT / "deploy" / source).exists()


@pytest.mark.parametrize("name", LASTING)
def test_a_process_that_goes_on_is_given_time_to_end(name):
    said = str(SERVICES[name].facts["stop_grace_period"])
    number, unit = int(said[:-1]), said[-1]

    assert number * {"s": 1, "m": 60}[unit] >= 30


@pytest.mark.parametrize("name", sorted(set(LASTING) - {"beat", "backup", "certificates"}))
def test_a_process_that_serves_others_is_asked_whether_it_is_well(name):
    check = SERVICES[name].facts.get("healthcheck", {})

    assert check.get("test") or (name == "web" and "\nHEALTHCHECK" in DOCKERFILE)


@pytest.mark.parametrize("name", sorted(OURS.keys() - {"migrate", "nginx-config"}))
def test_nobody_starts_before_the_migrations(name):
    waits_for = OURS[name].facts["depends_on"]

    assert waits_for["migrate"]["condition"] == "service_completed_successfully"
    assert OURS["migrate"].facts["depends_on"]["postgres"]["condition"] == "service_healthy"


def test_the_database_and_redis_are_reached_by_containers_alone():
    for name in ("postgres", "redis"):
        assert SERVICES[name].facts["networks"] == ["inside"]
        assert "ports" not in SERVICES[name].facts
    assert COMPOSITION["networks"]["inside"]["internal"] is True


def test_the_site_starts_with_the_variables_of_the_composition(tmp_path):
    given = IMAGE | SERVICES["web"].environment
    places = {"/var/lib/site": "var", "/srv/static": "static", "/var/backups/site": "backups"}
    values = {
        "secret_key": "k" * 64,
        "erasure_key": "e" * 64,
        "database_url": "postgres://site:secret@postgres:5432/site",
        "email_url": ANSWERS["EMAIL_URL"],
        "status_token": "t" * 32,
    }
    for name, value in values.items():
        (tmp_path / name).write_text(f"{value}\n")
    for name, value in given.items():
        if value.startswith("/run/secrets/"):
            given[name] = str(tmp_path / value.removeprefix("/run/secrets/"))
        elif value in places:
            given[name] = str(tmp_path / places[value])

    done = subprocess.run(
        [PYTHON, "manage.py", "check", "--fail-level", "WARNING"],
        cwd=ROOT, env=given, capture_output=True, text=True,
    )  # fmt: skip

    assert not done.returncode, done.stderr


# What is part of the image


def is_left_out(path):
    """By .dockerignore: the last line that fits decides. A star stands for no slash."""
    parts = path.split("/")
    out = False
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        pattern = line.removeprefix("!").removeprefix("/")
        anywhere = pattern.startswith("**/")
        wanted = pattern.removeprefix("**/").split("/")
        starts = range(len(parts)) if anywhere else [0]
        for start in starts:
            found = parts[start : start + len(wanted)]
            if len(found) == len(wanted) and all(map(fnmatch.fnmatchcase, found, wanted)):
                out = not line.startswith("!")
    return out


@pytest.mark.parametrize(
    "path",
    [
        *[".env", "deploy/.env", "deploy/.env.new", "deploy/secrets/secret_key", ".git/config"],
        *["var/db.sqlite3", ".venv/bin/python", "tests/conftest.py", "leads/__pycache__/a.pyc"],
    ],
)
def test_secrets_and_what_only_developers_need_stay_outside(path):
    assert is_left_out(path)


def test_all_that_runs_is_inside():
    ours = [Path(one.path) for one in apps.get_app_configs() if ROOT in Path(one.path).parents]
    ours = [path for path in ours if ".venv" not in path.parts]
    files = [path for app in ours for path in app.rglob("*") if "__pycache__" not in path.parts]
    more = ["templates", "static", "config", "deploy"]
    files += [path for name in more for path in (ROOT / name).rglob("*")]
    files = [path for path in files if path.is_file() and "secrets" not in path.parts]
    names = [path.relative_to(ROOT).as_posix() for path in files if path.name[0] != "."]
    names = [name for name in names if "__pycache__" not in name]

    assert len(ours) > 10
    assert [name for name in names if is_left_out(name)] == []
    for name in ("manage.py", "CHANGELOG.md", "LICENSE", "requirements/run.txt"):
        assert (ROOT / name).exists() and not is_left_out(name)


# The command that asks and starts

DOCKER = """\
#!/bin/sh
echo "$*" >>"$(dirname "$0")/asked"
case "$*" in
    *"test -s"*) exit ${NO_CERTIFICATE:-0} ;;
    *check) exit ${WRONG:-0} ;;
esac
"""


UP = "compose up --detach --remove-orphans"


@pytest.fixture
def machine(tmp_path):
    """Of a stranger: our deploy folder, and a program `docker` that notes what it is asked."""
    shutil.copytree(
        ROOT / "deploy", tmp_path / "deploy", ignore=shutil.ignore_patterns(".env", "secrets")
    )
    (tmp_path / "docker").write_text(DOCKER)
    (tmp_path / "docker").chmod(0o755)
    return tmp_path


def compose_up(machine, answers, **variables):
    return subprocess.run(
        [machine / "deploy/compose-up"],
        input="".join(f"{answer}\n" for answer in answers),
        env={"PATH": f"{machine}:{os.environ['PATH']}", "PAUSE": "0", **variables},
        capture_output=True,
        text=True,
    )


def secrets_of(machine):
    return {one.name: one.read_text().strip() for one in (machine / "deploy/secrets").iterdir()}


def test_five_answers_start_the_site_and_invite_its_administrator(machine):
    done = compose_up(machine, ANSWERS.values())

    assert not done.returncode, done.stderr
    asked = (machine / "asked").read_text().splitlines()
    assert [line for line in asked if "exec" not in line and "version" not in line] == [
        "compose build",
        "compose run --rm --no-deps manage check",
        "compose up --detach --remove-orphans",
        "compose run --rm manage invite ada@example.com",
    ]
    assert done.stdout.endswith("https://www.example.com/\n")


def test_the_answers_are_what_the_composition_asks_for(machine):
    compose_up(machine, ANSWERS.values())

    written = (machine / "deploy/.env").read_text()
    names = re.findall(r"(?m)^(\w+)='", written)
    assert names == list(ANSWERS) and len(names) <= 5
    text = compose_file.FILE.read_text()
    asked = set(re.findall(r"\$\{(\w+):\?", text))
    assert asked <= set(names)
    assert secrets_of(machine)["email_url"] == ANSWERS["EMAIL_URL"]


def test_every_secret_of_the_composition_is_made_and_kept(machine):
    compose_up(machine, ANSWERS.values())
    first = secrets_of(machine)
    again = compose_up(machine, [])

    assert not again.returncode, again.stderr
    assert secrets_of(machine) == first
    assert first.keys() == COMPOSITION["secrets"].keys()
    assert len(first["secret_key"]) == 64
    assert first["site_password"] in first["database_url"]
    assert len({first[name] for name in first}) == len(first)


def test_nobody_else_on_the_machine_reads_answers_or_secrets(machine):
    compose_up(machine, ANSWERS.values())

    deploy = machine / "deploy"
    assert (deploy / ".env").stat().st_mode & 0o777 == 0o600
    assert (deploy / "secrets").stat().st_mode & 0o777 == 0o700
    # The folder guards them; in the container another user has to read them.
    assert {one.stat().st_mode & 0o777 for one in (deploy / "secrets").iterdir()} == {0o644}


def test_a_mail_server_that_changes_is_told_to_the_site(machine):
    compose_up(machine, ANSWERS.values())
    env = machine / "deploy/.env"
    env.write_text(
        re.sub(r"(?m)^EMAIL_URL=.*$", 'EMAIL_URL="smtps://new.example"', env.read_text())
    )

    failed = compose_up(machine, [], WRONG="1")
    compose_up(machine, [])
    compose_up(machine, [])

    assert failed.returncode
    assert secrets_of(machine)["email_url"] == "smtps://new.example"
    asked = (machine / "asked").read_text().splitlines()
    # `docker compose up` lets run what has another secret in the same file.
    assert asked.count("compose restart web worker sender beat") == 1
    assert asked.index("compose restart web worker sender beat") > asked.index(UP)


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ([], "SITE_HOST needs an answer."),
        (["www.example.com", ""], "ADMIN_EMAIL needs an answer."),
        (["www.example.com", "o'hara@example.com"], "ADMIN_EMAIL cannot contain a single quote."),
    ],
)
def test_an_answer_that_is_missing_or_odd_starts_nothing(machine, answers, said):
    done = compose_up(machine, answers)

    assert done.returncode
    assert said in done.stderr
    assert not (machine / "deploy/.env").exists()
    assert "compose up" not in (machine / "asked").read_text()


def test_a_wrong_answer_is_found_before_anything_starts(machine):
    done = compose_up(machine, ANSWERS.values(), WRONG="1")

    assert done.returncode
    assert "Correct deploy/.env, and run this again." in done.stderr
    assert "compose up" not in (machine / "asked").read_text()


def test_without_a_certificate_it_says_where_to_look(machine):
    done = compose_up(machine, ANSWERS.values(), NO_CERTIFICATE="1")

    assert done.returncode
    assert "Does www.example.com lead to this machine" in done.stderr
    assert "invite" not in (machine / "asked").read_text()
