"""Be a witness of other ledgers (C2SP tlog-witness): cosign what continues the checkpoint that was cosigned last."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from plumbline.access import use_cases
from plumbline.evidence import EMPTY_ROOT, note_text, verify_consistency, verify_note
from plumbline.evidence.vocabulary import own_operations
from plumbline.evidence.witnessing import read_request, tree_head
from plumbline.flow.unit_of_work import Units
from plumbline.kernel import ErrorKind, PlumblineError, Text, t
from plumbline.model.ready import ready

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.access import Actor
    from plumbline.evidence import VerifyingKey
    from plumbline.evidence.cosignature import WitnessSigner

_SEEN = "witness/"  # setting: what was cosigned last, by origin


@dataclass(frozen=True, slots=True)
class WitnessTools:
    """Built by ``wiring`` alone. ``logs``: the keys of the ledgers that are cosigned; the name of each is an origin."""

    units: Units
    logs: Callable[[], Sequence[VerifyingKey]]
    signer: Callable[[], WitnessSigner]


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """The checkpoint that was cosigned last."""

    size: int = 0
    root: bytes = b""
    note: bytes = b""
    at: int = 0  # microseconds since the epoch


class Cosigned(NamedTuple):
    """``line`` is what to add to the note; empty where the witness knows another size than was said: ``size``."""

    line: bytes
    size: int


def cosign_checkpoint(actor: Actor, tools: WitnessTools, body: bytes) -> Cosigned:
    """What was cosigned last is on the disk before the answer is given, and nothing is cosigned that does not continue
    it.

    Raises PlumblineError ``witness-request-wrong``, ``witness-log-unknown``, ``witness-signature-unknown`` or
    ``witness-not-a-continuation``.
    """
    asked = read_request(body)
    head = tree_head(asked.note)
    _check_signature(asked.note, head.origin, tools.logs())
    if asked.old > head.size:
        raise _refused(
            "witness-request-wrong",
            t("The size that is said to be known, {old}, is larger than the checkpoint's, {size}.", old=asked.old,
              size=head.size),
        )  # fmt: skip
    signer = tools.signer()
    with tools.units.change(actor) as unit:
        unit.require(use_cases.COSIGN_CHECKPOINT)
        found = unit.tx.settings.get(_SEEN + head.origin)
        seen = msgspec.json.decode(found, type=ready(Seen)) if found else Seen()
        if asked.old != seen.size or (seen.size == head.size and found and seen.root != head.root):
            return Cosigned(b"", seen.size)
        if not _continues(seen, head.size, head.root, asked.path):
            raise _refused(
                "witness-not-a-continuation",
                t("Nothing proves that the checkpoint of {size} entries continues the one of {old}.", size=head.size,
                  old=seen.size),
            )  # fmt: skip
        if head.size != seen.size or not found:
            new = Seen(size=head.size, root=head.root, note=asked.note, at=unit.now)
            unit.tx.settings.put(_SEEN + head.origin, msgspec.json.encode(new))
            name = f"{signer.name}+{signer.verifier.id.hex()}"
            unit.record(head.origin, own_operations.CheckpointCosigned(
                size=head.size, root=f"sha256:{head.root.hex()}", before=seen.size, key=name))  # fmt: skip
        seconds = unit.now // 1_000_000
    return Cosigned(signer.cosign(note_text(asked.note), seconds), head.size)


def _check_signature(note: bytes, origin: str, logs: Sequence[VerifyingKey]) -> None:
    keys = [key for key in logs if key.name == origin]
    if not keys:
        message = t("This witness knows no ledger of the name {origin}.", origin=origin[:200])
        raise _refused("witness-log-unknown", message)
    try:
        verify_note(note, keys)
    except PlumblineError as error:
        raise _refused("witness-signature-unknown", error.message) from None


def _continues(seen: Seen, size: int, root: bytes, path: tuple[bytes, ...]) -> bool:
    if not seen.size:
        return not path and (size > 0 or root == EMPTY_ROOT)
    return verify_consistency(seen.size, seen.root, size, root, path)


def _refused(code: str, message: Text) -> PlumblineError:
    return PlumblineError(code, message, kind=ErrorKind.REFUSED)
