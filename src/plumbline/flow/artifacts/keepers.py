"""What else wants a word in what becomes of an artifact: who holds it, and who wants to hear of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plumbline.access import Actor
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.kernel import Text
    from plumbline.model.artifact import Artifact


def _nobody(_unit: UnitOfWork, _artifact: Artifact) -> Text | None:
    return None


def _unheard(_actor: Actor, _artifact: Artifact) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Keepers:
    """``held``: why an artifact has to stay, such as that it is deployed; None: it may go. ``pulled`` hears of each
    manifest and each file that is handed out, and to whom, after it was."""

    held: Callable[[UnitOfWork, Artifact], Text | None] = _nobody
    pulled: Callable[[Actor, Artifact], None] = _unheard
