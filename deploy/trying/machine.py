"""A bare Debian: a folder of debootstrap, booted with systemd-nspawn."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
DOMAIN = "www.studio.example"
CA = "/usr/local/share/ca-certificates/trial.crt"
KEYS = "/etc/ssl/private"  # of the site's certificate, and its authority


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
        make_certificate(Path(f"{self.root}{KEYS}"))
        shutil.copy(f"{self.root}{KEYS}/ca.pem", f"{self.root}{CA}")

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

    def cut(self) -> None:
        """As by its plug: nobody hears of it."""
        os.kill(self.leader, signal.SIGKILL)  # and with it all that it has started
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
    folder.mkdir(parents=True, exist_ok=True)
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


def wait(is_so: Callable[[], bool], seconds: float, trouble: str) -> None:
    ends = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > ends:
            raise SystemExit(f"{trouble} within {seconds:g} s.")
        time.sleep(0.2)
