#!/usr/bin/env python3
"""`site upgrade` on a bare Debian with systemd, under load through nginx. As root:

    .venv/bin/python deploy/try_upgrade.py [--transcript FILE] [--keep]

Installs this tree as docs/install.md says, in a machine like that of try_install.py. Then it
changes to a copy with a migration more, restarts, goes back, tries releases that are broken, and
unplugs the machine in the middle of an upgrade.
"""

import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)

from deploy.trying import trial  # noqa: E402  (this file is run by its path)
from deploy.trying.upgrading import go  # noqa: E402

if __name__ == "__main__":
    trial.run(go, (__doc__ or "").partition("\n")[0])
