"""What is asked of what others wrote and we install, and what must never be in the repository.

Standard library only: run by any Python, it reads what .venv holds. Decision 52 says why.
"""

import json
import math
import os
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

from devtools.environment import BIN, PYTHON, REQUIREMENTS, ROOT, VENV, prepare

SECONDS_TO_AUDIT = 120

# Names that packages gave their licenses before SPDX's were asked for: PEP 639.
SPDX = {
    **dict.fromkeys(("BSD", "BSD License", "New BSD"), "BSD-3-Clause"),
    **dict.fromkeys(("MIT License",), "MIT"),
    **dict.fromkeys(("Apache", "Apache Software License", "Apache 2.0"), "Apache-2.0"),
    "Python Software Foundation License": "PSF-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Public Domain": "LicenseRef-Public-Domain",
}
# Whoever runs or changes the product may do so without asking. Of LGPL and MPL what they cover may
# be exchanged, which Python lets anyone do.
ALLOWED = {
    *("0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "CNRI-Python", "ISC"),
    *("LGPL-3.0-only", "LicenseRef-Public-Domain", "MIT", "MIT-0", "MIT-CMU", "MPL-2.0", "PSF-2.0"),
    *("Unlicense", "Zlib"),
}
# Tools that a developer runs: no part of the product.
ALLOWED_FOR_TOOLS = {*ALLOWED, "GPL-3.0-or-later"}
# Their metadata name none; this is what the file beside their code says.
BY_HAND = {"axe-playwright-python": "MIT"}

# What looks like a secret, and is none of ours: what a test types, and words of no entropy.
SECRET = [
    re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----"),
    re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),  # Amazon
    re.compile(r"\bgh[oprsu]_[0-9A-Za-z]{36,}"),  # GitHub
    re.compile(r"\bglpat-[\w-]{20,}"),  # GitLab
    re.compile(r"\bxox[abprs]-[0-9A-Za-z-]{10,}"),  # Slack
    re.compile(r"\bAIza[\w-]{35}"),  # Google
    re.compile(r"\b[rs]k_live_[0-9A-Za-z]{16,}"),  # Stripe
    re.compile(r"\bSG\.[\w-]{20,}\.[\w-]{40,}"),  # SendGrid
    re.compile(r"\bpypi-[\w-]{80,}"),
    re.compile(r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}"),  # a signed token
]
NAMED = re.compile(
    r"""(?ix) (?:secret|passw(?:or)?d|api_?key|token) \w* ["']? \s* [:=] \s*
    ["']? ([^\s"'<>{}()\[\],;]{12,})"""
)
RANDOM = re.compile(r"(?<![\w+.=-])[A-Za-z0-9+_-]{32,}={0,2}(?![\w+.=-])")
MIN_BITS = 4.2  # of a letter: words have 4 and fewer, random letters and digits 4.5 and more
UNREAD = re.compile(r"^requirements/.*\.txt$|\.(?:png|jpg|jpeg|webp|avif|ico|woff2?|pdf|gz|xlsx)$")
# By file: what is found there, and why it is no secret.
NO_SECRETS = {
    "tests/articles/test_checking.py": "made up: what articles are searched for",
    "tests/articles/test_publish_page.py": "made up: what articles are searched for",
    "tests/test_supply_chain.py": "made up: what the repository is searched for",
    "benchmarks/spam_corpus/real_other_kinds.toml": "made up: a link in an email",
    "prose/editor_admin.py": "the hash of a public script",
}

# How many lines of these files bandit takes for SQL made from text, all of them read: only names of
# our own tables and columns, and pieces of our own, are written into it; values are parameters.
SQL = {
    "articles/search_indexes.py": 8,
    "articles/titles.py": 3,
    "config/earlier_databases.py": 1,
    "desk/counts.py": 1,
    "desk/listing.py": 1,
    "desk/unions.py": 2,
    "leads/search/index.py": 10,
    "leads/search/postgresql.py": 2,
    "leads/search/postgresql_triggers.py": 1,
    "leads/search/postgresql_words.py": 1,
    "leads/search/sqlite.py": 3,
    "leads/search/upkeep.py": 1,
    "mail/claiming.py": 1,
    "readiness/migrations/_frozen_sets.py": 3,
    "web/backups/database.py": 1,
}


def lines_without_hash() -> str:
    """What is installed is what was locked: pip and uv compare the hashes."""
    return "\n".join(
        f"{path.relative_to(ROOT)}: {name} has no hash."
        for path in sorted(REQUIREMENTS.glob("*.txt"))
        for name, text in locked(path).items()
        if not re.search(r"--hash=sha256:[0-9a-f]{64}\b", text)
    )


def locked(path: Path) -> dict[str, str]:
    """The requirements of a lock file, by name, each with all that is said of it."""
    blocks = re.split(r"(?m)^(?=[A-Za-z0-9])", path.read_text())
    return {re.split(r"[=<>!~@;\[ \n]", one)[0].lower(): one for one in blocks if one.strip()}


def licenses() -> str:
    """Of each package that is installed: whether it may be used as we do."""
    product = locked(REQUIREMENTS / "run.txt").keys()
    tools = locked(REQUIREMENTS / "dev.txt").keys() - product
    found = installed()
    complaints = []
    for name in sorted((product | tools) & found.keys()):
        said = BY_HAND.get(name) or license_of(found[name])
        if not is_allowed(said, ALLOWED_FOR_TOOLS if name in tools else ALLOWED):
            complaints.append(f"{name} {found[name].version}: {said or 'names no license'}")
    if not found:
        complaints.append("Nothing is installed in .venv.")
    return "\n".join(complaints)


def installed() -> dict[str, Distribution]:
    """What .venv holds, by names as lock files spell them."""
    folders = [str(path) for path in VENV.glob("lib/python3*/site-packages")]
    return {normal(one.name): one for one in distributions(path=folders)}


def normal(name: str) -> str:
    """PEP 503."""
    return re.sub(r"[-_.]+", "-", name).lower()


def license_of(package: Distribution) -> str:
    """Its SPDX expression, from whichever field of its metadata says it."""
    about = package.metadata
    if expressions := about.get_all("License-Expression"):
        return str(expressions[0])
    classified = [
        one.rpartition(" :: ")[2]
        for one in about.get_all("Classifier") or []
        if one.startswith("License :: ") and not one.endswith("OSI Approved")
    ]
    said = classified or [one.strip() for one in about.get_all("License") or []]
    return " OR ".join(SPDX.get(one, one) for one in said if "\n" not in one)


def is_allowed(expression: str, allowed: set[str]) -> bool:
    """Each of those that hold together, or one of those to choose from."""
    parts = re.sub(r"[()]", " ", expression).split(" AND ")
    return all(any(one.strip() in allowed for one in part.split(" OR ")) for part in parts)


def secrets_in_the_repository() -> str:
    """Keys of known form, and random text, in any file that git knows."""
    if not (ROOT / ".git").exists():
        return ""  # a copy without its history holds what its user put there
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        return f"git could not list the files: {listed.stderr.strip()}"
    found = []
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if name in NO_SECRETS or UNREAD.search(name) or not path.is_file():
            continue
        text = path.read_text(errors="replace")
        for number, line in enumerate(text.splitlines(), start=1):
            found += [f"{name}:{number}: {one[:12]}…" for one in secrets_in(line)]
    return "\n".join(found)


def secrets_in(line: str) -> Iterator[str]:
    for pattern in SECRET:
        yield from (found[0] for found in pattern.finditer(line))
    for pattern, group in ((NAMED, 1), (RANDOM, 0)):
        yield from (found[group] for found in pattern.finditer(line) if is_random(found[group]))


def is_random(text: str) -> bool:
    """Letters of both cases and digits here and there, none of them much oftener than others."""
    kinds = ("[a-z]", "[A-Z]", "[0-9][^0-9]+[0-9]")
    return all(re.search(kind, text) for kind in kinds) and bits(text) >= min(
        MIN_BITS, math.log2(len(text)) - 0.4
    )


def bits(text: str) -> float:
    """Shannon's entropy of a letter."""
    shares = [count / len(text) for count in Counter(text).values()]
    return -sum(share * math.log2(share) for share in shares)


def dangerous_code() -> str:
    """What bandit finds, but for what pyproject.toml and `SQL` argue away."""
    command = [f"{BIN}/bandit", "--configfile", "pyproject.toml", "--recursive", "."]
    done = subprocess.run(
        [*command, "--quiet", "--format", "json"], cwd=ROOT, capture_output=True, text=True
    )
    try:
        found = json.loads(done.stdout)["results"]
    except ValueError:
        return f"bandit failed: {done.stderr.strip()}"
    is_sql = [one["test_id"] in ("B608", "B611") for one in found]
    places = [one["filename"].removeprefix("./") for one in found]
    sql = Counter(place for place, is_one in zip(places, is_sql, strict=True) if is_one)
    others = [
        f"{place}:{one['line_number']}: {one['test_id']} {one['issue_text']}"
        for one, place, is_one in zip(found, places, is_sql, strict=True)
        if not is_one
    ]
    uncounted = [
        f"{place}: SQL made from text, {sql[place]} times. Read it, then count it in {__name__}."
        for place in sorted(sql.keys() | SQL.keys())
        if sql[place] != SQL.get(place, 0)
    ]
    return "\n".join(others + uncounted)


@dataclass(frozen=True)
class Audit:
    """What pip-audit learned of the packages of a lock file."""

    weaknesses: tuple[str, ...]
    not_asked: int  # packages that nobody could be asked about

    def __str__(self) -> str:
        lines = list(self.weaknesses)
        if self.not_asked:
            lines += [f"!!! NOT AUDITED: {self.not_asked} packages. {NOT_REACHED}"]
        return "\n".join(lines) or "no weakness is known."


NOT_REACHED = "pypi.org, which knows of weaknesses, could not be reached. Try it where it can be."


def audit(arguments: list[str]) -> int:
    """`dev.py audit`: whether a weakness is known of anything that is locked. 1 if so; 2 if nobody
    could be asked.
    """
    prepare("audit.txt")
    done = {name: audit_of(name) for name in ("run", "dev")}
    for name, each in done.items():
        print(f"requirements/{name}.txt: {each}")
    if any(each.weaknesses for each in done.values()):
        return 1
    return 2 if any(each.not_asked for each in done.values()) else 0


def audit_of(name: str) -> Audit:
    command = [PYTHON, "-m", "pip_audit", "--requirement", f"requirements/{name}.txt"]
    command += ["--require-hashes", "--disable-pip", "--progress-spinner", "off"]
    command += ["--format", "json", "--timeout", "10"]
    try:
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS_TO_AUDIT
        )
        return read_audit(json.loads(done.stdout)["dependencies"])
    except (subprocess.TimeoutExpired, ValueError, LookupError):
        return Audit((), len(locked(REQUIREMENTS / f"{name}.txt")))


def read_audit(packages: list[dict[str, Any]]) -> Audit:
    """pip-audit ends well also where it knew nothing of a package, which is no good news."""
    weaknesses = tuple(
        f"{package['name']} {package['version']}: {weakness['id']},"
        f" fixed in {', '.join(weakness['fix_versions']) or 'no version yet'}"
        for package in packages
        for weakness in package.get("vulns", [])
    )
    return Audit(weaknesses, sum("skip_reason" in package for package in packages))


def is_asked_to_audit() -> bool:
    return os.environ.get("AUDIT") == "1"


def audited() -> str:
    """As a check of `dev.py test`, where AUDIT=1 asks for it. Where nobody could be asked it says
    so, and does not fail.
    """
    prepare("audit.txt")
    done = [audit_of(name) for name in ("run", "dev")]
    for each in done:
        if each.not_asked:
            print(each)
    return "\n".join(one for each in done for one in each.weaknesses)
