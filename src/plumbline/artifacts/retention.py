"""What of a repository may go: by mark and sweep over its manifests, and by age over files of packages.

1. Roots are what has a tag, what was touched a while ago at most, and what somebody holds.
2. What a kept one is made of is kept, so are what it is about, and what is about it: signatures stay with what they
   sign.
3. Everything else goes.
"""

from __future__ import annotations

from collections import defaultdict
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from plumbline.artifacts.packages import of_stored

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from plumbline.model.registry import Standing, Tag


def sweepable(every: Sequence[Standing], before: int, held: Callable[[Standing], bool]) -> list[Standing]:
    """Manifests of one repository that nothing keeps. ``before``: those touched since are kept; below 0: all are."""
    if before < 0:
        return []
    by_digest = {one.digest: one for one in every}
    about: dict[str, list[Standing]] = defaultdict(list)
    for one in every:
        if one.subject:
            about[one.subject].append(one)
    kept: set[str] = set()

    def keep(roots: Iterable[Standing]) -> None:
        pending = [one for one in roots if one.digest not in kept]
        while pending:
            one = pending.pop()
            if one.digest in kept:
                continue
            kept.add(one.digest)
            near = (*one.parts, one.subject)
            pending += [by_digest[digest] for digest in near if digest in by_digest]
            pending += about[one.digest]

    keep(one for one in every if one.tags or one.touched >= before)
    for one in every:  # asking who holds it costs something, so only of what nothing else keeps
        if one.digest not in kept and held(one):
            keep([one])
    return [one for one in every if one.digest not in kept]


def expired_tags(tags: Sequence[Tag], forms: Sequence[str], before: int, newest: int) -> list[Tag]:
    """Tags of one repository whose time is over. ``forms``: of those that expire; ``newest``: so many of these stay."""
    expiring = sorted((tag for tag in tags if matches(tag.name, forms)), key=lambda tag: (-tag.moved, tag.name))
    return [tag for tag in expiring[newest:] if tag.moved < before]


def expired_files(every: Sequence[Standing], forms: Sequence[str], before: int, newest: int) -> list[Standing]:
    """Files of packages of one repository whose version's time is over: a version stays or goes as a whole."""
    versions: dict[str, dict[str, list[Standing]]] = defaultdict(lambda: defaultdict(list))
    for one in every:
        version = of_stored(one.name, one.version).version
        if matches(version, forms):
            versions[one.name][version].append(one)
    gone: list[Standing] = []
    for package in versions.values():
        by_age = sorted(package.values(), key=lambda files: -max(file.touched for file in files))
        for files in by_age[newest:]:
            if max(file.touched for file in files) < before:
                gone += files
    return gone


def matches(name: str, forms: Sequence[str]) -> bool:
    """Whether a name has one of these forms, in which * stands for anything."""
    return any(fnmatchcase(name, form) for form in forms)
