"""A little of everything: what a busy application tells in some months."""

from __future__ import annotations

from functools import cache

from tests.facts.events import Records, ago, commit, digest, sha

from plumbline.evidence.vocabulary import Reference, cdevents_core, cdevents_delivery
from plumbline.evidence.vocabulary import own_delivery as own


@cache
def everything() -> Records:
    records = Records()
    records.repository("m0")
    records.runner("w1")
    for number in range(6):
        for days in (3, 184):
            _change(records, f"{days}-{number}", days + number)
    _rest(records)
    return records


def _change(records: Records, name: str, days: float) -> None:
    """From a work item to its deployment in production."""
    ticket, side, trunk, run, bytes_ = f"T-{name}", f"s{name}", f"m{name}", f"r{name}", f"b{name}"
    parent = f"m{name.partition('-')[0]}-{int(name.partition('-')[2]) + 1}"
    kinds = ("code", "contract", "pipeline", "unit-test")
    records.ticket(ticket, ago(days + 3))
    records.link(f"case-{name}", ticket, ago(days + 2.5))
    commits = (
        commit(trunk, ago(days + 1), "ann", parent, side, told=False),
        commit(side, ago(days + 2), "bob", parent, work_items=(ticket,), kinds=kinds, assisted_by=("Claude",)),
    )
    records.commits(*commits, time=ago(days + 0.9))
    records.commits(commit(trunk, ago(days + 1), told=False), time=ago(days + 0.9))
    records.tell(cdevents_core.ChangeCreated(), f"!{name}", ago(days + 1.5))
    records.review(f"!{name}", ago(days + 1.1), "eve", side)
    records.merge(f"!{name}", ago(days + 1), commits[1], merged_as=trunk, person="ann")
    records.gate(f"!{name}", ago(days + 1))
    records.link(sha(trunk), ticket, ago(days + 0.8))
    records.run(
        run,
        ago(days + 0.9),
        ago(days + 0.8),
        "failure" if name.endswith("2") else "success",
        commit=trunk,
        person="ann",
    )
    records.job(
        run,
        "build",
        ago(days + 0.89),
        ago(days + 0.85),
        queued=ago(days + 0.9),
        runner="w1",
        stage="build",
        reason="script_failure",
    )
    records.artifact(f"pkg:generic/app@{name}", ago(days + 0.8), bytes_, trunk, run=run)
    records.suite(f"suite-{name}", ago(days + 0.8), commit=trunk, bytes_=bytes_)
    records.case(f"case-run-{name}", f"case-{name}", ago(days + 0.8), suite=f"suite-{name}", kind="unit")
    records.scan(f"scan-{name}", ago(days + 0.8), trunk)
    for tier in ("testing", "production"):
        records.deploy(
            f"{tier}-{name}",
            ago(days + (0.5 if tier == "testing" else 0.2)),
            tier=tier,
            commit=trunk,
            bytes_=bytes_,
            run=run,
        )  # type: ignore[arg-type]
        records.data_change(f"change-{tier}-{name}", ago(days + 0.3), bytes_, tier, deployment=f"{tier}-{name}")


def _rest(records: Records) -> None:
    records.incident("i", ago(3), cause="production-3-1", resolved=ago(2.9))
    records.deploy("back", ago(2.8), bytes_="b3-2", intent="rollback", start=ago(2.81))
    records.tell(own.RolloutProgressed(deployment="production-3-1", step=1, share=0.5), "r", ago(4))
    records.tell(own.ArtifactPromoted(digest=digest("b3-1"), to="staging"), "p", ago(4))
    records.release("1", ago(3), "b3-1", commit="m3-1", tag="v1")
    records.tell(own.ReleasePlanned(version="1"), "1", ago(9))
    records.run("tag", ago(3.1), ago(3), ref="v1")
    for kind in ("manual", "pipeline"):
        trigger = cdevents_delivery.TestTrigger(type=kind)  # type: ignore[arg-type]
        records.tell(
            cdevents_delivery.TestSuiteRunStarted(environment=Reference(id="ci"), trigger=trigger), kind, ago(1)
        )
        records.tell(
            cdevents_delivery.TestCaseRunStarted(environment=Reference(id="ci"), trigger=trigger), f"u-{kind}", ago(1)
        )
        records.case(f"u-{kind}", f"u-{kind}", ago(1), kind="e2e")
    records.ticket("gone", ago(9), ago(5), "withdrawn")
    records.commits(commit("g", ago(8), work_items=("gone",)))
    records.check("nginx", "app/production", ago(0, 1))
    records.tree(migration_reversible=1, code=3, manifest_locked=1)
    records.drill("restore", ago(9), seconds=60)
    records.approval("production-3-1", ago(5))
    for number in range(5):
        records.metric("m", ago(9 - number), 1.0, str(number))
        records.measurement("line-coverage", ago(9 - number), 50 + number)
