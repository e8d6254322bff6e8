"""Who a delivery comes from. What was looked up for one is remembered for the next: that it still holds is found out
where the events are taken in, in the same transaction."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, NamedTuple

from plumbline.access import digest, read_source_token, same, use_cases
from plumbline.flow.sources.places import Places, root_of
from plumbline.flow.sources.proofs import Proof
from plumbline.flow.tree.former_names import read_moves
from plumbline.kernel import ErrorKind, PlumblineError, t

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plumbline.access import Actor, Bearer
    from plumbline.flow.sources.tools import SourceTools
    from plumbline.model.ports.sources import Sources
    from plumbline.model.source import Source

SOURCE_HEADER = "x-plumbline-source"
SIGNATURE_HEADER = "x-plumbline-signature"


class Delivery(NamedTuple):
    """What came in over HTTP. ``headers``: by their names in small letters."""

    headers: Mapping[str, str]
    body: bytes


def prove(actor: Actor, tools: SourceTools, delivery: Delivery, *, anew: bool = False) -> Proof:
    """The source that a delivery comes from; as remembered, unless ``anew``. Raises PlumblineError
    ``source-unknown``, in the same words whatever is wrong."""
    shown = _shown(delivery.headers)
    kept = None if anew else tools.proofs.get(shown)
    if kept is not None and _proves(tools, kept.source, delivery):
        return kept
    with tools.units.view(actor) as unit:
        unit.require(use_cases.RECEIVE_EVENTS)
        found = _found(unit.tx.sources, delivery.headers)
        if found is None or not _proves(tools, found, delivery):
            raise PlumblineError(
                "source-unknown",
                t("Nothing here proves itself as a registered source of evidence."),
                t("Show the token of the source (Authorization: Bearer plumbs_...), or sign the delivery. A token may "
                  "have been renewed, revoked, or have expired."),
                kind=ErrorKind.REFUSED,
            )  # fmt: skip
        root = root_of(unit.tx.tree, found)
    places = Places(
        lambda path: _is_there(actor, tools, path), found, root, lambda path: read_moves(tools.ledger).last_name(path)
    )
    made = Proof(found, places)
    tools.proofs.keep(shown, made)
    return made


def source_place(name: str) -> str:
    """What the sealed secret of a source is bound to."""
    return f"source/{name}"


def _shown(headers: Mapping[str, str]) -> str:
    """What the source is found by; it proves nothing yet."""
    if SIGNATURE_HEADER in headers:
        return f"name {headers.get(SOURCE_HEADER, '')}"
    bearer = _bearer(headers)
    return f"token {bearer.id}" if bearer else ""


def _bearer(headers: Mapping[str, str]) -> Bearer | None:
    scheme, _, text = headers.get("authorization", "").partition(" ")
    return read_source_token(text) if scheme.lower() == "bearer" else None


def _found(sources: Sources, headers: Mapping[str, str]) -> Source | None:
    if SIGNATURE_HEADER in headers:
        return sources.named(headers.get(SOURCE_HEADER, ""))
    bearer = _bearer(headers)
    return sources.of_token(bearer.id) if bearer else None


def _proves(tools: SourceTools, source: Source, delivery: Delivery) -> bool:
    headers = delivery.headers
    if source.revoked or (source.expires and source.expires <= tools.units.clock()):
        return False
    if SIGNATURE_HEADER in headers:
        shown = headers[SIGNATURE_HEADER].removeprefix("sha256=").lower()
        return source.signs and _signed(tools, source, delivery.body, shown)
    bearer = _bearer(headers)
    return bearer is not None and same(source.digest, digest(bearer.secret))


def _signed(tools: SourceTools, source: Source, body: bytes, shown: str) -> bool:
    if tools.vault is None:
        return False
    secret = tools.vault.open(source.sealed, source_place(source.name))
    return same(hmac.new(secret, body, hashlib.sha256).hexdigest().encode(), shown.encode("utf-8", "replace"))


def _is_there(actor: Actor, tools: SourceTools, path: str) -> bool:
    with tools.units.view(actor) as unit:
        unit.require(use_cases.RECEIVE_EVENTS)
        return unit.tx.tree.at(path) is not None
