#!/usr/bin/env python3
"""The site on a Debian server, from nothing to the first administrator's link. As root:

    python3 deploy/install.py

It asks for at most five things, and says what it does. Run it again after a failure, and it goes
on from there; run it once more, and it changes nothing. Each answer can be given beforehand, as an
option or as a variable (--domain or INSTALL_DOMAIN, and so on): then it asks nothing.

Needs only Python's standard library, and a Debian from 12 on. docs/install.md says what it makes.
"""

import sys
from pathlib import Path


def main() -> None:
    sys.path[0] = str(Path(__file__).resolve().parent.parent)  # the release that this file is of
    sys.dont_write_bytecode = True

    from deploy.installing import commands  # noqa: PLC0415 found by the path just set

    commands.main()


if __name__ == "__main__":
    main()
