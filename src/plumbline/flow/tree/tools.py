"""What the flows about the organisation tree may touch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from plumbline.access import AnySetting
from plumbline.flow.unit_of_work import Units
from plumbline.model.forge import ForgeKind
from plumbline.model.moves import NO_MOVES, Moves
from plumbline.model.ports.vault import Vault
from plumbline.model.server import Binding


def no_hook(_binding: Binding, _secret: bytes, _url: str) -> str:
    raise NotImplementedError


@dataclass(frozen=True, slots=True)
class TreeTools:
    """Built by ``wiring`` alone; used from many threads."""

    units: Units
    vault: Vault
    secret: Callable[[int], bytes]  # random bytes
    forges: Mapping[str, ForgeKind]  # where repositories may be, by name
    settings: Mapping[str, AnySetting]  # what may be set at a node, by key
    install_hook: Callable[[Binding, bytes, str], str] = no_hook  # into its repository: secret, address; its path
    moves: Callable[[], Moves] = lambda: NO_MOVES  # what nodes were called before
    url: str = ""  # how browsers and forges reach the server
