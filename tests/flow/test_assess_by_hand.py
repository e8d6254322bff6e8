"""What people do about assessments, statements and exemptions: who may, asked again in the change that acts."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest
from tests.flow.assess_world import NOISE, PATH, SILVER, World, code_of, outcome_of
from tests.maturity.fact_maker import DAY, END

from plumbline.access import SIGNED_OUT, use_cases
from plumbline.evidence import write_event
from plumbline.evidence.vocabulary import own_operations
from plumbline.flow.assessments import exemptions, statements
from plumbline.flow.assessments.packs import list_packs, view_pack
from plumbline.flow.assessments.records import compare_assessments, list_assessments, list_node_assessments
from plumbline.flow.assessments.view_node import view_node
from plumbline.model.person import Grant, Role
from plumbline.model.tree import INSTANCE

pytestmark = pytest.mark.slow


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path, (*SILVER, *NOISE))
    yield made
    made.store.close()


def test_where_a_statement_stands_decides_who_may_review_it(world):
    above, below = world.attest(path="acme"), world.attest()
    here = world.person("omar", Role.SECURITY, node=world.node())
    assert outcome_of(world.review, above, actor=here) == "not-found"  # what is above it is not there for them
    sees = msgspec.structs.replace(here, grants=(*here.grants, Grant(person=1, node=INSTANCE, role=Role.VIEWER)))
    assert outcome_of(world.review, above, actor=sees) == "not-allowed"
    world.review(below, actor=sees, path="acme")  # from where it shows as well
    narrow = msgspec.structs.replace(world.chen, scopes=frozenset({"statement.review"}))
    world.review(above, actor=narrow, path="acme")
    assert outcome_of(world.review, above, actor=narrow) == "not-allowed"  # it may not see that it shows below


def test_where_a_waiver_stands_decides_who_may_agree(world):
    world.waive(path="acme", until=world.now + DAY)
    [waiver] = exemptions.list_exemptions(world.chen, world.tools, world.node())
    here = world.person("omar", Role.SECURITY, node=world.node())
    found = outcome_of(world.agree, here, waiver.seq)
    assert found == "not-found", f"{use_cases.AGREE_EXEMPTION.name}: {found} to who holds the role below alone"
    narrow = msgspec.structs.replace(world.chen, scopes=frozenset({"exception.grant"}))
    found = outcome_of(world.agree, narrow, waiver.seq)
    assert found == "not-allowed", f"{use_cases.LIST_EXEMPTIONS.name}: {found} to a token that may not see them"
    for path in ("acme/other", "acme"):  # where it shows as well, and where it stands
        assert outcome_of(world.agree, world.chen, waiver.seq, path) == "allowed"
    world.waive(path="acme/other", until=world.now + DAY)
    beside = exemptions.list_exemptions(world.chen, world.tools, world.node("acme/other"))[0]
    assert outcome_of(world.agree, world.chen, beside.seq) == "not-found"


def test_a_foreign_statement_of_the_same_name_changes_nothing(world):
    id_ = world.attest()
    said = own_operations.StatementAttested(topic="statement-build-rules", statement="We do.", person="chen.yu")
    world.append(write_event(said, id="f", source="/elsewhere", subject=id_, time=END - DAY, project="acme/other"))
    world.append(write_event(said, id="g", source="/elsewhere", subject="statement:x", time=END - DAY, project=PATH))
    assert code_of(world.review, "statement:x", actor=world.wang) == "no-such-statement"
    assert code_of(world.review, id_, actor=world.wang) == "own-statement"
    world.review(id_)
    assert [one.decision for one in statements.statements_on_file(world.tools, PATH)] == ["accepted"]


def test_nothing_is_left_of_what_was_outcome_of(world):
    size = world.store.ledger.size()
    nobody, viewer = world.person("sam"), world.person("vic", Role.VIEWER)
    for actor, code in ((nobody, "not-found"), (viewer, "not-allowed"), (SIGNED_OUT, "not-signed-in")):
        for act in (world.assess, world.attest, world.waive):
            assert outcome_of(act, actor=actor) == code
    assert world.store.ledger.size() == size
    assert world.store.ledger.checkpoints() == []


@pytest.mark.parametrize("act", ["assess", "attest", "waive"])
@pytest.mark.parametrize(("change", "code"), [("grants", "not-found"), ("archived", "not-allowed")])
def test_who_may_is_asked_again_in_the_change_that_acts(world, act, change, code):
    """Packs are read and grades computed outside of it."""
    size = world.store.ledger.size()

    def meanwhile(name):
        with world.store.change() as tx:
            if change == "archived":
                tx.tree.save(msgspec.structs.replace(tx.tree.at(PATH), archived=True))
            for grant in world.wang.grants if change == "grants" else ():
                tx.grants.remove(grant.person, grant.node, grant.role)
        return world.pack

    world.tools = replace(world.tools, load_pack=meanwhile)
    use_case = {"assess": use_cases.RUN_ASSESSMENT, "attest": use_cases.WRITE_STATEMENT,
                "waive": use_cases.WAIVE_CRITERION}[act]  # fmt: skip
    found = outcome_of(getattr(world, act))
    assert found == code, f"{use_case.name}: {found}, though the {change} went between check and act"
    assert world.store.ledger.size() == size


def test_packs_are_for_who_is_signed_in(world):
    sam = world.person("sam")
    for verb in (list_packs, lambda actor, tools: view_pack(actor, tools, "lighthouse")):
        found = outcome_of(verb, SIGNED_OUT, world.tools)
        assert found == "not-signed-in", f"{use_cases.LIST_PACKS.name}: {found}"
        assert outcome_of(verb, sam, world.tools) == "allowed"


def test_of_an_assessment_that_somebody_may_not_see_there_is_nothing(world):
    above, below = world.assess("acme")[1], world.assess()[1]
    here = world.person("vic", Role.VIEWER, node=world.node())
    for before, after in ((above, below), (below, above)):
        found = outcome_of(compare_assessments, here, world.tools, before.seq, after.seq)
        assert found == "not-found", f"{use_cases.VIEW_ASSESSMENT.name}: {found} to who sees one of two"
    assert outcome_of(compare_assessments, here, world.tools, below.seq, below.seq) == "allowed"
    assert list_node_assessments(here, world.tools, world.node("acme")) == (below,)
    shown = {one.node.path: one.record for one in list_assessments(here, world.tools, "lighthouse")}
    assert shown == {"acme": None, PATH: below}
    assert outcome_of(list_assessments, SIGNED_OUT, world.tools, "lighthouse") == "not-signed-in"


@pytest.mark.parametrize(
    ("field", "use_case", "roles"),
    [
        ("assesses", use_cases.RUN_ASSESSMENT, {Role.ASSESSOR, Role.MAINTAINER, Role.ADMIN}),
        ("exports", use_cases.EXPORT_ASSESSMENT, {Role.ASSESSOR, Role.AUDITOR}),
        ("states", use_cases.WRITE_STATEMENT, {Role.SECURITY, Role.OPERATOR, Role.MAINTAINER}),
        ("reviews", use_cases.REVIEW_STATEMENT, {Role.SECURITY, Role.ASSESSOR, Role.MAINTAINER}),
        ("waives", use_cases.WAIVE_CRITERION, {Role.SECURITY, Role.ASSESSOR}),
        ("reads_ledger", use_cases.VIEW_ENTRY, {Role.SECURITY, Role.AUDITOR}),
    ],
)
def test_a_page_offers_what_somebody_may_do(world, field, use_case, roles):
    for role in (*roles, Role.VIEWER):
        here = view_node(world.person(role.value, role), world.tools, world.node())
        assert getattr(here, field) == (role in roles), f"{use_case.name}: offered to {role} otherwise than it is done"
