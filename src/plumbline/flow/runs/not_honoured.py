"""Keywords of a plan that a local run does not carry out: lint has a note for each, a run a notice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from plumbline.kernel import PlumblineError, Text, t
from plumbline.pipeline import Status, fill_inputs, find_keyword

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from plumbline.model.pipeline import Job, Plan
    from plumbline.model.problem import Mark

# Said elsewhere with more to say (a token and a secret can be given; a release is named), or nobody's loss on a
# machine of one's own.
_SAID_ELSEWHERE = frozenset({"id_tokens", "secrets", "release", "tags", "artifacts:access", "artifacts:public"})
# Done in part, and the other part is missed.
_IN_PART = ("artifacts:reports:", "hooks:", "environment:action")
_SHOWN = 8  # names of jobs in a sentence
_NO_PROJECT = t("a local run knows no pipelines of other projects, so the job would fail before it starts")
_NO_MIRROR = t("no pipeline of another project is mirrored, so the job would fail before it starts")


class NotHonoured(NamedTuple):
    """``path``: the keyword, as ``pages`` or ``environment:on_stop``; ``jobs``: those that have it, as in the file."""

    path: str
    note: Text
    jobs: tuple[str, ...]
    where: Mark


def not_honoured(plan: Plan) -> list[NotHonoured]:
    """Once each, with the jobs of the plan that use it, in the order of the plan."""
    found: dict[str, NotHonoured] = {}
    for job in plan.jobs:
        for path, note in _of_job(job):
            known = found.get(path)
            jobs = known.jobs if known else ()
            if job.group not in jobs:
                found[path] = NotHonoured(path, note, (*jobs, job.group), known.where if known else job.where)
    return list(found.values())


def _of_job(job: Job) -> Iterator[tuple[str, Text]]:
    for keyword, value in job.expanded.items():
        part = find_keyword(keyword)
        if part is None or value is None or keyword in _SAID_ELSEWHERE:
            continue
        if part.status is Status.INERT and part.note is not None:
            yield keyword, part.note
            continue
        said: list[str] = []
        for subkey in part.subkeys:
            path = f"{keyword}:{subkey.path}"
            lacks = subkey.status is Status.INERT or (subkey.status is Status.PARTIAL and path.startswith(_IN_PART))
            if not lacks or subkey.note is None or path in _SAID_ELSEWHERE or path.startswith(tuple(said)):
                continue
            if _has(value, subkey.path.split(":")):
                said.append(f"{path}:")
                yield path, subkey.note
    try:
        fill_inputs(job)
    except PlumblineError as error:
        yield "inputs", t("{reason}; the job would fail before it starts", reason=error.message)
    for need in job.needs or ():
        if need.project and need.artifacts:
            yield "needs:project", _NO_PROJECT
        elif need.pipeline and not need.job:
            yield "needs:pipeline", _NO_MIRROR


def _has(value: Any, path: Sequence[str]) -> bool:
    """Whether a value, or one in a list of them, has something at a path; ``*`` stands for any name."""
    if isinstance(value, list):
        return any(_has(each, path) for each in value)
    if not path or not isinstance(value, dict):
        return not path and value is not None
    below = list(value.values()) if path[0] == "*" else [value.get(path[0])]
    return any(_has(each, path[1:]) for each in below)


def shortlist(jobs: Sequence[str]) -> str:
    """The names of a few jobs, and that there are more."""
    return ", ".join(jobs[:_SHOWN]) + (", …" if len(jobs) > _SHOWN else "")
