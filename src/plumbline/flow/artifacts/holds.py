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
        found = self.ledger.naming(bytes.fromhex(digest.partition(":")[2]), _RELEASED | _DEPLOYED, 1)
        if not found:
            return None
        if found[0].type in _RELEASED:
            return t("Entry {seq} of the ledger says that it belongs to a release.", seq=found[0].seq)
        return t("Entry {seq} of the ledger says that it was deployed.", seq=found[0].seq)
