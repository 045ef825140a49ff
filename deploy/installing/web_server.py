"""nginx before the site, and its certificate."""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

from deploy.installed import Stop
from deploy.installing.changes import progress, run, site, works, write
from deploy.installing.place import ACME, NGINX, NGINX_OPTIONS


def serve(given: Mapping[str, str], twin: str, options: argparse.Namespace) -> None:
    """nginx, first without a certificate, then with it."""
    if options.certificate or not NGINX_OPTIONS.exists():
        own = [f"--certificate={options.certificate}", f"--key={options.key}"]
        text = "# Options of `site nginx_config`, one a line. Then run the installer again.\n"
        write(NGINX_OPTIONS, text + "".join(f"{one}\n" for one in own if options.certificate))
    said = options_said()
    certbots = Path("/etc/letsencrypt/live", given["domain"], "fullchain.pem")
    if needs_certbot() and not certbots.exists():
        configure([*said, "--before-certificate"])
        names = [word for name in (given["domain"], twin) if name for word in ("--domain", name)]
        run(
            [
                *["certbot", "certonly", "--webroot", "--webroot-path", str(ACME), *names],
                *["--cert-name", given["domain"], "--email", given["email"], "--agree-tos"],
                *["--non-interactive", "--deploy-hook", "systemctl reload nginx"],
            ],
            f"certbot gets no certificate; the A and AAAA records of {given['domain']} must lead to"
            " this machine, and port 80 must be open",
        )
        progress.change()
    configure(said)


def needs_certbot() -> bool:
    """Unless the certificate is another's, or TLS ends before this machine."""
    return not any(one.startswith(("--certificate", "--tls-before")) for one in options_said())


def options_said() -> list[str]:
    if not NGINX_OPTIONS.exists():
        return []
    lines = [line.strip() for line in NGINX_OPTIONS.read_text("utf-8").splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def configure(said: Sequence[str]) -> None:
    available, enabled = NGINX / "sites-available/site", NGINX / "sites-enabled/site"
    default = NGINX / "sites-enabled/default"
    before = available.read_text("utf-8") if available.exists() else None
    text = site("nginx_config", *said, trouble="The configuration of nginx cannot be made")
    is_new = write(available, text)
    if not enabled.is_symlink():
        enabled.symlink_to(available)
        progress.change()
        is_new = True
    # Debian's page of welcome, if nobody has made it their own.
    if default.is_symlink() and default.resolve() == NGINX / "sites-available/default":
        default.unlink()
        progress.change()
        is_new = True
    if not is_new and works(["systemctl", "-q", "is-active", "nginx"]):
        return
    try:
        run(["nginx", "-t"], "nginx does not take its configuration")
    except (Stop, KeyboardInterrupt):
        # As it was: what stands there has been taken, or the next run would pass it over.
        if before is None:
            enabled.unlink()
            available.unlink()
        else:
            write(available, before)
        raise
    run(["systemctl", "reload-or-restart", "nginx"], "nginx does not start")
