"""Verify an artifact of a project here and now, and take along what it takes to verify it anywhere. What is verified
here is the very file that would be taken along: both say the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from plumbline.access import settings, use_cases
from plumbline.evidence.attestations import Verified, artifact_lines, as_pem, parse_trusted, verify_artifact_file
from plumbline.evidence.vocabulary import own_operations
from plumbline.flow.artifacts.gathered import NOBODY, check_digest, file_of, gather
from plumbline.flow.unit_of_work import not_found
from plumbline.kernel import ErrorKind, PlumblineError, t

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from plumbline.access import Actor, UseCase
    from plumbline.evidence import VerifyingKey
    from plumbline.evidence.attestations import TrustedKey
    from plumbline.flow.artifacts.attestation_tools import AttestationTools
    from plumbline.flow.artifacts.gathered import Gathered
    from plumbline.kernel import Text
    from plumbline.model.tree import Node


class Exported(NamedTuple):
    """A file about an artifact."""

    name: str
    lines: Iterator[bytes]


class PublicSigningKey(NamedTuple):
    """``key`` as the ledger's tools take it, ``pem`` for others. ``until``: the last entry of the ledger that it
    vouches for; 0: it signs now."""

    key: str
    pem: str
    until: int


def verify_artifact(actor: Actor, tools: AttestationTools, project: int, digest: str) -> Verified:
    """Each check with its outcome and its reason; all its bytes are read. Raises PlumblineError ``digest-invalid``,
    ``not-found``, ``not-allowed``, ``key-unreadable``, and those of signing a checkpoint."""
    ancestors, found = _known(actor, tools, use_cases.VERIFY_ARTIFACT, project, digest)
    return _verified(tools, found, tools.keys(), trusted_at(ancestors))


def verify_at_machine(
    tools: AttestationTools, digest: str, keys: Sequence[VerifyingKey], others: Sequence[TrustedKey]
) -> Verified:
    """For whoever works on the store. ``keys``: none are the server's own. Raises as :func:`verify_artifact`."""
    return _verified(tools, _everywhere(tools, digest), keys or tools.keys(), others)


def export_artifact(actor: Actor, tools: AttestationTools, project: int, digest: str) -> Exported:
    """Raises as :func:`verify_artifact`."""
    ancestors, found = _known(actor, tools, use_cases.EXPORT_ARTIFACT, project, digest)
    path, checkpoint = ancestors[0].path, tools.checkpoint()
    with tools.units.change(actor) as unit:
        unit.refresh()
        unit.require(use_cases.EXPORT_ARTIFACT, project)
        told = own_operations.LedgerExported(person=actor.name, size=checkpoint.size, nodes=(path,), text=digest)
        unit.record(checkpoint.origin, told, path)
        at = unit.now
    made = file_of(tools, found, checkpoint, (actor.name, at))
    return Exported(f"artifact-{digest.partition(':')[2][:12]}.jsonl", artifact_lines(made.about, made.pieces))


def export_at_machine(tools: AttestationTools, digest: str) -> Iterator[bytes]:
    """For whoever works on the store. Raises as :func:`verify_artifact`."""
    made = file_of(tools, _everywhere(tools, digest), None, NOBODY)
    return artifact_lines(made.about, made.pieces)


def signing_keys(actor: Actor, tools: AttestationTools) -> list[PublicSigningKey]:
    """By which what this server says is verified, the one that signs now last. They are worth what the way is worth
    that they come by."""
    with tools.units.view(actor) as unit:
        unit.require(use_cases.READ_SIGNING_KEY)
    keys = sorted(tools.keys(), key=lambda one: one.until or float("inf"))
    return [PublicSigningKey(str(one), as_pem(one), one.until) for one in keys]


def trusted_at(ancestors: Sequence[Node]) -> list[TrustedKey]:
    """Keys of others that a project trusts. Raises PlumblineError ``key-unreadable``."""
    found = []
    for text in settings.TRUSTED_KEYS.at(ancestors):
        try:
            found.append(parse_trusted(text))
        except PlumblineError as error:
            raise PlumblineError(
                "key-unreadable",
                t("The trusted key '{name}' cannot be read: {reason}", name=text.partition(" ")[0],
                  reason=error.message),
                t("Correct it in the setting {key}.", key=settings.TRUSTED_KEYS.key),
                kind=ErrorKind.CONFIGURATION,
            ) from error  # fmt: skip
    return found


def _verified(
    tools: AttestationTools, found: Gathered, keys: Sequence[VerifyingKey], others: Sequence[TrustedKey]
) -> Verified:
    """An artifact of a repository has to have its bytes; what a job left may have gone by now."""
    digest, there = found.digest, tools.blobs.info(found.digest) is not None
    bytes_digest = digest if there and tools.blobs.verify(digest) else "" if there or found.artifacts else None
    return verify_artifact_file(file_of(tools, found, None, NOBODY), keys, others, bytes_digest=bytes_digest)


def _known(
    actor: Actor, tools: AttestationTools, use_case: UseCase, project: int, digest: str
) -> tuple[Sequence[Node], Gathered]:
    missing = t("The project has no artifact {digest}.", digest=digest)
    with tools.units.view(actor) as unit:
        ancestors = unit.require(use_case, project, missing)
        check_digest(digest)
        found = gather(unit.tx, digest, {project: ancestors[0].path})
    return ancestors, _there(found, missing)


def _everywhere(tools: AttestationTools, digest: str) -> Gathered:
    check_digest(digest)
    with tools.units.store.view() as tx:
        found = gather(tx, digest, None)
    return _there(found, t("No project has an artifact {digest}.", digest=digest))


def _there(found: Gathered, missing: Text) -> Gathered:
    if not found.is_known:
        raise not_found(missing)
    return found
