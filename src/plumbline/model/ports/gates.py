"""What the store keeps of policies, contracts, collections, evaluations and waivers. Inside one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection as Many
    from collections.abc import Sequence

    from plumbline.model.contract import Collection
    from plumbline.model.gate import Evaluation, Waiver
    from plumbline.model.rule_set import RuleKind, RuleSet


class RuleSets(Protocol):
    """Policies and contracts in versions. None is ever changed but for its retirement."""

    def add(self, rule_set: RuleSet) -> RuleSet:
        """As the next version of its node, kind and name; with its id and version."""
        ...

    def newest(self, nodes: Many[int], kind: RuleKind) -> Sequence[RuleSet]:
        """The newest version of each at these nodes, retired ones too; by node and name."""
        ...

    def versions(self, node: int, kind: RuleKind, name: str) -> Sequence[RuleSet]:
        """The newest first."""
        ...

    def get(self, rule_set: int) -> RuleSet | None: ...

    def of_digest(self, kind: RuleKind, digest: str) -> RuleSet | None: ...

    def retire(self, rule_set: int, by: str, now: int) -> bool:
        """False where it is retired already."""
        ...


class Collections(Protocol):
    def add(self, collection: Collection) -> Collection: ...

    def get(self, collection: int) -> Collection | None: ...

    def of_uid(self, uid: str) -> Collection | None: ...

    def of_pipeline(self, pipeline: int) -> Sequence[Collection]: ...

    def of_commit(self, project: int, commit: str) -> Sequence[Collection]: ...

    def of_projects(
        self, projects: Many[int] | None, limit: int, *, before: int = 0, open_only: bool = False
    ) -> Sequence[Collection]:
        """The newest first, with smaller ids than ``before`` (0: all). ``projects`` None: of all."""
        ...

    def to_close(self, now: int, limit: int) -> Sequence[Collection]:
        """Open ones whose time (``closes``, else ``deadline``) is over."""
        ...

    def put(self, collection: Collection, expected_closed: int) -> bool:
        """Write it anew where it still has this ``closed``: closing it happens once."""
        ...


class Evaluations(Protocol):
    def add(self, evaluation: Evaluation) -> Evaluation: ...

    def get(self, evaluation: int) -> Evaluation | None: ...

    def of_uid(self, uid: str) -> Evaluation | None: ...

    def of_commit(self, project: int, commit: str) -> Sequence[Evaluation]:
        """The newest first."""
        ...

    def of_pipeline(self, pipeline: int) -> Sequence[Evaluation]: ...

    def of_projects(
        self, projects: Many[int] | None, limit: int, *, before: int = 0, policy: str = ""
    ) -> Sequence[Evaluation]: ...


class Waivers(Protocol):
    def add(self, waiver: Waiver) -> Waiver: ...

    def get(self, waiver: int) -> Waiver | None: ...

    def of_nodes(self, nodes: Many[int], *, since: int = 0) -> Sequence[Waiver]:
        """Those whose end is later than ``since``, also those that ended otherwise; the newest first."""
        ...

    def ending(self, before: int, limit: int) -> Sequence[Waiver]:
        """In force, with an end before then."""
        ...

    def put(self, waiver: Waiver, expected: Waiver) -> bool:
        """Write it anew where it is still as expected."""
        ...
