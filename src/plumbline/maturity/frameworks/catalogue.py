"""A catalogue of controls as others publish it, whatever its form: areas, controls, requirements, where they apply."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec

from plumbline.kernel import t
from plumbline.maturity.pack import CrossReference, FrameworkName

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from plumbline.kernel import Text
    from plumbline.maturity.reading import Path

State = Literal["Active", "Draft", "Deprecated", "Retired"]


class _Piece(msgspec.Struct, frozen=True, kw_only=True):
    pass


class Area(_Piece, frozen=True, kw_only=True):
    id: str
    title: str
    text: str = ""


class Requirement(_Piece, frozen=True, kw_only=True):
    """``path``: where it stands in its file, for messages."""

    id: str
    text: str
    applies_to: tuple[str, ...] = ()
    advice: str = ""
    state: State = "Active"
    replaced_by: str = ""
    foreign_successor: bool = False  # what replaces it stands in another catalogue
    path: Path = ()


class Control(_Piece, frozen=True, kw_only=True):
    id: str
    title: str
    objective: str
    area: str
    requirements: tuple[Requirement, ...]
    state: State = "Active"
    replaced_by: str = ""
    foreign_successor: bool = False
    references: tuple[CrossReference, ...] = ()
    path: Path = ()

    @property
    def retired(self) -> bool:
        """Whether nothing of it is asked for any more."""
        return self.state == "Retired" or all(one.state == "Retired" for one in self.requirements)


class Catalogue(_Piece, frozen=True, kw_only=True):
    form: Literal["gemara", "oscal"]
    id: str
    title: str
    digest: str
    areas: tuple[Area, ...]
    controls: tuple[Control, ...]
    version: str = ""
    schema: str = ""
    text: str = ""
    authors: str = ""
    scopes: tuple[Area, ...] = ()  # where requirements may apply
    names: tuple[FrameworkName, ...] = ()

    @property
    def requirements(self) -> Mapping[str, Requirement]:
        return {one.id: one for control in self.controls for one in control.requirements}


class Mistake(NamedTuple):
    path: Path
    message: Text
    hint: Text


def mistakes_in_catalogue(catalogue: Catalogue) -> Iterator[Mistake]:
    """What the form alone does not show: ids that stand twice or nowhere, and successors that go in a circle."""
    if not catalogue.controls:
        yield Mistake((), t("The catalogue has no controls."), t("Give the file that has them."))
    yield from _twice(catalogue)
    areas, scopes = {one.id for one in catalogue.areas}, {one.id for one in catalogue.scopes}
    for control in catalogue.controls:
        if control.area not in areas:
            yield Mistake(
                (*control.path, "group"),
                t("The control '{id}' is in the group '{group}', which is nowhere.", id=control.id, group=control.area),
                t("Add the group, or mend its name; there are: {names}.", names=", ".join(sorted(areas)) or "-"),
            )
        for one in control.requirements:
            for scope in one.applies_to:
                if scopes and scope not in scopes:
                    yield Mistake(
                        one.path,
                        t("The requirement '{id}' applies to '{name}', which is nowhere.", id=one.id, name=scope),
                        t("There are: {names}.", names=", ".join(sorted(scopes))),
                    )
    yield from _successors({one.id: one for one in catalogue.controls})
    yield from _successors(dict(catalogue.requirements))


def _twice(catalogue: Catalogue) -> Iterator[Mistake]:
    seen: set[str] = set()
    controls = [(one.path, one.id) for one in catalogue.controls]
    requirements = [(one.path, one.id) for control in catalogue.controls for one in control.requirements]
    for path, id_ in (*(((), area.id) for area in catalogue.areas), *controls, *requirements):
        if id_ in seen:
            yield Mistake(
                path,
                t("The id '{id}' is taken already.", id=id_),
                t("Every group, control and requirement needs its own."),
            )
        seen.add(id_)


def _successors(known: Mapping[str, Control] | Mapping[str, Requirement]) -> Iterator[Mistake]:
    follows = {id_: one.replaced_by for id_, one in known.items() if one.replaced_by and not one.foreign_successor}
    for id_, successor in follows.items():
        if successor not in known:
            yield Mistake(
                known[id_].path,
                t("'{id}' is replaced by '{other}', which is nowhere.", id=id_, other=successor),
                t("Name one that is in the catalogue."),
            )
        elif _circles(follows, id_):
            yield Mistake(
                known[id_].path,
                t("'{id}' replaces itself in a circle.", id=id_),
                t("One of them must stand without a successor."),
            )


def _circles(follows: Mapping[str, str], start: str) -> bool:
    passed: set[str] = set()
    at = follows.get(start, "")
    while at and at not in passed:
        if at == start:
            return True
        passed.add(at)
        at = follows.get(at, "")
    return False
