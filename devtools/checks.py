"""What is asked of the code before it is run: types, style, templates, migrations, settings."""

import os
import re
import secrets
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from devtools import supply_chain
from devtools.environment import BIN, PYTHON, REQUIREMENTS, ROOT, call, prepare, quietly

GREEN, RED, BOLD, PLAIN = (
    ("\033[32m", "\033[31m", "\033[1m", "\033[0m")
    if sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    else ("", "", "", "")
)
DJADE = [f"{BIN}/djade", "--target-version", "5.2"]


@dataclass
class Check:
    """One question with a yes or no. `ask` returns what is wrong: an empty text is a yes."""

    name: str
    ask: Callable[[], str]


@dataclass
class Outcome:
    name: str
    complaint: str
    seconds: float

    def __str__(self) -> str:
        mark = f"{RED}✗{PLAIN}" if self.complaint else f"{GREEN}✓{PLAIN}"
        return f"{mark} {self.name:<46} {self.seconds:5.1f} s"


def ask_all(checks: Sequence[Check]) -> list[Outcome]:
    """Two at a time; the outcomes are in the order of the checks."""

    def timed(check: Check) -> Outcome:
        began = time.monotonic()
        complaint = check.ask().strip()
        return Outcome(check.name, complaint, time.monotonic() - began)

    with ThreadPoolExecutor(max_workers=2) as pool:
        return list(pool.map(timed, checks))


def tell(outcome: Outcome) -> Outcome:
    """What a check complains of stands below its line."""
    print(outcome)
    if outcome.complaint:
        print("".join(f"    {line}\n" for line in outcome.complaint.splitlines()))
    return outcome


def all_checks(environment: dict[str, str]) -> list[Check]:
    in_production = {
        "DATABASE_URL": "postgres://user:password@db.example.com/site?sslmode=verify-full",
        "REDIS_URL": "rediss://redis.example.com:6379/0",
        **environment,
        "SITE_URL": "https://www.example.com",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "EMAIL_URL": "smtp+tls://user:password@mail.example.com:587",
    }

    def program(name: str, *command: str, env: dict[str, str] = environment) -> Check:
        return Check(name, lambda: _complaint_of(command, env))

    def manage(arguments: str, env: dict[str, str] = environment) -> Check:
        command = [PYTHON, "-W", "error", "manage.py", *arguments.split()]
        return program(f"manage.py {arguments}", *command, env=env)

    return [
        program("mypy", f"{BIN}/mypy"),
        program("ruff check", f"{BIN}/ruff", "check", "--quiet", "."),
        program("ruff format --check", f"{BIN}/ruff", "format", "--check", "."),
        program("djade --check", *DJADE, "--check", *_templates()),
        program("djlint --lint", f"{BIN}/djlint", "--lint", "--quiet", "templates"),
        manage("makemigrations --check --dry-run"),
        manage("check --deploy --fail-level WARNING", in_production),
        Check("lock files name no host", hosts_in_lock_files),
        Check("each locked package has its hash", supply_chain.lines_without_hash),
        Check("licenses", supply_chain.licenses),
        Check("no secret in the repository", supply_chain.secrets_in_the_repository),
        Check("bandit", supply_chain.dangerous_code),
        *([Check("pip-audit", supply_chain.audited)] if supply_chain.is_asked_to_audit() else []),
    ]


def hosts_in_lock_files() -> str:
    """A lock file that names a host installs on the machine of its maker only."""
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for pattern, paths in {
            r"https?://": sorted(REQUIREMENTS.glob("*.txt")),
            r'"resolved"': sorted(ROOT.glob("package-lock.json")),
        }.items()
        for path in paths
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if re.search(pattern, line)
    ]
    return "\n".join(found)


def put_right(arguments: list[str]) -> int:
    """`dev.py format`: what a tool can put right need not be done by hand."""
    prepare("dev.txt")
    call(f"{BIN}/ruff", "check", "--fix", "--exit-zero", ".")
    call(f"{BIN}/ruff", "format", ".")
    call(*DJADE, *_templates())
    return 0


def _templates() -> list[str]:
    return sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("templates/**/*.html"))


def _complaint_of(command: Sequence[str], env: dict[str, str]) -> str:
    done = quietly(*command, env=env)
    if not done.returncode:
        return ""
    return done.stdout.strip() or f"It ended with code {done.returncode} and no output."
