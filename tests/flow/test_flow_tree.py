"""The tree and what is set at its nodes: who may, that everything or nothing is done, and what is recorded of it."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "adapters"))
from door_tools import House
from local_repositories import make_repository

from plumbline.access import SIGNED_OUT, use_cases
from plumbline.flow.pipelines.standings import project_standings
from plumbline.flow.tree import bind_repository as repositories
from plumbline.flow.tree.bind_repository import RepositoryBoundError
from plumbline.flow.tree.manage_tree import add_node, change_node
from plumbline.flow.tree.read_tree import find_node, list_nodes, permitted, settings_acts, view_node, where_to_add
from plumbline.flow.tree.repository_credentials import list_repository_credentials, remove_repository_credential
from plumbline.flow.tree.variables import list_variables, opened_variables, put_variable, remove_variable
from plumbline.flow.unit_of_work import actor_of
from plumbline.kernel import PlumblineError
from plumbline.model.change import Change, Project
from plumbline.model.person import Grant, Person, Role
from plumbline.model.repository_credential import RemoteScheme
from plumbline.model.server import StoredPipeline
from plumbline.model.tree import INSTANCE, Node, NodeKind, StoredVariable
from plumbline.wiring.server import OpenServer, ServerSettings

URL = "https://git.bank.example/core.git"


@pytest.fixture
def house(tmp_path):
    made = House(tmp_path / "data")
    with made.server:
        made.tree = made.tools.tree
        made.bank = made.node("bank")
        made.core = made.node("core", NodeKind.PROJECT, made.bank)
        made.cards = made.node("cards", NodeKind.PROJECT, made.bank)
        made.ada = made.standing(made.person("ada", Role.ADMIN))
        made.mei = made.standing(made.person("mei", Role.MAINTAINER, node=made.core.id))
        made.omar = made.standing(made.person("omar", Role.VIEWER, node=made.core.id))
        yield made


@contextmanager
def refused(code):
    with pytest.raises(PlumblineError) as caught:
        yield caught
    assert caught.value.code == code


def new(parent, name, kind=NodeKind.PROJECT, **fields):
    return Node(id=0, kind=kind, name=name, path="", parent=parent.id if parent else None, **fields)


def variable(node, name="KEY", **fields):
    return StoredVariable(node=node if isinstance(node, int) else node.id, name=name, sealed=b"", **fields)


def given(url=URL, **fields):
    return repositories.RepositoryWrite(kind="git", url=url, **fields)


SSH = RemoteScheme.SSH
AT_A_PROJECT = {  # what a maintainer may do at a project, and a viewer only see that it is there
    "change": lambda house, actor, node: change_node(actor, house.tree, node, title="x"),
    "archive": lambda house, actor, node: change_node(actor, house.tree, node, archived=False),
    "bind": lambda house, actor, node: repositories.bind_repository(actor, house.tree, node, given()),
    "renew": lambda house, actor, node: repositories.renew_webhook(actor, house.tree, node),
    "deliveries": lambda house, actor, node: repositories.list_deliveries(actor, house.tree, node, 5),
    "variables": lambda house, actor, node: list_variables(actor, house.tree, node),
    "put": lambda house, actor, node: put_variable(actor, house.tree, variable(node), "v"),
    "remove": lambda house, actor, node: remove_variable(actor, house.tree, node, "KEY", "*"),
    "credentials": lambda house, actor, node: list_repository_credentials(actor, house.tree, node),
    "uncredit": lambda house, actor, node: remove_repository_credential(actor, house.tree, node, SSH, "h"),
}


class TestWhoMay:
    @pytest.mark.parametrize("act", AT_A_PROJECT.values(), ids=AT_A_PROJECT)
    def test_what_one_may_not_do_is_refused_and_what_one_may_not_see_is_not_there(self, house, act):
        with refused("not-signed-in"):
            act(house, SIGNED_OUT, house.core.id)
        with refused("not-allowed"):
            act(house, house.omar, house.core.id)
        with refused("not-found") as hidden:
            act(house, house.omar, house.cards.id)
        with refused("not-found") as nowhere:
            act(house, house.ada, 10_000)
        words = str(hidden.value.message).replace(str(house.cards.id), "10000")
        assert words == str(nowhere.value.message)
        assert not house.events()

    def test_a_maintainer_sets_what_is_not_the_operators(self, house):
        assert settings_acts(house.mei, house.tree, house.core.id) == (True, False, False)
        changed = change_node(house.mei, house.tree, house.core.id, settings={"ci.timeout": 60})
        assert changed.settings == {"ci.timeout": 60}
        with refused("not-allowed") as caught:
            change_node(house.mei, house.tree, house.core.id, title="T", settings={"ci.isolation": "none"})
        assert "'ci.isolation' is set by who runs the server" in str(caught.value.message)
        with refused("not-allowed"):
            repositories.bind_repository(house.mei, house.tree, house.core.id, given("/srv/core.git"))
        with refused("not-found"):  # she sees the way to her project, and does nothing there
            add_node(house.mei, house.tree, new(house.bank, "x"))
        with refused("not-allowed"):
            change_node(house.mei, house.tree, house.core.id, archived=True)
        assert len(house.events()) == 1

    def test_what_is_offered_is_what_may_be_done(self, house):
        assert where_to_add(house.omar, house.tree) == (False, [], False)
        assert not where_to_add(house.omar, house.tree)
        assert where_to_add(house.ada, house.tree) == (True, [house.bank], True)
        li = house.standing(house.person("li", Role.MAINTAINER, node=house.bank.id))
        assert where_to_add(li, house.tree) == (False, [house.bank], False)
        change_node(house.ada, house.tree, house.bank.id, archived=True)
        assert not where_to_add(li, house.tree)
        asked = (use_cases.VIEW_NODE, use_cases.CHANGE_SETTINGS, use_cases.SEARCH_LEDGER)
        assert permitted(house.mei, house.tree, house.core.id, *asked) == (True, False, True)

    def test_one_sees_what_one_may_see_and_the_way_to_it(self, house):
        assert list_nodes(house.omar, house.tree) == [house.bank, house.core]
        assert view_node(house.omar, house.tree, house.bank.id).children == [house.core]
        assert view_node(house.ada, house.tree, house.bank.id).children == [house.cards, house.core]
        assert find_node(house.omar, house.tree, "bank") == house.bank
        with refused("not-found"):
            find_node(house.omar, house.tree, "bank/cards")
        with house.change() as tx:
            change = Change(project=Project(path="x"), sha="a" * 40, branch="main")
            for project in (house.core, house.cards):
                tx.pipelines.add(StoredPipeline(project=project.id, uid=project.name, change=change), b"", b"")
        assert list(project_standings(house.omar, house.tools.pipelines)) == [house.core.id]


class TestOneUnit:
    def test_a_project_is_added_with_its_repository_or_not_at_all(self, house):
        made = add_node(house.ada, house.tree, new(house.bank, "new"), url=URL)
        assert repositories.view_repository(house.ada, house.tree, made.id).url == URL
        for url, code in (
            (URL, "repository-bound"),
            ("nonsense", "repository-address-wrong"),
            ("https://me:secret@git.bank.example/x.git", "repository-address-password"),
        ):
            with refused(code):
                add_node(house.ada, house.tree, new(house.bank, "other"), url=url)
        li = house.standing(house.person("li", Role.MAINTAINER, node=house.bank.id))
        with refused("not-allowed"):
            add_node(li, house.tree, new(house.bank, "other"), url="/srv/core.git")
        assert [node.name for node in list_nodes(house.ada, house.tree)] == ["bank", "cards", "core", "new"]
        assert [one["path"] for one in contents(house)] == ["bank/new"] * 3

    def test_who_has_a_repository_already_is_said_to_whoever_may_see_it(self, house):
        repositories.bind_repository(house.ada, house.tree, house.cards.id, given())
        for kind in ("git", "gitlab"):  # whatever forge it is said to be at
            with pytest.raises(RepositoryBoundError, match="bank/cards has the repository") as caught:
                add_node(house.ada, house.tree, new(house.bank, "other"), url=URL, forge=kind)
            assert caught.value.node == house.cards.id
        with pytest.raises(RepositoryBoundError, match="Another project") as caught:
            repositories.bind_repository(house.mei, house.tree, house.core.id, given())
        assert caught.value.node == 0
        assert [node.name for node in list_nodes(house.ada, house.tree)] == ["bank", "cards", "core"]
        assert repositories.view_repository(house.mei, house.tree, house.core.id) is None

    def test_what_the_forms_of_pages_do_not_say_stays(self, house):
        first = given(external="bank/core", config_path="ci.yml")
        made = repositories.bind_repository(house.mei, house.tree, house.core.id, first)
        assert made.secret
        again = repositories.bind_repository(house.mei, house.tree, house.core.id, given(poll=60))
        assert (again.secret, again.binding.external, again.binding.config_path) == ("", "bank/core", "ci.yml")
        emptied = repositories.bind_repository(house.mei, house.tree, house.core.id, given(external=""))
        assert (emptied.binding.external, emptied.binding.config_path) == ("", "ci.yml")
        assert repositories.view_repository(house.omar, house.tree, house.core.id).secret == b""

    def test_the_secret_of_a_webhook_is_renewed_where_there_is_a_repository(self, house):
        with refused("not-found"):
            repositories.renew_webhook(house.mei, house.tree, house.core.id)
        first = repositories.bind_repository(house.mei, house.tree, house.core.id, given()).secret
        assert repositories.renew_webhook(house.mei, house.tree, house.core.id) not in ("", first)


def test_a_server_without_a_name_is_reached_where_it_listens(tmp_path):
    here, bare = "http://127.0.0.1:4711", tmp_path / "core.git"
    make_repository(bare)
    with OpenServer(ServerSettings(data=str(tmp_path / "data"), listens=here)) as server:
        with server.tools.units.store.change() as tx:
            ada = tx.people.add(Person(id=0, name="ada"))
            tx.grants.add(Grant(person=ada.id, node=INSTANCE, role=Role.ADMIN))
            bank = tx.tree.add(Node(id=0, kind=NodeKind.ORGANISATION, name="bank", path="bank"))
            actor = actor_of(tx, ada.id)
        tree = server.tools.tree
        made = add_node(actor, tree, new(bank, "core"))
        bound = repositories.bind_repository(actor, tree, made.id, given(str(bare)), hook_host="elsewhere")
        assert f"{here}/hooks/git/{made.id}" in Path(bound.installed).read_text()


class TestVariables:
    def put(self, house, value, **fields):
        return put_variable(house.ada, house.tree, variable(INSTANCE, **{"name": "KEY", **fields}), value)

    def test_its_value_is_nowhere_in_the_clear(self, house, tmp_path):
        self.put(house, "a very secret value", masked=True)
        self.put(house, "another secret value", masked=True)
        written = b"".join(file.read_bytes() for file in (tmp_path / "data").rglob("*") if file.is_file())
        assert b"secret value" not in written
        assert [one["key"] for one in contents(house, "variable.written")] == ["KEY", "KEY"]
        assert len(list_variables(house.ada, house.tree, INSTANCE)) == 1

    def test_those_above_hold_below_and_the_nearest_comes_last(self, house):
        for node, value in ((INSTANCE, "of all"), (house.bank.id, "of the bank"), (house.core.id, "of core")):
            put_variable(house.ada, house.tree, variable(node), value)
        put_variable(house.ada, house.tree, variable(house.cards), "of cards")
        listed = list_variables(house.mei, house.tree, house.core.id)
        assert {one.node for one in listed} == {INSTANCE, house.bank.id, house.core.id}
        found = opened_variables(house.tools.units.store, house.tools.tree.vault, house.core.id)
        assert [one.value for one in found] == ["of all", "of the bank", "of core"]
        assert remove_variable(house.mei, house.tree, house.core.id, "KEY", "*")
        assert not remove_variable(house.mei, house.tree, house.core.id, "KEY", "*")
        assert [one["node"] for one in contents(house, "variable.removed")] == ["bank/core"]

    @pytest.mark.parametrize(
        ("value", "fields", "code"),
        [
            ("v", {"name": "A-B"}, "variable-name-wrong"),
            ("v", {"name": ""}, "variable-name-wrong"),
            ("v", {"name": "A" * 256}, "variable-name-wrong"),
            ("v" * 65537, {}, "variable-too-long"),
            ("a\0b", {}, "variable-too-long"),
            ("short", {"masked": True}, "variable-not-maskable"),
            ("", {"masked": True}, "variable-not-maskable"),
            ("a\nb\nc\nd\ne", {"masked": True}, "variable-not-maskable"),
        ],
    )
    def test_what_cannot_be_kept_is_refused(self, house, value, fields, code):
        with refused(code):
            self.put(house, value, **fields)
        assert not house.events("variable")

    def test_a_masked_one_may_have_several_lines(self, house):
        assert self.put(house, "-----BEGIN KEY-----\nabc\n-----END KEY-----\n", masked=True, file=True)


def contents(house, kind=""):
    return [event["subject"]["content"] for event in house.events(kind)]
