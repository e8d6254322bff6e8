"""``needs``, of a job and of a rule."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from plumbline.kernel import t
from plumbline.model.pipeline import Need
from plumbline.pipeline._matrix import read_axes
from plumbline.pipeline.language.matrix import LIMIT, count
from plumbline.pipeline.scalar_texts import is_scalar

if TYPE_CHECKING:
    from plumbline.pipeline.reading import Reading

MAX_NEEDS = 50
MAX_ELSEWHERE = 5  # needs of jobs of other pipelines, and as many of other projects

Combination = tuple[tuple[str, str], ...]


def read_needs(reading: Reading, *, elsewhere: bool) -> tuple[Need, ...]:
    """The needs as written, names not yet looked up. ``elsewhere``: jobs of other pipelines and projects may stand
    here, and a need may name instances of a matrix."""
    if not isinstance(reading.value, (list, dict)):
        hint = t("write it as a list: [{value}]", value=reading.value) if is_scalar(reading.value) else None
        reading.wrong_type(t("a list of job names"), hint)
        return ()
    if isinstance(reading.value, list):
        items = reading.entries_of_list()
        reading.check_size(len(items), 0, MAX_NEEDS)
    else:
        items = [reading]
    found = [_read_need(item, elsewhere=elsewhere) for item in items]
    _check_together(items, found)
    return tuple(need for need in found if need is not None)


def _check_together(items: list[Reading], needs: list[Need | None]) -> None:
    """No job of this pipeline twice, and not too many of others."""
    seen: set[tuple[object, ...]] = set()
    both = [(item, need) for item, need in zip(items, needs, strict=True) if need is not None]
    for item, need in both:
        key = (need.job, need.matrix)
        if key in seen and not need.pipeline and not need.project:
            item.fail("duplicate-need", t("{job} is needed twice", job=need.job), t("remove one"))
        if not need.pipeline and not need.project:
            seen.add(key)
    projects = [item for item, need in both if need.project]
    pipelines = [item for item, need in both if need.pipeline and need.job]
    if len(projects) > MAX_ELSEWHERE:
        message = t(
            "needs jobs of other projects {size} times, at most {limit} are allowed",
            size=len(projects),
            limit=MAX_ELSEWHERE,
        )
        projects[MAX_ELSEWHERE].fail("too-many", message)
    if len(pipelines) > MAX_ELSEWHERE:
        message = t(
            "needs jobs of other pipelines {size} times, at most {limit} are allowed",
            size=len(pipelines),
            limit=MAX_ELSEWHERE,
        )
        pipelines[MAX_ELSEWHERE].fail("too-many", message)


def _read_need(reading: Reading, *, elsewhere: bool) -> Need | None:
    if isinstance(reading.value, str):
        return Need(job=reading.string())
    if not isinstance(reading.value, dict):
        reading.wrong_type(t("the name of a job, or a map with job"))
        return None
    bridge = elsewhere and "pipeline" in reading.value and "job" not in reading.value
    keys = reading.map(() if bridge else ("job",))
    need = Need(
        job=keys["job"].string() if "job" in keys else "",
        artifacts=keys["artifacts"].boolean() if "artifacts" in keys else True,
        optional=keys["optional"].boolean() if "optional" in keys else False,
        pipeline=keys["pipeline"].string() if "pipeline" in keys else "",
        project=keys["project"].string() if "project" in keys else "",
        ref=keys["ref"].string() if "ref" in keys else "",
        matrix=_read_matrix(keys["parallel"]) if "parallel" in keys else (),
    )
    _check_kind(reading, keys)
    return need


def _check_kind(reading: Reading, keys: dict[str, Reading]) -> None:
    """Keys that exclude or require each other."""
    if "pipeline" in keys and "project" in keys:
        reading.fail("exclusive-keys", t("pipeline and project exclude each other"), t("keep one of them"))
    if ("project" in keys) != ("ref" in keys):
        missing = "ref" if "project" in keys else "project"
        reading.fail("missing-key", t("{key} is missing", key=missing), t("project and ref go together"))
    if "project" in keys and "optional" in keys:
        reading.fail("exclusive-keys", t("a need of another project cannot be optional"), t("remove optional"))
    if "pipeline" not in keys or "project" in keys:
        return
    allowed = ("pipeline", "job", "artifacts") if "job" in keys else ("pipeline",)
    for name in keys:
        if name not in allowed:
            message = t("{key} has no meaning for a need of another pipeline", key=name)
            reading.fail("exclusive-keys", message, t("remove {keyword}", keyword=name), at=name)


def _read_matrix(reading: Reading) -> tuple[Combination, ...]:
    """The instances that ``parallel:matrix`` of a need names: one combination of variables each."""
    keys = reading.map(("matrix",))
    if "matrix" not in keys:
        return ()
    matrix = tuple(read_axes(entry) for entry in keys["matrix"].items(lowest=1))
    if count(matrix) > LIMIT:
        reading.fail("too-many", t("names more than {limit} instances", limit=LIMIT))
        return ()
    return tuple(tuple(zip(axes, values, strict=True)) for axes in matrix for values in product(*axes.values()))
