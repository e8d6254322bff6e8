"""What kinds of evidence are read with: fields of an entry that anybody may have sent, and pieces made of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from plumbline.evidence.origin import OWN
from plumbline.model.contract import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from plumbline.contracts.kinds._kind import Told

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_OF_JOB = re.compile(r"([^/]+)/(?:(\d+)/)?(?:tests|scans|measured|job)/.*")
MOST = 500  # texts of one list


def text(said: Any, *path: str) -> str:
    """The text at a path of names; empty where there is none."""
    for name in path:
        said = said.get(name) if isinstance(said, dict) else None
    return said if isinstance(said, str) else ""


def texts(said: Any, name: str) -> tuple[str, ...]:
    found = said.get(name) if isinstance(said, dict) else None
    return tuple(one for one in found[:MOST] if isinstance(one, str) and one) if isinstance(found, list) else ()


def number(said: Any, name: str) -> float | None:
    found = said.get(name) if isinstance(said, dict) else None
    usable = isinstance(found, (int, float)) and not isinstance(found, bool) and abs(found) <= 1e18
    return float(found) if usable else None  # type: ignore[arg-type]


def numbers(said: Any, names: Mapping[str, str]) -> dict[str, float]:
    """``names``: of a count, and of the field that it stands in."""
    found = {name: number(said, field) for name, field in names.items()}
    return {name: value for name, value in found.items() if value is not None}


def digest(said: Any, *path: str) -> str:
    found = text(said, *path)
    return found if _DIGEST.fullmatch(found) else ""


def commit(said: Any, *path: str) -> str:
    found = text(said, *path)
    return found if _COMMIT.fullmatch(found) else ""


def is_commit(said: str) -> bool:
    return _COMMIT.fullmatch(said) is not None


def is_digest(said: str) -> bool:
    return _DIGEST.fullmatch(said) is not None


def custom(told: Told) -> dict[str, Any]:
    return told.view.custom if isinstance(told.view.custom, dict) else {}


def about(**named: str | Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Pairs of a kind of subject and its id; what is empty is left out."""
    found: dict[tuple[str, str], None] = {}
    for kind, ids in named.items():
        for id_ in (ids,) if isinstance(ids, str) else ids:
            if id_:
                found[kind, id_] = None
    return tuple(found)


def ran_in(told: Told) -> dict[str, str]:
    """The run, and the job where one did it, of what this server tells of its own jobs."""
    found = _OF_JOB.fullmatch(told.view.subject) if told.word == OWN else None
    return {"run": found[1], "job": found[2] or ""} if found else {}


def piece(
    told: Told,
    kind: str,
    subjects: tuple[tuple[str, str], ...],
    *,
    counts: Mapping[str, float] | None = None,
    word: str | None = None,
    digest: str = "",
    tool: str = "",
    layer: str = "",
    covers: tuple[str, ...] = (),
    problem: str = "",
) -> Evidence:
    """A piece of evidence as an entry tells it. ``word``: whose it is, where that is not whoever told the entry."""
    return Evidence(
        kind=kind,
        event=told.entry.id,
        source=told.entry.source,
        seq=told.entry.seq,
        received=told.entry.received,
        word=told.word if word is None else word,
        about=subjects,
        digest=digest,
        tool=tool,
        layer=layer,
        covers=covers,
        counts=tuple(sorted((counts or {}).items())),
        problem=problem,
        supersedes=text(custom(told), "supersedes"),
        time=told.view.time or 0,
    )
