#!/usr/bin/env python3
"""Another release for a site that is in use, the one before, or a restart; as root:

    site upgrade [v0.4.0]    fetch the release (the newest, if none is named) and change to it
    site rollback            change back to the release before; the database stays as it is
    site restart             start every process anew, after a change of /etc/site/site.env

Visitors notice none of the three. Each step can be repeated: interrupted anywhere, the same command
goes on. Needs only Python's standard library; docs/operator.md, *Upgrade*, says what happens when.
"""

import sys
from pathlib import Path


def main() -> int:
    sys.path[0] = str(Path(__file__).resolve().parent.parent)  # the release that this file is of
    sys.dont_write_bytecode = True

    from deploy.upgrading import commands  # noqa: PLC0415 found by the path just set

    return commands.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
