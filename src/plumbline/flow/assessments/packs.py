"""The packs that assessments are made with: those that come with the product, under the organisation's overlays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.access import use_cases
from plumbline.flow.unit_of_work import not_found
from plumbline.kernel import ErrorKind, PlumblineError, Text, t

if TYPE_CHECKING:
    from plumbline.access import Actor
    from plumbline.flow.assessments.tools import AssessmentTools
    from plumbline.maturity import PackFile


def list_packs(actor: Actor, tools: AssessmentTools) -> tuple[PackFile, ...]:
    with tools.units.view(actor) as unit:
        unit.require(use_cases.LIST_PACKS)
    return every_pack(tools)


def packs_at(actor: Actor, tools: AssessmentTools, node: int) -> tuple[PackFile, ...]:
    """Those of which statements may be put on file at a node. Raises PlumblineError ``not-found``, ``not-allowed``."""
    with tools.units.view(actor) as unit:
        unit.require(use_cases.LIST_STATEMENTS, node)
    return every_pack(tools)


def view_pack(actor: Actor, tools: AssessmentTools, name: str) -> PackFile:
    """Raises PlumblineError ``not-found``."""
    with tools.units.view(actor) as unit:
        unit.require(use_cases.LIST_PACKS)
    return pack_named(tools, name)


def every_pack(tools: AssessmentTools) -> tuple[PackFile, ...]:
    return tuple(tools.load_pack(name) for name in tools.shipped())


def pack_named(tools: AssessmentTools, name: str) -> PackFile:
    """One that comes with the product; never a file that somebody names. Raises PlumblineError ``not-found``."""
    if name not in tools.shipped():
        raise not_found(t("There is no pack '{name}'.", name=name))
    return tools.load_pack(name)


def not_in_a_pack(code: str, message: Text) -> PlumblineError:
    hint = t("GET {path} lists what there is.", path="/api/v1/packs")
    return PlumblineError(code, message, hint, kind=ErrorKind.CONFIGURATION)
