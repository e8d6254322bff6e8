"""Lines of a contract that nobody could ever fill, named while it is edited."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.kernel import Text

if TYPE_CHECKING:
    from plumbline.model.contract import Contract


class KnownSource(msgspec.Struct, frozen=True, kw_only=True):
    """A registered source. ``kinds``: of event that it may tell; empty: any that tools may."""

    name: str
    kinds: tuple[str, ...] = ()
    revoked: bool = False


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What is there, at the node of a contract and below. None: nobody looked, and nothing is said about it."""

    sources: tuple[KnownSource, ...] | None = None
    forges: tuple[str, ...] | None = None  # kinds of forge that tell something
    reports: tuple[str, ...] | None = None  # keys of ``artifacts:reports`` that jobs have; formats that were brought
    told: tuple[str, ...] | None = None  # kinds of evidence that have come before
    branches: tuple[str, ...] | None = None
    tiers: tuple[str, ...] | None = None
    paths: tuple[str, ...] | None = None  # files of the repositories
    runner_tags: tuple[str, ...] | None = None


class Dead(msgspec.Struct, frozen=True, kw_only=True):
    """``need``: id of the line; empty: the contract as a whole. ``code``: kebab-case, of ``message``."""

    need: str
    code: str
    message: Text
    hint: Text | None = None


def dead_lines(contract: Contract, known: Known) -> tuple[Dead, ...]:
    raise NotImplementedError
