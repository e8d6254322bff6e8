"""A control catalogue in Gemara's form (YAML or JSON): one document, or its parts in several files."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

import msgspec

from plumbline.kernel import t
from plumbline.maturity.frameworks.catalogue import (
    Area,
    Catalogue,
    Control,
    Requirement,
    State,
    mistakes_in_catalogue,
)
from plumbline.maturity.frameworks.foreign import ForeignSource, wrong
from plumbline.maturity.pack import CrossReference, FrameworkName

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

TYPE = "ControlCatalog"


class _Piece(msgspec.Struct, frozen=True, kw_only=True, rename="kebab"):
    """Fields that are not named here are of no use to a grade, and are left alone."""


class _Group(_Piece, frozen=True, kw_only=True):
    id: str
    title: str
    description: str = ""


class _Entry(_Piece, frozen=True, kw_only=True):
    reference_id: str | None


class _Mapping(_Piece, frozen=True, kw_only=True):
    """Published catalogues have some with nothing in them."""

    reference_id: str | None
    entries: tuple[_Entry, ...] | None = None


class _Successor(_Piece, frozen=True, kw_only=True):
    reference_id: str
    entry_id: str


class _Requirement(_Piece, frozen=True, kw_only=True):
    id: str
    text: str
    applicability: tuple[str, ...] = ()
    recommendation: str | None = None
    state: State = "Active"
    replaced_by: _Successor | None = None


class _Control(_Piece, frozen=True, kw_only=True):
    id: str
    title: str
    objective: str
    group: str
    assessment_requirements: tuple[_Requirement, ...]
    guidelines: tuple[_Mapping, ...] | None = None
    state: State = "Active"
    replaced_by: _Successor | None = None


class _Reference(_Piece, frozen=True, kw_only=True):
    id: str
    title: str
    version: str = ""
    url: str = ""


class _Author(_Piece, frozen=True, kw_only=True):
    id: str
    name: str = ""


class _Metadata(_Piece, frozen=True, kw_only=True):
    id: str
    type: str
    gemara_version: str = ""
    version: str = ""
    date: str = ""
    description: str = ""
    author: _Author | None = None
    applicability_groups: tuple[_Group, ...] = ()
    mapping_references: tuple[_Reference, ...] = ()


class _Document(_Piece, frozen=True, kw_only=True):
    title: str = ""
    metadata: _Metadata | None = None
    groups: tuple[_Group, ...] = ()
    controls: tuple[_Control, ...] = ()


def read_gemara(texts: Sequence[tuple[str, str]]) -> Catalogue:
    """``texts``: name and text of each file; one of them has the metadata.

    Raises PlumblineError ``framework-wrong`` with file and line."""
    sources = [ForeignSource(text, name) for name, text in texts]
    documents = [source.convert(_Document) for source in sources]
    heads = [number for number, one in enumerate(documents) if one.metadata]
    if len(heads) != 1:
        name = sources[heads[1] if heads else 0].name
        raise wrong(name, 1, t("{count} of these files have `metadata`; one of them must.", count=len(heads)),
                    t("Give every part of one catalogue, and no other file."))  # fmt: skip
    head = documents[heads[0]]
    assert head.metadata is not None  # noqa: S101 - chosen for having it
    if head.metadata.type != TYPE:
        raise sources[heads[0]].refuse(
            ("metadata", "type"),
            t("This is a '{found}'; a pack is made from a '{wanted}'.", found=head.metadata.type, wanted=TYPE),
            t("Give the catalogue of controls."),
        )
    made = _catalogue(head, head.metadata, documents, _digest(texts))
    for one in mistakes_in_catalogue(made):
        number, *path = one.path or (heads[0],)
        raise sources[int(number)].refuse(tuple(path), one.message, one.hint)
    return made


def _digest(texts: Sequence[tuple[str, str]]) -> str:
    """Of one file, its own; of several, of the list of theirs, in the order given."""
    each = [sha256(text.encode()).hexdigest() for _, text in texts]
    return f"sha256:{each[0] if len(each) == 1 else sha256(chr(10).join(each).encode()).hexdigest()}"


def _catalogue(head: _Document, about: _Metadata, documents: Sequence[_Document], digest: str) -> Catalogue:
    return Catalogue(
        form="gemara",
        id=about.id,
        title=_line(head.title) or about.id,
        digest=digest,
        version=about.version,
        schema=about.gemara_version,
        text=_line(about.description),
        authors=about.author.name or about.author.id if about.author else "",
        areas=tuple(_area(one) for document in documents for one in document.groups),
        scopes=tuple(_area(one) for one in about.applicability_groups),
        controls=tuple(
            _control(one, about.id, (number, "controls", at))
            for number, document in enumerate(documents)
            for at, one in enumerate(document.controls)
        ),
        names=tuple(
            FrameworkName(id=one.id, title=_line(one.title), version=one.version, address=one.url)
            for one in about.mapping_references
        ),
    )


def _area(one: _Group) -> Area:
    return Area(id=one.id, title=_line(one.title), text=_line(one.description))


def _control(one: _Control, catalogue: str, path: tuple[Any, ...]) -> Control:
    return Control(
        id=one.id,
        title=_line(one.title),
        objective=_line(one.objective),
        area=one.group,
        requirements=tuple(
            _requirement(each, catalogue, (*path, "assessment-requirements", number))
            for number, each in enumerate(one.assessment_requirements)
        ),
        state=one.state,
        replaced_by=one.replaced_by.entry_id if one.replaced_by else "",
        foreign_successor=bool(one.replaced_by and one.replaced_by.reference_id != catalogue),
        references=tuple(_references(one.guidelines or ())),
        path=path,
    )


def _references(guidelines: Sequence[_Mapping]) -> Iterator[CrossReference]:
    for one in guidelines:
        entries = tuple(entry.reference_id for entry in one.entries or () if entry.reference_id)
        if one.reference_id and entries:
            yield CrossReference(framework=one.reference_id, entries=entries)


def _requirement(one: _Requirement, catalogue: str, path: tuple[Any, ...]) -> Requirement:
    return Requirement(
        id=one.id,
        text=_line(one.text),
        applies_to=one.applicability,
        advice=_line(one.recommendation or ""),
        state=one.state,
        replaced_by=one.replaced_by.entry_id if one.replaced_by else "",
        foreign_successor=bool(one.replaced_by and one.replaced_by.reference_id != catalogue),
        path=path,
    )


def _line(text: str) -> str:
    """Without the line breaks that a block of YAML has."""
    return " ".join(text.split())
