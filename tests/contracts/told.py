"""Contracts, occasions and evidence, small and whole, for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plumbline.contracts import Asked, Placed, due, evidence_of, read_contract, slots, told
from plumbline.evidence import write_event
from plumbline.evidence.sender import Sender, write_sender
from plumbline.judging.expressions import ValueType
from plumbline.model.contract import Condition, Contract, DueContract, Evidence, OccasionKind, Slot, Subjects
from plumbline.model.event import Entry
from plumbline.model.rule_set import RuleKind, RuleSet

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from plumbline.evidence import Content
    from plumbline.evidence.vocabulary import Facts
    from plumbline.model.problem import Problem

SHA, OTHER_SHA = "a" * 40, "b" * 40
ONE, TWO, THREE = (f"sha256:{sign * 64}" for sign in "123")
RUN = "1f00"
OWN, FORGE = "urn:plumbline:1f", "urn:plumbline:1f:forge:gitlab:7"
TOOL = "https://sonar.example/projects"
FACTS = {
    "changed.paths": ValueType.TEXTS,
    "changed.lines": ValueType.COUNT,
    "change.draft": ValueType.FLAG,
    "change.target": ValueType.TEXT,
}
HEAD = "contract: payments\nowner: bank\nfor: {occasion: pipeline}\n"
DEADLINE = 1_000_000
SUBJECTS = Subjects(commit=SHA, ref="refs/heads/main", change="7", environment="prod", artifacts=(ONE,), run=RUN)


def read(text: str) -> Contract:
    found = read_contract(text, "c.yml", facts=FACTS)
    assert isinstance(found, Contract), [str(one) for one in found]
    return found


def wrong(text: str) -> tuple[Problem, ...]:
    found = read_contract(text, "c.yml", facts=FACTS)
    assert isinstance(found, tuple), found
    return found


def needs(*lines: str, head: str = HEAD) -> Contract:
    """A contract with these lines, each as YAML in one line."""
    return read(head + "need:\n" + "".join(f"  - {line}\n" for line in lines))


def placed(contract: Contract, path: str = "bank", *, by_repository: bool = False, version: int = 1) -> Placed:
    rules = RuleSet(node=1, kind=RuleKind.CONTRACT, name=contract.name, version=version, text="",
                    digest=f"sha256:{contract.name}:{path}:{version}")  # fmt: skip
    return Placed(contract=contract, path=path, rules=rules, by_repository=by_repository)


def due_of(*contracts: Contract | Placed, **asked: Any) -> DueContract:
    every = [one if isinstance(one, Placed) else placed(one) for one in contracts]
    found = due(every, Asked(**{"kind": OccasionKind.PIPELINE, "branch": "main", **asked}))
    assert found is not None
    return found


_seq = iter(range(1, 1 << 40))


def evidence(
    kind: str = "test-report",
    *,
    about: Iterable[tuple[str, str]] = (("commit", SHA),),
    word: str = "own",
    seq: int = 0,
    received: int = 100,
    counts: Mapping[str, float] | None = None,
    source: str = OWN,
    event: str = "",
    **more: Any,
) -> Evidence:
    seq = seq or next(_seq)
    enough = {"cases": 3.0, "executed": 3.0, "components": 2.0, "lines": 9.0, "findings": 0.0}
    given = enough if counts is None else counts
    return Evidence(kind=kind, event=event or f"e{seq}", source=source, seq=seq, received=received, word=word,
                    about=tuple(about), counts=tuple(given.items()), **more)  # fmt: skip


def fold(
    contract: DueContract,
    pieces: Iterable[Evidence],
    subjects: Subjects = SUBJECTS,
    *,
    closed: bool = True,
    at: int = DEADLINE,
    conditions: Mapping[str, Condition] | None = None,
    waived: Mapping[str, str] | None = None,
) -> tuple[Slot, ...]:
    return slots(contract, subjects, pieces, closed=closed, at=at, deadline=DEADLINE,
                 conditions=conditions or {}, waived=waived or {})  # fmt: skip


def entry(
    content: Content,
    subject: str,
    *,
    facts: Facts | dict[str, Any] | None = None,
    source: str = OWN,
    by: str = "",
    seq: int = 0,
    tool: str = "",
) -> Entry:
    """``by``: the registered source that sent it. ``tool``: whose name its type has instead of ours."""
    seq = seq or next(_seq)
    draft = write_event(content, id=f"e{seq}", source=source, subject=subject, time=100, facts=facts)
    body, type_ = draft.body, draft.type
    if tool:
        type_ = draft.type.replace("plumbline-", f"{tool}-")
        body = body.replace(draft.type.encode(), type_.encode())
    sender = write_sender(Sender(source=by)) if by else b""
    return Entry(seq=seq, source=source, id=draft.id, type=type_, subject=subject, received=100, body=body,
                 chain=bytes(32), sender=sender)  # fmt: skip


def pieces(one: Entry) -> tuple[Evidence, ...]:
    return evidence_of(told(one))
