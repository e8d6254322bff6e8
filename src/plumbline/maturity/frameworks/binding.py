"""Which facts decide the requirements of a catalogue, as data of ours: requirement to signals. What is not named here
stays unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from plumbline.judging import STATEMENTS, Signal, signal_mistakes
from plumbline.kernel import t
from plumbline.maturity.pack import Effort
from plumbline.maturity.reading import Source
from plumbline.model.words import Words
from plumbline.pipeline import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from plumbline.kernel import Text
    from plumbline.maturity.frameworks.catalogue import Catalogue
    from plumbline.maturity.reading import Path

FORMAT = 1


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A piece of a binding."""


class Bound(_Part, frozen=True, kw_only=True):
    """What decides one requirement: all binding signals must hold."""

    signals: tuple[Signal, ...]
    text: Words | None = None  # in our words, where the catalogue's are in one language only
    remedy: Words | None = None
    effort: Effort = "medium"
    remark: Words | None = None  # what the signals do not see of it


class Binding(_Part, frozen=True, kw_only=True):
    """``levels``: places of application from the lowest to the highest, as whoever wrote this declares them.
    ``reported``: facts that this version has no definition of, and that a tool tells by measurements."""

    format: int
    id: str
    version: str
    binds: str  # id of the catalogue
    requirements: dict[str, Bound]
    name: Words | None = None
    levels: dict[str, Words] = {}
    reported: tuple[str, ...] = ()


def read_binding(text: str, name: str, catalogue: Catalogue, facts: Collection[str]) -> Binding:
    """``facts``: names of those that this version can compute. Raises PlumblineError ``pack-wrong`` with the line."""
    source = Source(text, name)
    made = source.convert(Binding)
    for path, message, hint in _mistakes(made, catalogue, facts):
        raise source.wrong(source.line(path), message, hint=hint or t("docs/frameworks.md has the form of a binding."))
    return made


_Found = tuple[tuple[Any, ...], "Text", "Text | None"]


def _mistakes(made: Binding, catalogue: Catalogue, facts: Collection[str]) -> Iterator[_Found]:
    if made.format != FORMAT:
        yield (
            ("format",),
            t("The format is {found}; this version reads {known}.", found=made.format, known=FORMAT),
            None,
        )
    if made.binds != catalogue.id:
        yield (
            ("binds",),
            t("This binds '{found}', and the catalogue is '{wanted}'.", found=made.binds, wanted=catalogue.id),
            t("Give the binding that was written for this catalogue."),
        )
    known = catalogue.requirements
    for id_, bound in made.requirements.items():
        path: Path = ("requirements", id_)
        if id_ not in known:
            yield (
                path,
                t("The catalogue has no requirement '{id}'.", id=id_),
                did_you_mean(id_, list(known)) or t("Name a requirement, not a control or a group."),
            )
        elif known[id_].state == "Retired":
            yield path, t("The requirement '{id}' is retired.", id=id_), t("Take it out of the binding.")
        if not any(one.at is None or one.at.binding for one in bound.signals):
            yield path, t("The requirement '{id}' has no binding signal: nothing could decide it.", id=id_), None
        for number, signal in enumerate(bound.signals):
            yield from _signal(signal, (*path, "signals", number), {*facts, *made.reported})


def _signal(signal: Signal, path: Path, facts: Collection[str]) -> Iterator[_Found]:
    for message in signal_mistakes(signal):
        yield path, message, None
    stated = signal.fact.startswith("statement-")
    if (signal.probe in STATEMENTS) != stated:
        yield (
            path,
            t("The probe '{probe}' does not fit the fact '{fact}'.", probe=signal.probe, fact=signal.fact),
            t("What people state begins with `statement-` and is asked by the probe `statement`."),
        )
    elif not stated and signal.fact not in facts:
        yield (
            path,
            t("There is no fact '{fact}'.", fact=signal.fact),
            did_you_mean(signal.fact, list(facts))
            or t("Take one that a model names; what a tool tells by measurements stands under `reported`."),
        )
