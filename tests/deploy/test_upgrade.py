"""`site upgrade`, `rollback` and `restart`, with releases that are a few lines each.

What these change to is no site of ours: their `deploy/run` notes what it is told, and granian
serves an application that answers /readyz. benchmarks/upgrade.py has two real releases under load.
"""

import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest
from django.conf import settings

from devtools.processes import free_port, wait_until
from tests.installed import Installed, begin_release

TOKEN = "a token of twenty letters"
RUN = """\
#!/bin/sh
# Stands for a release: notes what it is told, and does what `faults` says.
cd -P "$(dirname "$0")/.."
release=$(basename "$PWD")
echo "$release $*" >>"{notes}"
[ ! -f "{folder}/breaks" ] || . "{folder}/breaks"
case "$1 $2" in
    "manage backup") echo "/backups/site-$release.tar (1.0 MiB)" ;;
    "web "*)
        shift
        cd "{folder}"
        export RELEASE="$release"
        exec {python} -m granian --interface wsgi --log-level warning application:application "$@"
        ;;
    "worker "*|"sender "*|"beat "*) exec sleep 1000 ;;
esac
"""
APPLICATION = """\
import os
from datetime import UTC, datetime
began = datetime.now(UTC).isoformat()
def application(environ, start_response):
    knows = environ.get("HTTP_AUTHORIZATION") == "Bearer {token}"
    said = f"ok {{os.environ['RELEASE']}} {{began}}" if knows else "ok"
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [said.encode()]
"""
STEPS = ["manage check", "manage backup", "manage migrate", "manage collectstatic", "web --port"]
SERVICES = ["restart site-worker.service", "restart site-web@2.service", "stop site-web@1.service"]


class Site(Installed):
    """One that 0.3.0 serves."""

    def __init__(self, folder):
        self.notes = folder / "notes"
        self.folder = folder
        port = free_port()
        given = {"STATUS_TOKEN": TOKEN, "BACKUP_DIR": str(folder), "SITE_URL": "http://a.example"}
        super().__init__(folder, self.release("0.3.0"), "0.3.0", port=port, settings=given)
        self.settle = 1.0  # what cannot work here ends at once
        (folder / "application.py").write_text(APPLICATION.format(token=TOKEN))
        self.services.take("start", "site-worker.service", "site-sender.service")
        self.services.take("start", "site-beat.service", "site-web@1.service")
        assert wait_until(lambda: self.answers("0.3.0"), seconds=30)

    def release(self, version, *, asks=""):
        tree = self.folder / f"tree-{version}"
        for folder in ["deploy", "requirements"]:
            (tree / folder).mkdir(parents=True)
        (tree / "manage.py").touch()
        (tree / "requirements" / "run.txt").touch()
        (tree / "CHANGELOG.md").write_text("# Changelog\n")
        for known in ["0.2.0", "0.3.0"]:
            begin_release(tree, known)
        if version != "0.3.0":
            begin_release(tree, version, asks=asks)
        ours = settings.BASE_DIR / "deploy"
        shutil.copytree(ours / "upgrading", tree / "deploy" / "upgrading")
        for name in ["upgrade.py", "installed.py"]:
            shutil.copy(ours / name, tree / "deploy")
        run = tree / "deploy" / "run"
        run.write_text(RUN.format(notes=self.notes, folder=self.folder, python=sys.executable))
        run.chmod(0o755)
        return tree

    def answers(self, version):
        command = ["curl", "--silent", "--max-time", "5", f"http://127.0.0.1:{self.port}/readyz"]
        command += ["--header", f"Authorization: Bearer {TOKEN}"]
        said = subprocess.run(command, capture_output=True, text=True).stdout
        return said.startswith(f"ok {version} ")

    def breaks(self, script):
        """What each release does first: in `$1 $2` is what it is told."""
        (self.folder / "breaks").write_text(script)

    def works(self):
        (self.folder / "breaks").unlink()

    def told(self, version):
        lines = self.notes.read_text().splitlines()
        return [line.partition(" ")[2] for line in lines if line.startswith(f"{version} ")]

    def upgrade(self, version="0.4.0", *arguments, **options):
        source = options.pop("source", None) or self.release(version)
        flags = ["--from", source, "--yes", "--venv", sys.prefix]
        return self.run("upgrade", f"v{version}", *flags, *arguments, **options)

    @property
    def note(self):
        path = self.root / "upgrade.json"
        return json.loads(path.read_text()) if path.exists() else {}

    def serves(self, version):
        running = [one for one in ["1", "2"] if self.services.is_running(f"site-web@{one}.service")]
        return self.current == version and len(running) == 1 and self.answers(version)


@pytest.fixture
def site(tmp_path):
    with Site(tmp_path) as site:
        yield site


def repository(folder, *trees):
    """A git repository in which each of these trees has a tag."""
    folder.mkdir()

    def git(*words):
        who = ["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)

    git("init", "--quiet")
    for tree in trees:
        shutil.copytree(tree, folder, dirs_exist_ok=True, copy_function=shutil.copy)
        git("add", "--all", "--force")
        git("commit", "--quiet", "--message", tree.name)
        git("tag", tree.name.replace("tree-", "v"))
    return folder


# All is well


def test_a_newer_release_takes_over_step_by_step(site):
    done = site.upgrade()

    assert done.returncode == 0, done.stdout
    assert site.serves("0.4.0")
    kinds = [" ".join(one.split()[:2]) for one in site.told("0.4.0")]
    assert kinds[:3] == ["manage check", "manage migrate", "manage collectstatic"]
    assert kinds[3] == "web --port"  # tried on a port of its own
    assert sorted(one.split()[0] for one in kinds[4:7]) == ["beat", "sender", "worker"]
    assert kinds[7:] == ["web --port", "manage doctor"]
    assert site.told("0.3.0")[-1] == "manage backup"
    assert (site.root / "previous").resolve().name == "0.3.0"
    assert site.services.enabled == {"site-web@2.service"}
    assert site.note == {}


def test_the_next_one_comes_from_where_this_one_came_from(site):
    trees = [site.release("0.4.0"), site.release("0.5.0"), site.release("0.10.0")]
    source = repository(site.folder / "repository", *trees)
    site.upgrade("0.4.0", source=source)

    done = site.run("upgrade", "--yes", "--venv", sys.prefix)  # the newest, by number

    assert done.returncode == 0, done.stdout
    assert site.serves("0.10.0")
    assert not (site.root / "releases" / "0.10.0" / ".git").exists()


def test_a_release_may_come_as_a_file(site):
    tree = site.release("0.4.0")
    file = site.folder / "site-0.4.0.tar.gz"
    subprocess.run(["tar", "-czf", file, "-C", tree.parent, tree.name], check=True)

    assert site.upgrade(source=file).returncode == 0
    assert site.serves("0.4.0")


def test_the_sites_user_can_read_what_nobody_else_could_where_it_came_from(site, monkeypatch):
    source = site.release("0.4.0")
    for path in [source, *source.rglob("*")]:
        path.chmod(0o700 if path.is_dir() or os.access(path, os.X_OK) else 0o600)
    monkeypatch.chdir(source.parent)
    was = os.umask(0o077)
    try:
        site.upgrade(source=source.name)  # from where we stand
    finally:
        os.umask(was)

    assert site.serves("0.4.0")
    release = site.root / "releases" / "0.4.0"
    modes = {path.name: oct(path.stat().st_mode)[-3:] for path in release.rglob("*")}
    assert (modes["deploy"], modes["run"], modes["manage.py"]) == ("755", "755", "644")


def test_three_releases_are_kept(site):
    for version in ["0.4.0", "0.5.0", "0.6.0", "0.7.0"]:
        done = site.upgrade(version)

    assert "Deleted release 0.4.0." in done.stdout
    kept = sorted(path.name for path in (site.root / "releases").iterdir())
    assert kept == ["0.5.0", "0.6.0", "0.7.0"]


def test_what_runs_already_is_left_alone(site):
    site.upgrade()
    told = site.notes.read_text()

    done = site.run("upgrade", "v0.4.0", "--yes")

    assert (done.returncode, done.stdout) == (0, "0.4.0 is already running.\n")
    assert site.notes.read_text() == told


@pytest.fixture
def handed_over():
    """As the installer sets it, where we may: a connection that a web process has not accepted when
    it stops listening goes to the next one.
    """
    setting = Path("/proc/sys/net/ipv4/tcp_migrate_req")
    before = setting.read_text()
    with suppress(OSError):
        setting.write_text("1\n")
    yield
    with suppress(OSError):
        setting.write_text(before)


def test_nobody_is_refused_meanwhile(site, handed_over):
    answers, ends = [], threading.Event()

    def visit():
        while not ends.wait(0.1):
            connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
            try:
                connection.request("GET", "/")
                answers.append(connection.getresponse().status)
            except (OSError, http.client.HTTPException) as error:
                answers.append(repr(error))
            finally:
                connection.close()

    visitors = [threading.Thread(target=visit) for _ in range(4)]
    for visitor in visitors:
        visitor.start()
    try:
        done = [site.upgrade(), site.run("restart"), site.run("rollback")]
    finally:
        ends.set()
        for visitor in visitors:
            visitor.join()

    assert [one.returncode for one in done] == [0, 0, 0]
    assert len(answers) > 20
    assert set(answers) == {200}


# What it asks of the operator


def test_what_releases_ask_for_is_said_before_anything_changes(site):
    source = site.release("0.5.0", asks="- Set `NEW_ONE`.")
    begin_release(source, "0.6.0", asks="- Make room for pictures.")
    flags = ["v0.6.0", "--from", source, "--venv", sys.prefix]

    done = site.run("upgrade", *flags, said="n\n")

    assert done.returncode == 1
    assert done.stdout.index("Set `NEW_ONE`") < done.stdout.index("Make room for pictures")
    assert "Nothing has changed. When it is done: site upgrade v0.6.0." in done.stdout
    assert site.told("0.6.0") == []
    assert site.serves("0.3.0")

    assert site.run("upgrade", *flags, said="y\n").returncode == 0
    assert site.serves("0.6.0")


# Interrupted


def killed(site):
    """Ended by a power cut, as far as the upgrade knows."""
    done = site.upgrade(source=site.folder / "tree-0.4.0")
    assert done.returncode == -signal.SIGKILL, done.stdout


def killed_before(site, step, *words):
    command = site.command(*words)
    changing = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def kill_it(verb, name):
        if f"{verb} {name}" == step and changing.poll() is None:
            changing.kill()
            changing.wait()

    site.services.before = kill_it
    assert changing.wait(60) == -signal.SIGKILL
    site.services.before = lambda verb, name: None


@pytest.mark.parametrize("step", STEPS)
def test_killed_in_a_step_the_next_upgrade_goes_on(site, step):
    site.release("0.4.0")
    release = "0.3.0" if step == "manage backup" else "0.4.0"
    site.breaks(
        f'case "$release $1 $2" in "{release} {step}") kill -9 $PPID; sleep 5; exit 1 ;; esac'
    )

    killed(site)

    assert site.serves("0.3.0")
    site.works()
    done = site.run("upgrade", "--yes", "--venv", sys.prefix)
    assert done.returncode == 0, done.stdout
    assert site.serves("0.4.0")
    if site.told("0.3.0").count("manage backup") > 1:
        assert step in STEPS[:2], "the backup from before the migration is the one to keep"


@pytest.mark.parametrize("step", SERVICES)
def test_killed_while_services_change_somebody_serves_and_the_next_upgrade_goes_on(site, step):
    source = site.release("0.4.0")
    flags = ["--from", source, "--yes", "--venv", sys.prefix]

    killed_before(site, step, "upgrade", "v0.4.0", *flags)

    assert wait_until(lambda: site.answers("0.3.0") or site.answers("0.4.0"), seconds=20)
    done = site.run("upgrade", "--yes", "--venv", sys.prefix)
    assert done.returncode == 0, done.stdout
    assert "which was interrupted" in done.stdout
    assert site.serves("0.4.0")


def test_files_of_half_a_release_are_in_nobodys_way(site):
    half = site.root / "releases" / ".0.4.0.part"
    half.mkdir()
    (half / "rest").touch()

    assert site.upgrade().returncode == 0
    assert not (site.root / "releases" / "0.4.0" / "rest").exists()
    assert not half.exists()


def test_of_two_at_once_one_refuses(site):
    site.breaks('case "$1 $2" in "manage migrate") sleep 1000 ;; esac')
    source = site.release("0.4.0")
    flags = ["v0.4.0", "--from", source, "--yes", "--venv", sys.prefix]
    first = subprocess.Popen(site.command("upgrade", *flags), start_new_session=True)
    try:
        assert wait_until(lambda: "manage migrate" in site.notes.read_text(), seconds=30)

        done = site.run("rollback")
    finally:
        os.killpg(first.pid, signal.SIGKILL)
        first.wait()

    assert done.returncode == 1
    assert "Another upgrade, rollback or restart is running" in done.stdout


# What goes wrong


def refused(done):
    """What it says of it, in sentences."""
    assert done.returncode == 1, done.stdout
    assert "Traceback" not in done.stdout
    return done.stdout


def test_a_tag_that_is_not_there(site):
    source = repository(site.folder / "repository", site.release("0.4.0"))

    said = refused(site.upgrade("0.9.0", source=source))

    assert "has no tag v0.9.0. The newest is v0.4.0." in said
    assert "0.3.0 goes on serving." in said


@pytest.mark.parametrize("asked", ["latest", "0.4", "v0.4.0; rm", "../0.4.0"])
def test_what_is_no_release(site, asked):
    assert f"{asked} is no release." in refused(site.run("upgrade", asked, "--from", site.folder))


def test_a_folder_that_is_no_release_of_this_site(site, tmp_path):
    (site.folder / "other").mkdir()

    said = refused(site.upgrade(source=site.folder / "other"))

    assert "is no release of this site" in said


def test_a_release_that_says_another_number(site):
    said = refused(site.upgrade("0.5.0", source=site.release("0.4.0")))

    assert "What is called 0.5.0 says in its CHANGELOG.md that it is 0.4.0." in said
    assert not (site.root / "releases" / "0.5.0").exists()


def test_an_older_release_is_no_upgrade(site):
    said = refused(site.upgrade("0.2.0"))

    assert "0.2.0 is not newer than 0.3.0. To go back: site rollback." in said


def test_where_releases_come_from_is_never_half_written(site):
    source, before = site.root / "source", site.root / "before"
    source.write_text("git@git.example.com:site.git\n")
    before.hardlink_to(source)

    assert site.upgrade().returncode == 0

    assert source.read_text() == f"{site.folder / 'tree-0.4.0'}\n"
    assert before.read_text() == "git@git.example.com:site.git\n"


@pytest.mark.parametrize("lost", [False, True])
def test_nobody_has_said_where_releases_come_from(lost, site):
    if lost:
        (site.root / "source").touch()  # the disk was full, or the machine lost its power

    assert "Say once where releases come from" in refused(site.run("upgrade", "--yes"))
    assert "Say once where releases come from" in refused(site.run("upgrade", "v0.4.0", "--yes"))


def test_a_disk_without_room(site, monkeypatch):
    shim = site.folder / "sitecustomize.py"  # the machine's answer, not ours
    shim.write_text(
        "import shutil\nshutil.disk_usage = lambda path: shutil._ntuple_diskusage(1, 1, 0)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(site.folder))

    said = refused(site.upgrade())

    assert re.search(r"has 0 MiB free, and the upgrade needs \d+\. Make room", said)
    assert site.serves("0.3.0")
    assert not (site.root / "releases" / "0.4.0").exists()


def test_without_a_token_nobody_could_tell_which_version_answers(site):
    site.write_settings({"BACKUP_DIR": str(site.folder)})

    assert "STATUS_TOKEN is not set" in refused(site.upgrade())


def test_without_a_place_for_backups_nothing_is_migrated(site):
    site.write_settings({"STATUS_TOKEN": TOKEN})

    assert "Neither BACKUP_DIR nor BACKUP_STORAGE_URL is set. Set one" in refused(site.upgrade())
    assert "manage migrate" not in site.notes.read_text()


def test_settings_that_the_new_release_refuses(site):
    site.breaks(
        'case "$release $1 $2" in "0.4.0 manage check")'
        ' echo "NEW_ONE is not set. Set it to one."; exit 1 ;; esac'
    )

    said = refused(site.upgrade())

    assert "0.4.0 refuses these settings:\nNEW_ONE is not set. Set it to one." in said
    assert site.serves("0.3.0")
    assert "manage backup" not in site.notes.read_text()


def test_a_migration_that_fails_leaves_the_old_release_serving(site):
    site.breaks(
        'case "$1 $2" in "manage migrate") echo "The column is there already."; exit 1 ;; esac'
    )

    said = refused(site.upgrade())

    assert "The database could not be migrated:\nThe column is there already." in said
    assert site.serves("0.3.0")
    site.works()
    assert site.upgrade(source=site.folder / "tree-0.4.0").returncode == 0
    assert site.told("0.3.0").count("manage backup") == 1
    assert site.serves("0.4.0")


def test_a_release_that_does_not_start_is_never_switched_to(site):
    site.breaks('case "$release $1" in "0.4.0 web") echo "No module named x"; exit 1 ;; esac')

    said = refused(site.upgrade())

    assert "0.4.0 does not start.\nNo module named x" in said
    assert site.serves("0.3.0")
    assert "restart" not in (site.folder / "upgrade.log").read_text()


@pytest.mark.parametrize("what", ["web", "worker"])
def test_a_release_that_starts_on_trial_and_not_as_a_service_is_taken_back(site, what):
    site.breaks(f'case "$release $1 $*" in *"--workers 1"*) ;; "0.4.0 {what} "*) exit 1 ;; esac')

    said = refused(site.upgrade())

    assert "0.4.0 does not work here. Going back to 0.3.0." in said
    assert site.serves("0.3.0")
    assert all(site.services.is_running(f"site-{one}.service") for one in ["worker", "beat"])
    assert site.note == {}


# Back


def test_back_to_the_release_before(site):
    site.upgrade()

    done = site.run("rollback")

    assert done.returncode == 0, done.stdout
    assert site.serves("0.3.0")
    assert "manage migrate" not in " ".join(site.told("0.3.0"))


def test_there_may_be_no_release_before(site):
    assert "There is no release before this one" in refused(site.run("rollback"))


def test_a_release_may_say_that_there_is_no_way_back(site):
    asks = "- **No rollback**: a column is gone that 0.3.0 reads."
    site.upgrade(source=site.release("0.4.0", asks=asks))

    said = refused(site.run("rollback"))

    assert "0.4.0 has changed the database so that 0.3.0 does not work with it." in said
    assert "site restore" in said
    assert site.serves("0.4.0")


def test_back_from_an_upgrade_that_was_interrupted(site):
    site.release("0.4.0")
    site.breaks('case "$release $1 $2" in "0.4.0 web --port") kill -9 $PPID; exit 1 ;; esac')
    killed(site)
    site.works()

    done = site.run("rollback")

    assert done.returncode == 0, done.stdout
    assert site.serves("0.3.0")
    assert site.note == {}


@pytest.mark.parametrize(
    "step",
    ["restart site-worker.service", "restart site-web@1.service", "stop site-web@2.service"],
)
def test_killed_on_the_way_back_the_same_command_goes_on(site, step):
    site.upgrade()
    killed_before(site, step, "rollback")
    for words in (["upgrade", "--yes"], ["restart"]):
        said = site.run(*words)
        assert "The rollback to 0.3.0 is not finished: run site rollback first." in said.stdout

    done = site.run("rollback")

    assert done.returncode == 0, done.stdout
    assert "Going back from 0.4.0 to 0.3.0." in done.stdout
    assert site.serves("0.3.0")
    assert site.note == {}
    assert site.run("upgrade", "v0.4.0", "--yes", "--venv", sys.prefix).returncode == 0


# Anew


def test_every_process_starts_anew_with_the_settings_of_now(site):
    before = {name: child.pid for name, child in site.services.children.items()}

    done = site.run("restart")

    assert done.returncode == 0, done.stdout
    assert site.serves("0.3.0")
    after = {name: child.pid for name, child in site.services.children.items() if child.running}
    assert set(after) == {*before, "site-web@2.service"} - {"site-web@1.service"}
    assert not set(after.values()) & set(before.values())


def test_settings_that_do_not_work_restart_nothing(site):
    before = {name: child.pid for name, child in site.services.children.items()}
    site.breaks('case "$1 $2" in "manage check") echo "NEW_ONE is empty."; exit 1 ;; esac')

    said = refused(site.run("restart"))

    assert "0.3.0 refuses these settings:\nNEW_ONE is empty." in said
    assert {name: child.pid for name, child in site.services.children.items()} == before
