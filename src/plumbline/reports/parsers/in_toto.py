"""Statements of in-toto: plain, in a DSSE envelope, or in a bundle of Sigstore. No signature is verified by reading."""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import Any

from plumbline.kernel import t
from plumbline.model.report import Attested, Report, Unreadable
from plumbline.reports import json
from plumbline.reports.defects import Defects
from plumbline.reports.parser import Marks, Parser, Source
from plumbline.reports.values import at, listed, mapped, maps, text

_STATEMENT = "https://in-toto.io/Statement/"
_KNOWN = ("https://in-toto.io/Statement/v0.1", "https://in-toto.io/Statement/v1")
_PAYLOAD = "application/vnd.in-toto+json"
_BUNDLE = "application/vnd.dev.sigstore.bundle"


def marks(found: Marks) -> bool:
    if found.shape == "jsonl":
        lines = listed(found.document)
        return bool(lines) and all(_marked(mapped(line)) for line in lines)
    return found.shape == "json" and _marked(mapped(found.document))


def _marked(document: dict[str, Any]) -> bool:
    if text(document.get("_type")).startswith(_STATEMENT):
        return True
    if document.get("payloadType") == _PAYLOAD:
        return "signatures" in document and "payload" in document
    return text(document.get("mediaType")).startswith(_BUNDLE) and "dsseEnvelope" in document


def read(_: Source, found: Marks) -> Report | Unreadable:
    document = found.document
    if found.shape == "jsonl":
        if len(document) > 1:
            return _unreadable(
                "several", t("The file holds {count} statements; give each on its own.", count=len(document))
            )
        document = document[0]
    envelope = mapped(document.get("dsseEnvelope")) or document
    statement = _payload(envelope) if "payload" in envelope else document
    if isinstance(statement, Unreadable):
        return statement
    kind = text(statement.get("_type"), 200)
    if kind not in _KNOWN:
        return _unreadable("unknown-version", t("Statements of the type '{type}' are not read.", type=kind))
    defects = Defects()
    subjects = _subjects(statement, defects)
    predicate = text(statement.get("predicateType"), 1000)
    if not predicate:
        defects.add("no-predicate", t("The statement does not say what it states."), "/predicateType")
    return Report(
        format="in_toto",
        format_version=kind.rpartition("/")[2],
        content=Attested(predicate=predicate, subjects=subjects, signed_by=_signed_by(document, envelope)),
        about=subjects[0][1] if len({digest for _, digest in subjects}) == 1 else "",
        strict=not defects,
        defects=defects.all(),
    )


def _payload(envelope: dict[str, Any]) -> dict[str, Any] | Unreadable:
    said = envelope.get("payload")
    try:
        data = base64.b64decode(said if type(said) is str else "", validate=True)
    except (binascii.Error, ValueError):
        return _unreadable("malformed", t("The payload of the envelope is not base64."))
    decoded = json.decode(data)
    if isinstance(decoded, Unreadable):
        return decoded
    document, _ = decoded
    if type(document) is not dict:
        return _unreadable("malformed", t("The payload of the envelope is no statement."))
    return document


def _subjects(statement: dict[str, Any], defects: Defects) -> tuple[tuple[str, str], ...]:
    """One for each name and digest; a subject without a digest is about nothing."""
    found = []
    for number, subject in enumerate(listed(statement.get("subject"))):
        digests = mapped(mapped(subject).get("digest"))
        name = text(mapped(subject).get("name"), 1000)
        pairs = [
            (name, f"{text(algorithm, 40)}:{text(value, 200)}") for algorithm, value in digests.items() if text(value)
        ]
        if not pairs:
            defects.add(
                "no-digest", t("A subject has no digest, so nobody can tell what it is about."), f"/subject/{number}"
            )
        found += pairs
    if not found:
        defects.add("no-subject", t("The statement is about nothing."), "/subject")
    return tuple(found)


def _signed_by(document: dict[str, Any], envelope: dict[str, Any]) -> tuple[str, ...]:
    """Key ids of the envelope; of a bundle the hint of its key, or the digest of its certificate."""
    found = [text(each.get("keyid"), 400) for each in maps(envelope.get("signatures"))]
    material = mapped(document.get("verificationMaterial"))
    found.append(text(at(material, "publicKey", "hint"), 400))
    chain = [mapped(material.get("certificate")), *maps(at(material, "x509CertificateChain", "certificates"))]
    raw = next((text(each.get("rawBytes"), 100_000) for each in chain if each), "")
    found.append(_certificate(raw) if raw else "")
    return tuple(dict.fromkeys(filter(None, found)))


def _certificate(raw: str) -> str:
    try:
        return f"certificate sha256:{hashlib.sha256(base64.b64decode(raw, validate=True)).hexdigest()}"
    except (binascii.Error, ValueError):
        return ""


def _unreadable(code: str, message: Any) -> Unreadable:
    return Unreadable(code=code, message=message, format="in_toto")


PART = Parser(
    name="in_toto",
    title=t("in-toto: statements about artifacts"),
    marks=marks,
    read=read,
    paths=("**/*.intoto.jsonl", "**/*.sigstore.json"),
    reference="https://github.com/in-toto/attestation",
)
