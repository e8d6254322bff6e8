"""From files to one configuration; the cases are in tests/cases/pipeline/assemble."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from plumbline.kernel import PlumblineError, t
from plumbline.model.pipeline import TriggerInclude
from plumbline.model.problem import Problem, Severity
from plumbline.pipeline.assemble import MAX_INCLUDES, Assembled, assemble, assemble_sources
from plumbline.pipeline.source.merge import MAX_EXTENDS, MAX_REFERENCES
from plumbline.pipeline.source.syntax import Map, Seq, mark_of, read

MAIN = ".gitlab-ci.yml"
FIELDS = {"name", "main", "files", "projects", "remotes", "templates", "variables", "inputs", "changed"}
FIELDS |= {"config", "problems", "hint", "message", "read"}
CASES = [
    pytest.param(case, id=f"{path.stem}: {case['name']}")
    for path in sorted((Path(__file__).parents[1] / "cases/pipeline/assemble").glob("*.yml"))
    for case in yaml.safe_load(path.read_text(encoding="utf-8"))
]


class Files:
    """A repository in memory."""

    def __init__(self, case: dict[str, Any], files: dict[str, str], name: str = "") -> None:
        self.case = case
        self.content = files
        self.name = name

    def read(self, path: str) -> bytes | None:
        return self.content[path].encode() if path in self.content else None

    def files(self) -> Sequence[str]:
        return sorted(self.content)

    def changed(self, _compare_to: str | None) -> frozenset[str] | None:
        return frozenset(self.case["changed"]) if "changed" in self.case else None

    def project(self, path: str, _ref: str | None) -> Files:
        return Files(self.case, self._other("projects", path, "project-not-mapped"), path)

    def remote(self, url: str) -> bytes:
        return self._other("remotes", url, "network-not-allowed").encode()

    def template(self, name: str) -> bytes:
        return self._other("templates", name, "template-not-mapped").encode()

    def _other(self, kind: str, key: str, code: str) -> Any:
        if key not in self.case.get(kind, {}):
            raise PlumblineError(code, t("{key} is not to be had", key=key))
        return self.case[kind][key]


def run(case: dict[str, Any]) -> tuple[Assembled, list[Problem]]:
    problems: list[Problem] = []
    repository = Files(case, case.get("files", {}))
    main = case["main"].encode()
    result = assemble(main, MAIN, repository, case.get("variables", {}), case.get("inputs", {}), problems)
    return result, problems


def summary(problem: Problem) -> str:
    prefix = "" if problem.severity is Severity.ERROR else f"{problem.severity} "
    return f"{prefix}{problem.code} {problem.where}"


def codes(main: str, files: dict[str, str] | None = None) -> list[str]:
    return [problem.code for problem in run({"main": main, "files": files or {}})[1]]


@pytest.mark.parametrize("case", CASES)
def test_case(case: dict[str, Any]) -> None:
    assert set(case) <= FIELDS
    result, problems = run(case)
    assert [summary(problem) for problem in problems] == case.get("problems", [])
    if "config" in case:
        assert result.config == case["config"]
        assert list(result.config) == list(case["config"])
    assert "config" in case or "problems" in case
    if "read" in case:
        assert list(result.files) == case["read"]
    if "hint" in case:
        assert str(problems[0].hint) == case["hint"]
    if "message" in case:
        assert str(problems[0].message) == case["message"]


def test_marks_follow_the_value_that_won() -> None:
    main = "include: a.yml\n.b:\n  script: [x]\n\njob:\n  extends: .b\n  stage: s\n  variables: {A: 1}\n"
    files = {"a.yml": "\njob:\n  image: i\n  variables:\n    B: 1\n    A: 2\n"}
    job = run({"main": main, "files": files})[0].config["job"]
    assert {key: str(mark_of(job, key)) for key in job} == {
        "script": f"{MAIN}:3",
        "image": "a.yml:3",
        "variables": f"{MAIN}:8",
        "stage": f"{MAIN}:7",
    }
    assert {key: str(mark_of(job["variables"], key)) for key in job["variables"]} == {"B": "a.yml:5", "A": f"{MAIN}:8"}


def test_marks_of_spliced_items_are_where_they_are_written() -> None:
    main = (
        ".a:\n  script:\n    - one\n    - two\njob:\n  script:\n    - zero\n    - !reference [.a, script]\n    - last\n"
    )
    script = run({"main": main})[0].config["job"]["script"]
    assert [mark.line for mark in script.marks] == [7, 3, 4, 9]


def chain(levels: int) -> str:
    return "".join(f"j{i}: {{extends: j{i + 1}}}\n" for i in range(levels)) + f"j{levels}: {{script: [x]}}\n"


def references(levels: int) -> str:
    return "".join(f"j{i}: {{a: !reference [j{i + 1}, a]}}\n" for i in range(levels)) + f"j{levels}: {{a: x}}\n"


def test_limits_are_exact() -> None:
    assert codes(chain(MAX_EXTENDS)) == []
    assert codes(chain(MAX_EXTENDS + 1)) == ["extends-too-deep"]
    assert codes("".join(reversed(chain(MAX_EXTENDS + 1).splitlines(keepends=True)))) == ["extends-too-deep"]
    assert codes(references(MAX_REFERENCES)) == []
    assert codes(references(MAX_REFERENCES + 1)) == ["reference-too-deep"]
    files = {"a.yml": "a: {}"}
    assert codes(f"include: [{', '.join(['a.yml'] * MAX_INCLUDES)}]", files) == []
    assert codes(f"include: [{', '.join(['a.yml'] * (MAX_INCLUDES + 1))}]", files) == ["too-many-includes"]


def test_includes_nest_to_the_limit() -> None:
    files = {f"f{i}.yml": f"include: f{i + 1}.yml\nj{i}: {{}}" for i in range(400)}
    assert codes("include: f0.yml", files) == ["too-many-includes"]


def bomb(key: str) -> str:
    levels = [f"j{i}: {{{key}: [{', '.join([f'!reference [j{i + 1}, {key}]'] * 10)}]}}" for i in range(9)]
    return "\n".join([*levels, f"j9: {{{key}: [x]}}"])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("main", "code"),
    [
        (bomb("script"), "configuration-too-large"),
        (bomb("tags"), "configuration-too-large"),
        (
            f".p: {{variables: {{{', '.join(f'v{i}: 1' for i in range(3000))}}}}}\n"
            + "".join(f"j{i}: {{extends: .p, variables: {{x: 1}}}}\n" for i in range(3000)),
            "configuration-too-large",
        ),
        (
            "a: &b0 [x]\n" + "".join(f"a{i}: &b{i + 1} [{', '.join([f'*b{i}'] * 10)}]\n" for i in range(8)),
            "yaml-too-many-values",
        ),
        ("a: &b0 [x]\n" + "".join(f"a{i}: &b{i + 1} [*b{i}]\n" for i in range(200)), "yaml-too-deep"),
        ("a: " + "[" * 5000, "yaml-too-deep"),
        ("a: " + "{a: " * 5000, "yaml-too-deep"),
        ("- " * 5000, "yaml-too-deep"),
        (
            "".join(f"j{i}: {{x: {'[' * 50}!reference [j{i + 1}, x]{']' * 50}}}\n" for i in range(5)) + "j5: {x: 1}\n",
            "configuration-too-deep",
        ),
        ("a: x\n" * 420_000, "file-too-large"),
        (
            "spec: {inputs: {a: {default: " + "x" * 1_000_000 + "}}}\n---\nj: [" + "$[[ inputs.a ]], " * 100 + "]\n",
            "configuration-too-large",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 40 else "",
)
def test_bombs_are_refused(main: str, code: str) -> None:
    result, problems = run({"main": main})
    assert code in [problem.code for problem in problems]
    assert result.config == {} or code.startswith("yaml")


def test_arrays_that_grow_from_file_to_file_are_refused() -> None:
    header = "spec: {inputs: {x: {type: array}}}\n---\n"
    twice = "[$[[ inputs.x ]], $[[ inputs.x ]]]"
    files = {f"f{i}.yml": f"{header}include: {{local: f{i + 1}.yml, inputs: {{x: {twice}}}}}\n" for i in range(100)}
    assert "input-too-large" in codes("include: {local: f0.yml, inputs: {x: [1]}}", files)


def test_a_map_can_stand_for_the_first_file() -> None:
    problems: list[Problem] = []
    case: dict[str, Any] = {"projects": {"g/p": {"x.yml": "x: {}"}}}
    repository = Files(case, {"a.yml": "spec: {inputs: {n: }}\n---\n$[[ inputs.n ]]: {}"})
    include = Seq([Map({"local": "a.yml", "inputs": {"n": "one"}}), Map({"project": "g/p", "file": "x.yml"})])
    result = assemble(Map({"include": include}), MAIN, repository, {}, {}, problems)
    assert not problems
    assert result.config == {"one": {}, "x": {}}


def test_sources_of_a_child_pipeline() -> None:
    problems: list[Problem] = []
    repository = Files({}, {"a.yml": "a: {stage: a}\nb: {stage: a}", "c.yml": "c: {}"})
    made = b"spec: {inputs: {n: }}\n---\ninclude: c.yml\nb: {stage: $[[ inputs.n ]]}"
    sources = [TriggerInclude(local="a.yml"), ("generate:child.yml", made, {"n": "two"}), TriggerInclude(local="d.yml")]
    result = assemble_sources(sources, repository, {}, problems)
    assert result.config == {"a": {"stage": "a"}, "b": {"stage": "two"}, "c": {}}
    assert result.files == ("a.yml", "generate:child.yml", "c.yml")
    assert [problem.code for problem in problems] == ["include-not-found"]


@pytest.mark.parametrize(
    "data",
    [b"a: \xff", b"\xff\xfea", b"a: \x00", b"a: \x07", b"\xfe\xff\xd8\x00", b"a: \xed\xa0\x80"],
)
def test_what_is_not_text_is_refused_at_its_line(data: bytes) -> None:
    problems: list[Problem] = []
    assert read(b"# one\n" + data if data[:1] == b"a" else data, MAIN, problems) == []
    assert problems[0].code in ("yaml-encoding", "yaml-syntax")
    if data[:1] == b"a":
        assert problems[0].where is not None
        assert (problems[0].where.line, problems[0].where.column) == (2, 4)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-8"])
def test_byte_order_marks(encoding: str) -> None:
    problems: list[Problem] = []
    assert read("ключ: 值\n".encode(encoding), MAIN, problems) == [{"ключ": "值"}]
    assert not problems


def test_the_parser_without_the_c_library_reads_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    from plumbline.pipeline.source import parser

    texts = [case.values[0]["main"].encode() for case in CASES]  # type: ignore[index]
    quick = [_documents(text) for text in texts]
    monkeypatch.setattr(yaml, "__with_libyaml__", False)
    parser._parser.cache_clear()
    try:
        slow = [_documents(text) for text in texts]
    finally:
        parser._parser.cache_clear()
    assert [documents for documents, _ in slow] == [documents for documents, _ in quick]
    assert [failed for _, failed in slow] == [failed for _, failed in quick]


def _documents(text: bytes) -> tuple[list[Any], bool]:
    problems: list[Problem] = []
    return read(text, MAIN, problems), any(problem.severity is Severity.ERROR for problem in problems)
