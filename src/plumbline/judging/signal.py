"""One question to the records and what is good enough, as data. Packs and policies are made of these."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from plumbline.model.fact import fact_key
from plumbline.model.words import Words

Op = Literal[">=", "<=", ">", "<", "="]


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A piece of a pack or a policy."""


class Threshold(_Part, frozen=True, kw_only=True):
    """What is good enough. Without ``window_days`` the state at the time of judging is meant."""

    op: Op
    value: float
    unit: str
    window_days: int | None = None
    source: Literal["sheet", "bank", "proposed", "owner"] = "proposed"
    reading: Words | None = None  # the words of the source that ``value`` is a reading of
    binding: bool = True  # False: shown for comparison only


class Signal(_Part, frozen=True, kw_only=True):
    """One question to the records. All binding signals of a criterion must hold."""

    probe: str
    fact: str
    title: Words
    at: Threshold | None = None
    needs: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return fact_key(self.fact, self.at.window_days if self.at else None)


class Defaults(_Part, frozen=True, kw_only=True):
    """What holds where a signal says nothing of its own."""

    window_days: int = 90
    min_sample: int = 5
    statement_valid_days: int = 365
    most_late: Annotated[float, Meta(ge=0, le=1)] = 1.0  # share of late evidence above which a fact is unknown
