"""People, sessions, tokens, roles, throttling, variables and the tree: one contract, both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import msgspec
import pytest

from plumbline.kernel import PlumblineError
from plumbline.model.person import ApiToken, Failures, Grant, Held, Person, Role, SavedView, Session
from plumbline.model.tree import Node, NodeKind, StoredVariable

if TYPE_CHECKING:
    from plumbline.adapters.store import Store

Refused = PlumblineError


def person(store: Store, name: str) -> Person:
    with store.change() as change:
        return change.people.add(Person(id=0, name=name, created=5))


def test_people(store: Store) -> None:
    mei, ada = person(store, "mei"), person(store, "ada")
    with store.change() as change:
        changed = msgspec.structs.replace(mei, title="梅", email="m@x", active=False, name="other", password_changed=9)
        assert change.people.save(changed)
        assert not change.people.save(Person(id=99, name="nobody"))
    with store.view() as view:
        assert view.people.get(mei.id) == msgspec.structs.replace(mei, title="梅", email="m@x", active=False)
        assert view.people.named("ada") == ada
        assert view.people.get(99) is None
        assert [found.name for found in view.people.all()] == ["ada", "mei"]
        assert view.people.count() == 2


def test_a_name_is_given_once_and_the_rest_of_the_change_is_kept_if_wanted(store: Store) -> None:
    person(store, "mei")
    with store.change() as change:
        with pytest.raises(Refused) as refused:
            change.people.add(Person(id=0, name="mei"))
        change.settings.put("after", b"1")
    assert refused.value.code == "person-exists"
    with store.view() as view:
        assert view.settings.get("after") == b"1"


def test_passwords(store: Store) -> None:
    mei = person(store, "mei")
    with store.change() as change:
        assert change.people.password(mei.id) is None
        assert change.people.set_password(mei.id, "one", 7)
        assert change.people.set_password(mei.id, "two", None)
        assert not change.people.set_password(99, "x", 1)
    with store.view() as view:
        assert view.people.password(mei.id) == "two"
        found = view.people.get(mei.id)
        assert found is not None
        assert found.password_changed == 7


def test_sessions(store: Store) -> None:
    mei, ada = person(store, "mei"), person(store, "ada")
    made = [Session(digest=bytes([n]) * 32, person=p.id, created=n, seen=n) for n, p in enumerate([mei, mei, ada, mei])]
    with store.change() as change:
        for session in made:
            change.sessions.add(session)
        change.sessions.seen(made[0].digest, 50)
        assert [s.created for s in change.sessions.of(mei.id)] == [3, 1, 0]
        assert change.sessions.of(mei.id)[-1] == msgspec.structs.replace(made[0], seen=50)
        assert change.sessions.remove(made[1].digest)
        assert not change.sessions.remove(made[1].digest)
        assert change.sessions.sweep(created_before=0, seen_before=3) == 1  # ada's
        assert change.sessions.remove_all(mei.id, but=made[3].digest) == 1
        assert change.sessions.of(mei.id) == [made[3]]


def test_tokens(store: Store) -> None:
    mei, ada = person(store, "mei"), person(store, "ada")
    made = [
        ApiToken(id=f"t{n}", digest=bytes(32), person=p.id, name="ci", scopes=("a.b", "c"), created=n, expires=99)
        for n, p in enumerate([mei, ada, mei])
    ]
    with store.change() as change:
        for token in made:
            change.tokens.add(token)
        assert change.tokens.get("t1") == made[1]
        assert change.tokens.of(mei.id) == [made[2], made[0]]
        assert len(change.tokens.of(None)) == 3
        change.tokens.used("t0", 7)
        assert change.tokens.revoke("t0", 8)
        assert not change.tokens.revoke("t0", 9)
        assert not change.tokens.revoke("t9", 9)
        assert change.tokens.get("t0") == msgspec.structs.replace(made[0], used=7, revoked=8)


def test_what_one_signs_in_with_is_read_with_whose_it_is(store: Store) -> None:
    mei, ada = person(store, "mei"), person(store, "ada")
    session = Session(digest=bytes(32), person=mei.id, created=1, seen=2)
    token = ApiToken(id="t1", digest=bytes(32), person=ada.id, name="ci", scopes=("all",), created=1, expires=9)
    grants = [Grant(person=mei.id, node=node, role=role) for node in (1, 2) for role in (Role.ADMIN, Role.AUDITOR)]
    with store.change() as change:
        change.sessions.add(session)
        change.tokens.add(token)
        for grant in reversed(grants):
            change.grants.add(grant)
        assert change.sessions.held(bytes(32)) == Held(session, mei, tuple(grants))
        assert change.tokens.held("t1") == Held(token, ada, ())
        assert change.sessions.held(b"x") is None
        assert change.tokens.held("t2") is None


def test_grants(store: Store) -> None:
    mei, ada = person(store, "mei"), person(store, "ada")
    with store.change() as change:
        first = Grant(person=mei.id, node=1, role=Role.ADMIN, by=ada.id, at=5)
        assert change.grants.add(first)
        assert not change.grants.add(msgspec.structs.replace(first, at=6))
        assert change.grants.add(Grant(person=mei.id, node=2, role=Role.AUDITOR))
        assert change.grants.add(Grant(person=ada.id, node=1, role=Role.ADMIN))
        assert change.grants.of(mei.id) == [first, Grant(person=mei.id, node=2, role=Role.AUDITOR)]
        assert {grant.person for grant in change.grants.at([1, 7])} == {mei.id, ada.id}
        assert change.grants.at([]) == []
        assert len(change.grants.having(Role.ADMIN)) == 2
        assert change.grants.remove(mei.id, 1, Role.ADMIN)
        assert not change.grants.remove(mei.id, 1, Role.ADMIN)


def test_failed_sign_ins_are_all_counted(store: Store) -> None:
    def fail(at: int) -> None:
        with store.change() as change:
            change.attempts.failed("account:mei", at)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(fail, [5] * 40))
    with store.change() as change:
        assert change.attempts.failed("account:mei", 6) == Failures(count=41, last=6)
        change.attempts.failed("address:x", 1)
        assert change.attempts.sweep(before=5) == 1
        change.attempts.clear("account:mei")
        assert change.attempts.get("account:mei") == Failures()


def test_variables(store: Store) -> None:
    made = [
        StoredVariable(node=node, name=name, sealed=b"\0sealed", scope=scope, masked=True, changed=4)
        for node, name, scope in [(0, "B", "*"), (1, "A", "prod/*"), (1, "A", "*"), (2, "A", "*")]
    ]
    with store.change() as change:
        assert all(change.variables.put(variable) for variable in made)
        assert not change.variables.put(msgspec.structs.replace(made[0], sealed=b"new"))
        made[0] = msgspec.structs.replace(made[0], sealed=b"new")
        assert change.variables.at([0, 1]) == [made[2], made[1], made[0]]
        in_order = [made[0], made[2], made[1], made[3]]
        assert change.variables.all(None, 2) == in_order[:2]
        assert change.variables.all((1, "A", "*"), 9) == in_order[2:]
        assert change.variables.reseal(made[3], b"again")
        assert not change.variables.reseal(made[3], b"twice")
        assert change.variables.remove(2, "A", "*")
        assert not change.variables.remove(2, "A", "*")


def test_settings_of_the_installation(store: Store) -> None:
    with store.change() as change:
        assert change.settings.get("a") is None
        change.settings.put("a", b"1")
        change.settings.put("a", b"2")
        assert not change.settings.remove("a", b"1")
        assert change.settings.get("a") == b"2"
        assert change.settings.remove("a", b"2")


def test_the_tree(store: Store) -> None:
    with store.change() as change:
        tree = change.tree
        bank = tree.add(Node(id=0, kind=NodeKind.ORGANISATION, name="bank", path="bank", settings={"a": [1, "二"]}))
        pay = tree.add(Node(id=0, kind=NodeKind.SYSTEM, name="pay", path="bank/pay", parent=bank.id))
        core = tree.add(Node(id=0, kind=NodeKind.PROJECT, name="core", path="bank/pay/core", parent=pay.id))
        api = tree.add(Node(id=0, kind=NodeKind.PROJECT, name="api", path="bank/pay/api", parent=pay.id))
        with pytest.raises(Refused) as refused:
            tree.add(Node(id=0, kind=NodeKind.PROJECT, name="api", path="bank/pay/api", parent=pay.id))
        assert refused.value.code == "node-exists"
        assert tree.get(bank.id) == bank
        assert tree.at("bank/pay") == pay
        assert tree.at("bank/pa") is None
        assert tree.ancestors(core.id) == [core, pay, bank]
        assert tree.ancestors(99) == []
        assert tree.children(None) == [bank]
        assert tree.children(pay.id) == [api, core]
        assert tree.all() == [bank, pay, api, core]
        assert tree.save(msgspec.structs.replace(pay, settings={"x": None}, archived=True, title="支付", path="no"))
        assert tree.get(pay.id) == msgspec.structs.replace(pay, settings={"x": None}, archived=True, title="支付")
        assert not tree.save(Node(id=99, kind=NodeKind.PROJECT, name="x", path="x"))


def test_a_view_sees_one_moment(store: Store) -> None:
    with store.view() as view:
        assert view.people.count() == 0
        person(store, "mei")
        assert view.people.count() == 0
    with store.view() as view:
        assert view.people.count() == 1


def test_stars_and_views_are_each_persons_own_and_go_with_what_they_are_about(store: Store) -> None:
    mei, ada = person(store, "mei"), person(store, "ada")
    with store.change() as change:
        made = [Node(id=0, kind=NodeKind.ORGANISATION, name=name, path=name, parent=None) for name in ("a", "b")]
        first, second = (change.tree.add(node) for node in made)
        assert change.stars.add(mei.id, second.id, 5)
        assert change.stars.add(mei.id, first.id, 6)
        assert not change.stars.add(mei.id, first.id, 7)
        assert change.stars.remove(ada.id, first.id) is False
        for name, query in (("red", "state=failed"), ("main", "ref=main"), ("red", "state=failed&ref=main")):
            change.saved_views.put(SavedView(person=mei.id, shelf="pipelines", name=name, query=query))
        assert not change.saved_views.remove(ada.id, "pipelines", "red")
    with store.view() as view:
        assert view.stars.of(mei.id) == [second.id, first.id]
        assert view.stars.of(ada.id) == []
        found = [(each.name, each.query) for each in view.saved_views.of(mei.id, "pipelines")]
        assert found == [("main", "ref=main"), ("red", "state=failed&ref=main")]
        assert view.saved_views.of(mei.id, "projects") == []
    with store.change() as change:
        assert change.stars.remove(mei.id, second.id)
        assert change.saved_views.remove(mei.id, "pipelines", "red")
    with store.view() as view:
        assert view.stars.of(mei.id) == [first.id]
