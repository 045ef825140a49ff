"""What is tried, in this order, and what stops the trial."""

import re
import time

from deploy.trying.machine import DOMAIN, KEYS, Machine, wait
from deploy.trying.terminal import Transcript, typed

ADMIN = "ida@studio.example"
PASSWORD = "a long walk along the quay"
ANSWERS = [DOMAIN, ADMIN, "smtp://127.0.0.1:2525", "", "Europe/Berlin"]
FIRST = "apt-get update && apt-get install -y git python3"
SECOND = "python3 site/deploy/install.py"
CERTIFICATE = f"--certificate {KEYS}/chain.pem --key {KEYS}/key.pem"
VISITOR = "trying/visitor.py"
EMAILS = "emails"  # in the home of whoever tries
BAD_ANSWERS = [
    f"--domain https://{DOMAIN} --email {ADMIN} --mail-server smtp://127.0.0.1",
    f"--domain localhost --email {ADMIN} --mail-server smtp://127.0.0.1",
    f"--domain {DOMAIN} --email ida --mail-server smtp://127.0.0.1",
    f"--domain {DOMAIN} --email {ADMIN} --mail-server mail.example.com",
    f"--domain {DOMAIN} --email {ADMIN} --mail-server smtp://mail.example.com:587",
    f"--domain {DOMAIN} --email {ADMIN} --mail-server smtp+tls://a@example.com:b@mail.example.com",
    f"--domain {DOMAIN}",
]
LOOKS = [
    "systemctl list-units --plain --no-legend --no-pager 'site*' | cut -c1-100",
    "systemctl list-timers --all --no-legend --no-pager 'site*' | sed 's/  */ /g'",
    "for unit in web@1 worker sender beat backup; do"
    " systemd-analyze security --no-pager site-$unit.service | grep Overall; done",
    "systemctl start site-backup site-restore-test",
    "journalctl -o cat --no-pager -u site-backup -u site-restore-test | grep -v 'site-.*service'",
    "du -sh /opt/site /var/lib/site /var/lib/site-static",
]


def refused(machine: Machine, line: str, to: Transcript) -> None:
    to.say(f"$ {line}")
    said = machine.run(line).strip()
    for one in said.splitlines():
        to.say(one)
    if len(said.splitlines()) != 1 or "Traceback" in said:
        raise SystemExit("That is no single sentence.")


def bad_conditions(machine: Machine, to: Transcript) -> None:
    for options in BAD_ANSWERS:
        refused(machine, f"{SECOND} --unattended {options}", to)
    right = (
        f"{SECOND} --unattended --domain {DOMAIN} --email {ADMIN} --mail-server smtp://127.0.0.1"
    )
    to.say("(another web server has port 80)")
    other = machine.background("exec python3 -m http.server 80 2>/dev/null")
    wait(lambda: ":80 " in machine.run("ss -ltn"), 30, "No other web server")
    refused(machine, right, to)
    other.terminate()
    machine.run("pkill --full '[h]ttp.server 80'")
    other.wait()
    to.say("(a disk with 100 MB)")
    machine.run("mount -t tmpfs -o size=100m tmpfs /opt", check=True)
    refused(machine, right, to)
    machine.run("umount /opt", check=True)


def visit(machine: Machine, words: str, to: Transcript) -> None:
    done = machine.run(f"python3 site/deploy/{VISITOR} {words}; echo END $?")
    lines = done.strip().splitlines()
    for line in lines[:-1]:
        to.say(line)
    if lines[-1] != "END 0":
        raise SystemExit(f"Not as it should be.\n{machine.run('site logs -n 40 --no-pager')}")


def invitation(shown: str) -> str:
    """The link in what the installer has shown."""
    links: list[str] = re.findall(r"https://\S+/admin/choose-password/\S+", shown)
    return links[-1]


def go(machine: Machine, to: Transcript) -> None:
    version = machine.run("cat /etc/debian_version").strip()
    to.say(f"# Debian {version}, bare, with systemd; we are root, and the release is in ~/site")
    first = first_command(machine, to)
    to.heading("Bad answers, a taken port, a small disk")
    bad_conditions(machine, to)
    mail = machine.background(f"exec python3 site/deploy/{VISITOR} mail {EMAILS}")
    machine.run("update-ca-certificates", check=True)
    second_command(machine, first, to)
    once_more(machine, to)
    what_runs(machine, to)
    under_load(machine, to)
    killed_and_run_again(machine, to)
    mail.terminate()
    off_and_on(machine, to)


def first_command(machine: Machine, to: Transcript) -> float:
    """Seconds that it took."""
    to.heading("The first command")
    since = time.monotonic()
    to.say(f"$ {FIRST}")
    machine.run(FIRST, check=True)
    seconds = time.monotonic() - since
    to.say(f"The first command: {seconds:.0f} s.")
    return seconds


def second_command(machine: Machine, first: float, to: Transcript) -> None:
    to.heading("The second command, with five answers")
    since = time.monotonic()
    to.say(f"$ {SECOND} {CERTIFICATE}")
    shown = typed(machine, f"{SECOND} {CERTIFICATE}", ANSWERS, to)
    visit(machine, f"sign_in {invitation(shown)} {ADMIN} '{PASSWORD}'", to)
    second = time.monotonic() - since
    to.say(f"From the second command to the administrator signed in: {second:.0f} s.")
    to.say(f"Both together: {first + second:.0f} s.")
    visit(machine, f"inquire {EMAILS}", to)


def once_more(machine: Machine, to: Transcript) -> None:
    to.heading("Once more: nothing changes")
    if "Nothing had to be changed." not in run_again(machine, to):
        raise SystemExit("It changed something.")


def run_again(machine: Machine, to: Transcript) -> str:
    """What it says."""
    to.say(f"$ {SECOND}")
    said = machine.run(f"{SECOND} --unattended")
    for line in said.strip().splitlines():
        to.say(line)
    return said


def what_runs(machine: Machine, to: Transcript) -> None:
    to.heading("What runs")
    for line in LOOKS:
        to.say(f"$ {line}")
        for one in machine.run(line).strip().splitlines():
            to.say(one)


def under_load(machine: Machine, to: Transcript) -> None:
    to.heading("Reloaded and restarted, while twenty requests a second come through nginx")
    for line in ["systemctl reload 'site-web@*'", "site restart"]:
        to.say(f"$ {line}")
        load = machine.background(f"exec python3 site/deploy/{VISITOR} load")
        assert load.stdout
        load.stdout.readline()
        time.sleep(2)
        machine.run(line, check=True)
        time.sleep(3)
        machine.run(f"pkill -INT --full '[t]{VISITOR[1:]} load'")
        said = load.stdout.read().decode().strip()
        to.say(said)
        load.wait()
        if not re.fullmatch(r"\d+ requests: \d+ × 200", said):
            raise SystemExit("Somebody was refused.")


def killed_and_run_again(machine: Machine, to: Transcript) -> None:
    to.heading("Killed while it installs Python's packages, and run again")
    machine.run("rm -r /opt/site/releases/*/.venv", check=True)
    killed = machine.background(f"exec {SECOND} --unattended")
    packages = "/opt/site/releases/*/.venv/lib/python3*/site-packages/django"
    wait(lambda: machine.run(f"ls -d {packages}", quiet=True) != "", 300, "Nothing is installed")
    # In brackets, or the shell that says so would be the first to be killed.
    machine.run(f"pkill -KILL --full '[p]{SECOND[1:]}'; pkill -KILL --full '[p]ip install'")
    killed.wait()
    to.say("(killed)")
    if "Installed in " not in run_again(machine, to):
        raise SystemExit("It did not go on.")
    visit(machine, "wait_for_page", to)


def off_and_on(machine: Machine, to: Transcript) -> None:
    to.heading("Switched off and on")
    machine.stop()
    machine.start()
    visit(machine, "wait_for_page", to)
