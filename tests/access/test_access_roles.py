"""The matrix of roles and permissions, and how roles come down the tree."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from plumbline.access import (
    READING,
    ROLES,
    Actor,
    Permission,
    allowed,
    allows,
    effective_permissions,
    effective_roles,
    granted,
    may,
)
from plumbline.access.use_cases import USE_CASES
from plumbline.kernel import LANGUAGES
from plumbline.model.person import EVERY_SCOPE, Grant, Person, Role
from plumbline.model.tree import INSTANCE, Node, NodeKind

MATRIX = yaml.safe_load((Path(__file__).parents[1] / "cases" / "access" / "roles.yml").read_text())
LETTERS = dict(zip("vdmrsoauA", Role, strict=True))

BANK = Node(id=1, kind=NodeKind.ORGANISATION, name="bank", path="bank")
CARDS = Node(id=2, kind=NodeKind.SYSTEM, name="cards", path="bank/cards", parent=1)
CORE = Node(id=3, kind=NodeKind.PROJECT, name="core", path="bank/cards/core", parent=2)
LOANS = Node(id=4, kind=NodeKind.SYSTEM, name="loans", path="bank/loans", parent=1)
LINE = (CORE, CARDS, BANK)
MEI = Person(id=7, name="mei")


def standing(*grants: tuple[int, Role], scopes: frozenset[str] | None = None, active: bool = True) -> Actor:
    person = Person(id=7, name="mei", active=active)
    return Actor(person, tuple(Grant(person=7, node=node, role=role) for node, role in grants), scopes)


def test_the_matrix_names_every_permission_and_no_other():
    assert set(MATRIX) == {permission.value for permission in Permission}


@pytest.mark.parametrize("role", Role)
def test_a_role_may_do_what_the_matrix_says(role):
    expected = {name for name, letters in MATRIX.items() if role in {LETTERS[letter] for letter in letters}}
    allowed = {permission.value for permission in Permission if may(standing((3, role)), permission, LINE)}
    assert allowed == expected


def test_an_auditor_reads_everything_and_writes_nothing():
    allowed = effective_permissions(standing((INSTANCE, Role.AUDITOR)), LINE)
    assert allowed == READING
    assert not any(permission.value.endswith((".write", ".manage", ".run", ".grant")) for permission in allowed)


def test_every_permission_is_asked_for_by_something():
    """A role that lists what nothing asks for promises what is not there."""
    asked = {one.permission for one in USE_CASES.values()} | {
        also.permission for one in USE_CASES.values() for also in one.also
    }
    kept = {Permission.RUNNER_MANAGE}  # a fact asks who has it
    assert set(Permission) - kept <= asked
    assert not kept & asked


@pytest.mark.parametrize(
    ("node", "line", "allowed"),
    [
        (3, LINE, True),  # granted at the project itself
        (2, LINE, True),  # at the system above
        (1, LINE, True),  # at the top
        (INSTANCE, LINE, True),  # for the installation
        (4, LINE, False),  # at a neighbour
        (3, (CARDS, BANK), False),  # below what is asked for
        (1, (), False),  # one organisation is not the installation
        (INSTANCE, (), True),
    ],
)
def test_a_grant_holds_at_its_node_and_below(node, line, allowed):
    assert bool(may(standing((node, Role.DEVELOPER)), Permission.PIPELINE_RUN, line)) is allowed


def test_roles_add_up_and_the_nearest_grant_is_named():
    person = standing((1, Role.MAINTAINER), (2, Role.OPERATOR), (3, Role.DEVELOPER))
    assert effective_roles(person.grants, LINE) == (Role.DEVELOPER, Role.MAINTAINER, Role.OPERATOR)
    decision = may(person, Permission.PIPELINE_RUN, LINE)
    assert decision.grant == person.grants[2]
    assert str(decision.reason) == "mei is developer at 'bank/cards/core'"
    above = may(person, Permission.VARIABLE_WRITE, LINE)
    assert above.grant == person.grants[0]
    assert str(above.reason) == "mei is maintainer at 'bank'"


def test_a_refusal_says_what_one_is_and_what_one_would_have_to_be():
    refused = may(standing((1, Role.ADMIN)), Permission.STATEMENT_REVIEW, LINE)
    assert not refused
    assert refused.grant is None
    assert str(refused.reason) == (
        "mei is administrator at 'bank/cards/core'; 'statement.review' (accept or reject statements of others) is for: "
        "maintainer, security, assessor"
    )
    stranger = may(standing((4, Role.ADMIN)), Permission.PROJECT_VIEW, LINE)
    assert str(stranger.reason).startswith("mei has no role at 'bank/cards/core'; ")


def test_who_is_switched_off_may_nothing():
    assert not effective_permissions(standing((INSTANCE, Role.ADMIN), active=False), LINE)


def test_scopes_narrow_and_never_widen():
    narrow = standing((1, Role.DEVELOPER), scopes=frozenset({"pipeline.run", "statement.review"}))
    assert effective_permissions(narrow, LINE) == {Permission.PIPELINE_RUN}
    assert "scope 'job.play'" in str(may(narrow, Permission.JOB_PLAY, LINE).reason)
    whole = standing((1, Role.DEVELOPER), scopes=frozenset({EVERY_SCOPE}))
    assert effective_permissions(whole, LINE) == ROLES[Role.DEVELOPER].permissions
    assert not effective_permissions(standing((1, Role.ADMIN), scopes=frozenset()), LINE)


def test_below_an_archived_node_there_is_only_reading_and_taking_it_back():
    old = (CORE, Node(id=2, kind=NodeKind.SYSTEM, name="cards", path="bank/cards", parent=1, archived=True), BANK)
    allowed = effective_permissions(standing((INSTANCE, Role.ADMIN)), old)
    assert {permission for permission in allowed if not permission.reads} == {Permission.PROJECT_ARCHIVE}
    assert "'bank/cards' is archived" in str(may(standing((INSTANCE, Role.ADMIN)), Permission.PIPELINE_RUN, old).reason)


@pytest.mark.parametrize("permission", Permission)
def test_every_permission_says_what_it_is_and_someone_has_it(permission):
    assert all(permission.meaning.render(language) for language in LANGUAGES)
    assert any(permission in spec.permissions for spec in ROLES.values())


def test_every_role_has_its_specification():
    assert list(ROLES) == list(Role)


@st.composite
def trees(draw):
    """Nodes with parents first."""
    nodes = []
    for number in range(1, draw(st.integers(1, 9)) + 1):
        parent = draw(st.sampled_from([None, *nodes]))
        path = f"{parent.path}/n{number}" if parent else f"n{number}"
        archived = draw(st.booleans())
        nodes.append(
            Node(id=number, kind=NodeKind.SYSTEM, name=path, path=path, parent=parent and parent.id, archived=archived)
        )
    return nodes


def line_in(nodes, node):
    line = [node]
    while line[-1].parent is not None:
        line.append(nodes[line[-1].parent - 1])
    return line


@given(
    trees(),
    st.lists(st.tuples(st.integers(0, 9), st.sampled_from(Role)), max_size=4),
    st.sampled_from(Permission),
    st.sampled_from([None, frozenset({"all"}), frozenset({"project.view"})]),
    st.booleans(),
)
def test_what_is_allowed_in_a_whole_tree_is_what_is_allowed_at_each_node(nodes, grants, permission, scopes, active):
    who = standing(*grants, scopes=scopes, active=active)
    one_by_one = {node.id for node in nodes if may(who, permission, line_in(nodes, node))}
    assert allowed(who, permission, nodes) == one_by_one
    assert bool(may(who, permission, ())) == (INSTANCE in granted(who, permission)) == allows(who, permission, ())
    assert {node.id for node in nodes if allows(who, permission, line_in(nodes, node))} == one_by_one
