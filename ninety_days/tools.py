"""The other tools of the bank: each a registered source of evidence, with its token, telling of what it does itself."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, NamedTuple

from ninety_days.clock import text
from plumbline.evidence.vocabulary import contents

if TYPE_CHECKING:
    from ninety_days.place import System

_STANDARD, _OURS = "dev.cdevents.", "dev.cdeventsx.plumbline-"
_TYPES = {".".join(one.removeprefix(_STANDARD).removeprefix(_OURS).split(".")[:2]): one for one in contents()}
Content = dict[str, Any]


class Tool:
    """A source at a system. ``kinds``: what it may tell; empty: what tools of its ``kind`` do."""

    def __init__(self, system: System, name: str, kind: str, *kinds: str) -> None:
        self._bank = bank = system.bank
        self._path, self.name = f"{system.path}/service", f"{name}-{system.what}"
        self.source = f"https://{self.name}.bank.example"
        wanted = {"name": self.name, "kind": kind, "kinds": list(kinds), "speaks_as": [self.source]}
        made = bank.doors["admin"].ask("POST", f"/api/v1/nodes/{system.node}/sources", wanted)
        self._door = bank.nobody()
        self._door.show(made["secret"])
        self._told = 0
        self._waiting: list[Content] = []
        bank.tools.append(self)

    def tell(self, kind: str, subject: str, content: Content, custom: Content | None = None) -> None:
        """One event of now, about the service where ``custom`` names no project. What CDEvents have no type for goes
        under the name of the tool."""
        self._told += 1
        type_ = _TYPES[kind].replace(_OURS, f"dev.cdeventsx.{self.name.replace('-', '')}-")
        context = {"specversion": "0.5.1", "id": f"{self.name}-{self._told}", "source": self.source, "type": type_,
                   "timestamp": text(self._bank.clock.now)}  # fmt: skip
        body = {"context": context, "subject": {"id": subject, "content": content},
                "customData": {"project": self._path, **(custom or {})}}  # fmt: skip
        self._waiting.append(body)

    def send(self) -> None:
        """What it told since it sent the last time, in one delivery."""
        if not self._waiting:
            return
        results = self._door.ask("POST", "/api/v1/events", self._waiting)["results"]
        self._waiting = []
        wrong = [one["problem"] for one in results if "problem" in one]
        if wrong:
            raise RuntimeError(f"{self.name} was refused: {wrong[0]}")


class Package(NamedTuple):
    """What a run made of a commit, as the artifact store keeps it."""

    version: str
    commit: str
    run: str

    @property
    def digest(self) -> str:
        return f"sha256:{hashlib.sha256(f'{self.version} {self.commit}'.encode()).hexdigest()}"

    def name(self, what: str) -> str:
        return f"pkg:generic/{what}@{self.version}"


def reference(name: str, source: str = "") -> Content:
    return {"id": name, "source": source} if source else {"id": name}
