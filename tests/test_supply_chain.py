"""What the checks of what we install, and of what is in the repository, find and let pass."""

import json
import re
import secrets
import subprocess
from itertools import chain

import pytest

from devtools import checks, sbom, supply_chain
from devtools.environment import REQUIREMENTS, ROOT

HASH = "0" * 64


def test_all_of_them_are_asked_by_dev_py_test():
    asked = {check.name for check in checks.all_checks({})}

    assert {"each locked package has its hash", "licenses", "bandit"} <= asked
    assert "no secret in the repository" in asked and "pip-audit" not in asked


def test_an_audit_is_asked_for_by_a_variable(monkeypatch):
    monkeypatch.setenv("AUDIT", "1")

    assert "pip-audit" in {check.name for check in checks.all_checks({})}


def test_a_package_without_hash_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(supply_chain, "REQUIREMENTS", tmp_path)
    monkeypatch.setattr(supply_chain, "ROOT", tmp_path)
    lines = [f"celery==5.7.0 \\\n    --hash=sha256:{HASH}", "kombu==5.7.0 ; python_version > '3'"]
    (tmp_path / "run.txt").write_text("\n".join(lines))

    assert supply_chain.lines_without_hash() == "run.txt: kombu has no hash."


def test_everything_that_is_locked_has_a_hash():
    assert supply_chain.lines_without_hash() == ""
    assert len(supply_chain.locked(REQUIREMENTS / "run.txt")) > 40


@pytest.mark.parametrize(
    ("expression", "is_allowed"),
    [
        ("MIT", True),
        ("MIT AND PSF-2.0", True),
        ("GPL-3.0-only OR MIT", True),
        ("(MIT OR GPL-3.0-only) AND BSD-3-Clause", True),
        ("GPL-3.0-or-later", False),
        ("MIT AND AGPL-3.0-only", False),
        ("", False),
        ("Proprietary", False),
    ],
)
def test_a_license_is_allowed_by_what_holds_together_and_what_can_be_chosen(expression, is_allowed):
    assert supply_chain.is_allowed(expression, supply_chain.ALLOWED) == is_allowed


def test_every_package_that_is_installed_may_be_used():
    assert supply_chain.licenses() == ""


def test_a_license_that_is_not_allowed_is_named(monkeypatch):
    monkeypatch.setattr(supply_chain, "ALLOWED", supply_chain.ALLOWED - {"LGPL-3.0-only"})

    assert re.match(r"psycopg \S+: LGPL-3.0-only", supply_chain.licenses())


PLANTED = [
    "-----BEGIN " + "OPENSSH PRIVATE KEY-----",
    "AKIA" + "Q3EXAMPLE7LT4WZX",
    "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8",
    "EMAIL_PASSWORD=" + "aK9zQ2mX7vLp",
    'secret: "' + "Xy7Kp2Qw9Zt4Rb6" + '"',
    "x = '" + "q8Zk3LmT0vRw5YhX2nBc7DfG1jKs4PaU" + "'",
]


@pytest.mark.parametrize("line", PLANTED)
def test_a_secret_is_found(line):
    assert list(supply_chain.secrets_in(line))


@pytest.mark.parametrize(
    "line",
    [
        "class AVeryLongNameOfAClassThatSaysWhatItIsFor2026(Model):",
        "token = signing.dumps([row, act, address], salt=_SALT)",
        "SECRET_KEY=",
        "tests/leads/test_what_a_visitor_who_writes_twice_gets.py",
        '"SECRET_KEY": secrets.token_urlsafe(50),',
        "0123456789abcdef0123456789abcdef0123456789abcdef",
    ],
)
def test_code_is_no_secret(line):
    assert list(supply_chain.secrets_in(line)) == []


def test_nearly_every_random_key_is_found():
    keys = [secrets.token_urlsafe(32) for _ in range(200)]

    missed = [key for key in keys if not list(supply_chain.secrets_in(f"key: {key}"))]

    assert len(missed) < 20


def test_there_is_no_secret_in_the_repository_and_one_would_be_found(tmp_path, monkeypatch):
    assert supply_chain.secrets_in_the_repository() == ""

    monkeypatch.setattr(supply_chain, "ROOT", tmp_path)
    (tmp_path / "settings.py").write_text("\n" + PLANTED[1])
    for command in (["init", "-q"], ["add", "settings.py"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)

    assert supply_chain.secrets_in_the_repository() == "settings.py:2: AKIAQ3EXAMPL…"


def test_dangerous_code_is_named_and_sql_made_from_text_is_counted(tmp_path, monkeypatch):
    monkeypatch.setattr(supply_chain, "SQL", {"counted.py": 1})
    for name in ("known.py", "counted.py"):
        (tmp_path / name).write_text('cursor.execute("SELECT a FROM %s" % name)\n')
    (tmp_path / "shell.py").write_text("import os\nos.system(name)\n")
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    monkeypatch.setattr(supply_chain, "ROOT", tmp_path)

    found = supply_chain.dangerous_code()

    assert "shell.py:2: B605" in found
    assert "known.py: SQL made from text, 1 times." in found
    assert "counted.py" not in found


WEAK = {"name": "a", "version": "1", "vulns": [{"id": "CVE-1", "fix_versions": ["2"]}]}
WELL = {"name": "b", "version": "1", "vulns": []}
SKIPPED = {"name": "c", "skip_reason": "not found on PyPI"}


def test_what_nobody_could_be_asked_about_is_said_and_not_taken_for_well():
    assert str(supply_chain.read_audit([WELL])) == "no weakness is known."
    assert str(supply_chain.read_audit([WEAK, WELL])) == "a 1: CVE-1, fixed in 2"
    assert "NOT AUDITED: 1 packages" in str(supply_chain.read_audit([WELL, SKIPPED]))


def test_the_bill_of_materials_lists_what_is_locked_with_hash_and_license():
    bill = json.loads(json.dumps(sbom.bill()))

    locked = supply_chain.locked(REQUIREMENTS / "run.txt")
    parts = {part["name"]: part for part in bill["components"]}
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", bill["serialNumber"])
    assert parts.keys() == locked.keys()
    installed = supply_chain.installed()
    for name, part in parts.items():
        [source] = part["externalReferences"]
        assert part["purl"] == f"pkg:pypi/{name}@{part['version']}"
        assert source["hashes"] and {one["alg"] for one in source["hashes"]} == {"SHA-256"}
        assert "licenses" in part or name not in installed


def test_the_bill_says_who_needs_whom_and_leaves_nobody_over():
    bill = sbom.bill()

    references = {part["bom-ref"] for part in bill["components"]}
    itself = bill["metadata"]["component"]["bom-ref"]
    needs = {one["ref"]: set(one["dependsOn"]) for one in bill["dependencies"]}
    reached, ahead = set(), [itself]
    while ahead:
        reached |= (new := needs[ahead.pop()] - reached)
        ahead += new
    assert needs.keys() == references | {itself}
    assert reached == references
    assert set(chain.from_iterable(needs.values())) <= references
