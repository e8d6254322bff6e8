"""Pipeline definitions, read for what they declare: whether they build on shared parts, and what stands before a
deployment. That something is declared does not say that it ever ran."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from plumbline.observation.documents import documents

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    Read = Callable[[str], bytes | None]

_MOST_READ = 400  # definitions of one repository
_MOST_WORDS = 5000  # of one part of a definition; an alias may stand for many
_TEST_NAME = re.compile(
    r"(?:^|[^a-z])(?:(?:unit|integration|e2e|smoke|api|ui|acceptance|functional|regression|system|run)?tests?|testing|"
    r"specs?|checks?|verify)(?:[^a-z]|$)|测试",
    re.IGNORECASE,
)
_TEST_WORDS = re.compile(
    r"\b(?:pytest|tox|nox|ctest|phpunit|rspec|jest|vitest|unittest|mocha|karma)\b|"
    r"\b(?:go|cargo|dotnet|swift|mix) test\b|"
    r"\b(?:npm|yarn|pnpm|bun)(?: run)? test|\bmake (?:-\S+ )*(?:tests?|check)\b|"
    r"\bmvnw?\b[^\n]*\b(?:test|verify|install|deploy)\b|\bgradlew?\b[^\n]*\b(?:test|check|build)\b"
)
_NO_TESTS = re.compile(r"-DskipTests|-Dmaven\.test\.skip|-x test\b|maven\.test\.failure\.ignore|\|\| *(?:true|:)")
_DEPLOY_NAME = re.compile(r"(?:^|[^a-z])(?:deploy(?:ment|s|ing)?|rollout)(?:[^a-z]|$)|部署|上线", re.I)
_GITLAB_WORDS = frozenset(
    ["default", "image", "services", "stages", "variables", "workflow", "include", "cache", "before_script",
     "after_script", "spec"]
)  # fmt: skip
_GITLAB_STAGES = [".pre", "build", "test", "deploy", ".post"]
_GITHUB = re.compile(r"^\.(?:github|gitea|forgejo)/workflows/[^/]+\.ya?ml$")
_AZURE = re.compile(r"(?:^|/)azure-pipelines[^/]*\.ya?ml$")
_JENKINS = re.compile(r"(?:^|/)Jenkinsfile[^/]*$|\.jenkinsfile$", re.I)
_STAGE = re.compile(r"\bstage\s*\(?\s*['\"]([^'\"\n]+)['\"]")
_LIBRARY = re.compile(r"@Library\s*\(|^\s*library\b|\blibrary\s*\(|\bload\s*\(?\s*['\"]", re.M)


class Definition(NamedTuple):
    """``shared``: it builds on parts that others can use as well. ``gated``: before each of its deployments a test must
    have passed; None where it deploys nothing, or where that cannot be seen here."""

    path: str
    shared: bool
    delivers: bool
    gated: bool | None


class _Job(NamedTuple):
    """``after``: the jobs that must have passed before it."""

    name: str
    deploys: bool
    tests: bool
    after: frozenset[str]


def definitions(paths: Iterable[str], read: Read) -> Iterator[Definition]:
    """Those of GitLab, GitHub (Gitea, Forgejo), Jenkins, Azure, Tekton and Gitee; of what only others call, none."""
    for path in sorted(paths)[:_MOST_READ]:
        reader = _reader(path)
        if reader is not None and (found := reader(path, read(path) or b"")) is not None:
            yield found


def _reader(path: str) -> Callable[[str, bytes], Definition | None] | None:
    if path == ".gitlab-ci.yml":
        return _gitlab
    if _GITHUB.search(path):
        return _github
    if _AZURE.search(path):
        return _azure
    if _JENKINS.search(path):
        return _jenkins
    if path.startswith(".tekton/"):
        return _tekton
    return _gitee if path.startswith(".workflow/") else None


def _made(path: str, jobs: Iterable[_Job], *, shared: bool, unseen: bool) -> Definition:
    """``unseen``: there may be tests in parts that are elsewhere."""
    by_name = {one.name: one for one in jobs}
    delivering = [one for one in by_name.values() if one.deploys]
    gated: bool | None = all(_tested(one, by_name) for one in delivering) if delivering else None
    return Definition(path, shared, bool(delivering), None if unseen and not gated else gated)


def _tested(job: _Job, jobs: dict[str, _Job]) -> bool:
    seen, todo = set(), [job.name]
    while todo:
        one = jobs.get(todo.pop())
        if one is None or one.name in seen:
            continue
        if one.tests:
            return True
        seen.add(one.name)
        todo += one.after
    return False


def _tests(name: str, script: str, *, deploys: bool = False) -> bool:
    """By the lines that call a tool for tests, else by the name; that of a deployment may be where it deploys to."""
    lines = [line for line in script.splitlines() if _TEST_WORDS.search(line)]
    if lines:
        return not all(_NO_TESTS.search(line) for line in lines)
    return not deploys and _TEST_NAME.search(name) is not None


def _gitlab(path: str, text: bytes) -> Definition | None:
    said = _first(reversed(documents(text)))
    if said is None:
        return None
    includes = _list(said.get("include"))
    shared = any(
        not one.keys().isdisjoint(("project", "component", "template", "remote"))
        if isinstance(one, dict)
        else "://" in _text(one)
        for one in includes
    )
    stages = [".pre", *_strings(said.get("stages")), ".post"] if "stages" in said else _GITLAB_STAGES
    own = {
        name: one
        for name, one in said.items()
        if name not in _GITLAB_WORDS and not name.startswith(".") and isinstance(one, dict)
    }
    at = {name: stages.index(stage) if (stage := _text(one.get("stage")) or "test") in stages else -1
          for name, one in own.items()}  # fmt: skip
    jobs = []
    for name, one in own.items():
        stage = _text(one.get("stage"))
        environment = one.get("environment")
        stops = isinstance(environment, dict) and _text(environment.get("action")) not in ("", "start")
        needs = {_text(need.get("job")) if isinstance(need, dict) else _text(need) for need in _list(one.get("needs"))}
        before = needs if "needs" in one else {other for other in own if at[other] < at[name]}
        must = _text(one.get("allow_failure")) in ("", "false", "no") and not isinstance(one.get("allow_failure"), dict)
        manual = _text(one.get("when")) == "manual"
        reports = "junit" in _flat(one.get("artifacts")).splitlines()
        deploys = bool(environment) and not stops
        tests = reports or _tests(f"{name} {stage}", _flat(one.get("script")), deploys=deploys)
        jobs.append(_Job(name, deploys, tests and must and not manual, frozenset(before)))
    return _made(path, jobs, shared=shared, unseen=bool(includes) or any("extends" in one for one in own.values()))


def _github(path: str, text: bytes) -> Definition | None:
    said = _first(documents(text))
    if said is None or not isinstance(said.get("jobs"), dict):
        return None
    events = said.get("on")
    triggers = set(_strings(events)) | set(events if isinstance(events, dict) else ())
    if triggers == {"workflow_call"}:
        return None
    jobs, shared = [], False
    for name, one in said["jobs"].items():
        if not isinstance(one, dict):
            continue
        steps = [step for step in _list(one.get("steps")) if isinstance(step, dict)]
        shared |= bool(one.get("uses")) or any(_text(step.get("uses")).startswith("./") for step in steps)
        certain = [step for step in steps if _text(step.get("continue-on-error")) in ("", "false")]
        words = f"{name} {_text(one.get('name'))}"
        environment = one.get("environment")
        place = _text(environment.get("name")) if isinstance(environment, dict) else _text(environment)
        deploys = place != "github-pages" and bool(environment or _DEPLOY_NAME.search(words))
        tests = _tests(words, "\n".join(_text(step.get("run")) for step in certain), deploys=deploys)
        must = _text(one.get("continue-on-error")) in ("", "false")
        jobs.append(_Job(name, deploys, tests and must, frozenset(_strings(one.get("needs")))))
    return _made(path, jobs, shared=shared, unseen="workflow_run" in triggers or any(
        isinstance(one, dict) and one.get("uses") for one in said["jobs"].values()))  # fmt: skip


def _azure(path: str, text: bytes) -> Definition | None:
    said = _first(documents(text))
    if said is None or said.keys().isdisjoint(("stages", "jobs", "steps", "extends")):
        return None
    shared = "extends" in said or b"template:" in text
    stages = [one for one in _list(said.get("stages")) if isinstance(one, dict)] or [said]
    jobs, before = [], frozenset[str]()
    for number, stage in enumerate(stages):
        name = _text(stage.get("stage")) or f"stage {number}"
        words = f"{name} {_text(stage.get('displayName'))}"
        inner = [one for one in _list(stage.get("jobs")) if isinstance(one, dict)] or [stage]
        after = frozenset(_strings(stage["dependsOn"])) if "dependsOn" in stage else before
        deploys = any("deployment" in one for one in inner) or bool(_DEPLOY_NAME.search(words))
        tests = _tests(words, _flat(inner), deploys=deploys) and "continueOnError" not in _flat(inner)
        jobs.append(_Job(name, deploys, tests, after))
        before = frozenset([name])
    return _made(path, jobs, shared=shared, unseen=shared)


def _jenkins(path: str, text: bytes) -> Definition | None:
    script = text[: 256 << 10].decode(errors="replace")
    marks = list(_STAGE.finditer(script))
    ends = [mark.start() for mark in marks[1:]] + [len(script)] * bool(marks)
    jobs, before = [], frozenset[str]()
    for number, (mark, end) in enumerate(zip(marks, ends, strict=True)):
        body = script[mark.end() : end]
        name = f"{number} {mark[1]}"
        lenient = re.search(r"\bcatchError\b|\bunstable\s*\(|\breturnStatus\s*:\s*true", body) is not None
        deploys = _DEPLOY_NAME.search(mark[1]) is not None
        tests = _tests(mark[1], body, deploys=deploys) and not lenient
        jobs.append(_Job(name, deploys, tests, before))
        before = frozenset([name])
    shared = _LIBRARY.search(script) is not None
    return _made(path, jobs, shared=shared, unseen=shared) if "pipeline" in script or marks or shared else None


def _tekton(path: str, text: bytes) -> Definition | None:
    kinds = [one for one in documents(text) if isinstance(one, dict) and one.get("kind") in ("Pipeline", "PipelineRun")]
    if not kinds:
        return None
    jobs, shared = [], False
    for one in kinds:
        spec = one["spec"] if isinstance(one.get("spec"), dict) else {}
        shared |= "pipelineRef" in spec
        inner = spec["pipelineSpec"] if isinstance(spec.get("pipelineSpec"), dict) else spec
        for task in _list(inner.get("tasks")):
            if isinstance(task, dict):
                shared |= "taskRef" in task
                name = _text(task.get("name"))
                deploys = bool(_DEPLOY_NAME.search(name))
                after = frozenset(_strings(task.get("runAfter")))
                tests = _tests(name, _flat(task.get("taskSpec")), deploys=deploys)
                jobs.append(_Job(name, deploys, tests, after))
    return _made(path, jobs, shared=shared, unseen=not jobs)


def _gitee(path: str, text: bytes) -> Definition | None:
    said = _first(documents(text))
    if said is None or not isinstance(said.get("stages"), list):
        return None
    jobs, before = [], frozenset[str]()
    for number, stage in enumerate(one for one in said["stages"] if isinstance(one, dict)):
        steps = [one for one in _list(stage.get("steps")) if isinstance(one, dict)]
        words = " ".join(_text(one.get(key)) for one in (stage, *steps) for key in ("name", "displayName", "step"))
        name = f"{number} {_text(stage.get('name'))}"
        deploys = _DEPLOY_NAME.search(words) is not None
        jobs.append(_Job(name, deploys, _tests(words, _flat(steps), deploys=deploys), before))
        before = frozenset([name])
    return _made(path, jobs, shared=False, unseen=False)


def _first(found: Iterable[Any]) -> dict[str, Any] | None:
    """The first document that has names."""
    return next((one for one in found if isinstance(one, dict)), None)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _strings(value: Any) -> list[str]:
    return [one for one in _list(value) if isinstance(one, str)]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _flat(value: Any) -> str:
    """The words in it, one on each line, as many as somebody would write."""
    words: list[str] = []
    todo = [value]
    for _ in range(_MOST_WORDS):
        if not todo:
            break
        one = todo.pop()
        if isinstance(one, str):
            words.append(one)
        elif isinstance(one, dict):
            todo += [part for pair in reversed(one.items()) for part in reversed(pair)]
        elif isinstance(one, list):
            todo += reversed(one)
    return "\n".join(words)
