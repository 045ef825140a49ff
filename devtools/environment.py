"""The ground the site stands on: the virtual environment, the lock files, and .env."""

import fcntl
import hashlib
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from devtools import apt

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = f"{VENV}/bin"
PYTHON = f"{BIN}/python"
REQUIREMENTS = ROOT / "requirements"
DOT_ENV = ROOT / ".env"
STAMP = VENV / "installed.json"  # the Python and the lock files that .venv was filled from


class Stop(Exception):
    """The work cannot go on. The text tells the reader what to do about it."""


def prepare(lock_name: str) -> None:
    """Have .venv hold what the lock file names. Fast when it does already."""
    lock = REQUIREMENTS / lock_name
    # Two runs in one checkout must not fill .venv at once.
    with lock.open() as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        python, stamps = _venv_python(), _read_stamps()
        if python is None or stamps.get("python", python) != python:
            _make_venv()
            python, stamps = _venv_python(), {}
        if stamps.get(lock_name) == digest([lock]):
            return
        _install(lock)
        # dev.txt names all that run.txt does.
        installed = [lock_name, *(["run.txt"] if lock_name == "dev.txt" else [])]
        fresh = {name: digest([REQUIREMENTS / name]) for name in installed}
        STAMP.write_text(json.dumps({**stamps, "python": python, **fresh}))


def in_venv(module: str) -> Callable[[list[str]], int]:
    """A command that is a module of its own, run by .venv's Python in the place of this one."""

    def run(arguments: list[str]) -> int:
        prepare("dev.txt")
        sys.stdout.flush()
        os.chdir(ROOT)
        os.execv(PYTHON, [PYTHON, "-m", module, *arguments])

    return run


def manage(arguments: list[str]) -> int:
    """`dev.py manage`: one of Django's or our own commands, for the site that `run` starts, and
    with its address in what is printed and mailed.
    """
    prepare("run.txt")
    if not setting("SECRET_KEY"):
        write_dot_env()
    sys.stdout.flush()
    os.chdir(ROOT)
    os.execve(
        PYTHON,
        [PYTHON, "manage.py", *arguments],
        {"DEMO": "on", **address_of_run(), **os.environ},
    )


def address_of_run() -> dict[str, str]:
    """SITE_URL of the site that runs here, or ran last: it takes the next free port."""
    lock_file = var_folder() / "run.lock"
    address = lock_file.read_text().partition("\n")[0] if lock_file.exists() else ""
    return {"SITE_URL": address} if address.startswith("http://") else {}


def write_dot_env() -> bool:
    """Whether there was no .env, so that one was made, with a secret key of its own."""
    if DOT_ENV.exists() or "SECRET_KEY_FILE" in os.environ:
        return False
    text = (ROOT / ".env.example").read_text()
    text = re.sub(r"(?m)^SECRET_KEY=.*$", f"SECRET_KEY={secrets.token_urlsafe(50)}", text)
    descriptor = os.open(DOT_ENV, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    return True


def setting(name: str, default: str = "") -> str:
    """What the product's settings will find: the real environment wins over .env."""
    said, path = _said(name), _said(f"{name}_FILE")
    if said is None and path:
        file = Path(path)
        return file.read_text().strip() if file.is_file() else ""  # the settings say what is wrong
    return default if said is None else said


def _said(name: str) -> str | None:
    if name in os.environ:
        return os.environ[name]
    lines = DOT_ENV.read_text().splitlines() if DOT_ENV.exists() else []
    named = [line.partition("=")[2] for line in lines if line.partition("=")[0].strip() == name]
    return named[-1].strip().strip("\"'") if named else None


def var_folder() -> Path:
    return ROOT / setting("VAR_DIR", "var")  # an absolute VAR_DIR stands for itself


def digest(paths: Iterable[Path]) -> str:
    """One value for the names and contents of these files."""
    total = hashlib.sha256()
    for path in sorted(paths):
        total.update(f"{path}\0{path.stat().st_size}\0".encode())
        total.update(path.read_bytes())
    return total.hexdigest()


@contextmanager
def stamped(stamp: Path, value: str) -> Iterator[bool]:
    """Whether the work is still to be done; once it is done without an error, remember so."""
    is_due = not stamp.exists() or stamp.read_text() != value
    yield is_due
    if is_due:
        stamp.write_text(value)


def call(*command: str) -> None:
    """Run a command and keep quiet about it, unless it fails."""
    done = quietly(*command)
    if done.returncode:
        raise Stop(f"This failed: {' '.join(command)}\n\n{done.stdout.strip()}")


def quietly(*command: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command in the root folder and keep what it says, in the order in which it said it."""
    return subprocess.run(
        command,
        cwd=ROOT,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )


def lock(arguments: list[str]) -> int:
    """`dev.py lock`: the exact versions and hashes, for every Python and system we support."""
    uv = _find_uv()
    for name, within in [("run", ""), ("dev", "run"), ("audit", "dev")]:
        limits = f"--constraint requirements/{within}.txt" if within else ""
        target = REQUIREMENTS / f"{name}.txt"
        before = _locked_versions(target)
        flags = f"--output-file requirements/{name}.txt --generate-hashes --universal {limits}"
        flags += " --python-version 3.11 --no-header --no-annotate --quiet"
        call(uv, "pip", "compile", f"requirements/{name}.in", *flags.split(), *arguments)
        after = _locked_versions(target)
        changes = [
            f"  {package} {before.get(package, 'new')} → {after.get(package, 'gone')}"
            for package in sorted(before.keys() | after.keys())
            if before.get(package) != after.get(package)
        ]
        print(f"requirements/{name}.txt: {len(after)} packages, {len(changes)} changed")
        print("".join(f"{line}\n" for line in changes), end="")
    return 0


def _locked_versions(path: Path) -> dict[str, str]:
    text = path.read_text() if path.exists() else ""
    versions: dict[str, str] = {}
    for name, version in re.findall(r"(?m)^([\w.\[\]-]+)==(\S+)", text):
        versions[name] = f"{versions[name]}, {version}" if name in versions else version
    return versions


def _find_uv() -> str:
    uv = shutil.which("uv") or shutil.which("uv", path=BIN)
    if uv is None:
        prepare("dev.txt")
        print("Installing uv, which resolves the versions …")
        call(PYTHON, "-m", "pip", "install", "--quiet", "uv")
        uv = f"{BIN}/uv"
    return uv


def _venv_python() -> str | None:
    """The version of .venv's Python, or None when there is none that works and is new enough."""
    question = "import platform; print(platform.python_version())"
    try:
        version = subprocess.check_output([PYTHON, "-c", question], text=True).strip()
    except (OSError, subprocess.CalledProcessError):
        return None
    return version if tuple(map(int, version.split(".")[:2])) >= (3, 11) else None


def _read_stamps() -> dict[str, str]:
    try:
        return dict(json.loads(STAMP.read_text()))
    except (OSError, ValueError):
        return {}


def _make_venv() -> None:
    print(f"Making .venv with Python {sys.version.split()[0]} …")
    try:
        import ensurepip  # noqa: F401, PLC0415  Debian ships the venv module without what it needs
    except ImportError:
        package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        if not apt.install(package) and not apt.install("python3-venv"):
            raise Stop(
                f"{sys.executable} cannot make virtual environments: ensurepip is missing.\n"
                f"On Debian and Ubuntu `sudo apt install {package}` brings it. Then run this again."
            ) from None
    # Not from .venv's own Python, which could not survive it; and in a process of its own: with
    # ensurepip just installed, this one would not find it.
    python = getattr(sys, "_base_executable", sys.executable)
    call(python, "-m", "venv", "--clear", str(VENV))


def _install(lock: Path) -> None:
    print(f"Installing requirements/{lock.name} into .venv …")
    STAMP.unlink(missing_ok=True)  # a half-done installation counts for nothing
    from_file = ["--require-hashes", "--requirement", str(lock)]
    uv = shutil.which("uv")
    if uv:
        try:
            call(uv, "pip", "install", "--python", PYTHON, *from_file)
        except Stop:
            print("uv failed; trying pip.")
        else:
            return
    flags = "--quiet --disable-pip-version-check --no-input --progress-bar off"
    call(PYTHON, "-m", "pip", "install", *flags.split(), *from_file)
