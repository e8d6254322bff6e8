"""What every input goes through: read, assemble, plan, say the problems, and run the plan through the state machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.kernel import PlumblineError, t
from plumbline.kernel.text import LANGUAGES
from plumbline.model.change import Change, Event, MergeRequest, Project
from plumbline.model.job import FINISHED, State
from plumbline.model.problem import Severity
from plumbline.pipeline.plan import PlanRequest, make_plan
from plumbline.pipeline.scheduling.progress import Progress
from plumbline.pipeline.scheduling.steps import Step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.model.pipeline import Plan
    from plumbline.model.ports.jobs import Repository

MOST_SECONDS = 2.0
ROOT = ".gitlab-ci.yml"
_OTHERS = {
    "/ci/a.yml": b"from_a: {script: [echo a]}\n.one: {script: [echo one]}\n",
    "/ci/templates.yml": b"spec: {inputs: {stage: {default: test}, list: {type: array, default: []}}}\n---\n"
    b"templated: {stage: '$[[ inputs.stage ]]', script: ['true']}\n",
    "/templates/name.yml": b"spec: {inputs: {stage: }}\n---\npart: {stage: '$[[ inputs.stage ]]', script: ['true']}\n",
    "/x.yml": b"include: /y.yml\nfrom_x: {script: x}\n",
    "/y.yml": b"from_y: {extends: from_x, before_script: [!reference [from_x, script]]}\n",
}
_FILES = (
    ROOT,
    "ci/a.yml",
    "ci/self.yml",
    "ci/templates.yml",
    "Dockerfile",
    "src/main.py",
    "docs/index.md",
    "x.yml",
    "y.yml",
)


class Files:
    """A repository in memory that has the input under two names, so that it can include itself."""

    def __init__(self, data: bytes, name: str = "") -> None:
        self.name = name
        self._data = data

    def read(self, path: str) -> bytes | None:
        path = path.lstrip("/")
        if path in (ROOT, "ci/self.yml"):
            return self._data
        return _OTHERS.get("/" + path)

    def files(self) -> Sequence[str]:
        return _FILES

    def changed(self, compare_to: str | None) -> frozenset[str] | None:
        if compare_to is None:
            return frozenset({"src/main.py", ROOT})
        if "main" in compare_to:
            return frozenset()
        raise PlumblineError("unknown-ref", t("there is no ref {ref}", ref=compare_to))

    def project(self, path: str, ref: str | None) -> Repository:
        if path in ("group/other", "group/part"):
            return Files(self._data, f"{path}@{ref}")
        raise PlumblineError("project-not-mapped", t("the project {path} is not mapped", path=path))

    def remote(self, url: str) -> bytes:
        if url.startswith("https://example.com"):
            return self._data if url.endswith("self.yml") else _OTHERS["/ci/a.yml"]
        raise PlumblineError("network-not-allowed", t("{url} is not mapped", url=url))

    def template(self, name: str) -> bytes:
        if name.startswith("Jobs/"):
            return _OTHERS["/ci/a.yml"]
        raise PlumblineError("template-not-mapped", t("the template {name} is not mapped", name=name))


_PROJECT = Project(
    path="group/project", url="https://git.example.com/group/project", server_url="https://git.example.com"
)
_CHANGES = (
    Change(project=_PROJECT, sha="1" * 40, branch="main", message="A change", author="A <a@example.com>"),
    Change(project=_PROJECT, sha="2" * 40, tag="v1.0", tag_message="One"),
    Change(
        project=_PROJECT,
        sha="3" * 40,
        event=Event.MERGE_REQUEST,
        merge_request=MergeRequest(source_branch="feature", target_branch="main"),
    ),
)


def judge(data: bytes, number: int) -> str:
    """``planned``, ``empty`` or ``refused``. Anything that is not as it must be raises."""
    request = PlanRequest(change=_CHANGES[number % len(_CHANGES)], now=1_700_000_000.0)
    plan = make_plan(request, Files(data))
    for problem in plan.problems:
        for code in LANGUAGES:
            assert problem.message.render(code), problem.code
            assert problem.hint is None or problem.hint.render(code), problem.code
        assert problem.code
        assert str(problem)
    errors = [problem for problem in plan.problems if problem.severity is Severity.ERROR]
    assert not (errors and plan.jobs), "a plan with errors has jobs"
    for decision in plan.decisions:
        assert str(decision.reason)
        assert all(str(rule.reason) for rule in decision.rules)
    if plan.jobs:
        _run(plan)
    return "refused" if errors else "planned" if plan.jobs else "empty"


def _run(plan: Plan) -> None:
    """Every job succeeds; the pipeline must come to its end."""
    progress = Progress(
        [
            Step(
                name=job.name,
                stage=job.stage_index,
                needs=None if job.needs is None else tuple(n.job for n in job.needs if not (n.project or n.pipeline)),
                when=job.when,
                allow_failure=job.allow_failure.allowed,
            )
            for job in plan.jobs
        ]
    )
    moves = progress.start()
    for move in moves:  # grows while it is walked
        if move.after in (State.MANUAL, State.SCHEDULED):
            moves += progress.play(move.name)
        elif move.after is State.PENDING:
            moves += progress.record(move.name, State.SUCCESS)
    assert progress.finished
    assert set(progress.states().values()) <= FINISHED
