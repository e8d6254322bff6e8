"""What the files of a repository declare: tests, rules for code, and what stands before a deployment. That it was
declared does not say that it ran."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.facts.catalog._help import among_files
from plumbline.facts.catalog._kinds import (
    DELIVERY_SHARED,
    INTERFACE_TEST,
    LAYERS,
    MODULE,
    RULES,
    RULES_ELSEWHERE,
)
from plumbline.facts.catalog._test_cases import case_of
from plumbline.facts.catalog._test_counts import Members, SuiteCounts
from plumbline.facts.definition import Definition, lacking, value
from plumbline.kernel import t
from plumbline.model.fact import Lack

if TYPE_CHECKING:
    from collections.abc import Callable

    from plumbline.facts.definition import Question
    from plumbline.model.fact import Fact


def _share(kinds: tuple[str, str]) -> Callable[[Question], Fact]:
    return lambda question: among_files(question, *kinds)


def interface_cases(question: Question) -> Fact:
    """A tree without any says nothing: they may be kept elsewhere. That there is none says only who tells the types of
    the cases that were run."""
    trees = [one for one in question.evidence.trees if one.counts.get(INTERFACE_TEST)]
    counts = SuiteCounts(question)
    cases = {
        str(case_of(one)["id"]): Members(str(case_of(one)["type"]), 1, one.cited)
        for one in question.evidence.of("testcaserun.finished")
        if case_of(one).get("type") and not counts.of(one)
    }
    types = [*cases.values(), *counts.by_type()]
    ran = [one for one in types if LAYERS.get(one.type) == "interface"]
    number = sum(one.counts[INTERFACE_TEST] for one in trees)
    if not number and not types:
        return lacking(question, Lack.TOO_FEW)
    rests_on = [*(one.cited for one in trees), *(one.cited for one in ran or types)]
    return value(question, float(max(number, sum(one.cases for one in ran))), rests_on)


def _active(kinds: tuple[str, ...]) -> Callable[[Question], Fact]:
    def answer(question: Question) -> Fact:
        trees = [one for one in question.evidence.trees if any(kind in one.counts for kind in RULES)]
        found = {kind for one in trees for kind in kinds if one.counts.get(kind)}
        elsewhere = any(one.counts.get(RULES_ELSEWHERE) for one in question.evidence.trees)
        if not trees or (elsewhere and len(found) < len(kinds)):
            return lacking(question, Lack.TOO_FEW)
        return value(question, float(len(found)), [one.cited for one in trees])

    return answer


_TREE = ("tree.inspected",)
PART = (
    Definition(
        name="interface-cases-in-the-case-base",
        how=t(
            "Files with interface tests in the newest tree of each repository, or interface cases that were run where "
            "there are more; that there is none can only be told by who tells the types of cases that were run."
        ),
        needs=("tree.inspected", "testcaserun.finished"),
        answer=interface_cases,
    ),
    Definition(
        name="modules-with-automated-unit-cases",
        how=t(
            "Modules (folders with a manifest of a build tool, and code) that have unit tests, in them or in a module "
            "beside them, of all in the newest tree of each repository."
        ),
        needs=_TREE,
        answer=_share(MODULE),
    ),
    Definition(
        name="of-these-four-kinds-kinds-active-in-the-rule-set",
        how=t(
            "Kinds of rules (style, faults, complexity, duplication) that the rule sets and build files in the newest "
            "trees activate; where a server has rules of its own as well, nobody can tell which are missing."
        ),
        needs=_TREE,
        answer=_active(RULES[:4]),
    ),
    Definition(
        name="active-rule-kinds",
        how=t(
            "Kinds of rules (style, faults, complexity, duplication, security, licence) that the rule sets and build "
            "files in the newest trees activate; where a server has rules as well, nobody can tell which are missing."
        ),
        needs=_TREE,
        answer=_active(RULES),
    ),
    Definition(
        name="deployment-definitions-built-from-shared-steps",
        how=t(
            "Pipeline definitions that deploy and build on templates, components or libraries, of those that deploy, "
            "in the newest tree of each repository."
        ),
        needs=_TREE,
        answer=_share(DELIVERY_SHARED),
    ),
)
