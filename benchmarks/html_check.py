#!/usr/bin/env python3
"""What the Nu Html Checker says of every kind of public page.

    .venv/bin/python benchmarks/html_check.py VNU_JAR [ADDRESS]

Needs Java and the checker (`npm install vnu-jar`, or its own releases). Without an address it
starts a site with the demo's content for the purpose. Ends with 1 when there is an error.
"""

import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import urlopen

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.demo_site import PAGES, demo_site

ANSWERS = [
    ("refused", "/contact/", {"name": "", "email": "nobody"}),
    ("brief-looked-over", "/contact/brief/", {"do": "look", "context": "It is slow, etc."}),
    ("step-refused", "/readiness/1/", {"A1": "9"}),
]


def main() -> int:
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        with demo_site(*sys.argv[2:3]) as site:
            for name, path in PAGES.items():
                (Path(folder) / f"{name}.html").write_bytes(page(site.address + path))
            # What was refused, or has something to point out, has markup of its own.
            for name, path, form in ANSWERS:
                answer = page(site.address + path, urlencode(form).encode())
                (Path(folder) / f"{name}.html").write_bytes(answer)
        files = sorted(map(str, Path(folder).glob("*.html")))
        done = subprocess.run(["java", "-jar", sys.argv[1], "--stdout", *files], check=False)
    print(f"{len(files)} pages: {'errors, see above' if done.returncode else 'no errors'}")
    return done.returncode


def page(url: str, form: bytes | None = None) -> bytes:
    try:
        with urlopen(url, form) as answer:
            content: bytes = answer.read()
            return content
    except HTTPError as error:
        return error.read()


if __name__ == "__main__":
    sys.exit(main())
