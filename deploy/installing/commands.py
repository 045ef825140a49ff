"""What the operator types, and how it ends: with 0, or with a sentence that says what to do."""

import argparse
import os
import sys

from deploy.installed import Stop
from deploy.installing import journey
from deploy.installing.questions import QUESTIONS


def main() -> None:
    parser = argparse.ArgumentParser(
        description="The site on a Debian server, from nothing to the first administrator's link."
    )
    for one in QUESTIONS:
        parser.add_argument(f"--{one.name}", help=one.question)
    parser.add_argument(
        "--certificate", metavar="FILE", help="with its chain, instead of certbot's"
    )
    parser.add_argument("--key", metavar="FILE", help="of that certificate")
    parser.add_argument("--unattended", action="store_true", help="ask nothing")
    parser.add_argument(
        "--refresh",
        action="store_true",
        help="only bring units, nginx and the command `site` to what the current release has",
    )
    options = parser.parse_args()
    os.umask(0o022)
    try:
        journey.refresh() if options.refresh else journey.install(options)
    except Stop as stop:
        sys.exit(f"\n{stop}")
    except OSError as error:
        what = f"{error.filename}: " if error.filename else ""
        sys.exit(
            f"\n{what}{error.strerror or error}. Put it right, and run this again: it goes on from"
            " here."
        )
    except (KeyboardInterrupt, EOFError):
        sys.exit("\nStopped. Run this again: it goes on from here.")
