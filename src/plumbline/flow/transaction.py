"""All that the server keeps, as its flows are handed it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from plumbline.access import Standing
from plumbline.model.ports.people import Registry
from plumbline.model.ports.pipelines import Books

if TYPE_CHECKING:
    from contextlib import AbstractContextManager


class Records(Registry, Books, Protocol):
    """All that is kept, in one transaction."""


class Store(Protocol):
    """Opens transactions over everything; it is a Registries and a Bookkeeping as well."""

    def change(self) -> AbstractContextManager[Records]: ...

    def view(self) -> AbstractContextManager[Records]: ...

    @property
    def readers(self) -> int:
        """How many may well read at once: more only take the interpreter from each other."""
        ...

    def one_moment(self) -> AbstractContextManager[None]: ...


def standing_of(records: Registry, person: int) -> Standing | None:
    """Somebody with all that they hold; None where there is no such person."""
    found = records.people.get(person) if person else None
    return Standing(found, tuple(records.grants.of(person))) if found is not None else None
