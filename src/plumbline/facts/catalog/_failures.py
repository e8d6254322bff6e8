"""Which production deployments failed their users, and when that was over (DORA's definition)."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import msgspec

from plumbline.trace import Deployment

if TYPE_CHECKING:
    from plumbline.facts.evidence import Evidence
    from plumbline.trace import Seen

INCIDENTS = ("incident.detected", "incident.reported", "incident.resolved")


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    deployment: Deployment
    restored: int | None  # None: nobody told that it is over


def causes_told(evidence: Evidence) -> bool:
    """Whether incidents say what caused them: where none ever does, none of a deployment's is known."""
    return any(one.custom.get("cause") for one in evidence.of(*INCIDENTS))


def failures(evidence: Evidence) -> dict[str, Failure]:
    """By the id of the deployment, each once however many incidents it caused."""
    mended = _mended(evidence)
    caused = _caused(evidence)
    found = {}
    for one in _effective(evidence):
        if one.id not in mended and one.id not in caused:
            continue
        resolved = caused.get(one.id, [])
        ends = [*resolved, mended.get(one.id, 0)]
        over = None in ends or not any(ends)
        found[one.id] = Failure(deployment=one, restored=None if over else max(end or 0 for end in ends))
    return found


def _effective(evidence: Evidence) -> list[Deployment]:
    done = [one for one in evidence.deployments if one.production and one.finished and one.outcome == "success"]
    return [one for one in sorted(done, key=lambda one: (one.finished or 0, one.id)) if one.effective]


def _caused(evidence: Evidence) -> dict[str, list[int | None]]:
    """The end of each incident that names this deployment as its cause; the last one, where it was opened again."""
    seen: dict[str, list[Seen]] = defaultdict(list)
    for one in sorted(evidence.of(*INCIDENTS), key=lambda one: one.time):
        seen[one.subject].append(one)
    found: dict[str, list[int | None]] = defaultdict(list)
    for events in seen.values():
        end = events[-1].time if events[-1].what == "incident.resolved" else None
        for cause in {str(one.custom.get("cause", "")) for one in events} - {""}:
            found[cause].append(end)
    return found


def _mended(evidence: Evidence) -> dict[str, int]:
    """The first end of a successful deployment that rolled this one back, or that mends it or an incident of it."""
    causes = {one.subject: {str(one.custom["cause"])} for one in evidence.of(*INCIDENTS) if one.custom.get("cause")}
    done = [one for one in evidence.deployments if one.production and one.finished and one.outcome == "success"]
    found: dict[str, int] = {}
    before: dict[str, list[Deployment]] = defaultdict(list)
    for one in sorted(done, key=lambda one: (one.finished or 0, one.id)):
        past = before[one.environment]
        if one.remediates:
            for name in causes.get(one.remediates, {one.remediates}):
                found.setdefault(name, one.finished or 0)
        elif one.intent == "rollback" and past:
            found.setdefault(_rolled_back(one, past).id, one.finished or 0)
        if one.intent != "rollback":
            past.append(one)
    return found


def _rolled_back(rollback: Deployment, past: list[Deployment]) -> Deployment:
    """Of versions 1, 2, 3 and back to 1, it is 2 that failed: the first after the one that was gone back to."""
    version = rollback.digest or rollback.commit
    for at in range(len(past) - 2, -1, -1):
        if version and version in (past[at].digest, past[at].commit):
            return past[at + 1]
    return past[-1]
