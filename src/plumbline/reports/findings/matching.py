"""Which finding of a scan is which one of before: one to one, and nothing is closed that was not looked for.

1. Signatures are tried in the order in which they are trusted, each over all findings; what is matched stays matched.
2. Equal ones are paired by the nearest line, never one with several.
3. What moved is looked for before anything is called new. What a tool says or shows of a line counts only where one
   side has nothing better: two hits of one rule in one file are not the same because they are told in the same words.
4. What a scan does not have is fixed, or unseen with the reason. Of another tool's findings it says nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.model.report import Severity
from plumbline.reports.findings.places import Place
from plumbline.reports.findings.scans import Scan, Unseen, why_unseen
from plumbline.reports.findings.signatures import KINDS, Signed, kind_of, without_number

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_STRONGER: dict[str, tuple[str, ...]] = {  # where both sides have such a signature, this kind does not count
    "snippet": ("code",),
    "snippet-moved": ("code",),
    "said": ("code", "snippet"),
}
_MOST_PAIRS = 40_000  # of equal findings that are all held against each other; more are paired in their order


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """A finding that is kept, as the last scan that had it left it."""

    id: int
    rule: str
    signatures: tuple[str, ...]
    places: tuple[Place, ...]
    severity: Severity
    scan: Scan


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """Each known finding of the tool and each found one is in exactly one of the first four.

    ``existing``: pairs of a known finding's id and a place in what was found.
    """

    new: tuple[int, ...]  # places in what was found
    existing: tuple[tuple[int, int], ...]
    fixed: tuple[int, ...]  # ids
    unseen: tuple[tuple[int, Unseen], ...]
    severities: tuple[tuple[int, Severity, Severity], ...]  # id, before and now, where they differ


def compare(
    known: Sequence[Known],
    found: Sequence[Signed],
    scan: Scan,
    is_there: Callable[[str], bool] | None = None,
) -> Compared:
    """Hold the findings of ``scan`` against those that are known. ``is_there``: see :func:`why_unseen`."""
    pairs = match(known, found)
    by_id = {each.id: each for each in known}
    fixed, unseen = [], []
    for each in sorted(known, key=lambda one: one.id):
        if each.id in pairs or (each.scan.tool, each.scan.kind) != (scan.tool, scan.kind):
            continue
        reason = why_unseen(each.rule, each.places, each.scan, scan, is_there)
        if reason is None:
            fixed.append(each.id)
        else:
            unseen.append((each.id, reason))
    taken = set(pairs.values())
    return Compared(
        new=tuple(place for place in range(len(found)) if place not in taken),
        existing=tuple(sorted(pairs.items())),
        fixed=tuple(fixed),
        unseen=tuple(unseen),
        severities=tuple(
            (name, by_id[name].severity, found[place].finding.severity)
            for name, place in sorted(pairs.items())
            if by_id[name].severity != found[place].finding.severity
        ),
    )


def match(known: Sequence[Known], found: Sequence[Signed]) -> dict[int, int]:
    """The id of a known finding -> its place in what was found."""
    by_id = {each.id: each for each in known}
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for kind in KINDS:
        olds = _buckets([(each.id, each.signatures) for each in known if each.id not in pairs], kind)
        news = _buckets([(at, each.signatures) for at, each in enumerate(found) if at not in taken], kind)
        for signature in sorted(olds.keys() & news.keys()):
            old = [by_id[name] for name in olds[signature] if name not in pairs]
            new = [at for at in news[signature] if at not in taken]
            for name, at in _nearest(old, new, found, _STRONGER.get(kind, ())):
                pairs[name] = at
                taken.add(at)
    return pairs


def _buckets(entries: list[tuple[int, tuple[str, ...]]], kind: str) -> dict[str, list[int]]:
    buckets: dict[str, list[int]] = {}
    for name, signatures in entries:
        for shared in dict.fromkeys(without_number(each) for each in signatures if kind_of(each) == kind):
            buckets.setdefault(shared, []).append(name)
    return buckets


def _nearest(
    old: list[Known], new: list[int], found: Sequence[Signed], stronger: Sequence[str]
) -> list[tuple[int, int]]:
    """Pairs of equal findings: in one file before two, then by the distance of their lines, then in their order."""
    old = sorted(old, key=lambda one: (one.places, one.id))
    new = sorted(new, key=lambda at: found[at].places)
    better = {at: _has(found[at].signatures, stronger) for at in new}
    if len(old) * len(new) > _MOST_PAIRS:
        plain_old = (one.id for one in old if not _has(one.signatures, stronger))
        return list(zip(plain_old, (at for at in new if not better[at]), strict=False))
    distances = sorted(
        (_distance(one.places, found[at].places), abs(i - j), i, j)
        for i, one in enumerate(old)
        for j, at in enumerate(new)
        if not better[at] & _has(one.signatures, stronger)
    )
    pairs, done, gone = [], set(), set()
    for _, _, i, j in distances:
        if i not in done and j not in gone:
            pairs.append((old[i].id, new[j]))
            done.add(i)
            gone.add(j)
    return pairs


def _has(signatures: Sequence[str], kinds: Sequence[str]) -> set[str]:
    return {kind_of(signature) for signature in signatures} & set(kinds)


def _distance(old: tuple[Place, ...], new: tuple[Place, ...]) -> tuple[bool, bool, int, int]:
    one, other = old[0], new[0]
    name = one.path.rpartition("/")[2] != other.path.rpartition("/")[2]
    return one.path != other.path, name, abs(one.line - other.line), abs(one.column - other.column)
