"""`dev.py sbom`: what the product is made of, as CycloneDX 1.6 in JSON.

https://cyclonedx.org/docs/1.6/json/. From the lock file, with its hashes, and from what .venv knows
of licenses and of who needs whom. The same lock file makes the same document, but for its moment.
"""

import json
import re
import sys
import tomllib
import uuid
from contextlib import redirect_stdout
from datetime import UTC, datetime
from importlib.metadata import Distribution
from pathlib import Path
from typing import Any

from devtools.environment import REQUIREMENTS, ROOT, digest, prepare
from devtools.supply_chain import BY_HAND, installed, license_of, locked, normal

LOCK = REQUIREMENTS / "run.txt"


def main(arguments: list[str]) -> int:
    with redirect_stdout(sys.stderr):  # what is printed is the document alone
        prepare("run.txt")
    text = json.dumps(bill(), indent=2) + "\n"
    if arguments:
        Path(arguments[0]).write_text(text)
    else:
        sys.stdout.write(text)
    return 0


def bill() -> dict[str, Any]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    itself = f"{project['name']}@{project['version']}"
    known, requirements = installed(), locked(LOCK)
    references = {name: f"pkg:pypi/{name}@{version(text)}" for name, text in requirements.items()}
    needed = {
        reference: needs(known.get(name), references) for name, reference in references.items()
    }
    # Asked for in run.in, or by an extra that is named there.
    by_others = {one for each in needed.values() for one in each}
    named = {references[name] for name in locked(LOCK.with_suffix(".in")) if name in references}
    by_us = sorted(named | (needed.keys() - by_others))
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, digest([LOCK]))}",
        "version": 1,
        "metadata": {
            "timestamp": datetime.now(UTC).isoformat(timespec="seconds"),
            "tools": {"components": [{"type": "application", "name": "dev.py sbom"}]},
            "component": {
                "type": "application",
                "bom-ref": itself,
                "name": project["name"],
                "version": project["version"],
                "licenses": [{"expression": project["license"]}],
            },
        },
        "components": [
            component(name, text, references[name], known.get(name))
            for name, text in requirements.items()
        ],
        "dependencies": [
            {"ref": itself, "dependsOn": by_us},
            *({"ref": reference, "dependsOn": others} for reference, others in needed.items()),
        ],
    }


def component(name: str, text: str, reference: str, package: Distribution | None) -> dict[str, Any]:
    hashes = re.findall(r"--hash=sha256:([0-9a-f]{64})", text)
    license = BY_HAND.get(name) or (license_of(package) if package else "")
    return {
        "type": "library",
        "bom-ref": reference,
        "name": name,
        "version": version(text),
        "purl": reference,
        **({"licenses": [{"expression": license}]} if license else {}),
        "externalReferences": [
            {
                "type": "distribution",
                "url": f"https://pypi.org/project/{name}/{version(text)}/",
                "hashes": [{"alg": "SHA-256", "content": one} for one in hashes],
            }
        ],
    }


def version(text: str) -> str:
    return re.split(r"[\s;\\]", text.partition("==")[2])[0]


def needs(package: Distribution | None, references: dict[str, str]) -> list[str]:
    """Those it names that are locked, unless only an extra of it needs them."""
    named = {
        normal(re.split(r"[^\w.-]", requirement)[0])
        for requirement in (package.requires if package else None) or []
        if "extra ==" not in requirement
    }
    return sorted(references[name] for name in named if name in references)
