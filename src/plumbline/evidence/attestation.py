"""What an attestation is worth, judged by the keys that are known.

1. It is a signed envelope, alone or in a bundle of sigstore; anything else is not an attestation.
2. A known key signed it. One that names a key of the ledger and is not signed by it was changed; one that nobody known
   signed is shown as unknown, is never trusted, and hides no other.
3. It is an in-toto statement about the digest that was asked for, of a type that its key may say, and of that type's
   form.
4. What the ledger's key signed stands in the ledger, as the server's own word, with the same digest, subjects and type;
   and before another key followed the one that signed.
"""

from __future__ import annotations

from enum import StrEnum
from fnmatch import fnmatchcase
from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec

from plumbline.evidence.cosign_signature import TYPE as SIGNED
from plumbline.evidence.cosign_signature import read_signature
from plumbline.evidence.dsse import Envelope, key_id, read_envelope
from plumbline.evidence.nesting import near_the_top
from plumbline.evidence.notes import VerifyingKey, bad_key
from plumbline.evidence.origin import OWN, word_of
from plumbline.evidence.predicate import Line, predicate_of
from plumbline.evidence.public_keys import PublicKey, parse_key_word
from plumbline.evidence.sigstore_bundle import is_bundle, read_bundle
from plumbline.evidence.statement import PAYLOAD_TYPE, Statement, read_statement
from plumbline.evidence.vocabulary.own_delivery import AttestationRecorded
from plumbline.kernel import PlumblineError, Text, t
from plumbline.model.ready import ready

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from plumbline.evidence.cosign_signature import SimpleSignature
    from plumbline.model.event import Entry


class Standing(StrEnum):
    TRUSTED = "trusted"
    UNKNOWN = "unknown"  # by a key that is not known: neither for nor against the artifact
    REFUSED = "refused"


class TrustedKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key of somebody else that is known here. ``may_say``: types of predicates, with ``*``."""

    name: str
    key: PublicKey
    may_say: tuple[str, ...] = ("*",)

    def allows(self, predicate: str) -> bool:
        return any(fnmatchcase(predicate, pattern) for pattern in self.may_say)


def parse_trusted(text: str) -> TrustedKey:
    """``NAME KEY TYPE...``, as it is set at a node. Raises PlumblineError ``bad-key``."""
    name, _, rest = text.strip().partition(" ")
    word, _, types = rest.strip().partition(" ")
    if not name or not word:
        raise bad_key(t("A trusted key reads NAME KEY TYPE."))
    return TrustedKey(name=name, key=parse_key_word(word), may_say=tuple(types.split()) or ("*",))


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """What an entry of the ledger says of an attestation. ``digest`` of its envelope."""

    seq: int
    event: str
    digest: str
    predicate: str
    subjects: tuple[str, ...]


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """One attestation. ``digest`` of its bytes; ``code`` and ``reason`` why it stands as it does; ``key``: the name of
    the one that signed it, empty for one that is not known; ``entry``: its number in the ledger, 0: none;
    ``payload``: digest of what was signed."""

    digest: str
    standing: Standing
    code: str
    reason: Text
    predicate: str = ""
    subjects: tuple[str, ...] = ()
    key: str = ""
    entry: int = 0
    says: tuple[Line, ...] = ()
    payload: str = ""


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What attestations are judged by. ``ledger``: the keys of the ledger, with those that followed them; ``recorded``:
    what its verified entries say, by the digest of the envelope."""

    ledger: tuple[VerifyingKey, ...] = ()
    others: tuple[TrustedKey, ...] = ()
    recorded: dict[str, Recorded] = {}


def judge(data: bytes, subject: str, known: Known, expected: str = "") -> Judged:
    """``subject``: the digest it has to be about. ``expected``: the type that it is said to have, empty: any."""
    digest = f"sha256:{sha256(data).hexdigest()}"
    try:
        if (signature := read_signature(data)) is not None:
            return _judge_signature(digest, signature, subject, known)
        envelope = read_bundle(data) if is_bundle(data) else read_envelope(data)
    except PlumblineError as error:
        return Judged(digest=digest, standing=Standing.REFUSED, code=error.code, reason=error.message)
    found = _signer(envelope, known)
    statement, unreadable = _statement(envelope)
    judged = Judged(
        digest=digest,
        standing=Standing.REFUSED,
        code="",
        reason=t("verified"),
        predicate=statement.predicate_type if statement else "",
        subjects=statement.digests if statement else (),
        key=found.name if found else "",
        entry=known.recorded[digest].seq if digest in known.recorded else 0,
        payload=f"sha256:{sha256(envelope.payload).hexdigest()}",
    )
    if found is None:
        return _unsigned(judged, envelope, known)
    if statement is None:
        assert unreadable is not None
        return _because(judged, unreadable.code, unreadable.message)
    return _judge_statement(judged, statement, subject, expected, found, known)


def _judge_signature(digest: str, signature: SimpleSignature, subject: str, known: Known) -> Judged:
    """It says no more than that its key saw the digest."""
    about = signature.digest
    by = next((one for one in known.others if signature.signed_by(one.key)), None)
    judged = Judged(digest=digest, standing=Standing.REFUSED, code="", reason=t("verified"), predicate=SIGNED,
                    subjects=(about,), key=by.name if by else "")  # fmt: skip
    if by is None:
        reason = t("It is signed by a key that is not known here ({keys}).", keys=t("no name"))
        return msgspec.structs.replace(judged, standing=Standing.UNKNOWN, code="key-unknown", reason=reason)
    if about != subject:
        return _because(judged, "other-digest", t("It is about {other}, and not about this artifact.", other=about))
    if not by.allows(SIGNED):
        return _may_not(judged, by.name)
    return msgspec.structs.replace(judged, standing=Standing.TRUSTED)


def _may_not(judged: Judged, key: str) -> Judged:
    message = t("The key {key} may not make statements of the type {type}.", key=key, type=judged.predicate)
    return _because(judged, "key-may-not", message)


def _statement(envelope: Envelope) -> tuple[Statement | None, PlumblineError | None]:
    if envelope.payload_type != PAYLOAD_TYPE:
        message = t("It holds '{type}', and no statement.", type=envelope.payload_type[:200])
        return None, PlumblineError("payload-type", message)
    try:
        return read_statement(envelope.payload), None
    except PlumblineError as error:
        return None, error


def _signer(envelope: Envelope, known: Known) -> VerifyingKey | TrustedKey | None:
    """The ledger's keys first."""
    for key in known.ledger:
        if envelope.signed_by(key):
            return key
    return next((one for one in known.others if envelope.signed_by(one.key)), None)


def _unsigned(judged: Judged, envelope: Envelope, known: Known) -> Judged:
    named = {key_id(key) for key in known.ledger} & {each.keyid for each in envelope.signatures}
    if named:
        reason = t("It names the key {key}, and its signature is not by that key: something was changed.",
                   key=sorted(named)[0])  # fmt: skip
        return _because(judged, "signature-wrong", reason)
    ids = ", ".join(each.keyid for each in envelope.signatures if each.keyid) or t("no name")
    return msgspec.structs.replace(
        judged,
        standing=Standing.UNKNOWN,
        code="key-unknown",
        reason=t("It is signed by a key that is not known here ({keys}).", keys=ids),
    )


def _judge_statement(
    judged: Judged,
    statement: Statement,
    subject: str,
    expected: str,
    signer: VerifyingKey | TrustedKey,
    known: Known,
) -> Judged:
    if not statement.is_about(subject):
        return _because(
            judged, "other-digest", t("It is about {other}, and not about this artifact.", other=statement.digests[0])
        )
    if expected and statement.predicate_type != expected:
        return _because(
            judged,
            "other-predicate",
            t("It is a statement of the type {type}; {expected} was expected.", type=statement.predicate_type,
              expected=expected),
        )  # fmt: skip
    if isinstance(signer, TrustedKey) and not signer.allows(statement.predicate_type):
        return _may_not(judged, signer.name)
    part = predicate_of(statement.predicate_type)
    if part is not None:
        try:
            judged = msgspec.structs.replace(judged, says=part.look(bytes(statement.predicate)))
        except (msgspec.DecodeError, ValueError) as error:
            return _because(
                judged, "predicate-malformed", t("Its predicate is not of its type's form: {reason}", reason=str(error))
            )
    if isinstance(signer, VerifyingKey):
        return _in_ledger(judged, signer, known)
    return msgspec.structs.replace(judged, standing=Standing.TRUSTED)


def _in_ledger(judged: Judged, signer: VerifyingKey, known: Known) -> Judged:
    recorded = known.recorded.get(judged.digest)
    if recorded is None:
        return _because(judged, "not-in-ledger", t("No entry of the ledger names it."))
    if recorded.predicate != judged.predicate or not set(recorded.subjects) <= set(judged.subjects):
        return _because(
            judged, "ledger-disagrees", t("Entry {seq} of the ledger says something else of it.", seq=recorded.seq)
        )
    if not signer.vouches_for(recorded.seq):
        return _because(
            judged,
            "key-retired",
            t("Its key was followed by another one after entry {until}; it was recorded later, as entry {seq}.",
              until=signer.until, seq=recorded.seq),
        )  # fmt: skip
    return msgspec.structs.replace(judged, standing=Standing.TRUSTED)


def _because(judged: Judged, code: str, reason: Text) -> Judged:
    return msgspec.structs.replace(judged, code=code, reason=reason)


def with_copies(judged: Sequence[Judged]) -> tuple[Judged, ...]:
    """The same statement, signed by the same key, in an envelope that somebody wrote anew stands in the ledger by its
    first envelope: cosign writes those anew that it attaches."""
    there = {(one.key, one.payload): one for one in judged if one.standing is Standing.TRUSTED and one.entry}

    def with_entry(one: Judged) -> Judged:
        first = there.get((one.key, one.payload))
        if one.code != "not-in-ledger" or first is None:
            return one
        return msgspec.structs.replace(one, standing=Standing.TRUSTED, code="", reason=t("verified"), entry=first.entry)

    return tuple(map(with_entry, judged))


class _Content(msgspec.Struct):
    predicate: str
    digest: str
    subjects: tuple[str, ...]


class _Subject(msgspec.Struct):
    content: _Content


class _Context(msgspec.Struct):
    type: str
    source: str
    id: str


class _Body(msgspec.Struct):
    context: _Context
    subject: _Subject


def recorded_in(entries: Iterable[tuple[int, bytes, bytes]]) -> dict[str, Recorded]:
    """What the server itself says in verified entries (number, body, sender), by the digest of the envelope; the first
    entry about one counts."""
    found: dict[str, Recorded] = {}
    for seq, body, sender in entries:
        try:
            said = near_the_top(_read_body, body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            continue  # of another type
        if said.context.type != AttestationRecorded.TYPE or word_of(said.context.source, sender) != OWN:
            continue
        content = said.subject.content
        found.setdefault(
            content.digest,
            Recorded(
                seq=seq,
                event=said.context.id,
                digest=content.digest,
                predicate=content.predicate,
                subjects=content.subjects,
            ),
        )
    return found


def recorded_by(entries: Iterable[Entry]) -> dict[str, Recorded]:
    return recorded_in((entry.seq, entry.body, entry.sender) for entry in entries)


def _read_body(body: bytes) -> _Body:
    return msgspec.json.decode(body, type=ready(_Body))


def trusted(judged: Sequence[Judged], predicate: str) -> tuple[Judged, ...]:
    """Those of one type that count."""
    return tuple(one for one in judged if one.standing is Standing.TRUSTED and one.predicate == predicate)
