"""Why an artifact has to stay, whatever its time and whoever wants it gone.

1. What an environment of its project serves, by its commit or by its digest, stays.
2. What the ledger says was released, or brought to an environment by whomever, stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from plumbline.evidence.vocabulary import cdevents_delivery as cdevents
from plumbline.evidence.vocabulary import own_delivery as own
from plumbline.kernel import Text, t

if TYPE_CHECKING:
    from plumbline.model.ports.ledger import Ledger
    from plumbline.model.ports.transaction import Transaction

_NAMED = 500  # entries that are looked at, the newest first
_RELEASED = frozenset({own.ReleasePlanned.TYPE, own.ReleaseApproved.TYPE, own.ReleaseReleased.TYPE})
_DEPLOYED = frozenset(
    {
        own.DeploymentStarted.TYPE,
        own.DeploymentFinished.TYPE,
        cdevents.ServiceDeployed.TYPE,
        cdevents.ServiceUpgraded.TYPE,
        cdevents.ServiceRolledBack.TYPE,
    }
)


@dataclass(frozen=True, slots=True)
class Holds:
    ledger: Ledger

    def of(self, tx: Transaction, project: int, digest: str, commit: str) -> Text | None:
        """Why this one stays; None: nothing holds it."""
        if commit:
            for (_, environment), state in tx.deployments.states([project]).items():
                if state.serving is not None and state.serving.commit == commit:
                    return t("{environment} serves its commit.", environment=environment)
        return self._told(digest)

    def _told(self, digest: str) -> Text | None:
        if not digest.startswith("sha256:"):
            return None
        for entry in self.ledger.of_digest(bytes.fromhex(digest.partition(":")[2]), _NAMED):
            if entry.type in _RELEASED:
                return t("Entry {seq} of the ledger says that it belongs to a release.", seq=entry.seq)
            if entry.type in _DEPLOYED:
                return t("Entry {seq} of the ledger says that it was deployed.", seq=entry.seq)
        return None
