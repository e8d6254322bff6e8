"""Why a job is in its state, as a sentence for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.kernel import t
from plumbline.model.job import State, When
from plumbline.pipeline.scheduling.summary import IGNORED, UNFINISHED

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from plumbline.kernel import Text
    from plumbline.pipeline.scheduling.steps import Node

_SHOWN = 5  # names in a sentence; of more, only how many


def reason(node: Node, preceding: Collection[Node], before: State) -> Text:
    """``preceding``: its needs, or all jobs of all earlier stages; ``before``: their summary."""
    if node.state is State.CREATED:
        return _created(node, preceding)
    if node.state is State.SKIPPED:
        return _skipped(node, preceding, before)
    if node.state is State.FAILED and node.allowed:
        return t("failed, and is allowed to")
    return _PLAIN[node.state]


def _created(node: Node, preceding: Collection[Node]) -> Text:
    waits = [other for other in preceding if other.need == UNFINISHED]
    blocking = [other for other in waits if other.state is State.MANUAL]
    if blocking and len(blocking) == sum(other.state is not State.CREATED for other in waits):
        return t("waits for {jobs} to be played", jobs=_names(blocking))
    if waits and node.needs is None:
        return t("waits for earlier stages: {jobs}", jobs=_names(waits))
    if waits:
        return t("waits for {jobs}", jobs=_names(waits))
    return t("was not looked at yet")


def _skipped(node: Node, preceding: Collection[Node], before: State) -> Text:
    absent = [other for other in preceding if other.state is State.SKIPPED or other.kind == IGNORED]
    if before is State.SKIPPED and node.needs is not None:
        return t("skipped: it needs {jobs}, which did not run", jobs=_names(absent))
    if before is State.FAILED and node.step.when is not When.ON_FAILURE:
        return t("skipped: {jobs} failed", jobs=_names(_real(preceding, State.FAILED)))
    if before is State.CANCELED:
        return t("skipped: {jobs} was canceled", jobs=_names(_real(preceding, State.CANCELED)))
    if node.step.when is When.ON_FAILURE:
        return t("skipped: it runs when a job fails, and none did")
    return t("skipped")


def _real(nodes: Iterable[Node], state: State) -> list[Node]:
    return [node for node in nodes if node.state is state and not node.allowed]


def _names(nodes: Collection[Node]) -> Text | str:
    names = [node.name for node in nodes]
    if len(names) <= _SHOWN:
        return ", ".join(names)
    return t("{jobs} and {count} more", jobs=", ".join(names[:_SHOWN]), count=len(names) - _SHOWN)


_PLAIN = {
    State.WAITING_FOR_RESOURCE: t("waits until its resource group is free"),
    State.PREPARING: t("is being prepared"),
    State.PENDING: t("may start as soon as there is room"),
    State.RUNNING: t("is running"),
    State.SUCCESS: t("succeeded"),
    State.FAILED: t("failed"),
    State.CANCELING: t("is being stopped"),
    State.CANCELED: t("was canceled"),
    State.MANUAL: t("waits to be played by hand"),
    State.SCHEDULED: t("waits for its delay to pass"),
}
