"""A node gets another name, stands elsewhere, goes: what names it follows, and the ledger tells it."""

from __future__ import annotations

import msgspec
import pytest
from tests.flow.test_flow_tree import given, new, refused, variable

from plumbline.access import SIGNED_OUT
from plumbline.adapters.data_folder import LocalDataFolder
from plumbline.evidence import timestamp
from plumbline.evidence.vocabulary import own_operations
from plumbline.flow.ledger.find_entries import list_entries
from plumbline.flow.ledger.prove_entry import view_entry
from plumbline.flow.sources.register import register_source
from plumbline.flow.storage.cleanup import Cleanup, CleanupTools
from plumbline.flow.tree.bind_repository import bind_repository
from plumbline.flow.tree.manage_tree import add_node, change_node
from plumbline.flow.tree.move_node import delete_node, move_node
from plumbline.flow.tree.read_tree import find_node
from plumbline.flow.tree.variables import list_variables, put_variable
from plumbline.model.change import Change, Project
from plumbline.model.event import EntryFilter
from plumbline.model.job import State
from plumbline.model.keeping import KeptArtifacts
from plumbline.model.person import Grant, Role
from plumbline.model.server import StoredJob, StoredPipeline
from plumbline.model.source import Source
from plumbline.model.tree import INSTANCE, LONGEST_PATH, NodeKind

LINE, SYSTEM, PROJECT = NodeKind.PRODUCT_LINE, NodeKind.SYSTEM, NodeKind.PROJECT


@pytest.fixture
def bank(house):
    house.tree = house.tools.tree
    house.bank = house.node("bank")
    house.retail = house.node("retail", LINE, house.bank)
    house.pay = house.node("pay", SYSTEM, house.retail)
    house.core = house.node("core", PROJECT, house.pay)
    house.loans = house.node("loans", LINE, house.bank)
    house.ada = house.standing(house.person("ada", Role.ADMIN))
    house.mei = house.standing(house.person("mei", Role.MAINTAINER, node=house.pay.id))
    house.omar = house.standing(house.person("omar", Role.VIEWER, node=house.pay.id))
    return house


def move(house, node, actor=None, **wanted):
    return move_node(actor or house.ada, house.tree, node.id, **wanted)


def delete(house, node, actor=None, path=""):
    delete_node(actor or house.ada, house.tree, node.id, path or node.path)


def paths(house):
    with house.view() as tx:
        return {node.id: node.path for node in tx.tree.all()}


def pipeline(house, node, state=State.SUCCESS):
    """With one job that printed something and left artifacts."""
    with house.change() as tx:
        change = Change(project=Project(path=paths(house)[node.id]), sha="a" * 40, branch="main")
        made = tx.pipelines.add(
            StoredPipeline(project=node.id, uid=f"p{node.id}", change=change, state=state), b"", b""
        )
        [job] = tx.jobs.add([StoredJob(pipeline=made.id, name="test", stage="test", state=state, started=1)])
        tx.keeping.add(KeptArtifacts(job=job.id, project=node.id, pipeline=made.id, size=7, ended=1))
        return made, job


class TestMoving:
    def test_a_new_name_goes_down_the_tree_and_is_told_once(self, bank):
        after = move(bank, bank.retail, name="private", was="bank/retail")
        assert (after.path, after.name, after.id) == ("bank/private", "private", bank.retail.id)
        assert set(paths(bank).values()) == {
            "bank", "bank/private", "bank/private/pay", "bank/private/pay/core", "bank/loans",
        }  # fmt: skip
        [told] = bank.events("node.moved")
        assert told["subject"]["content"] == {"path": "bank/retail", "to": "bank/private", "by": "ada"}
        assert move(bank, bank.retail, name="private") == after
        assert len(bank.events("node.moved")) == 1

    def test_another_place_changes_who_may(self, bank):
        with bank.change() as tx:
            tx.grants.add(Grant(person=bank.omar.person.id, node=bank.loans.id, role=Role.MAINTAINER))
            tx.grants.add(Grant(person=bank.mei.person.id, node=bank.retail.id, role=Role.VIEWER))
        li = bank.standing(bank.person("li", Role.MAINTAINER, node=bank.retail.id))
        omar = bank.standing(bank.omar.person)
        change_node(li, bank.tree, bank.core.id, title="Core")
        with refused("not-allowed"):
            change_node(omar, bank.tree, bank.core.id, title="Mine")
        assert move(bank, bank.pay, parent=bank.loans.id).path == "bank/loans/pay"
        with refused("not-found"):
            change_node(li, bank.tree, bank.core.id, title="Core 2")
        assert change_node(omar, bank.tree, bank.core.id, title="Mine").path == "bank/loans/pay/core"

    def test_both_at_once(self, bank):
        house_of = bank.node("pay", SYSTEM, bank.loans)
        with refused("node-exists"):
            move(bank, bank.pay, parent=bank.loans.id)
        assert move(bank, bank.pay, parent=bank.loans.id, name="pay2").path == "bank/loans/pay2"
        assert paths(bank)[house_of.id] == "bank/loans/pay"

    def test_only_capitals(self, bank):
        assert move(bank, bank.pay, name="Pay").path == "bank/retail/Pay"
        other = bank.node("cards", SYSTEM, bank.retail)
        with refused("node-exists") as caught:
            move(bank, other, name="PAY")
        assert "capitals" in str(caught.value.hint)

    @pytest.mark.parametrize(
        ("wanted", "code"),
        [
            ({"name": "a/b"}, "node-name-wrong"),
            ({"name": "x.git"}, "node-name-wrong"),
            ({"name": "支付"}, "node-name-wrong"),
            ({"name": "pay\u202e"}, "node-name-wrong"),
            ({"name": "😀"}, "node-name-wrong"),
            ({"name": "x" * (LONGEST_PATH - 11)}, "node-path-too-long"),  # there is room for itself, not for `core`
            ({"name": "x" * LONGEST_PATH}, "node-path-too-long"),
            ({"parent": 10_000}, "not-found"),
            ({"parent": INSTANCE}, "not-found"),
            ({"was": "bank/retail/payments", "name": "p"}, "node-moved"),
        ],
    )
    def test_what_cannot_be_is_refused(self, bank, wanted, code):
        with refused(code):
            move(bank, bank.pay, **wanted)
        assert not bank.events()
        assert paths(bank)[bank.pay.id] == "bank/retail/pay"

    def test_never_below_itself_nor_below_what_cannot_hold_it(self, bank):
        for node, parent in ((bank.retail, bank.retail), (bank.retail, bank.pay), (bank.retail, bank.core),
                             (bank.loans, bank.pay), (bank.pay, bank.core), (bank.bank, bank.loans)):  # fmt: skip
            with refused("node-misplaced"):
                move(bank, node, parent=parent.id)

    def test_a_branch_of_sixty_levels(self, bank):
        deep = house_of = bank.node("b", NodeKind.BRANCH, bank.bank)
        for _ in range(58):
            deep = bank.node("b", NodeKind.BRANCH, deep)
        with refused("node-misplaced"):
            move(bank, house_of, parent=deep.id)
        assert move(bank, house_of, name="branch").path == "bank/branch"
        assert paths(bank)[deep.id] == "bank/branch" + "/b" * 58
        assert len(bank.line(deep)) == 60

    def test_who_may(self, bank):
        with refused("not-signed-in"):
            move(bank, bank.core, SIGNED_OUT, name="x")
        with refused("not-allowed"):
            move(bank, bank.core, bank.omar, name="x")
        with refused("not-found"):
            move(bank, bank.loans, bank.mei, name="x")
        with refused("not-allowed"):  # a project is hers to rename, not what stands above it
            move(bank, bank.pay, bank.mei, name="x")
        assert move(bank, bank.core, bank.mei, name="kernel").path == "bank/retail/pay/kernel"
        there = bank.standing(bank.person("wu", Role.ADMIN, node=bank.retail.id))
        with refused("not-found"):
            move(bank, bank.pay, there, parent=bank.loans.id)
        change_node(bank.ada, bank.tree, bank.loans.id, archived=True)
        with refused("not-allowed"):
            move(bank, bank.pay, parent=bank.loans.id)

    def test_two_at_once_are_not_both_done(self, bank):
        move(bank, bank.pay, name="one", was="bank/retail/pay")
        with refused("node-moved") as caught:
            move(bank, bank.pay, name="two", was="bank/retail/pay")
        assert "bank/retail/one" in str(caught.value.message)
        with bank.change() as tx:
            assert not tx.tree.move(bank.pay, msgspec.structs.replace(bank.pay, path="bank/retail/x", name="x"))

    def test_an_old_path_says_where_it_is_to_who_may_see_that(self, bank):
        move(bank, bank.pay, name="payments")
        with refused("not-found") as caught:
            find_node(bank.mei, bank.tree, "bank/retail/pay/core")
        assert "is at bank/retail/payments/core" in str(caught.value.message)
        stranger = bank.standing(bank.person("eve", Role.VIEWER, node=bank.loans.id))
        with refused("not-found") as caught:
            find_node(stranger, bank.tree, "bank/retail/pay/core")
        assert "payments" not in str(caught.value.message)
        again = add_node(bank.ada, bank.tree, new(bank.retail, "pay", SYSTEM))
        assert find_node(bank.ada, bank.tree, "bank/retail/pay") == again

    def test_pipelines_go_on_under_the_new_name(self, bank):
        made, _ = pipeline(bank, bank.core)
        move(bank, bank.retail, name="private")
        with bank.view() as tx:
            assert tx.pipelines.get(made.id).change.project.path == "bank/private/pay/core"
            assert [one.change.project.path for one in tx.pipelines.newest(1, projects=[bank.core.id])] == [
                "bank/private/pay/core"
            ]

    def test_what_names_a_path_follows_and_who_has_the_name_next_is_not_let_in(self, bank):
        key = "ci.accessible_from"
        change_node(bank.ada, bank.tree, bank.loans.id, settings={key: ["bank/retail/pay/core", "/bank/loans/"]})
        tools = bank.tools.sources
        mapped = {"CORE": "bank/retail/pay/core", "L": "bank/loans"}
        source = register_source(bank.ada, tools, Source(name="sonar", node=bank.bank.id, projects=mapped)).source
        move(bank, bank.pay, name="payments")
        with bank.view() as tx:
            assert tx.tree.get(bank.loans.id).settings == {key: ["bank/retail/payments/core", "bank/loans"]}
            found = tx.sources.get(source.id)
        assert found.projects == {"CORE": "bank/retail/payments/core", "L": "bank/loans"}
        assert found.version > source.version  # so that what it may speak about is looked up anew
        [changed] = bank.events("source.changed")
        assert changed["subject"]["content"]["projects"]["CORE"] == "bank/retail/payments/core"
        assert bank.events("node.changed")[-1]["subject"]["content"]["settings"][0]["key"] == key
        delete(bank, bank.core, path="bank/retail/payments/core")
        with bank.view() as tx:
            assert tx.tree.get(bank.loans.id).settings == {key: ["bank/loans"]}
            assert tx.sources.get(source.id).projects == {"L": "bank/loans"}


class TestDeleting:
    def test_it_goes_with_all_that_is_its_own(self, bank):
        made, job = pipeline(bank, bank.core)
        bind_repository(bank.ada, bank.tree, bank.core.id, given())
        put_variable(bank.ada, bank.tree, variable(bank.core), "a value")
        with bank.change() as tx:
            tx.grants.add(Grant(person=bank.omar.person.id, node=bank.core.id, role=Role.DEVELOPER))
        source = register_source(bank.ada, bank.tools.sources, Source(name="sonar", node=bank.core.id)).source
        delete(bank, bank.core)
        assert bank.core.id not in paths(bank)
        with bank.view() as tx:
            assert tx.pipelines.get(made.id) is None
            assert tx.bindings.get(bank.core.id) is None
            assert not tx.variables.at([bank.core.id])
            assert not tx.grants.at([bank.core.id])
            assert {(one.kind, one.name, one.size) for one in tx.keeping.due(bank.now, 9)} == {
                ("logs", f"{made.id}/{job.id}", 0),
                ("artifacts", f"{job.id}", 7),
            }
            kept = tx.sources.get(source.id)
            assert (kept.node, bool(kept.revoked), kept.digest) == (bank.pay.id, True, b"")
        told = [event["context"]["type"].split(".")[2:4] for event in bank.events()][-4:]
        assert told == [["plumbline-role", "revoked"], ["plumbline-variable", "removed"],
                        ["plumbline-source", "revoked"], ["plumbline-node", "deleted"]]  # fmt: skip
        [gone] = bank.events("node.deleted")
        assert gone["subject"]["content"] == {
            "kind": "project", "path": "bank/retail/pay/core", "by": "ada", "pipelines": 1,
        }  # fmt: skip
        again = add_node(bank.ada, bank.tree, new(bank.pay, "core"))
        assert again.id != bank.core.id
        assert list_variables(bank.ada, bank.tree, again.id) == []

    def test_only_what_is_empty_and_at_rest(self, bank):
        with refused("node-not-empty"):
            delete(bank, bank.pay)
        made, _ = pipeline(bank, bank.core, State.RUNNING)
        with refused("node-busy"):
            delete(bank, bank.core)
        with refused("node-moved"):
            delete(bank, bank.core, path="bank/retail/pay/kernel")
        assert not bank.events()
        with bank.view() as tx:
            assert tx.pipelines.get(made.id) is not None

    def test_who_may(self, bank):
        wu = bank.standing(bank.person("wu", Role.ADMIN, node=bank.pay.id))
        with refused("not-signed-in"):
            delete(bank, bank.core, SIGNED_OUT)
        for actor in (bank.omar, bank.mei, wu):
            with refused("not-allowed"):
                delete(bank, bank.core, actor)
        with refused("not-found"):
            delete_node(bank.ada, bank.tree, 10_000, "x")
        change_node(bank.ada, bank.tree, bank.core.id, archived=True)
        delete(bank, bank.core)

    def test_its_files_go_with_the_next_round(self, bank, tmp_path):
        data = tmp_path / "data"
        for node in (bank.core.id, bank.pay.id):
            (data / "caches" / str(node)).mkdir(parents=True)
            (data / "mirrors" / f"{node}.git").mkdir(parents=True)
            (data / "hooks").mkdir(exist_ok=True)
            (data / "hooks" / f"{node}.secret").write_text("x")
        pipeline(bank, bank.core)
        delete(bank, bank.core)
        tools = CleanupTools(bank.tools.units.store, bank.tools.pipelines, LocalDataFolder(str(data)), "here")
        for _ in Cleanup(tools).round():
            pass
        for kind in ("caches", "mirrors", "hooks"):
            assert [one.name.partition(".")[0] for one in (data / kind).iterdir() if one.name[0] != "."] == [
                str(bank.pay.id)
            ]
        with bank.view() as tx:
            assert not tx.keeping.due(bank.now, 9)


def test_half_a_move_is_none(bank, monkeypatch):
    def dies(*_):
        raise ZeroDivisionError

    monkeypatch.setattr("plumbline.flow.tree.move_node._follow", dies)
    before = paths(bank)
    for act in (lambda: move(bank, bank.pay, name="x"), lambda: delete(bank, bank.core)):
        with pytest.raises(ZeroDivisionError):
            act()
    assert paths(bank) == before
    assert not bank.events()


class TestLedger:
    """What is seen of the ledger goes along as well."""

    def seen(self, bank, actor, scope=""):
        tools = bank.tools.ledger
        found = list_entries(actor, tools, EntryFilter(scope=scope), 50, newest=True).found.entries
        assert all(view_entry(actor, tools, one.seq) for one in found)
        return [one.subject for one in found]

    def tell(self, bank, path, name):
        content = own_operations.ReportMade(template=name, data_as_of=timestamp(1), person="ada")
        with bank.change() as tx:
            bank.moment.record(tx, name, content, path)

    def test_whoever_reads_at_a_node_reads_what_was_told_under_its_former_names(self, bank):
        self.tell(bank, "bank/retail/pay/core", "old")
        self.tell(bank, "bank/loans", "others")
        move(bank, bank.pay, name="payments")
        self.tell(bank, "bank/retail/payments/core", "new")
        moved = "bank/retail/pay"
        assert self.seen(bank, bank.mei) == ["new", moved, "old"]
        assert self.seen(bank, bank.mei, "bank/retail/payments/core") == ["new", "old"]
        assert self.seen(bank, bank.ada, "bank/retail/payments") == ["new", moved, "old"]

    def test_whoever_has_the_name_next_sees_nothing_of_before(self, bank):
        self.tell(bank, "bank/retail/pay/core", "old")
        delete(bank, bank.core)
        again = add_node(bank.ada, bank.tree, new(bank.pay, "core"))
        li = bank.standing(bank.person("li", Role.MAINTAINER, node=again.id))
        assert self.seen(bank, li) == ["bank/retail/pay/core"]  # that it was created
        old = next(one.seq for one in bank.tools.ledger.ledger.read() if one.subject == "old")
        with refused("not-found"):
            view_entry(li, bank.tools.ledger, old)
        assert "old" in self.seen(bank, bank.mei)  # of the node above
        assert "old" in self.seen(bank, bank.ada, "bank/retail/pay/core")  # what the path was, to who sees all

    def test_what_moved_away_is_no_longer_seen_from_where_it_was(self, bank):
        self.tell(bank, "bank/retail/pay/core", "old")
        li = bank.standing(bank.person("li", Role.MAINTAINER, node=bank.retail.id))
        assert "old" in self.seen(bank, li)
        move(bank, bank.pay, parent=bank.loans.id)
        assert "old" not in self.seen(bank, li)
        assert "old" in self.seen(bank, bank.mei)
