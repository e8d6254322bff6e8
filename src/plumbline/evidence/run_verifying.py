"""Whether a statement about a run is what the server stated, from the statement, public keys and nothing else.

1. A known key signed it, before another key followed that one, and it stands as it was written, to the byte.
2. Every event that it rests on is proved to be in the ledger, inside the range that it names.
3. Every line that was due has its slots, each in exactly one state that a closed slot may have, and what is said of all
   together follows from them.
4. Where the entries themselves are with it, they are the ones that were proved, and the ledger tells of this very
   statement. Without them their ids rest on the signature, and that is said.
5. The first check that failed is the cause.
"""

from __future__ import annotations

import io
from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec

from plumbline.evidence.artifact_file import is_artifact_file, read_artifact_file, verify_slice
from plumbline.evidence.artifact_verifying import Check, Result
from plumbline.evidence.dsse import Envelope, key_id, read_envelope, write_envelope
from plumbline.evidence.predicates.run import TYPE, Run, read_run
from plumbline.evidence.run_entries import check_entries, check_proofs
from plumbline.evidence.run_slots import check_slots
from plumbline.evidence.statement import PAYLOAD_TYPE, Statement, read_statement
from plumbline.evidence.verifying import Outcome
from plumbline.kernel import ErrorKind, PlumblineError, Text, t

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.evidence.artifact_file import Slice
    from plumbline.evidence.notes import VerifyingKey


class RunVerified(msgspec.Struct, frozen=True, kw_only=True):
    """``digest`` of the envelope; ``run`` None: it cannot be read, or nobody known signed it."""

    digest: str
    checks: tuple[Check, ...]
    subjects: tuple[str, ...] = ()
    key: str = ""
    run: Run | None = None

    @property
    def result(self) -> Result:
        """Nothing but what fails takes it away: that entries are not with it is said, and their ids are signed."""
        failed = any(one.result is Result.FAILED for one in self.checks)
        return Result.FAILED if failed or self.run is None else Result.PASSED

    @property
    def cause(self) -> Check | None:
        return next((one for one in self.checks if one.result is Result.FAILED), None)


def verify_run(data: bytes, keys: Sequence[VerifyingKey]) -> RunVerified:
    """``data``: a file that ``plumb evidence export`` wrote, or the signed envelope alone. Raises PlumblineError
    ``no-key``."""
    if not keys:
        raise PlumblineError(
            "no-key",
            t("A statement is verified with a public key that does not come with it."),
            t("Give the key that was handed over separately: --key KEY"),
            kind=ErrorKind.CONFIGURATION,
        )
    try:
        envelope, slices, about = _opened(data, keys)
    except PlumblineError as error:
        return RunVerified(digest=_digest(data), checks=(_failed("file", error.code, error.message),))
    digest = _digest(envelope)
    if about and about != digest:
        reason = t("The file is about {other}, and the statement in it is {digest}.", other=about, digest=digest)
        return RunVerified(digest=digest, checks=(_failed("file", "other-statement", reason),))
    known = _known(slices, keys)
    try:
        read = read_envelope(envelope)
        signer = _signer(read, known)
        statement, run = _statement(read)
    except PlumblineError as error:
        return RunVerified(digest=digest, checks=(_failed("signature", error.code, error.message),))
    return RunVerified(
        digest=digest,
        checks=tuple(_checks(envelope, read, signer, run, slices)),
        subjects=statement.digests,
        key=signer.name,
        run=run,
    )


def _digest(data: bytes) -> str:
    return f"sha256:{sha256(data).hexdigest()}"


def _opened(data: bytes, keys: Sequence[VerifyingKey]) -> tuple[bytes, list[Slice], str]:
    """The envelope, the entries of the ledger with it, and the digest that the file says it is about."""
    file = io.BytesIO(data)
    if not is_artifact_file(file):
        return data, [], ""
    found = read_artifact_file(file)
    envelopes = found.of("attestation")
    if len(envelopes) != 1 or found.of("manifest"):
        raise _refused("not-a-run", t("The file does not hold exactly one statement."))
    return envelopes[0].data, [verify_slice(piece.data, keys) for piece in found.of("ledger")], found.about.digest


def _known(slices: Sequence[Slice], keys: Sequence[VerifyingKey]) -> list[VerifyingKey]:
    """Those given, with what they say of the keys before and after them."""
    found = {(key.name, key.public): key for key in keys}
    for one in slices:
        found |= {(key.name, key.public): key for key in one.keys}
    return list(found.values())


def _signer(envelope: Envelope, known: Sequence[VerifyingKey]) -> VerifyingKey:
    """Raises PlumblineError ``signature-wrong``, ``key-unknown``."""
    signer = next((key for key in known if envelope.signed_by(key)), None)
    if signer is not None:
        return signer
    named = {each.keyid for each in envelope.signatures}
    own = sorted(named & {key_id(key) for key in known})
    if own:
        raise _refused(
            "signature-wrong",
            t("It names the key {key}, and its signature is not by that key: something was changed.", key=own[0]),
        )
    keys = ", ".join(sorted(named - {""})) or t("no name")
    raise _refused("key-unknown", t("It is signed by a key that is not known here ({keys}).", keys=keys))


def _statement(envelope: Envelope) -> tuple[Statement, Run]:
    """Raises PlumblineError ``payload-type``, ``not-a-statement``, ``not-a-run``."""
    if envelope.payload_type != PAYLOAD_TYPE:
        message = t("It holds '{type}', and no statement.", type=envelope.payload_type[:200])
        raise _refused("payload-type", message)
    statement = read_statement(envelope.payload)
    if statement.predicate_type != TYPE:
        message = t("It is a statement of the type {type}, and not about a run.", type=statement.predicate_type[:200])
        raise _refused("not-a-run", message)
    try:
        return statement, read_run(bytes(statement.predicate))
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError):
        raise _refused("not-a-run", t("What it says of the run cannot be read.")) from None


def _checks(data: bytes, envelope: Envelope, signer: VerifyingKey, run: Run, slices: Sequence[Slice]) -> list[Check]:
    found = [_as_written(data, envelope, signer), _window(signer, run)]
    found += check_proofs(run)
    found += check_slots(run)
    broken = [one for one in slices if one.report.outcome is not Outcome.INTACT]
    for one in broken:
        fault = one.report.fault.message if one.report.fault is not None else t("There is nothing in it.")
        reason = t("The entries of the ledger do not hold: {reason}", reason=fault)
        found.append(_failed("entries", "ledger-broken", reason))
    if not slices:
        reason = t("The entries themselves are not with it: that they are these rests on the signature.")
        found.append(Check(about="entries", result=Result.NO_DATA, code="no-entries", reason=reason))
    elif not broken:
        found += check_entries(run, _digest(data), slices, signer)
    return found


def _as_written(data: bytes, envelope: Envelope, signer: VerifyingKey) -> Check:
    """Base64 and JSON can be written in many ways of which one is signed."""
    if write_envelope(envelope.payload, envelope.payload_type, [(signer, envelope.signatures[0].sig)]) != data:
        reason = t("It is not written as the server writes it: something around the signed bytes was changed.")
        return _failed("signature", "not-as-written", reason)
    reason = t("{key} signed it.", key=key_id(signer))
    return Check(about="signature", result=Result.PASSED, code="", reason=reason)


def _window(signer: VerifyingKey, run: Run) -> Check:
    if not signer.vouches_for(run.ledger.size):
        reason = t("It is signed by a key that another one followed at {until} entries; this is about {size}.",
                   until=signer.until, size=run.ledger.size)  # fmt: skip
        return _failed("key", "key-retired", reason)
    if signer.name != run.ledger.origin:
        reason = t("It is about the ledger {origin}, and signed by the key of {name}.",
                   origin=run.ledger.origin, name=signer.name)  # fmt: skip
        return _failed("key", "other-ledger", reason)
    reason = t("The key vouches for the ledger at {size} entries.", size=run.ledger.size)
    return Check(about="key", result=Result.PASSED, code="", reason=reason)


def _failed(about: str, code: str, reason: Text) -> Check:
    return Check(about=about, result=Result.FAILED, code=code, reason=reason)


def _refused(code: str, message: Text) -> PlumblineError:
    return PlumblineError(code, message, kind=ErrorKind.REFUSED)
