"""Given the jobs of a pipeline and what has happened so far: what may run next. The rules, which are GitLab's:

1. The turn of a job with ``needs`` comes when all of them are over, of one without when all jobs of all earlier stages
   are. A manual job that nobody played holds up what comes after it, unless it may fail.
2. At its turn ``when`` decides, by the summary of what came before: after a success, a failure, or either. Nothing
   begins after a cancellation; what does not go is skipped. A failure that is allowed counts as a success.
3. What goes is pending; or manual, until a person plays it; or scheduled, until its delay has passed.
4. A cancellation ends at once what has not begun; what runs is canceling until its end is told.
5. Where the workflow says so, the first failure that is not allowed cancels the rest.
6. What ended changes only by a retry; what was skipped because of it is looked at again.
7. A pipeline has ended when nothing goes on by itself and nobody is waited for; its state is the summary of its jobs.

By increments: an event costs what the edges it touches cost. Nothing here depends on time or on the order of a
dictionary, and the whole state is ``states()`` and ``allowed``.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.job import FINISHED, PLAYABLE, RETRYABLE, State, When, may_become
from plumbline.pipeline.scheduling.reasons import reason
from plumbline.pipeline.scheduling.steps import Node, Stage, Step, Transition, step_of
from plumbline.pipeline.scheduling.summary import UNFINISHED, Tally, bits, kinds, need_kinds, summarize

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from plumbline.kernel import Text
    from plumbline.model.pipeline import Plan

_ACTIVE = frozenset(State) - FINISHED - {State.CREATED, State.MANUAL}  # goes on without anybody's help
_STOPPABLE = frozenset(State) - FINISHED - {State.RUNNING, State.CANCELING}
_TURN = {
    When.MANUAL: State.MANUAL,
    When.DELAYED: State.SCHEDULED,
}  # what a job becomes when its turn comes, if not pending

# With which summary of what comes before it a job may go: with needs, and by stages.
_SUCCESS = (frozenset({State.SUCCESS}), frozenset({State.SUCCESS, State.SKIPPED}))
_FAILURE = (frozenset({State.FAILED}),) * 2
_ALWAYS = (frozenset({State.SUCCESS, State.FAILED, State.SKIPPED}),) * 2
_GOES = {
    When.ON_SUCCESS: _SUCCESS,
    When.MANUAL: _SUCCESS,
    When.DELAYED: _SUCCESS,
    When.ON_FAILURE: _FAILURE,
    When.ALWAYS: _ALWAYS,
}


class Progress:
    """The states of a pipeline's jobs, and the only one who changes them.

    Every method that changes something returns all transitions in the order they happened, the asked one first.
    One that may not be raises PlumblineError with code ``illegal-transition``; a name that is no job's, KeyError.
    """

    def __init__(
        self,
        steps: Sequence[Step],
        states: Mapping[str, State] | None = None,
        *,
        allowed: Collection[str] = (),
        cancel_on_failure: bool = False,
    ) -> None:
        """``states``: where a stored run stood, the rest is created; ``allowed``: jobs whose failure is a warning by
        its exit code; ``cancel_on_failure``: the first real failure cancels the rest.

        Raises ValueError where a name stands twice, or a need is on no job or on one of a later stage.
        """
        self._cancel_on_failure = cancel_on_failure
        self._started = False
        self._queue: deque[Node] = deque()  # created jobs to look at
        self._out: list[Transition] = []
        self._places = {stage: place for place, stage in enumerate(sorted({step.stage for step in steps}))}
        self._stages = [Stage() for _ in self._places]
        self._whole = Tally()
        self._nodes: dict[str, Node] = {}
        for step in steps:
            if step.name in self._nodes:
                raise ValueError(f"two jobs named {step.name!r}")
            state = (states or {}).get(step.name, State.CREATED)
            self._enter(Node(step, self._places[step.stage], state, step.allow_failure or step.name in allowed))
        for node in self._nodes.values():
            self._connect(node)
        self._set_front(0)

    def start(self) -> list[Transition]:
        """Look at every created job. The first thing to do, with a stored state as well."""
        self._started = True
        self._queue.extend(node for node in self._nodes.values() if node.needs is not None)
        return self._settle()

    def record(self, name: str, state: State, *, allowed: bool | None = None) -> list[Transition]:
        """The outside says that a job entered a state. ``allowed``: it failed with an exit code it may fail with.

        Created jobs go on by themselves, manual and finished ones through :meth:`play` and :meth:`retry` only.
        """
        node = self._nodes[name]
        held = node.state in FINISHED or (node.state in (State.CREATED, State.MANUAL) and state not in FINISHED)
        if held or not may_become(node.state, state):
            raise _illegal(node, state)
        node.allowed = node.allowed or bool(allowed)
        self._set(node, state)
        if self._cancel_on_failure and state is State.FAILED and not node.allowed:
            self._stop_all()
        return self._settle()

    def play(self, name: str) -> list[Transition]:
        """A manual job is started by hand, or a delayed one before its time."""
        return self._restart(name, PLAYABLE)

    def retry(self, name: str) -> list[Transition]:
        """A job that succeeded, failed or was canceled runs once more: a new attempt."""
        return self._restart(name, RETRYABLE)

    def cancel(self) -> list[Transition]:
        """Stop all: what has not begun is canceled at once, what runs is canceling."""
        self._stop_all()
        return self._settle()

    def enqueue_scheduled(self, name: str) -> list[Transition]:
        """The time of a delayed job has come."""
        return self._from_scheduled(name, State.PENDING)

    def unschedule(self, name: str) -> list[Transition]:
        """A delayed job is not to start by itself: it becomes manual."""
        return self._from_scheduled(name, State.MANUAL)

    def state(self, name: str) -> State:
        return self._nodes[name].state

    def states(self) -> dict[str, State]:
        return {name: node.state for name, node in self._nodes.items()}

    @property
    def allowed(self) -> frozenset[str]:
        """Jobs whose failure is a warning by its exit code; a stored run keeps them beside ``states()``."""
        return frozenset(node.name for node in self._nodes.values() if node.allowed and not node.step.allow_failure)

    def stage_state(self, stage: int) -> State:
        """The summary of a stage; success where it has no job."""
        place = self._places.get(stage)
        return summarize(0 if place is None else self._stages[place].tally.mask)

    @property
    def state_of_pipeline(self) -> State:
        """The summary of all jobs; ``manual`` while a job that blocks waits to be played."""
        return summarize(self._whole.mask)

    @property
    def finished(self) -> bool:
        """Nothing goes on, and nothing will without a person; jobs may be left that wait to be played."""
        return not self._whole.mask & bits(_ACTIVE) and (
            self._started or not self._whole.mask & bits(frozenset({State.CREATED}))
        )

    @property
    def ended(self) -> bool:
        """The pipeline came to its end: nothing goes on, and no person is waited for."""
        return self.finished and self.state_of_pipeline in FINISHED

    def waits_for(self, name: str) -> tuple[str, ...]:
        """What holds a created job back: needed jobs, or jobs of earlier stages, that are not finished."""
        node = self._nodes[name]
        if node.state is not State.CREATED:
            return ()
        return tuple(other.name for other in self._preceding(node) if other.need == UNFINISHED)

    def why(self, name: str) -> Text:
        """Why a job is in its state, in a sentence."""
        node = self._nodes[name]
        return reason(node, tuple(self._preceding(node)), self._before(node))

    def _enter(self, node: Node) -> None:
        stage = self._stages[node.place]
        self._nodes[node.name] = node
        self._whole.add(node.kind)
        stage.nodes.append(node)
        stage.tally.add(node.kind)
        if node.state is State.CREATED:
            stage.created += 1
            stage.waiting += node.step.needs is None

    def _connect(self, node: Node) -> None:
        """Tie a job to its needs."""
        if node.step.needs is None:
            return
        for name in node.step.needs:
            need = self._nodes.get(name)
            if need is None or need.place > node.place:
                raise ValueError(f"{node.name!r} needs {name!r}, which is no job of its stage or an earlier one")
        node.needs = tuple(self._nodes[name] for name in dict.fromkeys(node.step.needs))
        for need in node.needs:
            need.dependents.append(node)
            node.tally.add(need.need)

    def _preceding(self, node: Node) -> Iterator[Node]:
        """What a job comes after: its needs, or all jobs of all earlier stages."""
        if node.needs is not None:
            yield from node.needs
        else:
            for stage in self._stages[: node.place]:
                yield from stage.nodes

    def _before(self, node: Node) -> State:
        """The summary of what a job comes after."""
        if node.needs is not None:
            return summarize(node.tally.mask, needs=True)
        mask = 0
        for stage in self._stages[: node.place]:
            mask |= stage.tally.mask
        return summarize(mask)

    def _set(self, node: Node, state: State) -> None:
        """Move a job to a state, count it anew, and queue the created jobs that need it."""
        before, node.state = node.state, state
        self._out.append(Transition(node.name, before, state))
        stage = self._stages[node.place]
        if State.CREATED in (before, state):
            change = 1 if state is State.CREATED else -1
            stage.created += change
            if node.needs is None:
                stage.waiting += change
        kind = kinds(node.allowed)[state]
        self._whole.move(node.kind, kind)
        stage.tally.move(node.kind, kind)
        if node.place < self._front:
            self._passed.move(node.kind, kind)
        node.kind = kind
        need = need_kinds(node.allowed)[state]
        if need != node.need:
            for dependent in node.dependents:
                dependent.tally.move(node.need, need)
            self._queue.extend(node.dependents)
            node.need = need

    def _settle(self) -> list[Transition]:
        """Look at queued jobs and at the front until nothing changes."""
        while True:
            while self._queue:
                node = self._queue.popleft()
                if node.state is State.CREATED and node.needs is not None:
                    self._decide(node, summarize(node.tally.mask, needs=True))
            if not self._decide_front():
                break
        out, self._out = self._out, []
        return out

    def _set_front(self, place: int) -> None:
        """The front is the first stage with a created job: by stages, those of all later ones wait."""
        self._front = place
        self._passed = Tally()  # of all stages before the front
        for stage in self._stages[:place]:
            self._passed.merge(stage.tally)

    def _decide_front(self) -> bool:
        """Move the front on, and let its jobs that go by stages go if what comes before is decided."""
        while self._front < len(self._stages) and not self._stages[self._front].created:
            self._passed.merge(self._stages[self._front].tally)
            self._front += 1
        if self._front == len(self._stages) or not self._stages[self._front].waiting:
            return False
        before = summarize(self._passed.mask)
        for node in self._stages[self._front].nodes if before in FINISHED else ():
            if node.state is State.CREATED and node.needs is None:
                self._decide(node, before)
        return before in FINISHED

    def _decide(self, node: Node, before: State) -> None:
        if before in FINISHED:
            when = node.step.when
            goes = before in _GOES[when][node.needs is None]
            self._set(node, _TURN.get(when, State.PENDING) if goes else State.SKIPPED)

    def _restart(self, name: str, among: Collection[State]) -> list[Transition]:
        """To pending; what was skipped downstream is looked at again."""
        node = self._nodes[name]
        if node.state not in among:
            raise _illegal(node, State.PENDING)
        node.allowed = node.step.allow_failure
        self._set(node, State.PENDING)
        again = self._skipped_after(node)
        for other in again:
            self._set(other, State.CREATED)
        self._queue.extend(again)
        self._set_front(min([self._front, *(other.place for other in again)]))
        return self._settle()

    def _skipped_after(self, node: Node) -> list[Node]:
        """Skipped jobs downstream of a job, by stages or by needs."""
        later = (other for stage in self._stages[node.place + 1 :] for other in stage.nodes)
        reached = dict.fromkeys([node, *(other for other in later if other.needs is None)])
        stack = list(reached)
        while stack:
            for dependent in stack.pop().dependents:
                if dependent not in reached:
                    reached[dependent] = None
                    stack.append(dependent)
        return [other for other in reached if other.state is State.SKIPPED]

    def _from_scheduled(self, name: str, state: State) -> list[Transition]:
        node = self._nodes[name]
        if node.state is not State.SCHEDULED:
            raise _illegal(node, state)
        self._set(node, state)
        return self._settle()

    def _stop_all(self) -> None:
        for node in self._nodes.values():
            if node.state in _STOPPABLE:
                self._set(node, State.CANCELED)
            elif node.state is State.RUNNING:
                self._set(node, State.CANCELING)


def progress_of(plan: Plan, states: Mapping[str, State] | None = None, *, allowed: Collection[str] = ()) -> Progress:
    """The state machine of a planned pipeline; ``states`` and ``allowed`` as :class:`Progress` takes them."""
    cancel = plan.workflow.auto_cancel.on_job_failure == "all"
    return Progress([step_of(job) for job in plan.jobs], states, allowed=allowed, cancel_on_failure=cancel)


def _illegal(node: Node, after: State) -> PlumblineError:
    return PlumblineError(
        "illegal-transition",
        t("{job} is {before}, it cannot become {after}", job=node.name, before=node.state, after=after),
        kind=ErrorKind.REFUSED,
    )
