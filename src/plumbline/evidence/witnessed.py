"""Up to where witnesses cosigned what was verified, and what is wrong where one was demanded that did not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.evidence.checkpoint import claimed_checkpoint, read_checkpoint
from plumbline.evidence.cosignature import WitnessKey, cosignatures
from plumbline.evidence.entry_faults import Fault
from plumbline.evidence.notes import open_note
from plumbline.evidence.verifying import CosignedSize, Outcome, Report
from plumbline.kernel import PlumblineError, Text, t
from plumbline.kernel.text import nt

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from plumbline.evidence.notes import VerifyingKey


def with_witnesses(
    report: Report,
    notes: Iterable[bytes],
    keys: Sequence[VerifyingKey],
    witnesses: Sequence[WitnessKey],
    demanded: Sequence[WitnessKey] = (),
) -> Report:
    """The report with the largest size that each witness cosigned. ``notes``: of the checkpoints it was made with;
    ``demanded``: without the word of these it is broken."""
    if not report.intact:
        return report
    wanted = list(dict.fromkeys([*witnesses, *demanded]))
    found: dict[WitnessKey, CosignedSize] = {}
    try:
        largest = _largest_first(notes, keys)
        for size, note in largest:
            for by, at in cosignatures(note, [key for key in wanted if key not in found]):
                found[by] = CosignedSize(by=by, size=size, at=at)
            if len(found) == len(wanted):
                break
    except PlumblineError as error:
        return _broken(report, "cosignature", error.message)
    report = msgspec.structs.replace(report, cosigned=tuple(found.values()))
    missing = [key for key in demanded if key not in found]
    if missing:
        names = ", ".join(key.name for key in missing)
        return _broken(report, "not-cosigned", t("No checkpoint is cosigned by {names}.", names=names))
    least = min((found[key].size for key in demanded), default=report.last)
    told = [*report.notes]
    if least < report.last:
        told.append(
            nt(
                "{count} entry after entry {size} is cosigned by not all of the witnesses that were demanded.",
                "{count} entries after entry {size} are cosigned by not all of the witnesses that were demanded.",
                report.last - least,
                size=least,
            )
        )
    if not wanted and largest and (names := _others(largest[0][1], keys)):
        told.append(t("The newest checkpoint has signatures of others, whose keys were not given: {names}",
                      names=names))  # fmt: skip
    return msgspec.structs.replace(report, notes=tuple(told))


def _largest_first(notes: Iterable[bytes], keys: Sequence[VerifyingKey]) -> list[tuple[int, bytes]]:
    """Those that a known key signed; of the same size the one with more signatures first."""
    found = []
    for note in notes:
        try:
            said = read_checkpoint(note, keys) if keys else claimed_checkpoint(note)
        except PlumblineError:
            continue  # verification itself says so
        found.append((said.size, note))
    return sorted(found, key=lambda one: (-one[0], -len(one[1])))


def _others(note: bytes, keys: Sequence[VerifyingKey]) -> str:
    known = {key.name for key in keys}
    return ", ".join(sorted({name for name, _, _ in open_note(note)[1]} - known)) if known else ""


def _broken(report: Report, code: str, message: Text) -> Report:
    return msgspec.structs.replace(report, outcome=Outcome.BROKEN, fault=Fault(0, code, message))
