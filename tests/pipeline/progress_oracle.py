"""The scheduling rules by the book: everything computed anew, slowly, after every event."""

from __future__ import annotations

from plumbline.model.job import State, When
from plumbline.pipeline.scheduling.steps import Step

S = State
DONE = {"success", "failed", "canceled", "skipped", "warning"}


def counted(state: State, allow_failure: bool) -> str:
    if allow_failure and state in (S.FAILED, S.CANCELED):
        return "warning"
    if allow_failure and state is S.MANUAL:
        return "ignored"
    return str(state)


def summary(kinds: set[str], needs: bool = False) -> str:
    def only(*names: str) -> bool:
        return kinds <= set(names)

    if not kinds:
        return "success"
    if needs and kinds & {"skipped", "ignored"}:
        return "skipped"
    if needs and kinds - DONE:
        return "pending"
    if only("skipped", "ignored"):
        return "skipped"
    if only("success", "skipped", "warning", "ignored"):
        return "success"
    if only("created", "warning", "ignored"):
        return "created"
    if only("preparing", "warning", "ignored"):
        return "preparing"
    if only("canceled", "success", "skipped", "warning", "ignored"):
        return "canceled"
    if only("pending", "created", "skipped", "warning", "ignored"):
        return "pending"
    if kinds & {"running", "pending"}:
        return "running"
    for name in ("canceling", "waiting_for_resource", "manual", "scheduled", "preparing"):
        if name in kinds:
            return name
    return "running" if "created" in kinds else "failed"


class Oracle:
    def __init__(self, steps: list[Step], states: dict[str, State], allowed: set[str], cancel_on_failure: bool) -> None:
        self.steps = {step.name: step for step in steps}
        self.states = {step.name: states.get(step.name, S.CREATED) for step in steps}
        self.allowed = set(allowed)
        self.cancel_on_failure = cancel_on_failure

    def may_fail(self, name: str) -> bool:
        return self.steps[name].allow_failure or name in self.allowed

    def kinds(self, names: list[str]) -> set[str]:
        return {counted(self.states[name], self.may_fail(name)) for name in names}

    def comes_before(self, step: Step) -> list[str]:
        if step.needs is not None:
            return list(step.needs)
        return [other.name for other in self.steps.values() if other.stage < step.stage]

    def stage(self, stage: int) -> str:
        return summary(self.kinds([step.name for step in self.steps.values() if step.stage == stage]))

    def pipeline(self) -> str:
        return summary(self.kinds(list(self.steps)))

    def look(self) -> None:
        """Until nothing changes: every created job, stage by stage."""
        changed = True
        while changed:
            changed = False
            for step in sorted(self.steps.values(), key=lambda step: step.stage):
                if self.states[step.name] is S.CREATED and self.look_at(step):
                    changed = True

    def look_at(self, step: Step) -> bool:
        has_needs = step.needs is not None
        before = summary(self.kinds(self.comes_before(step)), has_needs)
        if before not in ("success", "failed", "canceled", "skipped"):
            return False
        if step.when is When.ON_FAILURE:
            may = before == "failed"
        elif step.when is When.ALWAYS:
            may = before != "canceled"
        else:
            may = before == "success" or (before == "skipped" and not has_needs)
        turn = {When.MANUAL: S.MANUAL, When.DELAYED: S.SCHEDULED}.get(step.when, S.PENDING)
        self.states[step.name] = turn if may else S.SKIPPED
        return True

    def record(self, name: str, state: State, allowed: bool = False) -> None:
        self.states[name] = state
        if allowed:
            self.allowed.add(name)
        if self.cancel_on_failure and state is S.FAILED and not self.may_fail(name):
            self.stop()
        self.look()

    def cancel(self) -> None:
        self.stop()
        self.look()

    def stop(self) -> None:
        for name, state in self.states.items():
            if state is S.RUNNING:
                self.states[name] = S.CANCELING
            elif state not in (S.CANCELING, S.SUCCESS, S.FAILED, S.CANCELED, S.SKIPPED):
                self.states[name] = S.CANCELED

    def restart(self, name: str) -> None:
        """Play or retry: all downstream that is skipped, by needs or by stages, is looked at again."""
        self.allowed.discard(name)
        self.states[name] = S.PENDING
        reached = {name}
        while more := {step.name for step in self.steps.values() if reached & set(self.comes_before(step))} - reached:
            reached |= more
        for other in reached:
            if self.states[other] is S.SKIPPED:
                self.states[other] = S.CREATED
        self.look()
