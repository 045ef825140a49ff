"""`dev.py image`: builds the image where there is no Docker, says how large each part of it is, and
tries it as deploy/compose.yaml runs it: devtools/composed.py.

Needs root on Debian. debootstrap makes the Debian that the image stands on, unless a folder with
one is named; buildah builds, isolated by chroot. Nothing stays behind, unless a folder to work in
is named as well.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from devtools import apt
from devtools.environment import PYTHON, ROOT, Stop

MIRROR = "http://deb.debian.org/debian"
SECURITY = "http://deb.debian.org/debian-security"
MAX_BYTES = 450_000_000
PROGRAMS = {
    "buildah": "buildah",
    "debootstrap": "debootstrap",
    "bwrap": "bubblewrap",
    "redis-server": "redis-server",
    "nginx": "nginx",
    "openssl": "openssl",
    "ip": "iproute2",
}
# What Debian's own slim images leave out: github.com/debuerreotype, .slimify-excludes.
SLIM = """\
path-exclude /usr/share/doc/*
path-include /usr/share/doc/*/copyright
path-exclude /usr/share/groff/*
path-exclude /usr/share/info/*
path-exclude /usr/share/lintian/*
path-exclude /usr/share/linda/*
path-exclude /usr/share/locale/*
path-include /usr/share/locale/locale.alias
path-exclude /usr/share/man/*
"""
NEVER_LEFT = ("groff", "info", "lintian", "linda", "locale", "man")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="dev.py image", description=__doc__)
    parser.add_argument("--base", type=Path, help="a folder with a Debian 12, instead of a new one")
    parser.add_argument("--mirror", default=MIRROR, help="where debootstrap takes Debian from")
    parser.add_argument("--work", type=Path, help="work in this folder, and leave all there")
    parser.add_argument("--arm64", action="store_true", help="only see that arm64 has every wheel")
    options = parser.parse_args(arguments)
    if options.arm64:
        with working_folder(options.work) as folder:
            return resolve_arm64(folder)
    if os.geteuid():
        raise Stop("This needs root, to make a Debian and to be other users in it.")
    missing = [package for program, package in PROGRAMS.items() if not shutil.which(program)]
    if missing and not apt.install(*missing):
        raise Stop(f"This needs Debian's packages {' '.join(missing)}.")
    with working_folder(options.work) as folder:
        base = options.base or new_debian(folder / "base", options.mirror)
        root = build(base, folder)
        is_small = report_size(base, root)
        tried = subprocess.run(
            ["unshare", "--net", "--mount", PYTHON, "-m", "devtools.composed", root, folder],
            cwd=ROOT,
        )
    return tried.returncode or (0 if is_small else 1)


@contextmanager
def working_folder(given: Path | None) -> Iterator[Path]:
    folder = given or Path(tempfile.mkdtemp(prefix="image-"))
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)  # others than root pass through
    try:
        yield folder
    finally:
        if not given:
            shutil.rmtree(folder)


def new_debian(base: Path, mirror: str) -> Path:
    """As small as Debian's own slim image, with its list of sources."""
    if not (base / "etc" / "debian_version").exists():
        say("A new Debian 12 by debootstrap …")
        shutil.rmtree(base, ignore_errors=True)
        run("debootstrap", "--variant=minbase", "bookworm", str(base), mirror)
    (base / "etc/apt/sources.list").write_text(
        f"deb {MIRROR} bookworm main\n"
        f"deb {MIRROR} bookworm-updates main\n"
        f"deb {SECURITY} bookworm-security main\n"
    )
    (base / "etc/dpkg/dpkg.cfg.d/slim").write_text(SLIM)
    for name in NEVER_LEFT:
        shutil.rmtree(base / "usr/share" / name, ignore_errors=True)
    for path in (base / "usr/share/doc").rglob("*"):
        if path.is_symlink() or (path.is_file() and path.name != "copyright"):
            path.unlink()
    for name in ("var/cache/apt", "var/lib/apt/lists", "var/log"):
        for path in (base / name).rglob("*"):
            if path.is_file():
                path.unlink()
    return base


def build(base: Path, folder: Path) -> Path:
    """The folder in which the finished image is unpacked."""
    storage = ["--root", f"{folder}/storage", "--runroot", f"{folder}/run"]
    buildah = ["buildah", *storage, "--storage-driver", "vfs"]
    # How this machine reaches packages holds for the build as well, and is no part of the image.
    (folder / "apt.conf").write_text(run("apt-config", "dump", "Acquire"))
    host = [f"--volume={folder}/apt.conf:/etc/apt/apt.conf.d/90-host:ro"]
    if certificates := os.environ.get("PIP_CERT"):
        host += [f"--volume={certificates}:/run/pip.pem:ro", "--build-arg=PIP_CERT=/run/pip.pem"]
    if index := os.environ.get("PIP_INDEX_URL"):
        host += [f"--build-arg=PIP_INDEX_URL={index}"]
    say(f"The image, on {base.name} …")
    began = time.monotonic()
    container = run(*buildah, "from", "scratch").strip()
    run(*buildah, "add", "--quiet", container, str(base), "/")
    run(*buildah, "commit", "--quiet", "--rm", container, "site-base")
    how = ["--isolation=chroot", "--format=docker", "--layers=false", "--pull-never"]
    base_image = "--build-arg=BASE=localhost/site-base"
    run(*buildah, "build", *how, *host, base_image, "--tag=site", str(ROOT))
    say(f"Built in {time.monotonic() - began:.0f} s by {run('buildah', '--version').strip()}")
    container = run(*buildah, "from", "--pull-never", "localhost/site").strip()
    return Path(run(*buildah, "mount", container).strip())


def report_size(base: Path, root: Path) -> bool:
    """Whether it is as small as we say: the bytes of all files, in MB of a million, as
    `docker images` counts them.
    """
    packages = root / "opt/venv/lib"
    libraries = {one: size(one) for one in packages.glob("python3*/site-packages/*")}
    large = sorted(libraries, key=lambda one: libraries[one], reverse=True)[:12]
    parts = {"opt/venv": "Python packages", "usr/local/bin": "PostgreSQL's client"}
    parts |= {"app": "our code", "srv/static": "static files, with their compressed copies"}
    sizes = {name: size(root / name) for name in parts}
    total = size(root)
    debian = size(base)
    say(f"\n{'part':<48} {'MB':>7}")
    say(f"{'Debian (minbase, slim)':<48} {debian / 1e6:7.1f}")
    rest = total - debian - sum(sizes.values())
    say(f"{'Debian: Python, age, certificates, libpq':<48} {rest / 1e6:7.1f}")
    for name, what in parts.items():
        say(f"{f'/{name}: {what}':<48} {sizes[name] / 1e6:7.1f}")
        if name == "opt/venv":
            for one in large:
                say(f"{f'    {one.name}':<48} {libraries[one] / 1e6:7.1f}")
    say(f"{'all, unpacked':<48} {total / 1e6:7.1f}\n")
    if total > MAX_BYTES:
        say(f"That is more than {MAX_BYTES / 1e6:.0f} MB.")
    return total <= MAX_BYTES


def size(folder: Path) -> int:
    said = run(
        "du", "--summarize", "--one-file-system", "--apparent-size", "--block-size=1", str(folder)
    )
    return int(said.split()[0])


def resolve_arm64(folder: Path) -> int:
    """Every package as a wheel for arm64: without one it would have to be compiled."""
    wheels = folder / "arm64"
    platforms = [f"--platform=manylinux_2_{minor}_aarch64" for minor in range(17, 37)]
    run(
        *(PYTHON, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"),
        *("--only-binary=:all:", "--implementation=cp", "--python-version=3.11", *platforms),
        *("--platform=manylinux2014_aarch64", f"--dest={wheels}"),
        f"--requirement={ROOT}/requirements/run.txt",
    )
    names = sorted(one.name for one in wheels.glob("*.whl"))
    of_arm64 = [name for name in names if "aarch64" in name]
    say(f"{len(names)} wheels, {len(of_arm64)} of them for aarch64, none to be compiled:")
    say("\n".join(f"  {name}" for name in of_arm64))
    return 0


def run(*command: str) -> str:
    """What it says; its last lines are the reason if it fails."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        lines = "\n".join([*done.stdout.splitlines(), *done.stderr.splitlines()][-40:])
        raise Stop(f"This failed: {' '.join(command[:4])} …\n\n{lines}")
    return done.stdout


def say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Stop as reason:
        sys.exit(str(reason))
