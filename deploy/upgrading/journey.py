"""The steps in their order. Until the link leads to the new release nothing has changed for
visitors; after that, whatever fails leads back to the release before.
"""

import contextlib
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from deploy.installed import Stop, numbers
from deploy.upgrading import fetching, notes
from deploy.upgrading.place import Failed, Place
from deploy.upgrading.services import Services


@dataclass
class Journey:
    place: Place
    say: Callable[[str], None]
    agrees: Callable[[str], bool]  # whether the operator says yes to this question

    def upgrade(self, asked: str, source: str, *, backup: bool, venv: str) -> None:
        place, services = self.place, Services(self.place)
        if not place.current:
            raise Stop(f"No release is installed in {place.root}: run deploy/install.py first.")
        note = place.note
        if "back" in note:
            raise _unfinished(note)
        source = source or _remembered_source(place)
        version = (
            note["to"] if note and not asked else fetching.wanted_version(place, asked, source)
        )
        old = note.get("from") or place.current
        if self._is_done(version, old, note):
            return
        fetching.check_space(place, version)
        if not _runs_from(place, version):
            self.say(f"Fetching {version}. {place.current} goes on serving.")
        fetching.fetch(place, version, source)
        place.write("source", f"{source}\n")
        fetching.install(place, version, venv)
        _hand_over(place, version, source)
        if note.get("to") != version:
            self._ask_for_consent(old, version)
            note = {"to": version, "from": old}
        self._check(version)
        place.write_note(note)
        self._prepare(version, note, backup=backup)
        services.try_out(version)
        self._change(services, version, old, note)
        place.forget_note()
        for gone in fetching.prune(place):
            self.say(f"Deleted release {gone}.")
        self.say(f"{version} serves. Back to {old}: site rollback.")
        self._ask_the_doctor(version)

    def rollback(self, asked: str) -> None:
        place, services = self.place, Services(self.place)
        note = place.note
        # An upgrade that was interrupted is undone; a rollback that was goes on.
        is_going_on = "back" in note
        current = note["from"] if is_going_on else place.current
        unfinished = note.get("to" if is_going_on else "from")
        version = asked.removeprefix("v") or unfinished or place.previous
        if not version or not (place.release(version) / "deploy" / "run").exists():
            raise Stop(f"There is no release {version or 'before this one'} in {place.releases}.")
        if numbers(version) > numbers(current):
            raise Stop(f"{version} is newer than {current}: site upgrade v{version}.")
        self._refuse_what_cannot_go_back(version, current)
        self.say(f"Going back from {current} to {version}. The database stays as it is.")
        self._check(version)
        place.manage(version, "collectstatic", "--noinput", "--verbosity", "0")
        services.try_out(version)
        known = note if is_going_on else {}  # which web service was being started
        note = {**known, "to": version, "from": current, "back": "yes"}
        self._change(services, version, current, note)
        _point_previous_below(place, version)
        place.forget_note()
        self.say(f"{version} serves.")
        self._ask_the_doctor(version)

    def restart(self) -> None:
        place, services = self.place, Services(self.place)
        if place.note:
            raise _unfinished(place.note)
        self._check(place.current)
        services.try_out(place.current)
        services.restart_others()
        services.exchange_web(place.current, remember=lambda one: None)
        self.say(f"Every process of {place.current} has started anew.")

    # Steps

    def _is_done(self, version: str, old: str, note: dict[str, str]) -> bool:
        if note.get("to") == version:
            self.say(f"Going on with the upgrade from {old} to {version}, which was interrupted.")
            return False
        if version == self.place.current and not note:
            self.say(f"{version} is already running.")
            return True
        if numbers(version) <= numbers(old):
            raise Stop(f"{version} is not newer than {old}. To go back: site rollback.")
        return False

    def _ask_for_consent(self, old: str, version: str) -> None:
        asked = notes.between(self.place.release(version) / "CHANGELOG.md", old, version)
        for release, text in asked.items():
            self.say(f"\nWhat {release} asks of you:\n\n{text}\n")
        if asked and not self.agrees(f"Is that done? Start {version} now?"):
            raise Stop(f"Nothing has changed. When it is done: site upgrade v{version}.")

    def _check(self, version: str) -> None:
        """Whether this release can work with the settings that there are."""
        self.say(f"Checking the settings as {version} reads them.")
        flags = ["--deploy", "--database", "default", "--fail-level", "ERROR"]
        try:
            self.place.manage(version, "check", *flags)
        except Failed as error:
            raise Stop(f"{version} refuses these settings:\n{error}") from None

    def _prepare(self, version: str, note: dict[str, str], *, backup: bool) -> None:
        place = self.place
        is_migrating = "migrating" in note  # then the backup from before is the one to keep
        if backup and not is_migrating:
            if not any(map(place.said, ("BACKUP_DIR", "BACKUP_STORAGE_URL"))):
                raise Stop(
                    "Neither BACKUP_DIR nor BACKUP_STORAGE_URL is set. Set one, or say --no-backup."
                )
            self.say("Saving database and uploads.")
            said = place.manage(place.current, "backup")
            note["backup"] = next((one for one in said.splitlines() if " (" in one), said).strip()
            self.say(f"  {note['backup']}")
        note["migrating"] = "yes"
        place.write_note(note)
        self.say("Migrating the database.")
        try:
            place.manage(version, "migrate", "--noinput", "--verbosity", "1")
        except Failed as error:
            raise Stop(f"The database could not be migrated:\n{error}") from None
        self.say("Collecting static files.")
        place.manage(version, "collectstatic", "--noinput", "--verbosity", "0")
        self.say(f"Trying {version} on a port of its own.")

    def _change(self, services: Services, version: str, old: str, note: dict[str, str]) -> None:
        place = self.place

        def remember(web: str) -> None:
            place.write_note({**note, "web": web})

        was_previous = place.previous
        place.write_note(note)
        place.point("previous", old)
        place.point("current", version)
        try:
            self._refresh(version)
            self.say("Restarting worker, sender and beat.")
            services.restart_others()
            self.say("Exchanging the web processes.")
            services.exchange_web(version, remember=remember)
            services.check_others()
        except (Stop, Failed) as error:
            self.say(f"{version} does not work here. Going back to {old}.")
            place.point("current", old)
            if was_previous:
                place.point("previous", was_previous)
            self._refresh(old)
            services.restart_others()
            if not services.serves(old):
                services.exchange_web(old, remember=remember)
            place.forget_note()
            raise Stop(str(error)) from None

    def _refresh(self, version: str) -> None:
        """Have units and nginx be those of this release, where the installer can do that."""
        installer = self.place.release(version) / "deploy" / "install.py"
        if self.place.control != "systemctl" or not installer.exists():
            return
        said = self.place.run([self.place.python, str(installer), "--refresh"]).strip()
        if said:
            self.say(said)

    def _refuse_what_cannot_go_back(self, version: str, current: str) -> None:
        asked = notes.between(self.place.release(current) / "CHANGELOG.md", version, current)
        for release, text in asked.items():
            if notes.forbids_rollback(text):
                raise Stop(
                    f"{release} has changed the database so that {version} does not work with it."
                    " The way back is a backup from before: make an empty database, and run"
                    " site restore FILE (docs/operator.md, Backups)."
                )

    def _ask_the_doctor(self, version: str) -> None:
        try:
            self.place.manage(version, "doctor")
        except Failed as error:
            self.say(f"The doctor says (site doctor):\n{error}")


def _unfinished(note: dict[str, str]) -> Stop:
    what = "rollback" if "back" in note else "upgrade"
    return Stop(f"The {what} to {note['to']} is not finished: run site {what} first.")


def _remembered_source(place: Place) -> str:
    with contextlib.suppress(OSError):
        if source := (place.root / "source").read_text().strip():
            return source
    raise Stop(
        "Say once where releases come from: --from and the address of a git repository,"
        " a folder or a tar file."
    )


def _hand_over(place: Place, version: str, source: str) -> None:
    """The release to come knows best how to get to it: go on with its own program."""
    program = _program(place, version)
    if not program.exists() or _runs_from(place, version):
        return
    words = [word for word in sys.argv[1:] if word not in ("upgrade", version, f"v{version}")]
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, str(program), "upgrade", version, *words])


def _program(place: Place, version: str) -> Path:
    return place.release(version) / "deploy" / "upgrade.py"


def _runs_from(place: Place, version: str) -> bool:
    """Whether this is the release to come, which the one before has handed over to."""
    return _program(place, version).resolve() == Path(sys.argv[0]).resolve()


def _point_previous_below(place: Place, version: str) -> None:
    older = [
        one.name
        for one in place.releases.iterdir()
        if fetching.ASKED.match(one.name) and numbers(one.name) < numbers(version)
    ]
    if older:
        place.point("previous", max(older, key=numbers))
    else:
        (place.root / "previous").unlink(missing_ok=True)
