"""Reading a whole section: places, shared values, what goes together, and any value whatever."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.cost import cost

from plumbline.model.problem import Problem, Severity
from plumbline.pipeline import keywords
from plumbline.pipeline.keyword import Place
from plumbline.pipeline.sections import Reader, is_global
from plumbline.pipeline.source.syntax import Map, Reference, read

pytestmark = pytest.mark.slow

TOGETHER = [
    ("script: a\nrules: [{if: $A}]\nonly: [main]", "exclusive-keywords", 3, "only and rules"),
    ("script: a\nrules: [{if: $A}]\nexcept: [main]", "exclusive-keywords", 3, "except and rules"),
    ("script: a\nrules: [{if: $A}]\nstart_in: 1 day", "exclusive-keywords", 3, "start_in and rules"),
    ("stage: a", "missing-script", 1, "no script"),
    ("script: a\nrun: [{name: b, script: c}]", "exclusive-keywords", 1, "script and run"),
    ("run: [{name: b, script: c}]\nafter_script: d", "exclusive-keywords", 2, "after_script and run"),
    ("trigger: a/b\nscript: c", "exclusive-keywords", 2, "script may not stand"),
    ("trigger: a/b\nartifacts: {}", "exclusive-keywords", 2, "artifacts may not stand"),
    ("trigger: a/b\nwhen: delayed\nstart_in: 1 day", "exclusive-keywords", 3, "start_in may not stand"),
    ("trigger: a/b\nallow_failure: {exit_codes: 1}", "exclusive-keywords", 2, "no exit codes"),
    ("script: a\nwhen: delayed", "missing-key", 2, "start_in is missing"),
    ("script: a\nstart_in: 1 day", "exclusive-keywords", 2, "only for when: delayed"),
    ("script: a\nmanual_confirmation: b", "no-effect", 2, "without when: manual"),
    ("script: a\nneeds: [b]\ndependencies: [b, c]", "dependency-not-needed", 3, "c is in dependencies"),
    ("script: a\nstage: b\ntype: c", "exclusive-keywords", 3, "type and stage"),
    ("script: a\npublish: b\npages: {publish: c}", "exclusive-keywords", 2, "publish and pages"),
]
ALONE = [
    "script: a",
    "run: [{name: a, script: b}]",
    "trigger: a/b\nneeds: [c]\nwhen: manual\nvariables: {A: b}",
    "needs: {pipeline: a/b}",
    "script: a\nwhen: manual\nmanual_confirmation: b",
    "script: a\nwhen: delayed\nstart_in: 1 day",
    "script: a\nrules: [{if: $A}]\nonly:\nstart_in:",
    "script: a\nneeds: [b, c]\ndependencies: [b]",
    "script: a\ndependencies: [b]",
]


def _job(text: str) -> tuple[dict[str, Any], list[Problem]]:
    problems: list[Problem] = []
    config = read(text.encode(), "f.yml", problems)[0]
    return Reader(problems).job(config, "job", config.mark), problems


@pytest.mark.parametrize(("text", "code", "line", "says"), TOGETHER)
def test_keywords_that_do_not_go_together(text: str, code: str, line: int, says: str) -> None:
    problems = [problem for problem in _job(text)[1] if says in str(problem.message)]
    assert [problem.code for problem in problems] == [code]
    assert problems[0].where is not None
    assert problems[0].where.line == line
    assert problems[0].hint is not None


@pytest.mark.parametrize("text", ALONE)
def test_keywords_that_go_together(text: str) -> None:
    assert _job(text)[1] == []


def test_a_key_with_no_value_is_not_there() -> None:
    values, problems = _job("script: a\nimage:\nrules: ~\nneeds: null")
    assert values == {"script": ("a",)}
    assert problems == []


def test_steps_are_the_script() -> None:
    values, problems = _job("run: [{name: a, script: make, env: {B: it's}}, {name: c, script: d}]")
    assert problems == []
    assert values["script"] == ("( # a\nexport B='it'\"'\"'s'\nmake\n)", "( # c\nd\n)")


def test_the_old_name_of_stage() -> None:
    values, problems = _job("script: a\ntype: build")
    assert values["stage"] == "build"
    assert [(p.code, p.severity) for p in problems] == [("deprecated", Severity.WARNING)]


def test_unknown_keyword_of_a_job() -> None:
    _, problems = _job("script: a\nstagee: b\nstages: [c]\n'5': d")
    assert [(p.code, p.keyword, p.where and p.where.line) for p in problems] == [
        ("unknown-keyword", "job:stagee", 2),
        ("misplaced-keyword", "job:stages", 3),
        ("unknown-keyword", "job:5", 4),
    ]
    assert "did you mean stage" in str(problems[0].hint)


def test_top_level_leaves_jobs_alone() -> None:
    config = Map({"stages": ["a"], "image": "b", "build": {"nonsense": 1}, "needs": {}, "pages": {"x": 1}})
    problems: list[Problem] = []
    assert set(Reader(problems).root(config)) == {"stages", "image"}
    assert problems == []
    assert [name for name in config if not is_global(name)] == ["build", "needs", "pages"]


def test_a_shared_value_is_read_once() -> None:
    shared = {"max": 1}
    problems: list[Problem] = []
    reader = Reader(problems)
    first = reader.section({"retry": shared}, Place.JOB, "a")["retry"]
    assert reader.section({"retry": shared}, Place.JOB, "b")["retry"] is first


def test_a_problem_is_reported_once_at_its_line() -> None:
    problems: list[Problem] = []
    config = read(b".a: &a\n  retry: 9\nb: *a\nc:\n  <<: *a\n", "f.yml", problems)[0]
    reader = Reader(problems)
    for name in ("b", "c"):
        assert reader.section(config[name], Place.JOB, name) == {}
    assert [(problem.code, problem.keyword) for problem in problems] == [("out-of-range", "b:retry")]


def test_an_unresolved_reference_is_reported_only_once() -> None:
    before = Problem(code="missing-reference", message=keywords.parts()["script"].title)
    problems = [before]
    assert Reader(problems).section({"script": Reference(("a",))}, Place.JOB, "job") == {}
    assert problems == [before]
    problems.clear()
    assert Reader(problems).section({"script": Reference(("a",))}, Place.JOB, "job") == {}
    assert [problem.code for problem in problems] == ["wrong-type"]


def test_first_use_of_each_keyword_is_known() -> None:
    problems: list[Problem] = []
    config = read(b"script: a\ntags: [b]\n", "f.yml", problems)[0]
    reader = Reader(problems)
    reader.section(config, Place.JOB, "job")
    assert {name: where and where.line for name, where in reader.used.items()} == {"script": 1, "tags": 2}


_SUBKEYS = sorted({word for part in keywords.parts().values() for s in part.subkeys for word in s.path.split(":")})
_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["/a/", "1 day", "$A", "a/b", "a.yml", "always", "manual", "delayed", "https://a"])
)
_VALUES = st.recursive(
    _SCALARS,
    lambda below: (
        st.lists(below, max_size=3)
        | st.dictionaries(st.sampled_from(_SUBKEYS) | st.text(max_size=3), below, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(keywords.parts())), _VALUES, max_size=4), st.sampled_from(Place))
def test_any_value_is_read_or_reported(config: dict[str, Any], place: Place) -> None:
    problems: list[Problem] = []
    values = Reader(problems).section(config, place, "job")
    wanted = {name for name, value in config.items() if value is not None}
    assert set(values) <= wanted
    if set(values) != wanted:
        assert any(problem.severity is Severity.ERROR for problem in problems)
    for problem in problems:
        assert str(problem)
        assert problem.hint is None or str(problem.hint)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(keywords.parts())), _VALUES, max_size=5))
def test_any_job_is_read_or_reported(config: dict[str, Any]) -> None:
    problems: list[Problem] = []
    reader = Reader(problems)
    reader.root(config)
    reader.job(config, "job")
    assert all(str(problem) for problem in problems)


def test_speed() -> None:
    job = (
        b"  stage: test\n  image: a\n  script: [b, c]\n  needs: [d, e]\n  variables: {A: b, C: d}\n"
        b"  rules: [{if: $A}, {when: always}]\n  artifacts: {paths: [x], expire_in: 1 day}\n  tags: [y]\n"
    )
    problems: list[Problem] = []
    config = read(b"".join(b"j%d:\n%s" % (n, job) for n in range(1000)), "f.yml", problems)[0]
    Reader(problems).job(config["j0"], "j0")

    def read_all() -> None:
        reader = Reader(problems)
        for name, raw in config.items():
            reader.job(raw, name)

    took = cost(read_all)
    assert problems == []
    assert took < 30  # seen: 3


def test_very_long_and_very_many_mistakes_stay_readable_and_quick() -> None:
    problems: list[Problem] = []
    config: dict[str, Any] = {"x" * 1_000_000: 1, "stage": "y" * 300, "when": "z" * 1_000_000}
    config |= {f"key{number}": 1 for number in range(20_000)}
    assert cost(lambda: Reader(problems).section(config, Place.JOB, "job"), tries=1) < 300  # seen: 38
    assert len(problems) == 20_002
    assert all(len(str(problem)) + len(str(problem.hint)) < 2000 for problem in problems)
