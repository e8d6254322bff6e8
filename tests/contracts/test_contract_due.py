"""Contracts of several nodes together: each below adds and tightens, none takes away."""

from __future__ import annotations

import msgspec
import pytest
from tests.contracts.told import HEAD, due_of, needs, placed

from plumbline.contracts import Asked, due, weakened
from plumbline.model.contract import OccasionKind

TESTS = "{id: tests, kind: test-report, of: commit, min: {cases: 5}}"
BANK = needs(TESTS, "{id: sast, kind: scan.sast, of: commit, tool: [a, b], made_by: [own, 'source:x']}")
OTHER = HEAD.replace("payments", "other")


def ids(*contracts: object) -> list[str]:
    return [one.need.id for one in due_of(*contracts).needs]  # type: ignore[arg-type]


def test_no_contract_holds() -> None:
    assert due([], Asked(kind=OccasionKind.PIPELINE)) is None
    assert due([placed(BANK)], Asked(kind=OccasionKind.MERGE)) is None
    branches = needs(TESTS, head=HEAD.replace("pipeline}", "pipeline, branches: ['release/*']}"))
    assert due([placed(branches)], Asked(kind=OccasionKind.PIPELINE, branch="main")) is None
    assert due([placed(branches)], Asked(kind=OccasionKind.PIPELINE, branch="release/1/x")) is not None
    assert due([placed(branches)], Asked(kind=OccasionKind.PIPELINE)) is not None, "what nobody knows keeps it due"


def test_contracts_of_other_names_stand_beside_each_other() -> None:
    other = needs("{id: tests, kind: test-report, of: commit}", "{id: cover, kind: coverage, of: commit}", head=OTHER)
    assert ids(placed(BANK, "bank"), placed(other, "bank/core")) == ["tests", "sast", "other/tests", "cover"]


def test_the_same_name_further_down_tightens_and_adds() -> None:
    below = needs("{id: tests, kind: test-report, of: commit, min: {cases: 9}}", "{id: c, kind: coverage, of: commit}")
    found = due_of(placed(below, "bank/core"), placed(BANK, "bank"))
    tests, sast, cover = found.needs
    assert (tests.need.at_least, tests.node) == ({"cases": 9.0}, "bank/core")
    assert (sast.node, cover.node) == ("bank", "bank/core")


def test_what_would_loosen_stands_beside_what_it_would_loosen() -> None:
    below = needs("{id: tests, kind: test-report, of: commit, min: {cases: 1}}")
    found = due_of(placed(BANK, "bank"), placed(below, "bank/core"))
    assert [(one.need.id, one.need.at_least) for one in found.needs] == [
        ("tests", {"cases": 5.0}), ("sast", {}), ("payments/tests", {"cases": 1.0}),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "fields"),
    [
        (TESTS, []),
        ("{id: tests, kind: test-report, of: commit}", []),
        ("{id: tests, kind: test-report, of: commit, min: {cases: 4}}", ["min"]),
        ("{id: tests, any: [test-report, coverage], of: commit}", ["kind"]),
        ("{id: tests, kind: test-report, of: artifact}", ["of"]),
        ("{id: tests, kind: test-report, of: commit, layer: unit}", ["layer"]),
        ("{id: tests, kind: test-report, of: commit, made_by: person}", ["made_by"]),
        ("{id: tests, kind: test-report, of: commit, unless: {rule: r, when: change.draft}}", ["unless"]),
        ("{id: sast, kind: scan.sast, of: commit, tool: [a]}", []),
        ("{id: sast, kind: scan.sast, of: commit, tool: [c]}", ["tool"]),
        ("{id: sast, kind: scan.sast, of: commit, made_by: 'source:x'}", []),
        ("{id: sast, kind: scan.sast, of: commit, made_by: source}", ["made_by"]),
        ("{id: sast, kind: scan.sast, of: commit, covers: ['src/**'], runner: [secure]}", []),
    ],
)
def test_what_loosens_is_refused(line: str, fields: list[str]) -> None:
    found = weakened([BANK], needs(line), "c.yml")
    assert [one.keyword.rpartition(":")[2] for one in found] == fields
    assert all(one.code == "loosened" and one.hint for one in found)


def test_a_contract_wide_condition_loosens_lines_that_it_says_again() -> None:
    excused = needs(TESTS, head=HEAD + "unless: {rule: draft, when: change.draft}\n")
    assert [one.code for one in weakened([BANK], excused)] == ["loosened"]
    both = due_of(placed(BANK, "bank"), placed(excused, "bank/core"))
    assert [(one.need.id, len(one.unless)) for one in both.needs] == [("tests", 0), ("sast", 0)]


def test_extending_brings_the_lines_and_says_them_tighter() -> None:
    base = needs(TESTS, head="contract: base\nowner: o\nfor: {occasion: nightly}\n")
    more = needs("{id: tests, kind: test-report, of: commit, min: {cases: 50}}", head=OTHER + "extends: base\n")
    found = due_of(placed(base, ""), placed(more, "bank"))
    assert [(one.need.id, one.need.at_least) for one in found.needs] == [("tests", {"cases": 50.0})]
    plain = needs("{id: c, kind: coverage, of: commit}", head=OTHER + "extends: base\n")
    assert ids(placed(base, ""), placed(plain, "bank")) == ["tests", "c"]


def test_a_circle_is_named_and_hangs_nothing() -> None:
    def made(name: str, extends: str) -> object:
        head = HEAD.replace("payments", name) + f"extends: {extends}\n"
        return needs(f"{{id: {name}, kind: coverage, of: commit}}", head=head)

    a, b, c = made("a", "b"), made("b", "c"), made("c", "a")
    (problem,) = weakened([b, c], a)  # type: ignore[list-item,arg-type]
    assert problem.code == "extends-circle"
    assert "a -> b -> c -> a" in str(problem)
    assert sorted(ids(*(placed(one) for one in (a, b, c)))) == ["a", "b", "c"]  # type: ignore[arg-type]
    (nowhere,) = weakened([], a)  # type: ignore[arg-type]
    assert nowhere.code == "extends-unknown"


def test_a_repository_adds_and_never_takes_away() -> None:
    own = needs("{id: tests, kind: test-report, of: commit, min: {cases: 0}}", "{id: c, kind: coverage, of: commit}")
    own = msgspec.structs.replace(own, grace_minutes=0, deadline_minutes=40_000)
    found = due_of(placed(own, "bank/core", by_repository=True), placed(BANK, "bank"))
    assert [(one.need.id, one.by_repository) for one in found.needs] == [
        ("tests", False), ("sast", False), ("payments/tests", True), ("c", True),
    ]  # fmt: skip
    assert found.needs[0].need.at_least == {"cases": 5.0}


def test_the_shortest_time_that_was_said_holds() -> None:
    slow = msgspec.structs.replace(BANK, grace_minutes=120, deadline_minutes=600)
    quick = msgspec.structs.replace(needs("{id: c, kind: coverage, of: commit}", head=OTHER), grace_minutes=60)
    assert (due_of(BANK).grace_minutes, due_of(BANK).deadline_minutes) == (30, 1440)
    found = due_of(slow, quick)
    assert (found.grace_minutes, found.deadline_minutes) == (60, 600)


def test_the_digest_is_of_what_is_due_whatever_order_it_came_in() -> None:
    other = needs("{id: c, kind: coverage, of: commit}", head=OTHER)
    one, two = due_of(placed(BANK, "bank"), placed(other)), due_of(placed(other), placed(BANK, "bank"))
    assert one == two
    assert one.digest.startswith("sha256:")
    assert due_of(BANK).digest != one.digest
