"""`dev.py run`: the whole site on this machine, in two processes, until Ctrl-C."""

import argparse
import fcntl
import hashlib
import http.client
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NoReturn, TextIO

from devtools.environment import (
    BIN,
    PYTHON,
    REQUIREMENTS,
    ROOT,
    Stop,
    digest,
    prepare,
    quietly,
    setting,
    stamped,
    var_folder,
    write_dot_env,
)
from devtools.processes import (
    Child,
    Keeper,
    on_ending_signals,
    port_is_free,
    stop_all,
    wait_until,
)
from devtools.setting_aside import is_too_old, set_aside

SECONDS_TO_GET_READY = 60


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="dev.py run")
    parser.add_argument("--port", type=int, help="otherwise 8000, or the next free one")
    parser.add_argument("--debug", action="store_true", help="error details, reload on change")
    options = parser.parse_args(arguments)

    on_ending_signals(_end_as_by_ctrl_c)
    try:
        run(port=options.port, debug=options.debug)
    except KeyboardInterrupt:
        print()
    print("Stopped.")
    return 0


def run(*, port: int | None, debug: bool) -> None:
    """Start everything and watch over it. Ends by Ctrl-C, or when the web server dies."""
    began = time.monotonic()
    var = var_folder()
    os.umask(0o077)  # here and in all that is started: what is below var/ is its owner's alone
    (var / "log").mkdir(parents=True, exist_ok=True)
    with ExitStack() as locks:
        lock_file = locks.enter_context(only_run_here(var))
        port = choose_port(port)
        address = f"http://127.0.0.1:{port}"
        prepare("run.txt")
        if write_dot_env():
            print("Wrote .env with a secret key of its own.")
        debug = debug or setting("DEBUG").lower() in ["1", "true", "yes", "on"]
        environment = child_environment(address, debug=debug)
        if not is_migrated(var) and is_too_old(var, environment):
            aside = set_aside(var)
            lock_file = locks.enter_context(only_run_here(var))
            print("The database was made by a commit before version 0.2.0 and cannot be used.")
            print(f"Everything is kept in {_short(aside)}/. Starting with an empty database.")
        bring_up_to_date(var, environment, debug=debug)

        site = web(port, var, environment, debug=debug)
        children = [site, *workers(var, environment)]
        asked_to_end: list[int] = []  # noted, not raised: nothing is cut off half-way from here on
        on_ending_signals(lambda number, frame: asked_to_end.append(number))
        try:
            start_all(children, lock_file)
            describe_run(lock_file, address, children)
            logins = manage("seed", "--logins", env=environment)
            wait_for_answer(port, site, asked_to_end)
            print(f"Ready in {time.monotonic() - began:.1f} s.")
            print(welcome(address, logins, var, debug=debug))
            for _ in restarts(site, children[1:], asked_to_end):
                describe_run(lock_file, address, children)
        except Stop:
            if not asked_to_end:  # else it is just what ending looks like from here
                raise
        finally:
            print("\nStopping …")
            stop_all(children)


def start_all(children: Sequence[Child], lock_file: TextIO) -> None:
    for child in children:
        if child.log:
            child.log.write_text("")
        # They hold the lock too: should this process be killed, they still run.
        child.popen_options = {"pass_fds": [lock_file.fileno()]}
        child.start()


def restarts(site: Child, others: Sequence[Child], asked_to_end: list[int]) -> Iterator[None]:
    """Watch until someone asks for the end. Yields whenever one of the others was restarted."""
    keepers = [Keeper(child) for child in others]
    while not asked_to_end:
        time.sleep(0.2)
        _stop_if_it_died(site)
        if any([keeper.look() for keeper in keepers]):
            yield


@contextmanager
def only_run_here(var: Path) -> Iterator[TextIO]:
    """Two runs would share one database and one queue, so the second says where the first is."""
    with (var / "run.lock").open("a+") as lock_file:
        try:
            fcntl.flock(lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock_file.seek(0)
            raise Stop(f"The site is already running: {lock_file.read()}") from None
        describe_run(lock_file, "an address it will print when it is ready")
        yield lock_file


def describe_run(lock_file: TextIO, address: str, children: Sequence[Child] = ()) -> None:
    """What a second run will say about this one."""
    processes = " ".join(map(str, [os.getpid(), *(child.pid for child in children)]))
    lock_file.truncate(0)
    lock_file.write(
        f"{address}\nUse that one, or stop it with Ctrl-C where it was started. "
        f"If you cannot find it: kill {processes}\n"
    )
    lock_file.flush()


def choose_port(wanted: int | None) -> int:
    port = next(filter(port_is_free, [wanted] if wanted else range(8000, 8100)), None)
    if port is None:
        raise Stop(f"Port {wanted or '8000, and the next 99,'} is taken. Try another: --port N")
    return port


def child_environment(address: str, *, debug: bool) -> dict[str, str]:
    environment = {"SITE_URL": address, "DEMO": "on", **os.environ, "PYTHONUNBUFFERED": "1"}
    return environment | ({"DEBUG": "1"} if debug else {})


def migrations() -> str:
    """Another value whenever there is something to migrate: triggers and rights follow from what
    the apps contribute.
    """
    said = [*ROOT.glob("*/migrations/*.py"), *ROOT.glob("*/contributes.py")]
    return digest([REQUIREMENTS / "run.txt", *said])


def is_migrated(var: Path) -> bool:
    return (var / "migrated").exists() and (var / "migrated").read_text() == migrations()


def bring_up_to_date(var: Path, environment: dict[str, str], *, debug: bool) -> None:
    """Tables, static files and demo content; each only when there is something to do.

    A note in var/ remembers what was done. It is believed for our own SQLite file, which lies
    beside it, and not for a database elsewhere, which may change behind our back.
    """
    database = setting("DATABASE_URL")
    if not database and not (var / "db.sqlite3").exists():
        for name in ["migrated", "seeded"]:
            (var / name).unlink(missing_ok=True)

    lock = REQUIREMENTS / "run.txt"
    with stamped(var / "migrated", migrations()) as due:
        if due or database:
            print("Bringing the database up to date …")
            manage("migrate", "--noinput", "--verbosity", "0", env=environment)

    if not debug:  # with DEBUG they are served from where they are written
        inside = ROOT.glob("*/static")
        folders = [ROOT / "static", *(one for one in inside if not one.parent.match("var*"))]
        files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
        with stamped(var / "collected", digest([lock, *files])) as due:
            if due or not (var / "static").exists():
                print("Collecting static files …")
                manage("collectstatic", "--noinput", "--verbosity", "0", env=environment)

    database_name = hashlib.sha256(database.encode()).hexdigest()  # a URL may hold a password
    with stamped(var / "seeded", database_name) as due:
        if due:
            print("Adding demo content …")
            manage("seed", env=environment)


def web(port: int, var: Path, environment: dict[str, str], *, debug: bool) -> Child:
    if debug:  # its log is what one works with, so it goes to the terminal
        command = [PYTHON, "manage.py", "runserver", str(port)]
        return Child("web", command, env=environment, cwd=ROOT)
    flags = f"--interface wsgi --host 127.0.0.1 --port {port} --log-level warning"
    flags += " --workers 1 --blocking-threads 4"
    command = [f"{BIN}/granian", *flags.split(), "config.wsgi:application"]
    return Child("web", command, log=var / "log" / "web.log", env=environment, cwd=ROOT)


def workers(var: Path, environment: dict[str, str]) -> list[Child]:
    has_mail_server = bool(setting("EMAIL_URL"))
    everywhere = [worker(var, environment, sends=not has_mail_server)]
    return [*everywhere, sender(var, environment)] if has_mail_server else everywhere


def worker(var: Path, environment: dict[str, str], *, sends: bool) -> Child:
    """The Celery worker, with beat inside: one process carries all that happens later."""
    flags = "--app config --quiet worker --beat --pool solo --loglevel WARNING"
    flags += " --without-gossip --without-mingle"
    flags += "" if sends else " --queues messages,pictures"
    command = [f"{BIN}/celery", *flags.split()]
    return Child("worker", command, log=var / "log" / "worker.log", env=environment, cwd=ROOT)


def sender(var: Path, environment: dict[str, str]) -> Child:
    """Where there is a mail server: what waits for it holds up nothing else, nor each other."""
    flags = "--app config --quiet worker --queues sending --pool threads --concurrency 8"
    flags += " --loglevel WARNING --without-gossip --without-mingle --hostname sender@%h"
    command = [f"{BIN}/celery", *flags.split()]
    return Child("sender", command, log=var / "log" / "sender.log", env=environment, cwd=ROOT)


def wait_for_answer(port: int, site: Child, asked_to_end: list[int]) -> None:
    def answers() -> bool:
        _stop_if_it_died(site)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status < 500
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def waited_enough() -> bool:
        return bool(asked_to_end) or answers()

    if not wait_until(waited_enough, seconds=SECONDS_TO_GET_READY, pause=0.05):
        raise Stop(f"The site did not answer in {SECONDS_TO_GET_READY} s.\n{_log_tail(site)}")


def welcome(address: str, logins: str, var: Path, *, debug: bool) -> str:
    lines = [f"  Site    {address}/", f"  Admin   {address}/admin/"]
    if not setting("EMAIL_URL"):
        lines.append(f"  Mail    {address}/admin/mail/message/files/ ({_short(var / 'mail')}/)")
    lines.append(f"  Logs    {_short(var / 'log')}/")
    if debug:
        lines.append("  Code    pages follow every change; for changed tasks start this again")
    if logins:
        lines += ["", "Who can log in:", *(f"  {line}" for line in logins.splitlines())]
    return "\n".join(["", *lines, "", "Stop with Ctrl-C."])


def manage(*arguments: str, env: dict[str, str]) -> str:
    """What a management command says. Stops with all of it when the command fails."""
    done = quietly(PYTHON, "manage.py", *arguments, env=env)
    if done.returncode:
        raise Stop(f"`manage.py {' '.join(arguments)}` failed:\n\n{done.stdout.strip()}")
    return done.stdout.strip()


def _stop_if_it_died(site: Child) -> None:
    if not site.running:
        raise Stop(f"The web server ended, so everything was stopped.\n{_log_tail(site)}")


def _log_tail(child: Child) -> str:
    return f"\nThe end of {_short(child.log)}:\n{child.last_lines()}" if child.log else ""


def _short(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def _end_as_by_ctrl_c(*details: object) -> NoReturn:
    raise KeyboardInterrupt
