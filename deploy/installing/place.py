"""Where the installer puts what. What others know as well is in deploy/installed.py."""

from pathlib import Path

from deploy.installed import ROOT

TREE = Path(__file__).resolve().parent.parent.parent  # the release that this file is of
RELEASES, CURRENT = ROOT / "releases", ROOT / "current"
SOURCE = ROOT / "source"
ETC = Path("/etc/site")
UNFINISHED = ETC / "unfinished"  # there while processes may run with what has just been replaced
NGINX_OPTIONS, ADMINISTRATOR = ETC / "nginx.options", ETC / "administrator"
VAR = Path("/var/lib/site")
STATIC = Path("/var/lib/site-static")
BACKUPS = Path("/var/backups/site")
ACME = Path("/var/www/acme")
COMMAND = Path("/usr/local/bin/site")
LOG = Path("/var/log/site-install.log")
UNITS = Path("/etc/systemd/system")
NGINX = Path("/etc/nginx")
