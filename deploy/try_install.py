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

import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)

from deploy.trying import trial  # noqa: E402  (this file is run by its path)
from deploy.trying.installing import go  # noqa: E402

if __name__ == "__main__":
    trial.run(go, (__doc__ or "").partition("\n")[0])
