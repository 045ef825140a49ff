"""What the operator types, and how each ends: 0, or 1 with a sentence that says what to do."""

import argparse
import contextlib
import fcntl
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from deploy.installed import Stop
from deploy.upgrading.journey import Journey
from deploy.upgrading.place import Failed, Place


def main(arguments: Sequence[str]) -> int:
    options = _parser().parse_args(arguments)
    os.umask(0o022)  # what is made here is for the site's user to read
    place = Place(
        root=options.root,
        settings=options.settings,
        log=options.log,
        user=options.user,
        control=options.control,
        address=options.address,
        patience=options.patience,
        settle=options.settle,
    )
    journey = Journey(place, say=_say, agrees=lambda question: options.yes or _agrees(question))
    try:
        with _alone(place):
            if options.command == "upgrade":
                backup, venv = not options.no_backup, options.venv
                journey.upgrade(options.version, _whole(options.source), backup=backup, venv=venv)
            elif options.command == "rollback":
                journey.rollback(options.version)
            else:
                journey.restart()
    except (Stop, Failed) as error:
        return _fail(place, str(error))
    except OSError as error:
        return _fail(place, f"{error.filename or place.root}: {error.strerror or error}.")
    except KeyboardInterrupt:
        return _fail(place, "Interrupted. The same command goes on from here.")
    return 0


def _whole(source: str) -> str:
    """The same from wherever it is read again."""
    return str(Path(source).resolve()) if source and Path(source).exists() else source


def _fail(place: Place, text: str) -> int:
    serving = f"\n{place.current} goes on serving." if place.current else ""
    print(f"\n{text}{serving}\nEverything that was said: {place.log}", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    add = shared.add_argument
    add("--root", type=Path, default=Place.root, help="default: %(default)s")
    add("--settings", type=Path, default=Place.settings, help="default: %(default)s")
    add("--log", type=Path, default=Place.log, help="default: %(default)s")
    add("--user", default=Place.user, help="whom the site runs as; default: %(default)s")
    add(
        "--control",
        default=Place.control,
        metavar="PROGRAM",
        help="what starts and stops services; default: %(default)s",
    )
    add("--address", default=Place.address, help="of the web processes; default: %(default)s")
    add(
        "--patience",
        type=float,
        default=Place.patience,
        metavar="SECONDS",
        help="for new processes to get ready; default: %(default)s",
    )
    add(
        "--settle",
        type=float,
        default=Place.settle,
        metavar="SECONDS",
        help="in which a worker that cannot work has ended; default: %(default)s",
    )
    parser = argparse.ArgumentParser(prog="site", description="Another release, or a restart.")
    commands = parser.add_subparsers(dest="command", required=True)
    upgrade = commands.add_parser("upgrade", parents=[shared], help="change to a newer release")
    upgrade.add_argument("version", nargs="?", default="", help="v0.4.0; default: the newest")
    upgrade.add_argument(
        "--from",
        dest="source",
        default="",
        metavar="SOURCE",
        help="a git repository, a folder or a tar file; default: that of the last upgrade",
    )
    upgrade.add_argument("--yes", action="store_true", help="ask nothing")
    upgrade.add_argument("--no-backup", action="store_true", help="if there is one already")
    upgrade.add_argument(
        "--venv",
        default="",
        metavar="FOLDER",
        help="take the packages from this environment, where no package index can be reached",
    )
    back = commands.add_parser("rollback", parents=[shared], help="change to the release before")
    back.add_argument("version", nargs="?", default="", help="default: the one before")
    back.set_defaults(yes=True)
    again = commands.add_parser("restart", parents=[shared], help="start every process anew")
    again.set_defaults(yes=True)
    return parser


@contextlib.contextmanager
def _alone(place: Place) -> Iterator[None]:
    """While nobody else changes this site. A lock ends with its process, however that ends."""
    if not place.root.is_dir():
        raise Stop(f"There is no {place.root}: run deploy/install.py first.")
    try:
        descriptor = os.open(place.root / "upgrade.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except PermissionError:
        raise Stop(f"{place.root} cannot be written to. Run this as root.") from None
    with os.fdopen(descriptor, "r+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Stop(
                f"Another upgrade, rollback or restart is running (process {lock.read().strip()})."
                " Wait until it has ended."
            ) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


def _say(text: str) -> None:
    print(text, flush=True)


def _agrees(question: str) -> bool:
    try:
        return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        print()
        return False
