"""A control catalogue in OSCAL's form (JSON): what a control's statement lists are its requirements."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import msgspec

from plumbline.kernel import t
from plumbline.maturity.frameworks.catalogue import Area, Catalogue, Control, Requirement, mistakes_in_catalogue
from plumbline.maturity.frameworks.foreign import ForeignSource, wrong

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_INSERT = re.compile(r"\{\{\s*(?:insert:\s*)?param,?\s*([\w.\-]+)\s*\}\}")
_DEEPEST = 20  # parameters inside each other
_LONGEST = 20_000  # characters of one requirement, parameters put in
_SUCCESSORS = ("incorporated-into", "moved-to")
_TEXTS = ("statement", "requirement", "objective", "overview")  # of a control, the first of these that it has


class _Piece(msgspec.Struct, frozen=True, kw_only=True, rename="kebab"):
    """Fields that are not named here are of no use to a grade, and are left alone."""


class _Property(_Piece, frozen=True, kw_only=True):
    name: str
    value: str = ""


class _Select(_Piece, frozen=True, kw_only=True):
    choice: tuple[str, ...] = ()


class _Parameter(_Piece, frozen=True, kw_only=True):
    id: str
    label: str = ""
    values: tuple[str, ...] = ()
    select: _Select | None = None


class _Link(_Piece, frozen=True, kw_only=True):
    href: str
    rel: str = ""


class _Part(_Piece, frozen=True, kw_only=True):
    name: str
    id: str = ""
    prose: str = ""
    parts: tuple[_Part, ...] = ()


class _Control(_Piece, frozen=True, kw_only=True):
    id: str
    title: str
    params: tuple[_Parameter, ...] = ()
    props: tuple[_Property, ...] = ()
    links: tuple[_Link, ...] = ()
    parts: tuple[_Part, ...] = ()
    controls: tuple[_Control, ...] = ()


class _Group(_Piece, frozen=True, kw_only=True):
    title: str
    id: str = ""
    params: tuple[_Parameter, ...] = ()
    groups: tuple[_Group, ...] = ()
    controls: tuple[_Control, ...] = ()


class _Party(_Piece, frozen=True, kw_only=True):
    name: str = ""


class _Metadata(_Piece, frozen=True, kw_only=True):
    title: str
    version: str = ""
    oscal_version: str = ""
    parties: tuple[_Party, ...] = ()


class _Catalogue(_Piece, frozen=True, kw_only=True):
    uuid: str
    metadata: _Metadata
    params: tuple[_Parameter, ...] = ()
    groups: tuple[_Group, ...] = ()
    controls: tuple[_Control, ...] = ()


class _Document(_Piece, frozen=True, kw_only=True):
    catalog: _Catalogue


def read_oscal(texts: Sequence[tuple[str, str]], id_: str = "") -> Catalogue:
    """Of one file. ``id_``: how the pack is to be called; without it, the catalogue's title makes its name.

    Raises PlumblineError ``framework-wrong``."""
    if len(texts) != 1:
        raise wrong(texts[1][0] if texts else "-", 1, t("An OSCAL catalogue is one file; {count} are given.",
                                                        count=len(texts)))  # fmt: skip
    name, text = texts[0]
    source = ForeignSource(text, name, as_json=True)
    one = source.convert(_Document).catalog
    made = Catalogue(
        form="oscal",
        id=id_ or _name(one.metadata.title) or one.uuid,
        title=one.metadata.title,
        digest=f"sha256:{sha256(text.encode()).hexdigest()}",
        version=one.metadata.version,
        schema=one.metadata.oscal_version,
        authors=", ".join(party.name for party in one.metadata.parties if party.name),
        areas=tuple(_areas(one)),
        controls=_known_successors(tuple(_controls(one))),
    )
    for mistake in mistakes_in_catalogue(made):
        raise source.refuse(mistake.path, mistake.message, mistake.hint)
    return made


def _name(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.casefold()).strip("-")[:80].strip("-")


def _areas(one: _Catalogue) -> Iterator[Area]:
    """Groups that have controls of their own; controls outside every group are in an area of the catalogue's name."""
    if one.controls:
        yield Area(id=one.uuid, title=one.metadata.title)
    left = list(one.groups)
    while left:
        group = left.pop(0)
        left[:0] = group.groups
        if group.controls:
            yield Area(id=_of_group(group), title=_line(group.title))


def _of_group(group: _Group) -> str:
    return group.id or _name(group.title)


def _controls(one: _Catalogue) -> Iterator[Control]:
    parameters = {each.id: each for each in one.params}
    yield from _of(one.controls, one.uuid, parameters, ("catalog", "controls"))
    for number, group in enumerate(one.groups):
        yield from _in_group(group, parameters, ("catalog", "groups", number))


def _in_group(group: _Group, parameters: Mapping[str, _Parameter], path: tuple[Any, ...]) -> Iterator[Control]:
    known = {**parameters, **{each.id: each for each in group.params}}
    yield from _of(group.controls, _of_group(group), known, (*path, "controls"))
    for number, inner in enumerate(group.groups):
        yield from _in_group(inner, known, (*path, "groups", number))


def _of(
    controls: Sequence[_Control], area: str, parameters: Mapping[str, _Parameter], path: tuple[Any, ...]
) -> Iterator[Control]:
    """Enhancements of a control are controls of their own."""
    for number, one in enumerate(controls):
        here = (*path, number)
        known = {**parameters, **{each.id: each for each in one.params}}
        yield _control(one, area, known, here)
        yield from _of(one.controls, area, known, (*here, "controls"))


def _control(one: _Control, area: str, parameters: Mapping[str, _Parameter], path: tuple[Any, ...]) -> Control:
    gone = any(each.name == "status" and each.value.casefold() == "withdrawn" for each in one.props)
    successor = next((each.href.lstrip("#") for each in one.links if each.rel in _SUCCESSORS), "") if gone else ""
    requirements = () if gone else tuple(_requirements(one, parameters, path))
    return Control(
        id=one.id,
        title=_line(one.title),
        objective=requirements[0].text if requirements else _line(one.title),
        area=area,
        requirements=requirements,
        state="Retired" if gone else "Active",
        replaced_by=successor,
        path=path,
    )


def _requirements(one: _Control, parameters: Mapping[str, _Parameter], path: tuple[Any, ...]) -> Iterator[Requirement]:
    """The points of its statement, each with all below it; the statement itself where it has no points."""
    advice = " ".join(_prose(part, parameters) for part in one.parts if part.name == "guidance")
    named = next((found for name in _TEXTS if (found := [part for part in one.parts if part.name == name])), [])
    told = False
    for part in named:
        points = [each for each in part.parts if each.name == "item"] or [part]
        for point in points:
            if text := _prose(point, parameters):
                told = True
                lead = _line(_filled(part.prose, parameters)) + " " if part.prose and point is not part else ""
                yield Requirement(id=point.id or f"{one.id}.statement", text=lead + text, advice=advice, path=path)
    if not told:
        yield Requirement(id=f"{one.id}.title", text=_line(one.title), advice=advice, path=path)


def _prose(part: _Part, parameters: Mapping[str, _Parameter]) -> str:
    """Of a part and, where they are points of it, of those below."""
    inside = [_prose(each, parameters) for each in part.parts if each.name == "item"]
    return " ".join(text for text in (_line(_filled(part.prose, parameters)), *inside) if text)


def _filled(text: str, parameters: Mapping[str, _Parameter], depth: int = 0) -> str:
    """With what parameters are called, in brackets, in their place. A parameter that has itself inside, and text that
    would grow without end, is left as it is written."""
    if depth > _DEEPEST or len(text) > _LONGEST:
        return text

    def word(match: re.Match[str]) -> str:
        one = parameters.get(match[1])
        if one is None:
            return f"[{match[1]}]"
        said = ", ".join(one.values) or (" | ".join(one.select.choice) if one.select else "") or one.label or one.id
        return f"[{_filled(said, {name: each for name, each in parameters.items() if name != one.id}, depth + 1)}]"

    return _INSERT.sub(word, text)[: _LONGEST * 2]


def _known_successors(controls: tuple[Control, ...]) -> tuple[Control, ...]:
    """What was moved out of a selection of controls has its successor elsewhere."""
    known = {one.id for one in controls}
    return tuple(
        msgspec.structs.replace(one, foreign_successor=True)
        if one.replaced_by and one.replaced_by not in known
        else one
        for one in controls
    )


def _line(text: str) -> str:
    return " ".join(text.split())
