"""A trial from its options to its end: a machine is made, something is tried, nothing stays."""

import argparse
import contextlib
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from deploy.trying.machine import Machine
from deploy.trying.terminal import Transcript
from devtools import apt

NEEDED = {
    "debootstrap": "debootstrap",
    "systemd-nspawn": "systemd-container",
    "slirp4netns": "slirp4netns",
    "openssl": "openssl",
}


def run(go: Callable[[Machine, Transcript], None], description: str) -> None:
    """`go` with a bare Debian that has started. Ends with a sentence if something is missing."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--base", type=Path, help="a folder that debootstrap made, to be copied")
    parser.add_argument("--transcript", type=Path, metavar="FILE")
    parser.add_argument("--keep", action="store_true", help="leave the folder where it is")
    options = parser.parse_args()
    missing = [package for program, package in NEEDED.items() if not shutil.which(program)]
    if missing and not apt.install(*missing):
        sys.exit(f"Install {' '.join(missing)} first, and run this as root.")
    with _place(options.keep) as folder:
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


@contextlib.contextmanager
def _place(keep: bool) -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="trial-"))
    made.chmod(0o755)
    try:
        yield made
    finally:
        if keep:
            print(f"Kept: {made}")
        else:
            shutil.rmtree(made)
