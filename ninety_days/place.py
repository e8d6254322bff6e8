"""Where a team works: its system and project on the server, its repository and its forge."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ninety_days.forge import NOTHING, TRUNK, Files, Forge, Repository
from ninety_days.tools import Toolbox

if TYPE_CHECKING:
    from pathlib import Path

    from ninety_days.bank import Bank


class Built(NamedTuple):
    """A pipeline, as the server tells of it."""

    number: int
    run: str  # its name in events
    state: str


class Place:
    """One system with one project. ``people``: name to role, as they are hired there."""

    def __init__(self, bank: Bank, folder: Path, parent: int, name: str, title: str, people: dict[str, str]) -> None:
        self.bank, self.what = bank, name
        self.system = bank.node("system", name, parent, title)
        self.project = bank.node("project", "service", self.system, f"{title}: service")
        self.path = f"harbour/retail/{name}/service"
        for person, role in people.items():
            bank.hire(person, role, self.system)
        self.repository = Repository(folder / f"{name}.git", bank.clock)
        self.forge = Forge(bank, self.project, self.path, self.repository)
        self.tools = Toolbox(bank, self.system, self.path, name)

    def begin(self, person: str, files: Files) -> None:
        """The first commit of the trunk."""
        self.repository.commit(TRUNK, person, "Begin the service", files)
        self.forge.push(TRUNK, NOTHING, person)
        self.bank.work()

    def commit(self, branch: str, person: str, message: str, files: Files) -> str:
        """Commit and push; what it starts on the server runs."""
        before = self.repository.heads.get(branch, NOTHING)
        sha = self.repository.commit(branch, person, message, files)
        self.forge.push(branch, before, person)
        self.bank.work()
        return sha

    def built(self, sha: str, ref: str = "") -> Built | None:
        """The newest pipeline of a commit, of one ref where that is named."""
        told = self.ask("admin", "GET", f"/api/v1/pipelines?project={self.project}&limit=20")
        found: list[dict[str, Any]] = told["pipelines"]
        of = [one for one in found if one["sha"] == sha and ref in ("", one["ref"])]
        return Built(of[0]["id"], of[0]["uid"], of[0]["state"]) if of else None

    def ask(self, person: str, method: str, path: str, body: object = None) -> Any:
        return self.bank.doors[person].ask(method, path, body)
