"""Lines of a contract that nobody could ever fill, named while it is edited.

Said of what is known alone: where nobody looked, nothing is called dead. Uploads of people are known to everybody, so
that a line that takes a person's word is never dead for want of a source.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.contracts.conditions import expression, fact_types
from plumbline.contracts.fitting import OWN
from plumbline.contracts.kinds import kinds
from plumbline.contracts.paths import matches, matches_name
from plumbline.evidence.origin import told_by_tools, written_here
from plumbline.judging.constant import always
from plumbline.judging.expressions import Expression
from plumbline.kernel import Text, t

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plumbline.contracts.kinds._kind import EvidenceKind
    from plumbline.model.contract import Contract, Need, Unless


class KnownSource(msgspec.Struct, frozen=True, kw_only=True):
    """A registered source. ``kinds``: of event that it may tell; empty: any that tools may."""

    name: str
    kinds: tuple[str, ...] = ()
    revoked: bool = False


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What is there, at the node of a contract and below. None: nobody looked, and nothing is said about it."""

    sources: tuple[KnownSource, ...] | None = None
    forges: tuple[str, ...] | None = None  # kinds of forge that tell something
    reports: tuple[str, ...] | None = None  # keys of ``artifacts:reports`` that jobs have; formats that were brought
    told: tuple[str, ...] | None = None  # kinds of evidence that this server has told of before
    branches: tuple[str, ...] | None = None
    tiers: tuple[str, ...] | None = None
    paths: tuple[str, ...] | None = None  # files of the repositories
    runner_tags: tuple[str, ...] | None = None


class Dead(msgspec.Struct, frozen=True, kw_only=True):
    """``need``: id of the line; empty: the contract as a whole. ``code``: kebab-case, of ``message``."""

    need: str
    code: str
    message: Text
    hint: Text | None = None


_FORGE_TELLS = frozenset({"change.reviewed", "change.merged", "commit.observed"})


def dead_lines(contract: Contract, known: Known) -> tuple[Dead, ...]:
    """In the order of the contract; what concerns all of it first."""
    return (*_occasion(contract, known), *(dead for need in contract.needs for dead in _need(need, known)))


def _occasion(contract: Contract, known: Known) -> Iterator[Dead]:
    occasion = contract.occasion
    if contract.unless is not None:
        yield from _condition("", contract.unless)
    patterns, names = occasion.branches, known.branches
    if patterns and names is not None and not any(matches_name(each, one) for each in patterns for one in names):
        yield Dead(
            need="", code="no-branch",
            message=t("No branch or tag that is known here fits '{pattern}'.", pattern="', '".join(patterns)),
            hint=t("The contract would hold for none. Look at how the branches are called."),
        )  # fmt: skip
    for tier in occasion.tiers:
        if known.tiers is not None and tier not in known.tiers:
            yield Dead(need="", code="no-tier", message=t("No environment here is of the tier '{tier}'.", tier=tier))


def _need(need: Need, known: Known) -> Iterator[Dead]:
    if need.unless is not None:
        yield from _condition(need.id, need.unless)
    for pattern in need.covers:
        wanted = pattern.removeprefix("./").removesuffix("/")
        if known.paths is not None and not any(
            matches(wanted, path) or path.startswith(f"{wanted}/") for path in known.paths
        ):
            yield Dead(
                need=need.id, code="no-path",
                message=t("The need '{id}' covers '{pattern}', and no file is there.", id=need.id, pattern=pattern),
            )  # fmt: skip
    if need.runners and known.runner_tags is not None and not set(need.runners) & set(known.runner_tags):
        yield Dead(
            need=need.id, code="no-runner",
            message=t("No runner has one of the tags that '{id}' asks for: {tags}.", id=need.id,
                      tags=", ".join(need.runners)),
        )  # fmt: skip
    words = need.made_by or (OWN,)
    fails = [fault for word in words for fault in [_wordless(need, word, known)]]
    if all(fault is not None for fault in fails):
        yield from (fault for fault in fails if fault is not None)


def _wordless(need: Need, word: str, known: Known) -> Dead | None:
    """Why nobody of this word can fill the line; None: somebody can, or nobody knows."""
    wanted = [kinds()[name] for name in need.kinds if name in kinds()]
    family, _, name = word.partition(":")
    if family == "person":
        return None
    if family == OWN:
        return None if any(_here(kind, known) for kind in wanted) else _dead_own(need, known)
    if family == "forge":
        return _forge(need, name, wanted, known)
    return _source(need, name, wanted, known)


def _here(kind: EvidenceKind, known: Known) -> bool:
    """Whether this server itself tells of such a thing: by an event that it writes, which rests on a report of a job
    where the kind comes from reports."""
    if not set(kind.told_by) & (written_here() | {"commit.observed", "change.merged", "statement.reviewed"}):
        return False
    if not kind.reports or known.reports is None or set(kind.reports) & set(known.reports):
        return True
    return known.told is not None and kind.name in known.told


def _dead_own(need: Need, known: Known) -> Dead:
    wanted = [kinds()[name] for name in need.kinds if name in kinds()]
    keys = sorted({key for kind in wanted for key in kind.reports})
    if keys and known.reports is not None:
        return Dead(
            need=need.id, code="no-report",
            message=t("No job leaves a report that could fill '{id}': {kinds}.", id=need.id,
                      kinds=", ".join(need.kinds)),
            hint=t("A job has to name one under artifacts:reports: {keys}.", keys=", ".join(keys)),
        )  # fmt: skip
    return Dead(
        need=need.id, code="not-told-here",
        message=t("This server tells of no {kinds} itself, and '{id}' takes nobody else's word.", id=need.id,
                  kinds=", ".join(need.kinds)),
        hint=t("Name under made_by whose word counts: a forge, a source, a person."),
    )  # fmt: skip


def _forge(need: Need, name: str, wanted: list[EvidenceKind], known: Known) -> Dead | None:
    if not any(set(kind.told_by) & _FORGE_TELLS for kind in wanted):
        return Dead(
            need=need.id, code="forge-never-tells",
            message=t("Forges never tell of {kinds}, which '{id}' asks of one.", id=need.id,
                      kinds=", ".join(need.kinds)),
        )  # fmt: skip
    if known.forges is None or (name in known.forges if name else known.forges):
        return None
    return Dead(
        need=need.id, code="no-forge",
        message=t("'{id}' takes the word of a forge that tells nothing here: {forge}.", id=need.id, forge=name or "-"),
        hint=t("Connect its webhook to the project."),
    )  # fmt: skip


def _source(need: Need, name: str, wanted: list[EvidenceKind], known: Known) -> Dead | None:
    may = {told for kind in wanted for told in kind.told_by} & told_by_tools()
    if not may and not any(kind.reports for kind in wanted):
        return Dead(
            need=need.id, code="source-never-tells",
            message=t("No source may tell of {kinds}, which '{id}' asks of one.", id=need.id,
                      kinds=", ".join(need.kinds)),
        )  # fmt: skip
    if known.sources is None:
        return None
    meant = [one for one in known.sources if not name or one.name == name]
    if not meant:
        names = ", ".join(sorted(one.name for one in known.sources)) or "-"
        return Dead(
            need=need.id, code="no-source",
            message=t("'{id}' takes the word of the source '{source}', which is not registered here.", id=need.id,
                      source=name or "-"),
            hint=t("Registered: {names}.", names=names),
        )  # fmt: skip
    if all(one.revoked for one in meant):
        return Dead(
            need=need.id, code="source-revoked",
            message=t("'{id}' takes the word of the source '{source}', which is revoked.", id=need.id,
                      source=name or meant[0].name),
        )  # fmt: skip
    if any(not one.revoked and (not one.kinds or may & set(one.kinds)) for one in meant):
        return None
    return Dead(
        need=need.id, code="source-may-not",
        message=t("The source '{source}' may not tell what '{id}' asks of it: {kinds}.", id=need.id,
                  source=name or meant[0].name, kinds=", ".join(sorted(may))),
    )  # fmt: skip


def _condition(need: str, unless: Unless) -> Iterator[Dead]:
    found = expression(unless.when)
    if not isinstance(found, Expression):
        return
    result = always(found, fact_types())
    if result is True:
        yield Dead(
            need=need, code="always-excused",
            message=t("The condition '{rule}' always holds: nothing would ever be due.", rule=unless.rule),
        )  # fmt: skip
    elif result is False:
        yield Dead(
            need=need, code="never-excused",
            message=t("The condition '{rule}' never holds: it changes nothing.", rule=unless.rule),
        )  # fmt: skip
