"""What the installer, the upgrade and the command `site` all know of an installed site: where it
is, how its settings are read, and how a release gets its packages. Standard library alone.
"""

import re
import shlex
from collections.abc import Mapping
from pathlib import Path

ROOT = Path("/opt/site")
SETTINGS = Path("/etc/site/site.env")
USER = "site"
# Of the changelog, as config/version.py reads it.
VERSION = re.compile(r"(?m)^## (\d+\.\d+\.\d+) \(")


class Stop(Exception):
    """What is wrong and what to do about it, in a sentence or two."""


def read_settings(file: Path) -> dict[str, str]:
    """What systemd would read from the file: no shell, nothing is replaced in it."""
    found = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        name, is_one, value = line.partition("=")
        if is_one and not name.lstrip().startswith(("#", ";")):
            quoted = value.strip()[:1] in ("'", '"')
            found[name.strip()] = shlex.split(value)[0] if quoted else value.strip()
    return found


def value_of(name: str, settings: Mapping[str, str]) -> str:
    """A setting, also where it stands in a file."""
    path = settings.get(f"{name}_FILE")
    if not path:
        return settings.get(name, "")
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        raise Stop(f"{name}_FILE names a file that cannot be read ({error}).") from None


def numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def version_of(tree: Path) -> str:
    """The version that this tree is, by its changelog's first heading."""
    try:
        found = VERSION.search((tree / "CHANGELOG.md").read_text(encoding="utf-8"))
    except OSError:
        found = None
    if not found or not (tree / "manage.py").exists():
        raise Stop(f"{tree} is no release of this site: it has no CHANGELOG.md or no manage.py.")
    return found[1]


def packages_of(release: Path) -> list[str]:
    """The command that installs a release's packages into its environment, by hash."""
    pip = [f"{release}/.venv/bin/python", "-m", "pip", "install", "--disable-pip-version-check"]
    flags = ["--quiet", "--no-input", "--no-deps", "--require-hashes", "--progress-bar", "off"]
    return [*pip, *flags, "--requirement", f"{release}/requirements/run.txt"]


def compiling(python: str, release: Path) -> list[str]:
    """The command for its bytecode: the site's user cannot write any, and would compile anew."""
    return [python, "-m", "compileall", "-q", "-x", r"[/\\](\.venv|tests)[/\\]", str(release)]
