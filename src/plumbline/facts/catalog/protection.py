"""How forges protect the trunk, as they told it last."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from plumbline.facts.definition import Definition, open_share
from plumbline.kernel import t

if TYPE_CHECKING:
    from collections.abc import Callable

    from plumbline.facts.definition import Question
    from plumbline.facts.evidence import Evidence
    from plumbline.model.fact import Fact
    from plumbline.trace import Seen


def _guards(evidence: Evidence, project: str) -> list[Seen]:
    """The newest word about each protection that covers its trunk."""
    newest = {one.object: one for one in evidence.of("branchProtection.observed")
              if str(one.custom.get("project", "")) == project}  # fmt: skip
    trunk = evidence.trunk(project)
    names = (trunk, f"refs/heads/{trunk}")
    return [one for one in newest.values() if any(fnmatchcase(name, one.subject) for name in names)]


def _asking(fine: Callable[[list[Seen]], bool | None]) -> Callable[[Question], Fact]:
    """Of all projects of whose protections a forge told; None where it did not say."""

    def answered(question: Question) -> Fact:
        told = {str(one.custom.get("project", "")): one for one in question.evidence.of("branchProtection.observed")}
        evidence = question.evidence
        found = [
            (fine(_guards(evidence, project)) if evidence.trunk(project) else None, one.cited)
            for project, one in sorted(told.items())
        ]
        return open_share(question, found)

    return answered


def _protected(guards: list[Seen]) -> bool:
    return any(one.content.get("protected") for one in guards)


def _approved(guards: list[Seen]) -> bool | None:
    """One protection that asks for an approval is enough."""
    said = [found for one in guards if isinstance(found := one.content.get("approvals"), int)]
    return any(one > 0 for one in said) if said or not guards else None


def _checked(guards: list[Seen]) -> bool | None:
    said = [bool(one.content["checks"]) for one in guards if "checks" in one.content]
    return any(said) if said or not guards else None


_TOLD = ("branchProtection.observed",)
PART = (
    Definition(
        name="repositories-whose-trunk-is-protected",
        how=t("Repositories whose forge says that it protects the trunk, of all of whose protections one told."),
        needs=_TOLD,
        answer=_asking(_protected),
    ),
    Definition(
        name="repositories-whose-trunk-takes-an-approval",
        how=t(
            "Repositories whose forge asks for an approval before a merge into the trunk, of all of whose protections "
            "one told; where it did not say, nobody can tell."
        ),
        needs=_TOLD,
        answer=_asking(_approved),
    ),
    Definition(
        name="repositories-whose-trunk-takes-passed-checks",
        how=t(
            "Repositories whose forge asks for passed checks before a merge into the trunk, of all of whose "
            "protections one told; where it did not say, nobody can tell."
        ),
        needs=_TOLD,
        answer=_asking(_checked),
    ),
)
