"""Builds what forges are told with, and looks whether they take it."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from plumbline.adapters.forges.telling import tellers
from plumbline.flow.gates.telling import Outbox
from plumbline.flow.gates.telling_seen import refused_tokens
from plumbline.flow.gates.telling_turn import TellingTools
from plumbline.kernel import t
from plumbline.kernel.text import nt
from plumbline.model.health import Check, Health

if TYPE_CHECKING:
    from plumbline.adapters.store import Store
    from plumbline.flow.pipelines.tools import Server
    from plumbline.model.ports.vault import Vault

_SHOWN = 5  # projects that are named


def outbox_of(server: Server) -> Outbox:
    return Outbox(kinds=tellers().keys(), source=server.source, url=server.url, clock=server.clock)


def telling_tools(store: Store, vault: Vault, replica: str) -> TellingTools:
    """``replica``: the name of this server among those that share a store."""
    owner = f"{replica}/{secrets.token_hex(4)}"
    return TellingTools(store=store, vault=vault, tellers=tellers(), clock=store.clock, owner=owner)


def check_tellings(store: Store) -> Check:
    """Whether forges take the tokens that they are shown."""
    with store.view() as tx:
        found = refused_tokens(tx)
    if not found:
        return Check(name="forges", health=Health.OK, message=t("No forge refused a token that it was shown."))
    named = ", ".join(f"{path} ({host})" for path, host in sorted(found.items())[:_SHOWN])
    message = nt("The forge of {count} project refused its token, and is told nothing: {names}",
                 "The forges of {count} projects refused their tokens, and are told nothing: {names}", len(found),
                 names=named)  # fmt: skip
    cure = t("Set another token as the credential for the host, at the project or above it; what waits is told then.")
    return Check(name="forges", health=Health.WARNING, message=message, cure=cure)
