"""A node was renamed, moved or deleted: what the ledger said of it still counts for it, and for nobody else."""

from __future__ import annotations

import io
import json
import os
import subprocess
import zipfile
from dataclasses import replace

import msgspec
import pytest
from tests.evidence.ledgers import KEY
from tests.flow.assess_world import NOISE, PATH, SILVER, World, code_of, outcome_of
from tests.maturity.events import measured

from plumbline.flow.assessments import assess_ledger, exemptions, plans, records, statements
from plumbline.flow.assessments.as_called_now import as_called_now
from plumbline.flow.assessments.assess import seen_of
from plumbline.flow.assessments.replay import replay
from plumbline.flow.assessments.report import hand_out_report, view_report
from plumbline.flow.assessments.tools import scoped_events
from plumbline.flow.tree.former_names import read_moves
from plumbline.flow.tree.manage_tree import add_node, change_node
from plumbline.flow.tree.move_node import delete_node, move_node
from plumbline.flow.tree.tools import TreeTools
from plumbline.model.assessment import StepPlan
from plumbline.model.person import Role
from plumbline.model.tree import Node, NodeKind
from plumbline.wiring.assessments import Mirror, refresh_from

NEW = "acme/store"
ITEM = "ci"


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path, (*SILVER, *NOISE))
    made.tree = TreeTools(made.units, None, bytes, {}, {})
    made.ada = made.person("ada", Role.ADMIN)
    yield made
    made.store.close()


def rename(world, path=PATH, name="store", **others):
    return move_node(world.ada, world.tree, world.node(path), name=name, **others)


def delete(world, path=PATH):
    delete_node(world.ada, world.tree, world.node(path), path)


def create(world, path=PATH, kind=NodeKind.PROJECT):
    above, _, name = path.rpartition("/")
    return add_node(world.ada, world.tree, Node(id=0, kind=kind, name=name, path="", parent=world.node(above)))


def replayed(world, record):
    return replay(io.BytesIO(world.bundle(record)), [KEY.verifier], lambda _: None)


def test_the_grade_goes_with_the_node_and_not_with_the_name(world):
    assert world.level() == "silver"
    rename(world)
    assert world.level(NEW) == "silver"
    create(world)
    assert world.level(PATH) != "silver"
    assert not [one for one in scoped_events(world.store.ledger, PATH, 99) if one.scope_path == PATH]


def test_what_is_told_under_either_name_is_one_project(world):
    rename(world)
    world.append(measured("builds", 14.0, "b9", project=NEW, time=world.now - 1))
    found = [one for one in scoped_events(world.store.ledger, NEW, 99) if one.seen.what == "measurement.recorded"]
    assert {one.seen.custom["project"] for one in found if one.scope_path != "acme"} == {NEW}
    assert any(one.seen.cited.id == "b9" for one in found)


def test_an_assessment_of_before_is_the_same_afterwards(world):
    made, record = world.assess()
    rename(world)
    [now] = assess_ledger.records(world.tools, NEW)
    assert (now.path, now.subject, now.result) == (NEW, PATH, record.result)
    assert assess_ledger.assessment_of(world.tools, now).digest == made.digest
    opened = records.view_assessment(world.wang, world.tools, now.seq)
    assert opened.node == world.node(NEW)
    create(world)
    assert assess_ledger.records(world.tools, PATH) == ()
    newer, later = world.assess(NEW)
    assert (newer.scope.subject, newer.level) == (NEW, "silver")
    assert assess_ledger.compare(world.tools, now, later) == ((), ())


def test_a_file_of_an_assessment_is_computed_again_without_the_ledger(world):
    """Also where those above were renamed, and the node came from elsewhere."""
    group = create(world, "acme/fund", NodeKind.SYSTEM)
    move_node(world.ada, world.tree, world.node(PATH), parent=group.id)
    rename(world, "acme/fund", "funds")
    rename(world, "acme", "acme2")
    _, record = world.assess("acme2/funds/shop")
    found = replayed(world, record)
    assert found.same, found.differences
    assert found.computed.level == "silver"
    with zipfile.ZipFile(io.BytesIO(world.bundle(record))) as archive:
        bodies = [json.loads(json.loads(line)["body"]) for line in archive.read("events.jsonl").splitlines()]
    assert sum("node.moved" in one["context"]["type"] for one in bodies) == 3


def test_moves_of_others_are_in_no_file(world):
    rename(world, "acme/other", "another")
    _, record = world.assess()
    assert b"another" not in b"".join(one.body for one in replayed(world, record).events)


def test_what_people_said_goes_along(world):
    statement = world.attest()
    world.waive()
    plan = StepPlan(owner="Li", due="2027-01-01")
    plans.plan_step(world.wang, world.tools, world.node(), "lighthouse", ITEM, "gold", plan)
    rename(world)
    world.review(statement, path=NEW)
    [on_file] = statements.statements_on_file(world.tools, NEW)
    assert (on_file.path, on_file.decision) == (NEW, "accepted")
    [waived] = exemptions.list_exemptions(world.wang, world.tools, world.node(NEW))
    assert waived.path == NEW
    assert plans.list_plans(world.wang, world.tools, world.node(NEW), "lighthouse") == {(ITEM, "gold"): plan}
    create(world)
    assert statements.statements_on_file(world.tools, PATH) == ()
    assert exemptions.list_exemptions(world.wang, world.tools, world.node(PATH)) == ()
    assert plans.list_plans(world.wang, world.tools, world.node(PATH), "lighthouse") == {}
    assert outcome_of(world.waive, path=PATH) == "allowed"


def test_what_was_said_of_a_node_above_holds_in_the_new_place_alone(world):
    create(world, "acme/one", NodeKind.SYSTEM)
    create(world, "acme/two", NodeKind.SYSTEM)
    two = world.node("acme/two")
    move_node(world.ada, world.tree, world.node(PATH), parent=world.node("acme/one"))
    world.attest(path="acme/one")
    world.attest(path="acme/two")
    move_node(world.ada, world.tree, world.node("acme/one/shop"), parent=two)
    rename(world, "acme/two", "ten")
    assert [one.path for one in statements.statements_on_file(world.tools, "acme/ten/shop")] == ["acme/ten"]


def test_a_report_is_titled_as_its_node_is_called_now(world):
    _, record = world.assess()
    rename(world)
    create(world)
    for path, title in ((NEW, "The store"), (PATH, "Somebody else")):
        change_node(world.ada, world.tree, world.node(path), title=title)
    titles = view_report(world.wang, world.tools, record.seq).beside.titles
    assert titles[PATH] == "acme · The store"
    hand_out_report(world.wang, world.tools, record.seq, "full")
    assert b'"project":"acme/store"' in world.store.ledger.newest(1)[0].body


def test_what_is_deleted_counts_for_those_above_and_not_for_the_next_of_that_name(world):
    above = [one.seen.cited.id for one in scoped_events(world.store.ledger, "acme", 99)]
    _, record = world.assess()
    delete(world)
    create(world)
    told = [one.seen.cited.id for one in scoped_events(world.store.ledger, "acme", 999)]
    assert set(above) <= set(told)
    found = scoped_events(world.store.ledger, PATH, 999)
    assert {one.seen.what for one in found if one.scope_path == PATH} <= {"node.created"}
    assert outcome_of(records.view_assessment, world.wang, world.tools, record.seq) == "not-found"
    again = assess_ledger.record_at(world.tools, record.seq)
    assert assess_ledger.assessment_of(world.tools, again).digest == record.result


def test_it_is_not_recorded_of_a_node_that_moved_meanwhile(world):
    world.tools = replace(world.tools, refresh=lambda _: rename(world))
    size = world.store.ledger.size()
    assert code_of(world.assess) == "node-moved"
    assert world.store.ledger.size() == size + 1  # that it moved


def test_only_this_server_tells_of_moves(world):
    forged = measured("builds", 1.0, "f1")
    body = forged.body.replace(forged.type.encode(), b"dev.cdeventsx.plumbline-node.moved.0.1.0")
    world.append(msgspec.structs.replace(forged, type="dev.cdeventsx.plumbline-node.moved.0.1.0", body=body))
    assert not read_moves(world.store.ledger)
    told = [(seen_of(one.body, one.sender), one.sender) for one in world.store.ledger.read()]
    assert as_called_now(told) == [seen for seen, _ in told]


class TestRepository:
    @pytest.fixture
    def repository(self, tmp_path):
        folder = tmp_path / "repository"
        folder.mkdir()

        def git(*words):
            environment = {"GIT_AUTHOR_DATE": "2026-09-01T00:00:00Z", "GIT_COMMITTER_DATE": "2026-09-01T00:00:00Z"}
            command = ["git", "-C", str(folder), "-c", "user.name=Li", "-c", "user.email=li@bank.example", *words]
            subprocess.run(command, check=True, capture_output=True, env={**os.environ, **environment})

        git("init", "-q", "-b", "main")
        git("commit", "-q", "--allow-empty", "-m", "one")
        git("tag", "v1")
        return folder, git

    def refresh(self, world, folder, path):
        mirror = Mirror(world.node(path), path, str(folder), *read_moves(world.store.ledger).first_name(path))
        before = world.store.ledger.size()
        refresh_from(world.store, [mirror], world.now)
        return world.store.ledger.size() - before

    def test_a_commit_stays_one_event_whatever_its_project_is_called(self, world, repository):
        folder, git = repository
        assert self.refresh(world, folder, PATH) == 3
        rename(world)
        assert self.refresh(world, folder, NEW) == 0
        git("commit", "-q", "--allow-empty", "-m", "two")
        assert self.refresh(world, folder, NEW) > 0
        git("reset", "-q", "--hard", "HEAD~1")
        git("commit", "-q", "--allow-empty", "-m", "three")
        self.refresh(world, folder, NEW)
        assert [one.type for one in world.store.ledger.read() if "rewritten" in one.type]
        commits = [one for one in scoped_events(world.store.ledger, NEW, 999) if one.seen.what == "commit.observed"]
        assert {one.seen.custom["project"] for one in commits} == {NEW}
        assert len(commits) == 3

    def test_who_takes_the_name_next_shows_its_own_history_of_the_same_commits(self, world, repository):
        folder, _ = repository
        first = self.refresh(world, folder, PATH)
        delete(world)
        create(world)
        assert self.refresh(world, folder, PATH) == first
        assert self.refresh(world, folder, PATH) == 0

    def test_nothing_is_told_of_a_project_that_moved_while_it_was_looked_at(self, world, repository):
        folder, _ = repository
        mirror = Mirror(world.node(PATH), PATH, str(folder), PATH, 0)
        rename(world)
        size = world.store.ledger.size()
        assert code_of(refresh_from, world.store, [mirror], world.now) == "node-moved"
        assert world.store.ledger.size() == size
