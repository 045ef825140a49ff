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
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)

from deploy.trying.acts import go  # noqa: E402  (this file is run by its path)
from deploy.trying.machine import Machine  # noqa: E402
from deploy.trying.terminal import Transcript  # noqa: E402
from devtools import apt  # noqa: E402

NEEDED = {
    "debootstrap": "debootstrap",
    "systemd-nspawn": "systemd-container",
    "slirp4netns": "slirp4netns",
    "openssl": "openssl",
}


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
