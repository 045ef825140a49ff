"""dev.py and what it stands on: the promises that others build on."""

import ast
import os
import re
import subprocess
import sys

import psycopg
import pytest
import redis
from django.conf import settings

from devtools import checks, environment, running
from devtools.processes import (
    Child,
    Keeper,
    free_port,
    give_back,
    port_is_free,
    wait_until,
)
from tests import workers


def versions_in(lock_name):
    text = (settings.BASE_DIR / "requirements" / lock_name).read_text()
    return set(re.findall(r"(?m)^([\w.-]+(?:\[[\w,-]+\])?)==(\S+)", text))


def test_dev_py_needs_nothing_but_the_standard_library():
    """The rest of devtools/ is run by .venv's Python, and may need what is installed there."""
    read, ahead, needed = set(), [settings.BASE_DIR / "dev.py"], set()
    while ahead:
        path = ahead.pop()
        read.add(path)
        for name in imports_of(path):
            if not name.startswith("devtools."):
                needed.add(name.split(".")[0])
            elif (module := file_of(name)) not in read:
                ahead.append(module)

    assert len(read) > 5
    assert needed <= sys.stdlib_module_names


def file_of(name):
    path = settings.BASE_DIR / name.replace(".", "/")
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def imports_of(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module == "devtools":
            yield from (f"devtools.{name.name}" for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


def test_an_old_python_can_read_dev_py_and_say_that_it_is_old():
    ast.parse((settings.BASE_DIR / "dev.py").read_text(), feature_version=(3, 5))


def test_the_example_explains_every_variable_the_settings_read_and_no_other():
    source = (settings.BASE_DIR / "config" / "settings.py").read_text()
    example = (settings.BASE_DIR / ".env.example").read_text()
    read = set(re.findall(r"""\benv(?:\.\w+)?\(\s*"([A-Z_]+)\"""", source))

    assert set(re.findall(r"(?m)^(?:# )?([A-Z_]+)=", example)) == read - {"READ_DOT_ENV"}


def test_what_tests_need_holds_all_that_running_needs():
    assert versions_in("run.txt")
    assert versions_in("run.txt") <= versions_in("dev.txt")


@pytest.mark.parametrize(("given", "own"), [("/0", "/3"), ("", "/3"), ("/5", "/8")])
def test_two_workers_of_one_run_never_share_a_redis_database_or_a_folder(
    given, own, tmp_path, monkeypatch
):
    monkeypatch.setenv("REDIS_URL", f"redis://127.0.0.1:6379{given}")
    monkeypatch.setenv("VAR_DIR", str(tmp_path / "var"))

    workers.separate("gw3")

    assert os.environ["REDIS_URL"] == f"redis://127.0.0.1:6379{own}"
    assert os.environ["VAR_DIR"] == str(tmp_path / "var" / "gw3")
    assert (tmp_path / "var" / "gw3").is_dir()


def test_what_workers_share_is_made_once_and_again_only_where_that_failed(tmp_path, monkeypatch):
    monkeypatch.setenv(workers.SHARED, str(tmp_path))
    made = []

    def make(folder):
        made.append(list(folder.iterdir()))
        (folder / "half").touch()
        if len(made) == 1:
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        workers.made_once("things", make)
    for _ in range(2):
        assert (workers.made_once("things", make) / "half").exists()

    assert made == [[], []]


def test_journeys_that_break_one_stack_stay_on_one_worker_and_others_are_a_unit_each():
    units = {
        workers.unit_of(f"tests/{file}.py::test_it[::]")
        for file in ["journeys/test_worker", "journeys/test_broker", "journeys/browser/test_desk",
                     "journeys/browser/test_inbox", "mail/test_smtp"]
    }  # fmt: skip

    assert units == {
        "tests/journeys", "tests/journeys/browser/test_desk.py",
        "tests/journeys/browser/test_inbox.py", "tests/mail/test_smtp.py",
    }  # fmt: skip


def test_a_lock_file_that_names_a_host_is_found(tmp_path, monkeypatch):
    (tmp_path / "run.txt").write_text("django @ https://example.com/django.whl\n")
    monkeypatch.setattr(checks, "REQUIREMENTS", tmp_path)
    monkeypatch.setattr(checks, "ROOT", tmp_path)

    assert "run.txt:1" in checks.hosts_in_lock_files()


def test_the_first_run_writes_a_secret_of_its_own_and_no_run_overwrites_it(tmp_path, monkeypatch):
    monkeypatch.setattr(environment, "DOT_ENV", tmp_path / ".env")

    assert environment.write_dot_env()
    first = (tmp_path / ".env").read_text()
    assert not environment.write_dot_env()

    assert re.search(r"(?m)^SECRET_KEY=\S{50,}$", first)
    assert (tmp_path / ".env").read_text() == first


def test_a_real_variable_wins_over_the_file(tmp_path, monkeypatch):
    (tmp_path / ".env").write_text('VAR_DIR="from the file"\n# EMAIL_URL=commented\n')
    monkeypatch.setattr(environment, "DOT_ENV", tmp_path / ".env")
    monkeypatch.delenv("VAR_DIR", raising=False)
    monkeypatch.delenv("EMAIL_URL", raising=False)

    assert environment.setting("VAR_DIR") == "from the file"
    assert environment.setting("EMAIL_URL", "default") == "default"
    monkeypatch.setenv("VAR_DIR", "from the shell")
    assert environment.setting("VAR_DIR") == "from the shell"


def test_what_an_app_contributes_anew_is_brought_to_the_database(tmp_path, monkeypatch):
    (tmp_path / "fairs").mkdir()
    monkeypatch.setattr(running, "ROOT", tmp_path)
    before = running.migrations()

    (tmp_path / "fairs" / "contributes.py").write_text("contribution = None\n")

    assert running.migrations() != before


def test_a_command_of_the_product_runs_in_the_environment_of_the_site():
    bare = {name: value for name, value in os.environ.items() if name != "DEMO"}

    done = subprocess.run(
        [sys.executable, "dev.py", "manage", "help", "seed"],
        cwd=settings.BASE_DIR,
        env={**bare, "SECRET_KEY": "for this test"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "one login per role" in " ".join(done.stdout.split())


def test_what_a_command_prints_leads_to_the_site_that_runs(tmp_path, monkeypatch):
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    assert environment.address_of_run() == {}

    with running.only_run_here(tmp_path) as lock_file:
        assert environment.address_of_run() == {}
        running.describe_run(lock_file, "http://127.0.0.1:8001")
        assert environment.address_of_run() == {"SITE_URL": "http://127.0.0.1:8001"}


@pytest.mark.parametrize("way_to_end", ["stop", "kill"])
def test_ending_a_child_ends_what_the_child_started(tmp_path, way_to_end):
    log = tmp_path / "log"
    child = Child("shell", ["sh", "-c", "sleep 600 & echo $!; wait"], log=log).start()
    assert wait_until(lambda: log.read_text().endswith("\n"), seconds=10)
    grandchild = int(log.read_text())

    getattr(child, way_to_end)()

    assert not child.running
    assert wait_until(lambda: is_gone(grandchild), seconds=10)


def test_no_child_outlives_whoever_started_it():
    """Not even one that is killed, with a child that has children of its own."""
    code = (
        "import time; from devtools.processes import Child;"
        "child = Child('a', ['sh', '-c', 'sleep 600 & sleep 600']).start();"
        "gone = Child('b', ['true']).start(); gone.wait_for_end(30);"
        "print(child.pid, flush=True); time.sleep(600)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    with parent:
        group = int(parent.stdout.readline())
        os.killpg(group, 0)  # raises where nobody is left

        parent.kill()

    def is_gone():
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        return False

    assert wait_until(is_gone, seconds=30)


def test_a_port_in_use_is_not_free(redis_server):
    assert not port_is_free(redis_server.port)
    assert port_is_free(free_port())


def test_no_other_process_is_given_a_port_while_its_server_is_stopped():
    port = free_port()
    code = f"import devtools.processes as p; p.PORTS = ({port}, {port + 1}); print(p.free_port())"
    ask_another = [sys.executable, "-c", code]

    assert "are in use" in subprocess.run(ask_another, capture_output=True, text=True).stderr
    give_back(port)
    assert int(subprocess.check_output(ask_another)) == port


def test_redis_comes_back_on_its_port_and_empty(redis_server):
    with redis.Redis.from_url(redis_server.url) as client:
        client.set("key", "value")
        redis_server.kill()
        redis_server.start()

        assert client.get("key") is None


@pytest.mark.parametrize("way_to_end", ["stop", "kill"])
def test_postgres_comes_back_on_its_port_with_its_data(own_postgres, way_to_end):
    table = f"kept_over_{way_to_end}"
    with psycopg.connect(own_postgres.url, autocommit=True) as connection:
        connection.execute(f"CREATE TABLE {table} AS SELECT 1 AS kept")
    getattr(own_postgres, way_to_end)()
    own_postgres.start()

    with psycopg.connect(own_postgres.url) as connection:
        assert connection.execute(f"SELECT kept FROM {table}").fetchall() == [(1,)]


def is_gone(pid):
    """Whether a process has ended. One that nobody has collected yet has ended as well."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    with open(f"/proc/{pid}/stat") as stat:
        return stat.read().rpartition(")")[2].split()[0] == "Z"


def test_a_child_that_ends_is_started_again_and_its_log_says_so(tmp_path):
    lines = []
    child = Child("worker", ["sh", "-c", "echo started; exit 3"], tmp_path / "log").start()
    keeper = Keeper(child, report=lines.append)

    assert wait_until(keeper.look, seconds=20)

    child.wait_for_end(20)
    assert (tmp_path / "log").read_text().count("started\n") == 2
    assert "The worker ended (exit code 3). Restarting it in 1 s." in lines[0]
    assert lines[0] in (tmp_path / "log").read_text()


def test_the_sooner_a_child_ends_the_longer_it_waits(tmp_path, monkeypatch):
    now = 0.0
    monkeypatch.setattr("devtools.processes.time.monotonic", lambda: now)
    lines = []
    child = Child("worker", ["true"], tmp_path / "log").start()
    keeper = Keeper(child, report=lines.append)
    for _ in range(7):
        child.process.wait()
        keeper.look()
        now += 31
        assert keeper.look()

    waited = [line.rpartition(" in ")[2] for line in lines]
    assert waited == ["1 s.", "2 s.", "4 s.", "8 s.", "16 s.", "30 s.", "30 s."]

    now += 61
    child.process.wait()
    keeper.look()

    assert lines[-1].endswith("in 1 s.")
    child.wait_for_end(20)
