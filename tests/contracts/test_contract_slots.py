"""What fills a slot, what does not, and what is said of it."""

from __future__ import annotations

import msgspec
import pytest
from tests.contracts.told import (
    DEADLINE,
    ONE,
    OTHER_SHA,
    RUN,
    SHA,
    SUBJECTS,
    THREE,
    TWO,
    due_of,
    evidence,
    fold,
    needs,
)

from plumbline.contracts import complete, summary
from plumbline.model.contract import Condition, SlotState, Subjects

TESTS = due_of(needs("{id: tests, kind: test-report, of: commit}"))
SBOM = due_of(needs("{id: sbom, any: [sbom.cyclonedx, sbom.spdx], of: artifact, each: true}"))


@pytest.mark.parametrize(
    ("change", "state", "why"),
    [
        ({}, SlotState.FILLED, ""),
        ({"about": (("commit", OTHER_SHA),)}, SlotState.WRONG_SUBJECT, "other-subject"),
        ({"about": (("run", RUN),)}, SlotState.WRONG_SUBJECT, "no-subject"),
        ({"about": (("run", "other"), ("commit", OTHER_SHA))}, SlotState.MISSING, ""),
        ({"about": ()}, SlotState.MISSING, ""),
        ({"word": "person:ann"}, SlotState.REFUSED_ORIGIN, "word:person:ann"),
        ({"word": ""}, SlotState.REFUSED_ORIGIN, "word"),
        ({"word": "source:sonar"}, SlotState.REFUSED_ORIGIN, "word:source:sonar"),
        ({"counts": {"cases": 0, "executed": 0}}, SlotState.UNREADABLE, "too-few:executed"),
        ({"counts": {"cases": 5, "executed": float("nan")}}, SlotState.UNREADABLE, "too-few:executed"),
        ({"counts": {}}, SlotState.UNREADABLE, "too-few:executed"),
        ({"problem": "malformed"}, SlotState.UNREADABLE, "malformed"),
        ({"kind": "coverage"}, SlotState.MISSING, ""),
        ({"layer": "unit"}, SlotState.MISSING, ""),
        ({"received": DEADLINE}, SlotState.FILLED, ""),
        ({"received": DEADLINE + 1}, SlotState.FILLED_LATE, ""),
        ({"time": 1 << 60}, SlotState.FILLED, ""),
        ({"time": -(1 << 60)}, SlotState.FILLED, ""),
    ],
)
def test_one_piece(change: dict[str, object], state: SlotState, why: str) -> None:
    (slot,) = fold(TESTS, [evidence(**change)])  # type: ignore[arg-type]
    assert (slot.state, slot.why) == (state, why)
    (open_,) = fold(TESTS, [evidence(**change)], closed=False, at=100)  # type: ignore[arg-type]
    assert open_.state in ((state,) if state in (SlotState.FILLED, SlotState.FILLED_LATE) else (SlotState.OPEN,))
    assert open_.why == why


def test_nothing_came() -> None:
    assert [one.state for one in fold(TESTS, [])] == [SlotState.MISSING]
    assert [one.state for one in fold(TESTS, [], closed=False, at=100)] == [SlotState.OPEN]
    assert not complete(fold(TESTS, []))
    assert not complete(())


def test_a_slot_for_each_artifact() -> None:
    subjects = msgspec.structs.replace(SUBJECTS, artifacts=(ONE, TWO, THREE))
    found = fold(SBOM, [evidence("sbom.spdx", about=[("artifact", ONE), ("artifact", TWO)])], subjects)
    assert [(one.id, one.state) for one in found] == [
        (f"sbom:{ONE}", SlotState.FILLED),
        (f"sbom:{TWO}", SlotState.FILLED),
        (f"sbom:{THREE}", SlotState.MISSING),
    ]


def test_where_no_artifact_is_known_one_slot_is_missing() -> None:
    subjects = msgspec.structs.replace(SUBJECTS, artifacts=())
    (slot,) = fold(SBOM, [evidence("sbom.spdx", about=[("artifact", ONE)])], subjects)
    assert (slot.subject, slot.state, slot.why) == ("", SlotState.WRONG_SUBJECT, "other-subject")
    assert fold(SBOM, [], subjects)[0].state is SlotState.MISSING


def test_any_of_several_artifacts_where_not_each_is_due() -> None:
    line = due_of(needs("{id: sbom, kind: sbom.spdx, of: artifact}"))
    subjects = msgspec.structs.replace(SUBJECTS, artifacts=(ONE, TWO))
    (slot,) = fold(line, [evidence("sbom.spdx", about=[("artifact", TWO)])], subjects)
    assert (slot.subject, slot.state) == ("", SlotState.FILLED)


def test_every_good_piece_is_listed_and_bad_ones_after_them() -> None:
    found = [evidence(event="bad", problem="x"), evidence(event="late", received=DEADLINE + 1), evidence(event="b"),
             evidence(event="a")]  # fmt: skip
    (slot,) = fold(TESTS, found)
    assert slot.evidence == ("b", "a", "late", "bad")
    assert slot.word == "own"


def test_the_same_bytes_twice_are_one_piece_and_do_not_hide_a_better_word() -> None:
    first = evidence(event="first", digest=ONE, word="person:ann")
    again = [evidence(event=f"again{number}", digest=ONE) for number in range(3)]
    (slot,) = fold(TESTS, [first, *again])
    assert (slot.state, slot.evidence) == (SlotState.FILLED, ("again0", "first"))


def test_superseding_takes_the_same_source_and_subject_and_something_good() -> None:
    old = evidence(event="old", source="s")
    good = evidence(event="new", source="s", supersedes="old")
    assert fold(TESTS, [old, good])[0].evidence == ("new",)
    for other in (
        evidence(event="new", source="other", supersedes="old"),
        evidence(event="new", source="s", supersedes="old", problem="empty"),
        evidence(event="new", source="s", supersedes="old", about=[("commit", SHA), ("artifact", ONE)]),
        evidence(event="new", source="s", supersedes="old", received=DEADLINE + 1),
    ):
        (slot,) = fold(TESTS, [old, other])
        assert (slot.state, slot.evidence[0]) == (SlotState.FILLED, "old")


def test_what_was_taken_back_is_gone_and_later_it_stood_until_then() -> None:
    line = due_of(needs("{id: ok, kind: change.approved, of: change, made_by: forge}"))
    about = [("change", "7"), ("commit", SHA)]
    given = evidence("change.approved", about=about, word="forge:gitlab", tool="ann", seq=1)
    back = evidence("change.approved", about=about, word="forge:gitlab", tool="ann", seq=2, problem="taken-back")
    assert fold(line, [given])[0].state is SlotState.FILLED
    assert fold(line, [back, given])[0].state is SlotState.MISSING
    assert fold(line, [msgspec.structs.replace(back, tool="bob"), given])[0].state is SlotState.FILLED
    assert fold(line, [msgspec.structs.replace(back, received=DEADLINE + 1), given])[0].state is SlotState.FILLED
    again = msgspec.structs.replace(given, seq=3, event="again")
    assert fold(line, [given, back, again])[0].evidence == ("again",)


def test_what_was_taken_back_stays_so_whichever_came_first() -> None:
    line = due_of(needs("{id: ok, kind: change.approved, of: change, made_by: forge}"))
    said = {"word": "forge:gitlab", "tool": "ann"}
    about, other = [("change", "7"), ("commit", SHA)], [("change", "7"), ("commit", OTHER_SHA)]
    given = evidence("change.approved", about=about, seq=5, time=100, **said)
    back = evidence("change.approved", about=about, seq=4, time=200, problem="taken-back", **said)
    assert fold(line, [back, given])[0].state is SlotState.MISSING  # the approval was delivered late
    later = msgspec.structs.replace(given, time=300, event="later")
    assert fold(line, [back, given, later])[0].evidence == ("later",)
    elsewhere = evidence("change.approved", about=other, seq=6, time=200, problem="taken-back", **said)
    assert fold(line, [given, elsewhere])[0].state is SlotState.MISSING
    of_another = msgspec.structs.replace(elsewhere, about=(("change", "8"), ("commit", SHA)))
    assert fold(line, [given, of_another])[0].state is SlotState.FILLED


def test_a_review_of_an_older_revision_is_none_of_this_one() -> None:
    line = due_of(needs("{id: review, kind: change.reviewed, of: change, made_by: forge}"))
    old = evidence("change.reviewed", about=[("change", "7"), ("commit", OTHER_SHA)], word="forge:gitlab")
    assert [(one.state, one.why) for one in fold(line, [old])] == [(SlotState.WRONG_SUBJECT, "other-revision")]


def test_tools_runners_scope_and_layers() -> None:
    tool = due_of(needs("{id: t, kind: test-report, of: commit, tool: [jest, vitest]}"))
    assert fold(tool, [evidence(tool="mocha")])[0].why == "other-tool"
    assert fold(tool, [evidence(tool="jest")])[0].state is SlotState.FILLED
    runner = due_of(needs("{id: t, kind: test-report, of: commit, runner: [secure]}"))
    assert fold(runner, [evidence()])[0].state is SlotState.REFUSED_ORIGIN
    assert fold(runner, [evidence(runners=("secure", "linux"))])[0].state is SlotState.FILLED
    scope = due_of(needs("{id: t, kind: scan.sast, of: commit, covers: ['src/**', 'web/**']}"))
    assert fold(scope, [evidence("scan.sast", covers=("src/a.py",))])[0].why == "not-covered"
    assert fold(scope, [evidence("scan.sast", covers=("src/a.py", "web/"))])[0].state is SlotState.FILLED
    assert fold(scope, [evidence("scan.sast", covers=("./",))])[0].state is SlotState.FILLED
    layer = due_of(needs("{id: t, kind: test-report, of: commit, layer: interface}"))
    assert fold(layer, [evidence(layer="unit")])[0].state is SlotState.MISSING
    assert fold(layer, [evidence(layer="interface")])[0].state is SlotState.FILLED


def test_conditions_and_waivers() -> None:
    line = due_of(needs("{id: t, kind: test-report, of: commit, unless: {rule: draft, when: change.draft}}"))
    when = "change.draft"
    holds, not_, unknown = (Condition(when=when, result=one) for one in (True, False, None))
    assert fold(line, [], conditions={when: holds})[0].state is SlotState.NOT_APPLICABLE
    assert fold(line, [], conditions={when: holds})[0].rule == "draft"
    assert fold(line, [evidence()], conditions={when: holds})[0].state is SlotState.FILLED
    assert fold(line, [], conditions={when: not_})[0].state is SlotState.MISSING
    assert [(one.state, one.why) for one in fold(line, [], conditions={when: unknown})] == [
        (SlotState.MISSING, "condition-unknown")
    ]
    (slot,) = fold(line, [evidence(problem="empty")], waived={"t": "w1"})
    assert (slot.state, slot.rule, slot.why) == (SlotState.WAIVED, "w1", "empty")
    assert fold(line, [], waived={f"t:{SHA}": "w1"})[0].state is SlotState.WAIVED
    assert fold(line, [], waived={"other": "w1"})[0].state is SlotState.MISSING
    assert fold(line, [evidence()], waived={"t": "w1"})[0].state is SlotState.FILLED


def test_the_summary_names_every_state() -> None:
    found = fold(due_of(needs("{id: a, kind: test-report, of: commit}", "{id: b, kind: coverage, of: commit}")),
                 [evidence()])  # fmt: skip
    counts = summary(found)
    assert set(counts) == set(SlotState)
    assert sum(counts.values()) == len(found) == 2
    assert counts[SlotState.FILLED] == counts[SlotState.MISSING] == 1


def test_nothing_known_of_the_subject() -> None:
    (slot,) = fold(TESTS, [evidence()], Subjects(run=RUN))
    assert (slot.id, slot.state) == ("tests", SlotState.WRONG_SUBJECT)
