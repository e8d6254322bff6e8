"""Ask a witness (C2SP tlog-witness) to cosign a checkpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.adapters.outside.failing import not_delivered
from plumbline.adapters.outside.http import post
from plumbline.evidence import consistency_proof, newest_first
from plumbline.evidence.cosignature import cosignatures, with_cosignatures
from plumbline.evidence.witnessing import read_size, write_request
from plumbline.kernel import ErrorKind, PlumblineError, t, without_password
from plumbline.model.outside import OutsidePlace, PlaceKind

if TYPE_CHECKING:
    from plumbline.adapters.outside.http import Answer
    from plumbline.evidence.cosignature import WitnessKey
    from plumbline.model.event import Checkpoint
    from plumbline.model.ports.ledger import Ledger


class WitnessCourier:
    """``url``: the submission prefix, without ``/add-checkpoint``."""

    def __init__(self, url: str, key: WitnessKey) -> None:
        self.place = OutsidePlace(kind=PlaceKind.WITNESS, name=f"{key.name} ({without_password(url)})")
        self._url = f"{url.rstrip('/')}/add-checkpoint"
        self._key = key

    def deliver(self, checkpoint: Checkpoint, ledger: Ledger) -> Checkpoint:
        if self._has_signed(checkpoint.note):
            return checkpoint
        answer = self._asked(checkpoint, ledger, self._known(checkpoint, ledger))
        if answer.status == 409:
            size = read_size(answer.body)
            if size is None or size > checkpoint.size:
                raise self._other_history(checkpoint, size or 0)
            answer = self._asked(checkpoint, ledger, size)
            if answer.status == 409 and read_size(answer.body) == size:
                raise self._other_history(checkpoint, size)
        if answer.status == 422:
            raise self._other_history(checkpoint, checkpoint.size)
        if answer.status != 200:
            raise self._refused(answer)
        note = with_cosignatures(checkpoint.note, answer.body, [self._key])
        if not self._has_signed(note):
            hint = t("Ask whoever runs the witness for its public key, and write that key into checkpoints.toml.")
            raise not_delivered(self.place, t("its answer has no cosignature by the key that is known of it"), hint)
        return msgspec.structs.replace(checkpoint, note=note)

    def _has_signed(self, note: bytes) -> bool:
        return bool(cosignatures(note, [self._key]))

    def _known(self, checkpoint: Checkpoint, ledger: Ledger) -> int:
        """What the witness cosigned last, as far as is known here."""
        made = newest_first(ledger.checkpoints(), checkpoint.origin)
        return next((one.size for one in made if one.size <= checkpoint.size and self._has_signed(one.note)), 0)

    def _asked(self, checkpoint: Checkpoint, ledger: Ledger, old: int) -> Answer:
        path = consistency_proof(old, checkpoint.size, ledger.node) if 0 < old < checkpoint.size else []
        return post(self.place, self._url, write_request(old, path, checkpoint.note), {})

    def _refused(self, answer: Answer) -> PlumblineError:
        reason = t("it answered with the status {status}", status=answer.status)
        hint = {
            403: t("The witness knows another key of this ledger: give it the one of `plumb ledger checkpoint "
                   "--show-key`."),
            404: t("The witness does not know this ledger: give it the key of `plumb ledger checkpoint --show-key`."),
        }.get(answer.status)  # fmt: skip
        return not_delivered(self.place, reason, hint)

    def _other_history(self, checkpoint: Checkpoint, size: int) -> PlumblineError:
        return PlumblineError(
            "witness-saw-otherwise",
            t("The witness {witness} cosigned {known} entries of this ledger, which the checkpoint of {size} entries "
              "does not continue.", witness=self.place.name, known=size, size=checkpoint.size),
            t("Entries were taken out or changed after the witness saw them. `plumb ledger verify --against` with a "
              "checkpoint that was kept elsewhere says from which entry on."),
            kind=ErrorKind.REFUSED,
        )  # fmt: skip
