"""Hold what the records tell against a pack: facts are asked for by name, and the pack grades the answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.evidence import countable, fitting
from plumbline.evidence.origin import OWN
from plumbline.facts import STATED, Asked, Evidence, answer, definitions, exemptions, kept_in_force
from plumbline.flow.assessments.as_called_now import as_called_now
from plumbline.flow.tree.former_names import MOVES
from plumbline.maturity import PackFile, compare_assessments, grade
from plumbline.model.assessment import StepPlan
from plumbline.model.fact import Lack
from plumbline.model.tree import is_within, paths_above
from plumbline.trace import read_seen

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from plumbline.maturity import ItemChange, Unheard
    from plumbline.model.assessment import Assessment, Scope
    from plumbline.model.fact import Fact
    from plumbline.trace import Seen


PLANNED = "roadmapStep.planned"


def assess(
    pack: PackFile, events: Iterable[tuple[bytes, bytes | None] | tuple[bytes, bytes, int]], scope: Scope
) -> Assessment:
    """The grade that follows from these events at ``scope.end``: a pure function, the same wherever it is computed.
    ``events``: in the order of the ledger, each with its sender, and when it was received; None where it is from a file
    that whoever asks vouches for."""
    seen = [(one, told[1]) for told in events if (one := seen_of(*told)) is not None]
    return assess_evidence(pack, Evidence(as_called_now(seen), scope.end), scope)


def seen_of(body: bytes, sender: bytes | None = None, received: int = 0) -> Seen | None:
    """An event as facts see it, without what has not the shape that its type says: it must not stop a grade. What this
    server wrote into its ledger was held against its type then."""
    seen = read_seen(body, sender, received)
    if seen is None or (seen.word == OWN and sender == b""):
        return seen
    content, custom = fitting(seen.what, *countable(body, seen.content, seen.custom))
    if content is seen.content and custom is seen.custom:
        return seen
    return msgspec.structs.replace(seen, content=content, custom=custom)


def assess_evidence(pack: PackFile, evidence: Evidence, scope: Scope) -> Assessment:
    """As :func:`assess`, of events that were read already."""
    facts = facts_for(pack, evidence)
    unheard = unheard_of(facts, evidence, scope.heard) if scope.heard else None
    plans = plans_of(evidence.of(PLANNED), scope.subject, pack.pack.id)
    return grade(pack, facts, exemptions(evidence), scope, evidence.ignored, unheard, plans, evidence.late)


def plans_of(planned: Iterable[Seen], path: str, standard: str) -> dict[tuple[str, str], StepPlan]:
    """Of the steps of this node's own roadmap, by item and level; what was said last counts. ``planned``: in order."""
    found = {}
    for one in planned:
        said = one.content
        if one.custom.get("project") == path and said.get("standard") == standard and one.own:
            plan = StepPlan(owner=str(said.get("owner", "")), due=str(said.get("due", "")))
            found[str(said.get("item")), str(said.get("level"))] = plan
    return found


def unheard_of(facts: Mapping[str, Fact], evidence: Evidence, heard: Collection[str]) -> Unheard:
    """Of each fact without a source, the groups of kinds of which nobody told, and nobody connected here will.
    ``heard``: the kinds that may come in."""
    found = {}
    for fact in facts.values():
        if fact.lack is Lack.NO_SOURCE:
            groups = _rests_on(fact.name)
            found[fact.name] = tuple(one for one in groups if not evidence.has(*one) and not set(one) & set(heard))
    return {name: groups for name, groups in found.items() if groups}


def _rests_on(fact: str) -> tuple[tuple[str, ...], ...]:
    if fact.startswith(STATED):
        return (("statement.attested",),)
    return definitions()[fact.partition("@")[0]].groups


def facts_for(pack: PackFile, evidence: Evidence, only: str = "") -> dict[str, Fact]:
    """An answer to everything that the pack asks; ``only``: to what begins like this."""
    wanted = [signal for signal in pack.signals if signal.fact.startswith(only)]
    asked = [Asked(signal.fact, signal.at.window_days if signal.at else None) for signal in wanted]
    defaults = pack.pack.defaults
    return answer(asked, evidence, statement_days=defaults.statement_valid_days, most_late=defaults.most_late)


def what_changed(
    before: Assessment, old: PackFile, early: Evidence, after: Assessment, late: Evidence
) -> tuple[ItemChange, ...]:
    """``early`` and ``late`` are the evidence of ``before`` and of ``after``. The late one is graded with the pack of
    ``before``, and also with what people said until then, to tell rule, practice and word apart."""
    facts = facts_for(old, late)
    said = facts_for(old, early, STATED)
    same_rule = after
    if before.pack_digest != after.pack_digest:
        same_rule = grade(old, facts, exemptions(late), after.scope, late.ignored)
    same_word = grade(old, facts | said, kept_in_force(exemptions(early), early.as_of, late.as_of), after.scope)
    return compare_assessments(before, same_word, same_rule, after)


class Selector:
    """Which events are about one subject: a project, or everything below a node of the tree.

    What is said of a node above (a statement, an exemption) holds for it as well; what is said of one below does not.
    That an event is wrong holds from above and from below.
    Whose an account is, who is switched off, and what serves every project of the installation, is about each of them.
    Rights and settings of a node above hold here too.
    """

    POLICY = frozenset({"statement.attested", "statement.reviewed", "exception.granted"})
    CORRECTED = "ledger.corrected"  # names the event; a source may tell it of the node that it was registered at
    PEOPLE = ("identity.linked", "identity.unlinked", "person.deactivated", "person.reactivated")
    RIGHTS = frozenset({"role.granted", "role.revoked"})
    NODES = frozenset({"node.created", "node.changed", "node.archived", "repository.bound", *MOVES})
    EVERYWHERE = frozenset({*PEOPLE, "runner.registered", "runner.removed"})
    ANYWHERE = RIGHTS | NODES | EVERYWHERE  # wherever they are filed, they may be about every node
    _NOT_BELOW = POLICY | ANYWHERE | {CORRECTED}  # all others are of a node or below it

    def __init__(self, path: str) -> None:
        self.path = path
        self.above = paths_above(path)

    def wants(self, seen: Seen, scope: str) -> bool:
        what = seen.what
        if what not in self._NOT_BELOW:
            return scope == self.path or is_within(scope, self.path)
        if what in self.RIGHTS or what in self.NODES:
            place = str(seen.content.get("node" if what in self.RIGHTS else "path", ""))
            return self._holds_here(place.strip("/")) or is_within(place, self.path)
        if what in self.POLICY:
            return self._holds_here(scope)
        if what == self.CORRECTED and self._holds_here(scope):
            return True
        return what in self.EVERYWHERE or is_within(scope, self.path)

    def _holds_here(self, scope: str) -> bool:
        """Whether it is said of this node, of one above it, or of the installation."""
        return not scope or scope == self.path or scope in self.above
