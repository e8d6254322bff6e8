"""What a policy that can be read will probably not do as meant. Warnings: whoever saves it decides."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from plumbline.gates.facts import fact_types
from plumbline.judging.constant import always
from plumbline.kernel import Text, t
from plumbline.model.problem import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from plumbline.gates.policy import Check, Policy
    from plumbline.model.problem import Mark


def doubts(policy: Policy, branches: Collection[str] | None = None) -> tuple[Problem, ...]:
    """``branches``: all that are known below its node; None: nobody looked."""
    return (*_unmatched(policy, branches), *(one for check in policy.checks for one in _constant(check)))


def _unmatched(policy: Policy, branches: Collection[str] | None) -> Iterator[Problem]:
    for pattern in policy.selector.branches if branches is not None else ():
        if not any(fnmatchcase(one, pattern) for one in branches or ()):
            message = t("No branch is called '{pattern}'.", pattern=pattern)
            yield _warning("no-such-branch", message, None, "for:branches",
                           t("Where a policy is meant for none of the branches, nothing passes by it."))  # fmt: skip


def _constant(check: Check) -> Iterator[Problem]:
    types = fact_types()
    found = always(check.condition, types) if check.condition is not None else None
    if found is True:
        message = t("The condition of '{check}' seems to hold whatever its facts are.", check=check.id)
        yield _warning("always-holds", message, check.where, "when", t("It would pass whenever they are known."))
    elif found is False:
        message = t("The condition of '{check}' seems never to hold.", check=check.id)
        yield _warning("never-holds", message, check.where, "when", t("Nothing would ever pass."))
    if check.applies is not None and always(check.applies, types) is False:
        message = t("'{check}' seems never to apply.", check=check.id)
        yield _warning("never-applies", message, check.where, "applies", t("It would decide nothing."))


def _warning(code: str, message: Text, where: Mark | None, keyword: str, hint: Text) -> Problem:
    return Problem(code=code, message=message, severity=Severity.WARNING, where=where, keyword=keyword, hint=hint)
