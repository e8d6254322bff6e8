"""What gates say is put down with the judgement, and told once, whatever comes between."""

from __future__ import annotations

import os
import random
import signal
import time
from itertools import pairwise
from threading import Thread
from typing import TYPE_CHECKING

import pytest
from tests.adapters.forges.forge_servers import CHANGE, COMMIT, OURS, TOKEN, Answer, ForgeServer
from tests.flow.telling_world import TellingWorld, check

from plumbline.flow.gates.telling_turn import GIVEN_UP, LEASE
from plumbline.model.contract import Slot, SlotState
from plumbline.model.gate import GateAct, Outcome
from plumbline.model.server import KnownRequest
from plumbline.model.telling import EVIDENCE, GATES
from plumbline.wiring.tellings import check_tellings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_BAD = {"gitlab": "failed", "github": "failure", "gitea": "failure"}
_OTHER = "d" * 40


@pytest.fixture(params=["gitlab", "github", "gitea"])
def forge(request: pytest.FixtureRequest) -> Iterator[ForgeServer]:
    made = ForgeServer(request.param)
    made.commits.add(_OTHER)
    yield made
    made.close()


@pytest.fixture
def world(tmp_path: Path, forge: ForgeServer) -> Iterator[TellingWorld]:
    made = TellingWorld(tmp_path / "data", forge)
    made.make()
    yield made
    made.close()


def test_a_state_and_one_comment(world: TellingWorld, forge: ForgeServer) -> None:
    world.says(Outcome.FAIL)
    assert world.tell() == 2
    world.says(Outcome.PASS)
    assert world.tell() == 2
    assert forge.states(GATES) == [_BAD[forge.kind], "success"]
    (text,) = forge.texts()
    assert "passes" in text
    assert "https://plumb.example/pipelines/3/gates" in text
    assert all(row.told == row.version and not row.due for row in world.rows())


def test_what_is_told_already_is_not_told_again(world: TellingWorld, forge: ForgeServer) -> None:
    world.says(Outcome.FAIL)
    world.tell()
    asked = len(forge.asked)
    world.says(Outcome.FAIL)
    assert world.tell() == 0
    assert len(forge.asked) == asked


def test_only_the_newest_is_told(world: TellingWorld, forge: ForgeServer) -> None:
    for outcome in (Outcome.FAIL, Outcome.NO_DATA, Outcome.ERROR, Outcome.WAIVED):
        world.says(outcome)
    world.tell()
    assert forge.states(GATES) == ["success"]
    assert "waived by two persons" in forge.texts()[0]


def test_the_worst_of_several_acts_is_the_state(world: TellingWorld, forge: ForgeServer) -> None:
    world.says(Outcome.FAIL, act=GateAct.MERGE)
    world.says(Outcome.PASS, act=GateAct.PIPELINE)
    world.tell()
    assert forge.states(GATES) == [_BAD[forge.kind]]
    assert "at merge: refused" in forge.texts()[0]
    assert "in the pipeline: passes" in forge.texts()[0]


def test_no_data_is_no_success(world: TellingWorld, forge: ForgeServer) -> None:
    world.says(Outcome.NO_DATA, waits=True)
    world.tell()
    world.says(Outcome.NO_DATA)
    world.tell()
    assert forge.states(GATES) == ["pending", _BAD[forge.kind]]


def test_a_verdict_belongs_to_a_revision(world: TellingWorld, forge: ForgeServer) -> None:
    world.says(Outcome.FAIL, pipeline=3)
    world.says(Outcome.PASS, commit=_OTHER, pipeline=4)
    world.says(Outcome.ERROR, pipeline=3)  # late news of the older commit
    world.tell()
    assert {one["sha"]: one["state"] for one in forge.statuses} == {
        COMMIT: "failed" if forge.kind == "gitlab" else "error",
        _OTHER: "success",
    }
    (text,) = forge.texts()
    assert _OTHER[:12] in text
    assert COMMIT[:12] not in text


def test_a_commit_that_wants_to_go_to_two_places_has_the_worse_state(world: TellingWorld, forge: ForgeServer) -> None:
    """That one is let through into a branch of no account says nothing of the other."""
    world.says(Outcome.FAIL)
    world.says(Outcome.PASS, change="8")
    world.tell()
    assert forge.states(GATES) == [_BAD[forge.kind]]
    closed = KnownRequest(project=world.project, number=int(CHANGE), branch="fix", own=True, is_open=False)
    with world.store.change() as tx:
        tx.merge_requests.put(closed)
    world.says(Outcome.PASS, change="8")
    world.tell()
    assert forge.states(GATES)[-1] == "success"


def test_where_nobody_asked_for_a_word_none_is_said(world: TellingWorld) -> None:
    world.says(Outcome.NO_DATA, evaluations=(), reason="no-policy")
    assert world.rows() == []


def test_a_setting_says_what_is_told(tmp_path: Path, forge: ForgeServer) -> None:
    world = TellingWorld(tmp_path / "data", forge)
    world.make(**{"forge.tell": "status"})
    world.says(Outcome.FAIL)
    world.tell()
    assert forge.states(GATES)
    assert not forge.texts()
    world.close()


def test_nothing_is_told_without_a_credential_and_all_with_one(tmp_path: Path, forge: ForgeServer) -> None:
    world = TellingWorld(tmp_path / "data", forge)
    world.make(token="")
    world.says(Outcome.FAIL)
    world.tell()
    assert forge.asked == []
    assert {row.problem for row in world.rows()} == {"forge-no-credential"}
    world.credential(TOKEN)
    world.tell()
    assert len(forge.texts()) == 1
    world.close()


def test_a_revoked_token_is_shown_once(world: TellingWorld, forge: ForgeServer) -> None:
    forge.tokens.clear()
    for turn in range(20):
        world.says(Outcome.FAIL if turn % 2 else Outcome.PASS)
        world.says(Outcome.FAIL, commit=_OTHER, change="")
        world.tell()
        world.wait(3600)
    assert len(forge.asked) == 1
    assert all(row.stopped and row.problem == "forge-token-refused" for row in world.rows())
    assert "posting" in str(check_tellings(world.store).message)
    assert check_tellings(world.store).health == "warning"
    forge.tokens["a-new-one"] = OURS
    world.credential("a-new-one")
    world.tell()
    assert forge.states(GATES)[-1:] == [_BAD[forge.kind]]
    assert len(forge.texts()) == 1
    assert check_tellings(world.store).health == "ok"


def test_a_limit_holds_for_the_whole_host(world: TellingWorld, forge: ForgeServer) -> None:
    forge.next_answers = [Answer(429, {}, {"Retry-After": "600"})]
    world.says(Outcome.FAIL)
    world.tell()
    assert len(forge.asked) == 1
    world.says(Outcome.PASS)
    world.wait(590)
    assert world.tell() == 0
    world.wait(11)
    assert world.tell() == 2
    assert forge.states(GATES) == ["success"]


def test_faults_of_the_forge_are_tried_ever_more_seldom(world: TellingWorld, forge: ForgeServer) -> None:
    forge.next_answers = [Answer(503, {})] * 1000
    world.says(Outcome.FAIL, change="")
    tries = []
    for _ in range(5):
        tries.append(world.clock())
        world.tell()
        world.late = world.rows()[0].due - time.time_ns() // 1000 + 1
    waits = [later - earlier for earlier, later in pairwise(tries)]
    assert waits[0] < waits[1] < waits[2] < waits[3] < 3601 * 1_000_000
    world.wait(GIVEN_UP / 1_000_000)
    world.tell()
    world.wait(GIVEN_UP / 1_000_000)
    assert world.tell() == 0
    assert world.rows()[0].problem == "forge-busy"
    assert len(forge.asked) == 6
    forge.next_answers = []
    world.says(Outcome.PASS, change="")
    world.tell()
    assert forge.states(GATES) == ["success"]


def test_what_is_not_there_is_given_up_alone(world: TellingWorld, forge: ForgeServer) -> None:
    world.says(Outcome.FAIL, commit="e" * 40)
    world.tell()
    assert {row.problem for row in world.rows()} == {"forge-not-found", ""}
    assert len(forge.texts()) == 1


def test_an_answer_that_was_lost(world: TellingWorld, forge: ForgeServer) -> None:
    world.says(Outcome.FAIL)
    forge.loses = 2
    for _ in range(3):
        world.tell()
        world.wait(3600)
    assert len(forge.texts()) == 1
    assert all(row.told == row.version for row in world.rows())


def test_who_comes_too_late_changes_nothing(world: TellingWorld, forge: ForgeServer) -> None:
    """The first is held up while it asks, until another has the telling and more is to be told."""

    def held_up(_: object) -> Answer:
        world.wait(LEASE / 1_000_000 + 1)
        world.says(Outcome.PASS, change="")
        world.tell("two")
        return Answer(503, {})

    world.says(Outcome.FAIL, change="")
    forge.next_answers = [held_up]
    server_lock, forge._lock = forge._lock, _NoLock()  # type: ignore[assignment]
    world.tell("one")
    forge._lock = server_lock
    (row,) = world.rows()
    assert (row.faults, row.told, row.version) == (0, 2, 2)
    assert forge.states(GATES) == ["success"]


class _NoLock:
    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...


def test_two_replicas_tell_each_once(world: TellingWorld, forge: ForgeServer) -> None:
    for number in range(6):
        forge.comments[str(number + 50)] = []
        world.says(Outcome.FAIL, change=str(number + 50))
    threads = [Thread(target=world.tell, args=(name,)) for name in ("one", "two", "three")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(forge.texts(number=str(number + 50))) for number in range(6)] == [1] * 6
    assert forge.states(GATES) == [_BAD[forge.kind]]


@pytest.mark.slow
def test_a_death_at_any_moment_leaves_one_comment(tmp_path: Path) -> None:
    """Killed while it tells, again and again; what was not told is told by the next, and nothing twice."""
    forge = ForgeServer("gitlab")
    world = TellingWorld(tmp_path / "data", forge)
    world.make()
    moments = random.Random(15)
    for turn in range(12):
        world.says(Outcome.FAIL if turn % 2 else Outcome.PASS, pipeline=turn + 3)
        child = os.fork()
        if not child:
            _tell_and_end(tmp_path, forge, world)
        time.sleep(moments.random() * 0.08)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        world.wait(LEASE / 1_000_000 + 1)
    world.tell()
    assert len(forge.texts()) == 1
    assert "refused" in forge.texts()[0]
    assert forge.states(GATES)[-1] == "failed"
    world.close()
    forge.close()


def _tell_and_end(folder: Path, forge: ForgeServer, world: TellingWorld) -> None:
    try:
        another = TellingWorld(folder / "data", forge)
        another.late = world.late
        another.tell(f"child-{os.getpid()}")
    finally:
        os._exit(0)


def test_what_is_missing_is_told_beside_it(world: TellingWorld, forge: ForgeServer) -> None:
    with world.store.change() as tx:
        collection = tx.collections.add(_collection(world.project))
    slot = Slot(need="sast", contract="release", subject=COMMIT, state=SlotState.OPEN)
    world.says(Outcome.NO_DATA, missing=(slot,), waits=True)
    world.tell()
    text = forge.texts()[0]
    assert "Static analysis" in text
    assert "the source sonar" in text
    assert "until 2026-12-01 14:00 UTC" in text
    gone = Slot(need="sast", contract="release", subject=COMMIT, state=SlotState.MISSING)
    world.says(Outcome.FAIL, missing=(gone,))
    world.tell()
    world.says(Outcome.PASS)
    world.tell()
    assert forge.states(EVIDENCE) == ["pending", _BAD[forge.kind], "success"]
    assert collection.id


def _collection(project: int):  # noqa: ANN202 - a value
    from plumbline.model.contract import Collection, DueContract, DueNeed, Need, OccasionKind, SubjectKind, Subjects
    from plumbline.model.words import Words

    need = Need(id="sast", title=Words("Static analysis", "静态分析"), kinds=("scan.sast",), of=SubjectKind.COMMIT,
                made_by=("source:sonar",))  # fmt: skip
    due = DueNeed(need=need, contract="release", version=1, node="", digest="sha256:1")
    return Collection(
        uid="c1", project=project, path="posting", occasion=OccasionKind.PIPELINE,
        subjects=Subjects(commit=COMMIT, pipeline=3), opened=1, deadline=1_796_133_600_000_000,
        due=DueContract(needs=(due,), grace_minutes=30, deadline_minutes=60),
    )  # fmt: skip


def test_a_secret_is_told_to_nobody(world: TellingWorld, forge: ForgeServer, caplog: pytest.LogCaptureFixture) -> None:
    forge.next_answers = [Answer(401, {"message": f"{TOKEN} is over"})]
    world.says(Outcome.FAIL, check(detail=TOKEN[:4]))
    world.tell()
    assert TOKEN not in caplog.text
    assert TOKEN not in "".join(map(repr, world.rows()))
