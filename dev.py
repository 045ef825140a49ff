#!/usr/bin/env python3
"""Everything a developer types: run the site, test it, lock what it needs.

Needs only Python's standard library. The work is done in devtools/; this file picks a Python
that is new enough, and is written so that an old one can still read it and say what is wrong.
"""

import io
import os
import shutil
import sys

USAGE = """\
Usage: python3 dev.py COMMAND

  run [--port N] [--debug]   start the site with demo content, on nothing but Python
                             --port N   use this port (otherwise 8000, or the next free one)
                             --debug    error pages with details, reload on every change
  manage COMMAND             one of Django's or our own commands, for the site that `run` starts:
                             python3 dev.py manage seed --remove
  test [PYTEST ARGUMENTS]    every check and every test; with arguments, only these tests:
                             python3 dev.py test tests/leads -k intake
                             --coverage  tell which lines and branches no test reaches
                             --random    try more than usual, and at random, where Hypothesis
                                         makes up what is tried
  drill [--only WORDS]       the site on eleven machines (network namespaces), each killed in turn
                             under load; as root, on Linux. Fails if a promise is missed
                             --keep FOLDER  keep the logs of every process there
  pictures [NAME ...]        take pictures of every page, or of those named, into var/pictures/;
                             fails if a page scrolls sideways or makes the browser complain
                             --docs     retake the few that docs/ show, and no others
  format                     let ruff and djade put right what they can
  strings [FILES]            list every text that a person reads, to be read as a whole
  audit                      whether a weakness is known of anything that is locked: asks pypi.org
  sbom [FILE]                what the product is made of, as CycloneDX in JSON
  image [--work FOLDER]      build the image for containers and try it; needs no Docker, but root
                             --arm64    see that arm64 has a wheel of everything
  lock [--upgrade]           remake requirements/*.txt from requirements/*.in
                             --upgrade  move every package to its newest version

The first run prepares .venv, .env and var/; later ones take seconds. REQUIRE_SERVICES=1 makes
`test` fail, not shrink, where PostgreSQL, Redis or Chromium cannot be had; AUDIT=1
makes it audit as well.
"""


def use_a_python_that_is_new_enough() -> None:
    if sys.version_info >= (3, 11):
        return
    for minor in range(20, 10, -1):
        newer = shutil.which("python3.%d" % minor)
        if newer:
            os.execv(newer, [newer, *sys.argv])
    sys.exit(
        "This needs Python 3.11 or newer; %s is %d.%d. Install a newer one (for instance "
        "`apt install python3`, or from python.org) and run this again with it."
        % (sys.executable, *sys.version_info[:2])
    )


def main() -> int:
    command, arguments = (sys.argv[1:2] or ["help"])[0], sys.argv[2:]
    if command in ("help", "-h", "--help") or arguments in (["-h"], ["--help"]):
        print(USAGE, end="")
        return 0

    use_a_python_that_is_new_enough()
    if os.name != "posix":
        sys.exit("This needs Linux, macOS, or the Linux subsystem of Windows.")

    from devtools import checks, drill, environment, running, sbom, strings, supply_chain, testing

    commands = {
        "run": running.main,
        "manage": environment.manage,
        "test": testing.main,
        "drill": drill.main,
        "pictures": environment.in_venv("devtools.pictures"),
        "format": checks.put_right,
        "strings": strings.main,
        "audit": supply_chain.audit,
        "sbom": sbom.main,
        "image": environment.in_venv("devtools.image"),
        "lock": environment.lock,
    }
    if command not in commands:
        print("There is no command %r.\n\n%s" % (command, USAGE), end="", file=sys.stderr)
        return 2
    if isinstance(sys.stdout, io.TextIOWrapper):  # no terminal is too old for our marks
        sys.stdout.reconfigure(line_buffering=True, errors="replace")
    try:
        return commands[command](arguments)
    except environment.Stop as reason:
        print("\n%s" % reason)
        return 1


if __name__ == "__main__":
    sys.exit(main())
