"""The installer, its units and the settings agree, and a wrong answer is one sentence."""

import errno
import os
import re
import shutil
import subprocess
import sys
from argparse import Namespace

import pytest
from django.conf import settings
from django.core.management import get_commands

from deploy.installed import Stop, read_settings
from deploy.installing import commands, journey, questions, services, web_server
from deploy.installing import settings as written_settings

ROOT = settings.BASE_DIR
UNITS = ROOT / "deploy" / "systemd"
ANSWERS = {
    "domain": "www.studio.example",
    "email": "ida@studio.example",
    "mail-server": "smtp+tls://ida%40studio.example:pa%24%22s@mail.studio.example:587",
    "sender": "The Studio <website@studio.example>",
    "time-zone": "Europe/Berlin",
}


def units():
    return {
        str(path.relative_to(UNITS)): path.read_text()
        for path in UNITS.rglob("*.*")
        if path.is_file()
    }


def test_every_setting_that_is_written_is_one_of_ours():
    explained = set(re.findall(r"(?m)^#? ?([A-Z][A-Z_]+)=", (ROOT / ".env.example").read_text()))
    ours = explained | {"READ_DOT_ENV"}

    assert set(written_settings.settings_for(ANSWERS, "studio.example")) <= ours


def test_the_site_starts_with_what_is_written(tmp_path):
    written = written_settings.settings_for(ANSWERS, "studio.example")
    folders = {name: str(tmp_path / name) for name in ("VAR_DIR", "STATIC_ROOT", "BACKUP_DIR")}

    def ask(*command):
        return subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], **written, **folders},
            capture_output=True,
            text=True,
        )

    checked, printed = ask("check"), ask("nginx_config")

    assert (checked.returncode, checked.stderr) == (0, "")
    assert "server_name www.studio.example;" in printed.stdout
    assert "server_name studio.example;" in printed.stdout


def test_every_command_of_units_and_installer_exists():
    installer = "".join(path.read_text() for path in (ROOT / "deploy/installing").glob("*.py"))
    named = {
        *re.findall(r"deploy/run manage (\w+)", "".join(units().values())),
        *re.findall(r'(?s)\bsite\(\s*"(\w+)"', installer),
        *re.findall(r'COMMAND\)?, "(\w+)"', installer),
        *re.findall(r"`site (let_in|nginx_config|doctor)\b", installer),
    }

    assert {"backup", "restore", "migrate", "collectstatic", "nginx_config", "invite"} <= named
    assert named <= set(get_commands())


def test_every_unit_that_is_started_is_there():
    named = {*services.STARTED, *services.TIMERS, "site.target", "site-web@.service"}

    assert named <= set(units())
    assert {name.replace(".timer", ".service") for name in services.TIMERS} <= set(units())
    for name, text in units().items():
        started = re.search(r"(?m)^ExecStart=/opt/site/current/deploy/run (\w+)", text)
        if name.endswith(".service"):
            assert started and f"\n    {started[1]})" in (ROOT / "deploy" / "run").read_text(), name


def test_services_are_given_more_than_the_30_seconds_that_they_take_to_stop():
    common = units()["site-.service.d/site.conf"]

    assert int(re.search(r"(?m)^TimeoutStopSec=(\d+)$", common)[1]) > 30
    assert not any("TimeoutStopSec" in text for name, text in units().items() if name[-1] == "e")


def test_systemd_takes_the_units(tmp_path):
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not here")
    for name, text in units().items():
        copy = tmp_path / name
        copy.parent.mkdir(exist_ok=True)
        copy.write_text(text.replace("/opt/site/current", str(ROOT)))

    checked = [name.replace("@.", "@1.") for name in units() if "/" not in name]
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(str(tmp_path / name) for name in checked)],
        env={**os.environ, "SYSTEMD_UNIT_PATH": f"{tmp_path}:"},
        capture_output=True,
        text=True,
    )

    told = [line for line in done.stderr.splitlines() if "site" in line]
    assert (done.returncode, told) == (0, [])


@pytest.fixture
def settings_file(tmp_path, monkeypatch):
    """That of a site which is installed here."""
    path = tmp_path / "site.env"
    path.touch()

    def write(path, text, **_):
        path.write_text(text)

    monkeypatch.setattr(written_settings, "SETTINGS", path)
    for module in (written_settings, questions):
        monkeypatch.setattr(module, "ADMINISTRATOR", tmp_path / "administrator")
    monkeypatch.setattr(written_settings, "write", write)
    return path


@pytest.fixture
def in_files(settings_file):
    """Its secrets have been moved into files, as the operator's manual says."""
    written_settings.write_settings(ANSWERS, "")
    known = written_settings.settings()
    for name in ("SECRET_KEY", "STATUS_TOKEN", "EMAIL_URL"):
        (settings_file.parent / name).write_text(f"{known.pop(name)}\n")
        known[f"{name}_FILE"] = str(settings_file.parent / name)
    lines = [f"{name}={written_settings._quoted(value)}" for name, value in known.items()]
    settings_file.write_text("\n".join(lines))
    return settings_file


def test_run_again_it_leaves_secrets_in_their_files(in_files):
    before = in_files.read_text()
    known = questions.earlier_answers()

    written_settings.write_settings(known, "")

    assert known == ANSWERS
    assert in_files.read_text() == before


def test_an_answer_that_stands_in_a_file_is_not_passed_over(in_files):
    another = ANSWERS | {"mail-server": "smtps://mail.studio.example"}

    with pytest.raises(Stop, match=r"EMAIL_URL stands in .*EMAIL_URL\. Change it there"):
        written_settings.write_settings(another, "")


def test_what_is_missing_gets_a_line_of_its_own(settings_file):
    settings_file.write_text("TRUSTED_PROXIES=127.0.0.0/8")

    written_settings.write_settings(ANSWERS, "")

    assert written_settings.settings()["TRUSTED_PROXIES"] == "127.0.0.0/8"
    assert written_settings.settings()["SECRET_KEY"]


def test_settings_that_cannot_be_read_are_one_sentence(settings_file):
    settings_file.write_text('DEFAULT_FROM_EMAIL="The Studio\n')

    with pytest.raises(Stop, match=r"site\.env cannot be read .*Put it right"):
        questions.earlier_answers()


@pytest.mark.parametrize(
    ("check", "value", "fix"),
    [
        (questions.domain, "https://www.studio.example", "domain alone"),
        (questions.domain, "www.studio.example/path", "without path"),
        (questions.domain, "www.studio.example:8443", "without path or port"),
        (questions.domain, "localhost", "no domain"),
        (questions.domain, "192.0.2.1", "no domain"),
        (questions.domain, "a b.example", "no domain"),
        (questions.email, "ida", "no email address"),
        (questions.email, "ida@studio", "no email address"),
        (questions.email, "ida@https://studio.example", "no email address"),
        (questions.sender, "The Studio", "no email address"),
        (questions.mail_server, "mail.studio.example", "does not begin with"),
        (questions.mail_server, "https://mail.studio.example", "does not begin with"),
        (questions.mail_server, "smtp+tls://", "names no host"),
        (questions.mail_server, "smtp+tls://mail.studio.example:x", "cannot be read"),
        (questions.mail_server, "smtp+tls://a@b.example:c@mail.studio.example", "@ too many"),
        (questions.mail_server, "smtp://mail.studio.example", "no TLS"),
        (questions.time_zone, "Berlin", "no time zone"),
    ],
)
def test_a_wrong_answer_is_one_line_that_says_the_fix(check, value, fix):
    with pytest.raises(Stop) as stop:
        check(value)

    assert fix in str(stop.value) and re.search(
        r"Write (it|the)|on another machine", str(stop.value)
    )
    assert "\n" not in str(stop.value)


@pytest.mark.parametrize("name", ANSWERS)
def test_a_right_answer_is_taken(name):
    [check] = [one.check for one in questions.QUESTIONS if one.name == name]

    assert check(ANSWERS[name]) == ANSWERS[name]


def test_no_more_than_five_things_are_asked():
    assert len(questions.QUESTIONS) <= 5


@pytest.mark.parametrize(
    "value",
    [
        "plain",
        "two words",
        'a "quoted" name',
        "back\\slash",
        "$HOME",
        "#no-comment",
        "a=b",
        "é",
        "",
    ],
)
def test_what_the_installer_writes_is_read_as_it_was(tmp_path, value):
    path = tmp_path / "site.env"
    path.write_text(f"# A comment\n; another\nNAME={written_settings._quoted(value)}\n")

    assert read_settings(path) == {"NAME": value}


class Asked:
    """What programs are asked, and which of them fail; nothing is run."""

    def __init__(self):
        self.ran, self.failing = [], set()

    def run(self, command, trouble, **_):
        self.ran.append(" ".join(command))
        if self.ran[-1] in self.failing:
            raise Stop(trouble)
        return ""

    def works(self, command):
        return " ".join(command) not in self.failing


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """One whose programs do what they are asked, and whose folders are elsewhere."""
    asked = Asked()
    for folder in ("sites-available", "sites-enabled", "site.target.wants"):
        (tmp_path / folder).mkdir()

    def write(path, text, **_):
        is_new = not path.exists() or path.read_text() != text
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return is_new

    for module in (journey, services, web_server):
        monkeypatch.setattr(module, "run", asked.run)
    for module in (services, web_server):
        monkeypatch.setattr(module, "works", asked.works)
        monkeypatch.setattr(module, "write", write)
    monkeypatch.setattr(web_server, "NGINX", tmp_path)
    monkeypatch.setattr(web_server, "site", lambda *_, **__: "server {}")
    monkeypatch.setattr(services, "UNITS", tmp_path)
    monkeypatch.setattr(services, "_wait_for_web", lambda: None)
    return asked


@pytest.mark.parametrize("before", [None, "server { listen 80; }"])
def test_what_nginx_has_refused_is_tried_again_by_the_next_run(before, machine, tmp_path):
    """Another site's configuration may have been at fault, and is corrected meanwhile."""
    if before:
        (tmp_path / "sites-available/site").write_text(before)
        (tmp_path / "sites-enabled/site").symlink_to(tmp_path / "sites-available/site")
    machine.failing.add("nginx -t")
    with pytest.raises(Stop):
        web_server.configure([])
    left = tmp_path / "sites-enabled/site"
    assert (left.read_text() if left.exists() else None) == before
    assert machine.ran == ["nginx -t"]

    machine.failing.clear()
    web_server.configure([])

    assert machine.ran[1:] == ["nginx -t", "systemctl reload-or-restart nginx"]
    assert left.read_text() == "server {}"


def test_a_service_that_is_stopped_is_started_although_others_run(machine, tmp_path):
    (tmp_path / "site.target.wants/site-web@1.service").touch()
    machine.failing.add("systemctl -q is-active site-worker.service")

    services.start_services(is_new=False)

    assert machine.ran[-1] == "systemctl start site.target"


@pytest.mark.parametrize(
    ("is_new", "last"), [(True, "restart site.target"), (False, "start redis-server")]
)
def test_services_that_run_start_anew_only_with_what_is_new(is_new, last, machine, tmp_path):
    (tmp_path / "site.target.wants/site-web@1.service").touch()

    services.start_services(is_new=is_new)

    assert machine.ran[-1] == f"systemctl {last}"


def test_units_are_read_anew_although_an_interrupted_run_has_written_them(machine, monkeypatch):
    monkeypatch.setattr(journey, "CURRENT", ROOT)
    monkeypatch.setattr(journey, "NGINX", ROOT)
    monkeypatch.setattr(journey, "write", lambda *_, **__: False)
    monkeypatch.setattr(journey, "install_units", lambda _: None)

    journey.refresh()

    assert "systemctl daemon-reload" in machine.ran


@pytest.fixture
def run_installer(monkeypatch, tmp_path):
    """Run it, with nothing to do but this. Says what is new to the services that it starts."""
    monkeypatch.setattr(journey, "UNFINISHED", tmp_path / "unfinished")
    monkeypatch.setattr(journey, "place_release", lambda: ROOT)
    monkeypatch.setattr(journey, "settings", dict)
    for name in (
        *["check_machine", "earlier_answers", "needs_certbot", "install_packages", "make_user"],
        *["make_database", "twin_of", "write_settings", "fill_database", "invite"],
        *["collect_static_files", "install_units", "serve", "look_at_everything"],
    ):
        monkeypatch.setattr(journey, name, lambda *_: None)
    monkeypatch.setattr(journey, "write", lambda *_, **__: False)
    monkeypatch.setattr(journey, "answers", lambda *_: ANSWERS)

    def run(**steps):
        told = []
        with monkeypatch.context() as changed:
            changed.setattr(journey, "start_services", lambda *, is_new: told.append(is_new))
            for name, step in steps.items():
                changed.setattr(journey, name, step)
            journey.install(Namespace(certificate=None, key=None))
        return told[0]

    return run


def test_services_start_anew_if_the_run_before_ended_before_they_did(run_installer):
    def change(*_):
        journey.progress.change()

    def fail():
        raise Stop("The database cannot be migrated")

    with pytest.raises(Stop):
        run_installer(write_settings=change, fill_database=fail)

    assert run_installer() is True
    assert run_installer() is False


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (
            OSError(errno.ENOSPC, "No space left on device", "/opt/site/releases"),
            "/opt/site/releases: No space left on device. Put it right, and run this again",
        ),
        (OSError("no reason given"), "no reason given. Put it right, and run this again"),
        (EOFError(), "Stopped. Run this again"),
        (KeyboardInterrupt(), "Stopped. Run this again"),
    ],
)
def test_however_the_installer_ends_it_says_so_in_a_sentence(trouble, said, monkeypatch):
    def install(_):
        raise trouble

    monkeypatch.setattr(journey, "install", install)
    monkeypatch.setattr(sys, "argv", ["install.py"])
    umask = os.umask(0o022)
    try:
        with pytest.raises(SystemExit) as end:
            commands.main()
    finally:
        os.umask(umask)

    assert str(end.value).strip().startswith(said)
