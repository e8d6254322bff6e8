"""What the overview of a node says beside its chain: four figures, what comes next, and the grade."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from plumbline.access import use_cases
from plumbline.flow.assessments.metrics import view_metrics
from plumbline.flow.assessments.records import list_node_assessments
from plumbline.flow.tree.read_tree import permitted
from plumbline.kernel import t
from plumbline.model.job import State
from plumbline.web.assessments import DEFAULT
from plumbline.web.words import SECOND, duration, moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.flow.assessments.metrics import MetricPoint
    from plumbline.flow.pipelines.standings import Chain
    from plumbline.kernel import Text
    from plumbline.model.tree import Node
    from plumbline.web.page import Ask

DAYS = 30  # that a figure is drawn over
_WIDTH, _HEIGHT = 120, 28  # of a sparkline
_EARLIER = 5  # grades before the newest one
_RATE, _SHARE, _LENGTH = "rate", "share", "length"
# The four keys of DORA, as the ledger has them of each project, day by day over the ninety days before.
FIGURES = (
    ("change-frequency", t("Production deployments per week"), _RATE),
    ("requirement-lead-time", t("Lead time, median"), _LENGTH),
    ("change-failure-rate", t("Change failure rate"), _SHARE),
    ("time-to-restore", t("Time to restore, median"), _LENGTH),
)


@dataclass(frozen=True, slots=True)
class Series:
    """``shown``: the newest value, empty where there was no data. ``n``: of how many it is made. ``line``: of an SVG;
    from zero up."""

    points: Sequence[MetricPoint]
    shown: str
    n: str
    line: str
    changes: tuple[int, ...]  # where its definition became another one
    why: Text


class Step(NamedTuple):
    text: Text
    path: str


def figures_of(ask: Ask, project: int) -> list[tuple[Text, Series]]:
    names = [name for name, _, _ in FIGURES]
    found = view_metrics(ask.actor, ask.tools.assessments, project, names, DAYS)
    return [(title, _series(points, unit)) for (_, title, unit), points in zip(FIGURES, found, strict=True)]


def grade_of(ask: Ask, node: Node) -> dict[str, object]:
    """``grades`` None: the actor may not see them."""
    (sees,) = permitted(ask.actor, ask.tools.tree, node.id, use_cases.LIST_NODE_ASSESSMENTS)
    if not sees:
        return {"grades": None, "grade": None, "trend": ()}
    records = list_node_assessments(ask.actor, ask.tools.assessments, node.id, DEFAULT)
    own = [one for one in records if one.path == node.path]
    return {"grades": own, "grade": own[0] if own else None, "trend": own[1 : 1 + _EARLIER]}


def badness(chain: Chain) -> tuple[bool, bool, int]:
    """Of what is wrong; all of it false where nothing is."""
    trunk = chain.standing.trunk
    failed = trunk is not None and trunk.state is State.FAILED
    broken = any(one.failed and one.tier == "production" for one in chain.environments)
    since = trunk.finished if failed and trunk else 0
    return (broken, failed, since) if broken or failed else (False, False, 0)


def next_steps(chains: Sequence[Chain]) -> list[Step]:
    """What is missing in the chains, and who has to do what next."""
    found = []
    for chain in chains:
        name, project, trunk = chain.project.title or chain.project.name, chain.project.id, chain.trunk
        if chain.repository is None:
            found.append(Step(t("{name}: bind its repository", name=name), f"/projects/{project}/settings"))
        elif trunk is None and chain.standing.other is None:
            found.append(Step(t("{name}: push a commit, or start a pipeline", name=name), f"/projects/{project}"))
        if trunk is not None and trunk.state is State.FAILED:
            author = trunk.change.author.partition("<")[0].strip() or trunk.change.user_name or "?"
            path = f"/pipelines/{trunk.id}"
            said = t("{name}: pipeline #{number} failed; the commit is by {author}", name=name, number=trunk.iid,
                     author=author)  # fmt: skip
            found.append(Step(said, path))
        for job in chain.waiting:
            said = t("{name}: '{job}' waits for somebody who may press the button", name=name, job=job.name)
            found.append(Step(said, f"/jobs/{job.id}"))
        for one in chain.environments:
            if one.failed is not None:
                said = t("{name}: the newest deployment to {environment} failed", name=name, environment=one.name)
                found.append(Step(said, f"/jobs/{one.failed.job}"))
    return found


def _series(points: Sequence[MetricPoint], unit: str) -> Series:
    newest = points[-1] if points else None
    value = newest.value if newest else None
    known = [(place, one.value) for place, one in enumerate(points) if one.value is not None]
    top = max((value for _, value in known), default=0.0)
    if unit == _SHARE:
        top = 1.0
    step = _WIDTH / max(1, len(points) - 1)
    line = " ".join(
        f"{place * step:.1f},{_HEIGHT - 1 - (value / top if top else 0) * (_HEIGHT - 3):.1f}" for place, value in known
    )
    changes = tuple(
        round(place * step)
        for place in range(1, len(points))
        if points[place].definition != points[place - 1].definition
    )
    why = t("it is computed once a day")
    if newest:
        why = t("too few days or records up to {day}", day=moment(newest.time)[:10])
    counted = (newest.numerator if unit == _RATE else newest.denominator) if newest else None
    n = f"{counted:,.0f}" if value is not None and counted is not None else ""
    return Series(points, _shown(value, unit), n, line if len(known) > 1 else "", changes, why)


def _shown(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    if unit == _SHARE:
        return f"{value * 100:.1f} %"
    return duration(value * SECOND) if unit == _LENGTH else f"{value:,.1f}"
