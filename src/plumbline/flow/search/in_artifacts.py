"""What is found among artifacts: by the beginning of a digest, a tag, or the name of a package."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.artifacts.packages import of_stored
from plumbline.flow.artifacts.made_by import find_artifacts
from plumbline.flow.search.found import Found, FoundKind, Rank
from plumbline.model.artifact import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plumbline.access import Actor
    from plumbline.flow.artifacts.tools import ArtifactTools
    from plumbline.flow.search.found import Wanted
    from plumbline.model.artifact import Artifact

_SHORTEST = 2  # letters
_SHOWN = 12  # of a digest


def in_artifacts(actor: Actor, tools: ArtifactTools, wanted: Wanted, most: int) -> Iterator[Found]:
    if len(wanted.text) < _SHORTEST:
        return
    for one in find_artifacts(actor, tools, wanted.text, most + 1):
        title = _title(one)
        rank = wanted.rank(title, one.digest, one.digest.partition(":")[2]) or Rank(3)
        path = f"/projects/{one.project}/artifacts/{one.digest}"
        yield Found(FoundKind.ARTIFACT, title, one.digest.partition(":")[2][:_SHOWN], path, rank)


def _title(one: Artifact) -> str:
    if one.kind is Kind.GENERIC:
        name = of_stored(one.name, one.version)
        return f"{name.package} {name.version} {name.file}"
    return one.repository
