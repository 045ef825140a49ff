"""What is tried of `site upgrade`, in this order, and what stops the trial."""

import re
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from deploy.trying.installing import (
    ADMIN,
    ANSWERS,
    CERTIFICATE,
    EMAILS,
    FIRST,
    PASSWORD,
    SECOND,
    VISITOR,
    invitation,
    visit,
)
from deploy.trying.machine import DOMAIN, Machine, wait
from deploy.trying.terminal import Transcript
from tests.installed import begin_release
from tests.under_upgrade import NEXT, next_release

BROKEN = "99.1.0"
INSTALL = (
    f"{SECOND} --unattended --domain {DOMAIN} --email {ADMIN} --mail-server {ANSWERS[2]}"
    f" --time-zone {ANSWERS[4]} {CERTIFICATE}"
)
UPGRADE_LOG = "/var/log/site-upgrade.log"


def go(machine: Machine, to: Transcript) -> None:
    machine.run(FIRST, check=True)
    mail = receive_emails(machine)
    machine.run("update-ca-certificates", check=True)
    to.say(f"$ {SECOND}")
    shown = machine.run(INSTALL, check=True)
    visit(machine, f"sign_in {invitation(shown)} {ADMIN} '{PASSWORD}'", to)
    up_and_back(machine, to)
    broken_releases(machine, to)
    mail.terminate()
    unplugged(machine, to)


def up_and_back(machine: Machine, to: Transcript) -> None:
    to.heading("Upgraded, restarted, and back")
    file = bring(machine, NEXT)
    under_load(machine, f"site upgrade v{NEXT} --from {file} --yes", to)
    line = "systemctl list-units --plain --no-legend 'site-*.service'"
    to.say(f"$ {line}")
    for unit in machine.run(line).splitlines():
        to.say(unit[:90].rstrip())
    under_load(machine, "site restart", to)
    visit(machine, f"inquire {EMAILS}", to)
    under_load(machine, "site rollback", to)
    visit(machine, f"inquire {EMAILS}", to)


def broken_releases(machine: Machine, to: Transcript) -> None:
    to.heading("Releases that are broken")
    for change in [wants_a_variable, does_not_start]:
        forget_what_failed(machine)
        file = bring(machine, BROKEN, change)
        under_load(machine, f"site upgrade v{BROKEN} --from {file} --yes", to, fails=True)
    forget_what_failed(machine)


def unplugged(machine: Machine, to: Transcript) -> None:
    to.heading("Unplugged in the middle, and on again")
    line = f"site upgrade v{NEXT} --from site-{NEXT}.tar.gz --yes"
    to.say(f"$ {line}")
    machine.run(f": >{UPGRADE_LOG}")
    upgrade = machine.background(line)
    exchanging = f"grep -q 'restart site-web@' {UPGRADE_LOG} && echo yes"
    wait(lambda: machine.run(exchanging, quiet=True).strip() != "", 600, "Nothing is exchanged")
    machine.cut()
    upgrade.wait()
    to.say("(off, and on)")
    machine.start()
    mail = receive_emails(machine)
    visit(machine, "wait_for_page", to)
    under_load(machine, "site upgrade --yes", to)
    mail.terminate()


def receive_emails(machine: Machine) -> subprocess.Popen[bytes]:
    return machine.background(f"exec python3 site/deploy/{VISITOR} mail {EMAILS}")


def forget_what_failed(machine: Machine) -> None:
    machine.run(f"rm -rf /opt/site/releases/{BROKEN} /opt/site/upgrade.json")


def does_not_start(tree: Path) -> None:
    wsgi = tree / "config" / "wsgi.py"
    wsgi.write_text(f"raise RuntimeError('This release is broken.')\n{wsgi.read_text()}")


def wants_a_variable(tree: Path) -> None:
    settings = tree / "config" / "settings.py"
    settings.write_text(f"{settings.read_text()}\nNEW_ONE = env('NEW_ONE')\n")


def bring(machine: Machine, version: str, change: Callable[[Path], None] | None = None) -> str:
    """A tar file of a release, in the home of whoever tries inside the machine."""
    tree = machine.folder / f"site-{version}"
    next_release(tree)
    if version != NEXT:
        begin_release(tree, version)
    if change:
        change(tree)
    into = machine.root / "root" / f"{tree.name}.tar.gz"
    packing: list[str | Path] = ["tar", "-czf", into, "--exclude", "__pycache__"]
    packing += ["-C", machine.folder, tree.name]
    subprocess.run(packing, check=True)
    shutil.rmtree(tree)
    return into.name


def under_load(machine: Machine, line: str, to: Transcript, *, fails: bool = False) -> None:
    """The command, and what twenty requests a second got meanwhile."""
    to.say(f"$ {line}")
    load = machine.background(f"exec python3 site/deploy/{VISITOR} load")
    assert load.stdout
    load.stdout.readline()
    began = time.monotonic()
    *said, end = machine.run(f"{line}; echo END $?").strip().splitlines()
    took = time.monotonic() - began
    machine.run(f"pkill -INT --full '[t]{VISITOR[1:]} load'")
    for one in said:
        to.say(one)
    got = load.stdout.read().decode().strip()
    load.wait()
    to.say(f"({took:.0f} s; visitors: {got})")
    if (end != "END 0") != fails:
        raise SystemExit(f"Not as it should be.\n{machine.run(f'tail -60 {UPGRADE_LOG}')}")
    if not re.fullmatch(r"\d+ requests: \d+ × 200", got):
        raise SystemExit("Visitors noticed it.")
