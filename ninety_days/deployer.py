"""What the artifact store and the deployment tool of a system tell: packages, environments, deployments, releases."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from ninety_days.clock import MINUTE, SECOND, text
from ninety_days.tools import Content, Package, reference

if TYPE_CHECKING:
    from ninety_days.clock import Clock
    from ninety_days.tools import Tool

TIERS = ("testing", "staging", "production")


class Store:
    """Keeps packages by their digest."""

    def __init__(self, tool: Tool, what: str) -> None:
        self.tool, self._what = tool, what

    def keep(self, package: Package) -> None:
        about = {"digest": package.digest, "commit": package.commit, "run": package.run}
        sbom = {"uri": f"{self.tool.source}/sbom/{package.version}"}
        name = package.name(self._what)
        change = reference(package.commit)
        self.tool.tell("artifact.packaged", name, {"change": change, "sbom": sbom}, about)
        self.tool.tell("artifact.published", name, {"sbom": sbom, "user": "ci"}, about)

    def hand_out(self, package: Package) -> None:
        self.tool.tell("artifact.downloaded", package.name(self._what), {"user": "deployer"})

    def promote(self, package: Package, to: str, person: str) -> None:
        said = {"digest": package.digest, "to": to, "person": person}
        self.tool.tell("artifact.promoted", package.name(self._what), said)


class Deployer:
    """Deploys packages; the clock goes on meanwhile."""

    def __init__(self, tool: Tool, store: Store, what: str, clock: Clock) -> None:
        self.tool, self._store, self._what, self._clock, self._count = tool, store, what, clock, 0

    def environments(self) -> None:
        for tier in TIERS:
            self._create(tier, {"tier": tier, "template": "service"})

    def lend(self, name: str, person: str, run: str) -> None:
        """An environment for a while, made by a run from a template when somebody asked for it."""
        self._create(name, {"tier": "development", "template": "preview", "person": person, "run": run})

    def _create(self, name: str, custom: Content) -> None:
        self.tool.tell("environment.created", self.place(name), {"name": name}, custom)

    def take_back(self, name: str) -> None:
        self.tool.tell("environment.deleted", self.place(name), {"name": name})

    def place(self, tier: str) -> str:
        return f"{self._what}/{tier}"

    def deploy(
        self, package: Package, tier: str, person: str, intent: str = "deploy", *, mends: str = "", passed: bool = True
    ) -> str:
        """The name of the deployment."""
        self._count += 1
        name = f"{self.tool.name}/{self._count}"
        said: Content = {
            "environment": reference(self.place(tier)), "tier": tier, "attempt": 1, "intent": intent,
            "service": reference(self._what), "artifactId": package.name(self._what), "digest": package.digest,
            "commit": package.commit, "run": package.run, "person": person,
        } | ({"remediates": mends} if mends else {})  # fmt: skip
        self.tool.tell("deployment.queued", name, said)
        self._clock.forward(5 * SECOND)
        self.tool.tell("deployment.started", name, said)
        self._store.hand_out(package)
        self._clock.forward(3 * MINUTE)
        self.tool.tell("deployment.finished", name, {**said, "outcome": "success" if passed else "failure"})
        if passed:
            about = {"deployment": name, "attempt": 1, "intent": intent, "tier": tier, "digest": package.digest,
                     "commit": package.commit}  # fmt: skip
            kind = "service.rolledback" if intent == "rollback" else "service.deployed"
            content = {"environment": reference(self.place(tier)), "artifactId": package.name(self._what)}
            self.tool.tell(kind, self._what, content, about)
        return name

    def migrate(self, name: str, tier: str, deployment: str = "", *, back: bool = False) -> None:
        """Apply a change of the data, or take it back."""
        said = {"environment": reference(self.place(tier)), "digest": f"sha256:{_hash(name)}", "outcome": "success"}
        kind = "dataChange.reverted" if back else "dataChange.applied"
        self.tool.tell(kind, f"{self._what}/{name}", said | ({"deployment": deployment} if deployment else {}))

    def check(self, tier: str) -> None:
        """What runs there is what is on record."""
        said = {"environment": reference(self.place(tier)), "digest": f"sha256:{_hash(tier)}"}
        self.tool.tell("configItem.verified", f"{self.place(tier)}/settings", said)

    def plan(self, version: str, time: int) -> None:
        self.tool.tell("release.planned", version, {"version": version, "artifacts": [], "plannedFor": text(time)})

    def release(self, package: Package, tag: str, person: str) -> None:
        said = {"version": package.version, "artifacts": [package.digest]}
        self.tool.tell("release.approved", package.version, {**said, "person": person})
        self.tool.tell("release.released", package.version, {**said, "tag": tag, "commit": package.commit})


def _hash(text_: str) -> str:
    return hashlib.sha256(text_.encode()).hexdigest()
