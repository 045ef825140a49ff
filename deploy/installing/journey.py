"""The steps in their order, and what is said of them."""

import argparse
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from deploy.installed import SETTINGS, Stop
from deploy.installing.changes import progress, run, site, write
from deploy.installing.database import fill_database, make_database
from deploy.installing.machine import check_machine, install_packages, make_user
from deploy.installing.place import COMMAND, CURRENT, NGINX, STATIC, UNFINISHED
from deploy.installing.questions import answers, earlier_answers
from deploy.installing.release import place_release
from deploy.installing.services import install_units, start_services
from deploy.installing.settings import settings, twin_of, write_settings
from deploy.installing.web_server import configure, needs_certbot, options_said, serve

RECIPIENTS = "/admin/leads/recipient/add/"


def install(options: argparse.Namespace) -> None:
    check_machine()
    given = answers(options, earlier_answers())
    for path in filter(None, (options.certificate, options.key)):
        if not Path(path).is_file():
            raise Stop(f"There is no file {path}. Say where the certificate and its key are.")
    if bool(options.certificate) != bool(options.key):
        raise Stop("A certificate needs its key. Say --certificate FILE --key FILE.")
    print(f"Installing https://{given['domain']} …", flush=True)
    step = progress.step
    with step("packages of Debian"):
        install_packages([] if options.certificate or not needs_certbot() else ["certbot"])
    with step("user and folders"):
        make_user()
    # An earlier run may have ended before its changes reached anybody.
    was_interrupted = UNFINISHED.exists()
    UNFINISHED.touch()
    before = progress.changes
    with step("release and its Python packages"):
        release = place_release()
        is_new = was_interrupted or progress.changes > before
        if write(COMMAND, (release / "deploy" / "site").read_text("utf-8"), mode=0o755):
            is_new = True
    with step("PostgreSQL: role and database"):
        make_database()
    with step(f"settings in {SETTINGS}"):
        twin = settings().get("ALLOWED_HOSTS") if settings() else twin_of(given["domain"])
        write_settings(given, twin or "")
    with step("tables"):
        fill_database()
    with step("static files"):
        collect_static_files(is_new)
    with step("units of systemd"):
        install_units(release)
    with step("web, worker, sender, beat and timers"):
        start_services(is_new=was_interrupted or progress.changes > before)
    UNFINISHED.unlink()
    with step("nginx and its certificate"):
        serve(given, twin if twin and "," not in twin else "", options)
    invited = invite(given)
    print()
    look_at_everything()
    print()
    print(invited)
    minutes, seconds = divmod(round(time.monotonic() - progress.started), 60)
    if progress.changes:
        print(f"\nInstalled in {minutes} min {seconds} s.")
    else:
        print("\nNothing had to be changed.")


def collect_static_files(is_new: bool) -> None:
    if is_new or not list(STATIC.glob("staticfiles*.json")):
        site("collectstatic", "--noinput", trouble="The static files cannot be collected")
        progress.change()


def refresh() -> None:
    """What stands outside of a release, as this one has it. Restarts nothing."""
    release = CURRENT.resolve()
    write(COMMAND, (release / "deploy" / "site").read_text("utf-8"), mode=0o755)
    install_units(release)
    # Also where nothing is new: an earlier run may have been interrupted just before this.
    run(["systemctl", "daemon-reload"], "systemd does not read the units")
    if (NGINX / "sites-enabled/site").exists():
        configure(options_said())


def look_at_everything() -> None:
    """The doctor's report. Nothing of it stops the installation: DNS records may come later."""
    done = subprocess.run(
        [COMMAND, "doctor"], stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    print(done.stdout.strip() or done.stderr.strip())


def invite(given: Mapping[str, str]) -> str:
    done = subprocess.run(
        [COMMAND, "invite", given["email"]],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode == 0:
        progress.change()
        return (
            f"{done.stdout.strip()}\nThen say who gets an email about each inquiry:"
            f" https://{given['domain']}{RECIPIENTS}"
        )
    if "already" in done.stderr:
        return (
            f"{given['email']} is invited already. For another link: site let_in {given['email']}"
        )
    raise Stop(f"The administrator cannot be invited: {done.stderr.strip()} Then run this again.")
