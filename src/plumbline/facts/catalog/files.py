"""What lies in repositories at the newest look: the files that projects are asked to have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.facts.catalog._help import split
from plumbline.facts.definition import Definition, share
from plumbline.kernel import t

if TYPE_CHECKING:
    from collections.abc import Callable

    from plumbline.facts.definition import Question
    from plumbline.kernel import Text
    from plumbline.model.fact import Fact


def _with(*kinds: str) -> Callable[[Question], Fact]:
    def answered(question: Question) -> Fact:
        trees = question.evidence.trees
        return share(question, *split((any(one.counts.get(kind) for kind in kinds), one.cited) for one in trees))

    return answered


_MANIFESTS = ("manifest-locked", "manifest-unlocked")


def listed(question: Question) -> Fact:
    """A manifest or a lock file, of those that have code at all."""
    trees = [one for one in question.evidence.trees if one.counts.get("code")]
    return share(question, *split((any(one.counts.get(kind) for kind in (*_MANIFESTS, "lock-file")), one.cited)
                                  for one in trees))  # fmt: skip


def pinned(question: Question) -> Fact:
    """Of those that say what they depend on."""
    trees = [one for one in question.evidence.trees if any(one.counts.get(kind) for kind in _MANIFESTS)]
    return share(question, *split((not one.counts.get("manifest-unlocked"), one.cited) for one in trees))


_TREE = ("tree.inspected",)


def _present(name: str, how: Text, *kinds: str) -> Definition:
    return Definition(name=name, how=how, needs=_TREE, answer=_with(*kinds))


PART = (
    _present(
        "repositories-with-a-licence-file",
        t("Repositories that have a licence file at their top, of all that were looked into."),
        "licence",
    ),
    _present(
        "repositories-with-a-readme",
        t("Repositories that have a README at their top, of all that were looked into."),
        "readme",
    ),
    _present(
        "repositories-with-a-contributing-guide",
        t("Repositories that have a guide for contributors, of all that were looked into."),
        "contributing",
    ),
    _present(
        "repositories-with-a-security-policy",
        t("Repositories that have a file SECURITY, of all that were looked into."),
        "security-policy",
    ),
    _present(
        "repositories-with-a-changelog",
        t("Repositories that have a changelog or release notes, of all that were looked into."),
        "changelog",
    ),
    Definition(
        name="repositories-with-a-dependency-list",
        how=t("Repositories that have a manifest or a lock file of dependencies, of all that have code."),
        needs=_TREE,
        answer=listed,
    ),
    Definition(
        name="repositories-whose-dependencies-are-pinned",
        how=t("Repositories all of whose manifests have a lock file or exact versions, of all that have a manifest."),
        needs=_TREE,
        answer=pinned,
    ),
)
