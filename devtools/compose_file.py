"""deploy/compose.yaml as Docker reads it, without Docker."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml  # it comes with djlint

from devtools.environment import ROOT

FILE = ROOT / "deploy" / "compose.yaml"
# `${NAME}`, `${NAME:-default}`, `${NAME:?what to say}`, and `$$` for one `$`: the part of
# https://docs.docker.com/reference/compose-file/interpolation/ that we use.
REFERENCE = re.compile(r"\$\$|\$\{(\w+)(?::([-?])([^}]*))?\}")


@dataclass(frozen=True)
class Service:
    name: str
    facts: Mapping[str, Any]

    @property
    def is_ours(self) -> bool:
        """Whether it runs our image."""
        return str(self.facts["image"]).startswith("site:")

    @property
    def environment(self) -> dict[str, str]:
        return dict(self.facts.get("environment") or {})

    @property
    def mounts(self) -> list[tuple[str, str]]:
        """A volume or a path, and where it is mounted."""
        return [tuple(one.split(":")[:2]) for one in self.facts.get("volumes") or []]

    @property
    def health_check(self) -> list[str]:
        """The command that asks it; nothing if the image says, or nobody asks."""
        test = list((self.facts.get("healthcheck") or {}).get("test") or [])
        return ["/bin/sh", "-c", *test[1:]] if test[:1] == ["CMD-SHELL"] else test[1:]

    def command(self, entry: list[str], *more: str) -> list[str]:
        """The whole command, in an image with this entry point."""
        return [*self.facts.get("entrypoint", entry), *(more or self.facts.get("command") or [])]


def services(answers: Mapping[str, str]) -> dict[str, Service]:
    """What is run, with these answers in deploy/.env."""
    return {name: Service(name, facts) for name, facts in read(answers)["services"].items()}


def read(answers: Mapping[str, str]) -> dict[str, Any]:
    """Raises KeyError if an answer is missing that has to be there."""

    def put(found: re.Match[str]) -> str:
        name, kind, default = found.groups()
        if name is None:
            return "$"
        return answers.get(name) or default if kind == "-" else answers[name]

    def filled(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: filled(one) for key, one in value.items()}
        if isinstance(value, list):
            return [filled(one) for one in value]
        return REFERENCE.sub(put, value) if isinstance(value, str) else value

    return dict(filled(yaml.safe_load(FILE.read_text())))
