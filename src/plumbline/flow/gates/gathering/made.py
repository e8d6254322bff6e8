"""What the pipeline made, what it is made of, and what is said of it: ``artifacts.*``, ``sbom.*``, ``provenance.*``,
``licences.*``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.evidence.attestations import cyclonedx, slsa_provenance
from plumbline.evidence.origin import OWN, word_of
from plumbline.evidence.vocabulary import own_delivery as own
from plumbline.flow.gates.gathering._ground import NOTHING, UNDECIDED, Ground, known, names
from plumbline.flow.gates.subjects import pushed_by
from plumbline.model.report import Components
from plumbline.trace import read_seen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from plumbline.model.gate import FactValue

_MOST = 1000  # statements about one digest that are looked at
_SPDX = "https://spdx.dev/Document"


def gather_artifacts(ground: Ground) -> Mapping[str, FactValue]:
    if ground.pipeline is None:
        return {"artifacts.made": NOTHING, "artifacts.digests": NOTHING}
    digests = made_by(ground)
    return {"artifacts.made": known(len(digests)), "artifacts.digests": names(digests)}


def made_by(ground: Ground) -> list[str]:
    """Digests."""
    return pushed_by(ground.tx, ground.pipeline) if ground.pipeline is not None else []


def gather_sbom(ground: Ground) -> Mapping[str, FactValue]:
    named = {one.about for one in ground.holding("components") if one.about.startswith("sha256:")}
    return _said(ground, "sbom", "with_sbom", (cyclonedx.TYPE, _SPDX), named)


def gather_provenance(ground: Ground) -> Mapping[str, FactValue]:
    return _said(ground, "provenance", "with_provenance", (slsa_provenance.TYPE,), set())


def _said(
    ground: Ground, family: str, what: str, predicates: Sequence[str], besides: set[str]
) -> Mapping[str, FactValue]:
    """By which of the digests this server signed a statement of one of these types."""
    if ground.pipeline is None:
        return {f"{family}.{name}": NOTHING for name in ("artifacts", what, "missing")}
    digests, there, events = made_by(ground), [], []
    for digest in digests:
        told = _signed(ground, digest, predicates)
        if told or digest in besides:
            there.append(digest)
            events += told
    return {
        f"{family}.artifacts": known(len(digests)),
        f"{family}.{what}": known(len(there), events),
        f"{family}.missing": names([one for one in digests if one not in there]),
    }


def _signed(ground: Ground, digest: str, predicates: Sequence[str]) -> list[str]:
    entries = ground.ledger.naming(bytes.fromhex(digest.partition(":")[2]), (own.AttestationRecorded.TYPE,), _MOST)
    found = []
    for entry in entries:
        seen = read_seen(entry.body, entry.sender) if word_of(entry.source, entry.sender) == OWN else None
        if seen is None or seen.content.get("predicate") not in predicates:
            continue
        if digest in seen.content.get("subjects", ()):
            found.append(seen.cited.id)
    return found


def gather_licences(ground: Ground) -> Mapping[str, FactValue]:
    """Of the bills of materials that jobs left as reports."""
    found = {"licences.names": NOTHING, "licences.components": NOTHING, "licences.unknown": NOTHING}
    reports = ground.holding("components")
    contents = [ground.tx.reports.detail(one.id).content for one in reports]
    if not contents:
        return found
    if not all(isinstance(one, Components) for one in contents):
        return dict.fromkeys(found, UNDECIDED)  # one is too large to be kept
    parts = {
        (part.purl or part.name, part.version): part
        for one in contents
        if isinstance(one, Components)
        for part in one.components
        if part.scope != "excluded"
    }
    if not parts:
        return found
    every = [name for part in parts.values() for name in part.licences]
    return {
        "licences.names": names(every),
        "licences.components": known(len(parts)),
        "licences.unknown": known(sum(not part.licences for part in parts.values())),
    }
