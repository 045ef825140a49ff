#!/usr/bin/env python3
"""The installer on a bare Debian: a folder of debootstrap, booted with systemd-nspawn. As root:

    python3 deploy/try_install.py [--transcript FILE] [--keep]

Answers wrongly first, installs as docs/install.md says, and again; then opens the invitation by TLS
through nginx, signs the administrator in, sends an inquiry, and reads the emails; backs up,
restores, reloads and restarts under load, and boots again. The certificate is that of an authority
made here, so certbot is *not run*. All of it stands in one temporary folder with a network of its
own, and is gone afterwards.

Debian's packages come from where this machine's apt has them, Python's from where its pip has them.
"""

import argparse
import contextlib
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from devtools import apt  # noqa: E402  (this file is run by its path)

DOMAIN = "www.studio.example"
ADMIN = "ida@studio.example"
PASSWORD = "a long walk along the quay"
CA = "/usr/local/share/ca-certificates/trial.crt"
ANSWERS = [DOMAIN, ADMIN, "smtp://127.0.0.1:2525", "", "Europe/Berlin"]
FIRST = "apt-get update && apt-get install -y git python3"
SECOND = "python3 site/deploy/install.py"
CERTIFICATE = "--certificate /root/ca/chain.pem --key /root/ca/key.pem"

MARK = "try_install_visitor.py"

NEEDED = {"debootstrap": "debootstrap", "systemd-nspawn": "systemd-container"} | {
    "slirp4netns": "slirp4netns",
    "openssl": "openssl",
}


class Transcript:
    """What an operator would see, with the time since the beginning."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.began = time.monotonic()

    def say(self, line: str = "") -> None:
        self.lines.append(line)
        print(f"{self.clock()}  {line}", flush=True)

    def clock(self) -> str:
        minutes, seconds = divmod(int(time.monotonic() - self.began), 60)
        return f"{minutes:02}:{seconds:02}"

    def heading(self, text: str) -> None:
        self.say()
        self.say(f"# {text} ({self.clock()} since the start)")


class Machine:
    """A Debian of its own, with its own processes, files and network."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.root = folder, folder / "root"
        self.netns = f"trial{os.getpid()}"
        self.children: list[subprocess.Popen[bytes]] = []
        self.inside: list[subprocess.Popen[bytes]] = []
        self.leader = 0

    def make(self, base: Path | None) -> None:
        if base:
            subprocess.run(["cp", "-a", "--reflink=auto", base, self.root], check=True)
        else:
            debootstrap(self.root)
        # As this machine reaches its packages; nothing of that is part of the trial.
        for path in Path("/etc/apt/sources.list.d").glob("debian*"):
            shutil.copy(path, self.root / "etc/apt/sources.list.d")
            (self.root / "etc/apt/sources.list").unlink(missing_ok=True)
        for path in Path("/etc/apt/apt.conf.d").glob("*"):
            if "Acquire::Check" in path.read_text() or "Proxy" in path.read_text():
                shutil.copy(path, self.root / "etc/apt/apt.conf.d")
        shutil.copy("/etc/ssl/certs/ca-certificates.crt", self.root / "etc/ssl/pip.crt")
        (self.root / "etc/pip.conf").write_text("[global]\ncert = /etc/ssl/pip.crt\n")
        (self.root / "etc/resolv.conf").unlink(missing_ok=True)
        shutil.copy("/etc/resolv.conf", self.root / "etc/resolv.conf")
        (self.root / "etc/hostname").write_text("bare\n")
        names = f"{DOMAIN} {DOMAIN.removeprefix('www.')} bare"
        (self.root / "etc/hosts").write_text(f"127.0.0.1 localhost\n127.0.1.1 {names}\n")
        (self.root / "etc/fstab").write_text("")
        tree = self.root / "root/site"
        tree.mkdir(parents=True)
        listed = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others"]
        names_of_files = subprocess.run(
            [*listed, "--exclude-standard"], capture_output=True, check=True
        ).stdout
        subprocess.run(
            [
                "tar",
                "-C",
                ROOT,
                "--null",
                "-T",
                "-",
                "--ignore-failed-read",
                "-cf",
                self.folder / "t",
            ],
            input=names_of_files,
            check=True,
        )
        subprocess.run(["tar", "-C", tree, "-xf", self.folder / "t"], check=True)
        make_certificate(self.root / "root/ca")
        shutil.copy(self.root / "root/ca/ca.pem", f"{self.root}{CA}")

    def boot(self) -> None:
        subprocess.run(["ip", "netns", "add", self.netns], check=True)
        path = f"/run/netns/{self.netns}"
        slirp = "slirp4netns --configure --mtu=1500 --disable-host-loopback --netns-type=path"
        self._start([*slirp.split(), path, "tap0"], "network.log")
        self.start()

    def start(self) -> None:
        nspawn = (
            "systemd-nspawn --quiet --register=no --keep-unit --boot --resolv-conf=off"
            " --timezone=off"
        )
        booted = self._start(
            [
                *nspawn.split(),
                f"--network-namespace-path=/run/netns/{self.netns}",
                "-D",
                str(self.root),
            ],
            "boot.log",
        )
        wait(lambda: self._find_leader(booted.pid), 60, "The machine does not start")
        wait(
            lambda: (
                self.run("systemctl is-system-running", quiet=True).strip()
                in ("running", "degraded")
            ),
            120,
            "The machine does not come up",
        )

    def stop(self) -> None:
        """As by its button: systemd ends every service."""
        self.run("systemctl poweroff --no-wall", quiet=True)
        self.children.pop().wait(120)

    def _start(self, command: Sequence[str], log: str) -> subprocess.Popen[bytes]:
        with (self.folder / log).open("ab") as to:
            child = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=to, stderr=to, start_new_session=True
            )
        self.children.append(child)
        return child

    def _find_leader(self, parent: int) -> bool:
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        self.leader = int(children[0]) if children else 0
        return bool(self.leader) and Path(f"/proc/{self.leader}/root/run/systemd").is_dir()

    def command(self, line: str) -> list[str]:
        environment = "HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        enter = ["nsenter", "--target", str(self.leader), "--all"]
        return [
            *enter,
            "env",
            "-i",
            *environment.split(),
            "TERM=dumb",
            "sh",
            "-c",
            f"cd /root; {line}",
        ]

    def run(self, line: str, *, quiet: bool = False, check: bool = False) -> str:
        done = subprocess.run(
            self.command(line), stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd="/"
        )
        if check and done.returncode:
            raise SystemExit(f"{line}\n{done.stdout}{done.stderr}")
        return done.stdout if quiet else done.stdout + done.stderr

    def background(self, line: str) -> subprocess.Popen[bytes]:
        child = subprocess.Popen(
            self.command(line),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            start_new_session=True,
            cwd="/",
        )
        self.inside.append(child)
        return child

    def end(self) -> None:
        for child in self.inside:  # nsenter, which stops with what it started and would stay so
            child.kill()
            child.wait()
        for child in reversed(self.children):
            if child.poll() is None:
                child.send_signal(signal.SIGTERM)
                try:
                    child.wait(30)
                except subprocess.TimeoutExpired:
                    child.kill()
                    child.wait()
        subprocess.run(["ip", "netns", "del", self.netns], capture_output=True)


def debootstrap(to: Path) -> None:
    """What a bare server has at least, from where apt has this machine's own."""
    asked = [
        "apt-get",
        "indextargets",
        "--format",
        "$(SITE)|$(CODENAME)|$(COMPONENT)|$(CREATED_BY)",
    ]
    listed = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.splitlines()
    mirror = next(line.split("|")[0] for line in listed if line.endswith("|bookworm|main|Packages"))
    packages = "systemd-sysv,dbus,iproute2,ca-certificates,procps"
    subprocess.run(
        ["debootstrap", "--variant=minbase", f"--include={packages}", "bookworm", to, mirror],
        check=True,
        stdout=subprocess.DEVNULL,
    )


def make_certificate(folder: Path) -> None:
    """An authority, and a certificate of it for both names."""
    folder.mkdir(parents=True)
    names = f"subjectAltName=DNS:{DOMAIN},DNS:{DOMAIN.removeprefix('www.')}\n"
    (folder / "names").write_text(names)
    for command in [
        "req -x509 -newkey rsa:2048 -nodes -days 30 -keyout ca.key -out ca.pem -subj /CN=Trial",
        f"req -newkey rsa:2048 -nodes -keyout key.pem -out request.pem -subj /CN={DOMAIN}",
        "x509 -req -in request.pem -CA ca.pem -CAkey ca.key -CAcreateserial -days 30"
        " -extfile names -out leaf.pem",
    ]:
        subprocess.run(["openssl", *command.split()], cwd=folder, check=True, capture_output=True)
    (folder / "chain.pem").write_text(
        (folder / "leaf.pem").read_text() + (folder / "ca.pem").read_text()
    )


def wait(is_so, seconds: float, trouble: str) -> None:  # type: ignore[no-untyped-def]
    ends = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > ends:
            raise SystemExit(f"{trouble} within {seconds:g} s.")
        time.sleep(0.2)


def typed(machine: Machine, line: str, answers: Sequence[str], to: Transcript) -> str:
    """What a terminal shows while someone answers."""
    leader, follower = pty.openpty()
    child = subprocess.Popen(
        machine.command(f"stty -echo; {line}"),
        stdin=follower,
        stdout=follower,
        stderr=follower,
        start_new_session=True,
        cwd="/",
    )
    os.close(follower)
    shown, waiting, left = "", "", list(answers)
    while True:
        readable, _, _ = select.select([leader], [], [], 900)
        try:
            data = os.read(leader, 4096) if readable else b""
        except OSError:
            break
        if not data:
            break
        text = data.decode("utf-8", "replace").replace("\r\n", "\n")
        shown += text
        waiting += text
        *whole, waiting = waiting.split("\n")
        for one in whole:
            to.say(one)
        if waiting.endswith(": ") and left:
            answer = left.pop(0)
            to.say(f"{waiting}{answer}")
            waiting = ""
            os.write(leader, f"{answer}\n".encode())
    if waiting.strip():
        to.say(waiting)
    os.close(leader)
    if child.wait():
        raise SystemExit(f"{line} failed.\n{machine.run('tail -40 /var/log/site-install.log')}")
    return shown


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
    "journalctl -o cat --no-pager -u site-backup -u site-restore-test | grep -v -e systemd",
    "du -sh /opt/site /opt/site/current/.venv /var/lib/site /var/lib/site-static",
    "df -h --output=used / | tail -1",
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
    machine.run("pkill --full 'http.server 80'")
    other.wait()
    to.say("(a disk with 100 MB)")
    machine.run("mount -t tmpfs -o size=100m tmpfs /opt", check=True)
    refused(machine, right, to)
    machine.run("umount /opt", check=True)


def visit(machine: Machine, words: str, to: Transcript) -> None:
    done = machine.run(f"python3 site/deploy/{MARK} {words}; echo END $?")
    lines = done.strip().splitlines()
    for line in lines[:-1]:
        to.say(line)
    if lines[-1] != "END 0":
        raise SystemExit(f"Not as it should be.\n{machine.run('site logs -n 40 --no-pager')}")


def go(machine: Machine, to: Transcript) -> None:
    version = machine.run("cat /etc/debian_version").strip()
    to.say(f"# Debian {version}, bare, with systemd; we are root, and the release is in ~/site")
    to.heading("The first command")
    to.say(f"$ {FIRST}")
    machine.run(FIRST, check=True)
    to.heading("Bad answers, a taken port, a small disk")
    bad_conditions(machine, to)
    mail = machine.background(f"exec python3 site/deploy/{MARK} mail /root/emails")
    machine.run("update-ca-certificates", check=True)

    to.heading("The second command, with five answers")
    since = time.monotonic()
    to.say(f"$ {SECOND} {CERTIFICATE}")
    shown = typed(machine, f"{SECOND} {CERTIFICATE}", ANSWERS, to)
    link = re.findall(r"https://\S+/admin/choose-password/\S+", shown)[-1]
    visit(machine, f"sign_in {link} {ADMIN} '{PASSWORD}'", to)
    to.say(
        f"From the second command to the administrator signed in: {time.monotonic() - since:.0f} s."
    )
    visit(machine, "inquire /root/emails", to)

    to.heading("Once more: nothing changes")
    to.say(f"$ {SECOND}")
    again = machine.run(f"{SECOND} --unattended")
    for line in again.strip().splitlines():
        to.say(line)
    if "Nothing had to be changed." not in again:
        raise SystemExit("It changed something.")

    to.heading("What runs")
    for line in LOOKS:
        to.say(f"$ {line}")
        for one in machine.run(line).strip().splitlines():
            to.say(one)

    to.heading("Reloaded and restarted, while twenty requests a second come through nginx")
    for line in ["systemctl reload 'site-web@*'", "site restart"]:
        to.say(f"$ {line}")
        load = machine.background(f"exec python3 site/deploy/{MARK} load")
        assert load.stdout
        load.stdout.readline()
        time.sleep(2)
        machine.run(line, check=True)
        time.sleep(3)
        machine.run(f"pkill -INT --full '{MARK} load'")
        to.say(load.stdout.read().decode().strip())
        load.wait()
    to.heading("Killed while it installs Python's packages, and run again")
    machine.run("rm -r /opt/site/releases/*/.venv", check=True)
    killed = machine.background(f"exec {SECOND} --unattended")
    packages = "/opt/site/releases/*/.venv/lib/python3*/site-packages/django"
    wait(lambda: machine.run(f"ls -d {packages}", quiet=True) != "", 300, "Nothing is installed")
    machine.run(f"pkill -KILL --full '{SECOND}'; pkill -KILL --full 'pip install'")
    killed.wait()
    to.say("(killed)")
    to.say(f"$ {SECOND}")
    for line in machine.run(f"{SECOND} --unattended").strip().splitlines():
        to.say(line)
    visit(machine, "wait_for_page", to)
    mail.terminate()

    to.heading("Switched off and on")
    machine.stop()
    machine.start()
    visit(machine, "wait_for_page", to)


@contextlib.contextmanager
def place(keep: bool) -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="try-install-"))
    made.chmod(0o755)
    try:
        yield made
    finally:
        if keep:
            print(f"Kept: {made}")
        else:
            shutil.rmtree(made)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--base", type=Path, help="a folder that debootstrap made, to be copied")
    parser.add_argument("--transcript", type=Path, metavar="FILE")
    parser.add_argument("--keep", action="store_true", help="leave the folder where it is")
    options = parser.parse_args()
    missing = [package for program, package in NEEDED.items() if not shutil.which(program)]
    if missing and not apt.install(*missing):
        sys.exit(f"Install {' '.join(missing)} first, and run this as root.")
    with place(options.keep) as folder:
        machine = Machine(folder)
        transcript = Transcript()
        print("Making a bare Debian …", flush=True)
        machine.make(options.base)
        try:
            machine.boot()
            transcript.began = time.monotonic()
            go(machine, transcript)
        finally:
            if options.transcript:
                options.transcript.write_text("\n".join(transcript.lines).strip() + "\n")
            machine.end()


if __name__ == "__main__":
    main()
