"""Where a team works: its system and projects on the server, their repositories and their forge."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ninety_days.forge import NOTHING, Files, Forge, Repository

if TYPE_CHECKING:
    from pathlib import Path

    from ninety_days.bank import Bank


class Built(NamedTuple):
    """A pipeline, as the server tells of it."""

    number: int
    run: str  # its name in events
    state: str


class System:
    """A system on the server, with who works for it: name to role, as they are hired."""

    def __init__(self, bank: Bank, folder: Path, parent: int, name: str, title: str, people: dict[str, str]) -> None:
        self.bank, self.what, self.path, self._folder = bank, name, f"harbour/retail/{name}", folder
        self.node = bank.node("system", name, parent, title)
        for person, role in people.items():
            bank.hire(person, role, self.node)

    def project(self, name: str) -> Place:
        return Place(self, name, self._folder / f"{self.what}-{name}.git")

    def register(self, person: str, rules: dict[str, list[str]]) -> None:
        """Rules of the team, as settings of the system."""
        self.bank.doors[person].ask("PATCH", f"/api/v1/nodes/{self.node}", {"settings": rules})


class Place:
    """One project of a system."""

    def __init__(self, system: System, name: str, repository: Path) -> None:
        self.bank = bank = system.bank
        self.path = f"{system.path}/{name}"
        self.project = bank.node("project", name, system.node, name.title())
        self.repository = Repository(repository, bank.clock)
        self.forge = Forge(bank, self.project, self.path, self.repository)

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
