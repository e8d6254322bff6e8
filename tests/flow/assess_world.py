"""A store with a small tree, people and a ledger, and the tools of assessments over it."""

from __future__ import annotations

import io
import itertools

import pytest
from tests.evidence.ledgers import KEY
from tests.maturity.events import measured
from tests.maturity.fact_maker import END
from tests.maturity.small_pack import small

from plumbline.adapters.packs import KeptFiles, KeptPacks
from plumbline.adapters.store import StoreSettings, open_store
from plumbline.flow.assessments import assess_ledger, exemptions, statements
from plumbline.flow.assessments.assess_node import assess_node
from plumbline.flow.assessments.tools import AssessmentTools
from plumbline.flow.unit_of_work import Units, actor_of
from plumbline.kernel import PlumblineError
from plumbline.model.person import Grant, Person, Role
from plumbline.model.tree import INSTANCE, Node, NodeKind

PATH = "acme/shop"
BRONZE = (measured("builds", 12.0, "b1"), measured("nightly", 3.0, "b2"), measured("alarms", 4.0, "a1"))
SILVER = (
    *BRONZE,
    measured("pushes-built", 95.0, "p1", unit="%", numerator=95.0, denominator=100.0),
    measured("build-time", 8.0, "t1", unit="min"),
)
NOISE = (
    measured("builds", 0.0, "n1", project="acme/other"),
    measured("builds", 0.0, "n2", project="acme/shopping"),
    measured("builds", 0.0, "n3", project="acme"),
    measured("builds", 0.0, "n4", project=""),
)


class World:
    """A store with a tree and a ledger, and the tools of the flow over it."""

    def __init__(self, folder, drafts=()):
        self.store = open_store(StoreSettings(data=str(folder / "data")))
        self.now = END
        self.pack = small()
        ids = itertools.count(1)
        packs, documents = KeptPacks(str(folder / "packs")), KeptFiles(str(folder / "documents"))
        self.units = Units(self.store, "urn:plumbline:here", lambda: self.now, lambda: f"new-{next(ids)}")
        self.tools = AssessmentTools(
            units=self.units,
            ledger=self.store.ledger,
            signing_key=lambda: KEY,
            shipped=lambda: ("lighthouse",),
            load_pack=lambda name: self.pack,
            keep_pack=packs.keep,
            kept_pack=packs.get,
            keep_file=documents.keep,
            file=documents.get,
        )
        with self.store.change() as tx:
            top = tx.tree.add(Node(id=0, kind=NodeKind.ORGANISATION, name="acme", path="acme"))
            for name in ("shop", "other"):
                tx.tree.add(Node(id=0, kind=NodeKind.PROJECT, name=name, path=f"acme/{name}", parent=top.id))
        self.wang = self.person("wang.li", Role.ASSESSOR, Role.MAINTAINER)
        self.chen = self.person("chen.yu", Role.SECURITY, Role.MAINTAINER)
        self.append(*drafts)

    def person(self, name, *roles, node=INSTANCE):
        """Who holds these roles at a node."""
        with self.store.change() as tx:
            made = tx.people.add(Person(id=0, name=name, created=1))
            for role in roles:
                tx.grants.add(Grant(person=made.id, node=node, role=role))
            return actor_of(tx, made.id)

    def node(self, path=PATH):
        with self.store.view() as tx:
            return tx.tree.at(path).id

    def append(self, *drafts):
        self.store.ledger.append(list(drafts))

    def assess(self, path=PATH, actor=None):
        opened = assess_node(actor or self.wang, self.tools, self.node(path), "lighthouse")
        return opened.assessment, opened.record

    def attest(self, topic="statement-build-rules", text="We do.", path=PATH, actor=None, **others):
        return statements.write_statement(actor or self.wang, self.tools, self.node(path), topic, text, **others)

    def review(self, statement, decision="accepted", actor=None, path=PATH):
        statements.review_statement(actor or self.chen, self.tools, self.node(path), statement, decision)

    def waive(self, reason="No users yet.", actor=None, path=PATH, **others):
        exemptions.waive_criterion(actor or self.wang, self.tools, self.node(path), "alarm", reason, **others)

    def agree(self, actor, seq, path=PATH):
        exemptions.agree_exemption(actor, self.tools, self.node(path), seq)

    def level(self, path=PATH):
        return assess_ledger.grade_now(self.tools, path, "lighthouse").level

    def bundle(self, record):
        file = io.BytesIO()
        assess_ledger.export(self.tools, record, file)
        return file.getvalue()


def code_of(call, *arguments, **others):
    """The code of a refusal that says how to go on."""
    with pytest.raises(PlumblineError) as caught:
        call(*arguments, **others)
    assert caught.value.hint is not None
    return caught.value.code


def outcome_of(call, *arguments, **others):
    """The code of a refusal; where there was none, that it was allowed."""
    try:
        call(*arguments, **others)
    except PlumblineError as error:
        return error.code
    return "allowed"
