"""Where a project is at its forge, and what is shown there.

What is shown is the credential that is set for the forge's host by https, at the project or above it: the one that git
shows there too. Nothing is told without one. Why: ``docs/decisions/0063-how-forges-are-told.md``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from plumbline.access import nearest_credential, settings
from plumbline.flow.tree.bind_repository import check_host
from plumbline.flow.tree.repository_credentials import credential_place
from plumbline.kernel import PlumblineError, t
from plumbline.model.repository_address import destination_of, is_named_itself
from plumbline.model.repository_credential import remote_of
from plumbline.model.telling import ForgePlace, Hindrance, NotToldError
from plumbline.model.tree import INSTANCE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.ports.vault import Vault
    from plumbline.model.repository_credential import RepositoryCredential
    from plumbline.model.server import Binding
    from plumbline.model.tree import Node

_BEFORE_PATH = re.compile(r"^[a-z+]+://[^/]*|^[^/:]*:(?!//)", re.IGNORECASE)
NO_CREDENTIAL = "forge-no-credential"


class Where(NamedTuple):
    address: str  # of the forge's pages
    host: str  # of them, as credentials name it
    path: str  # of the project there


def where_of(ancestors: Sequence[Node], binding: Binding) -> Where | None:
    """None for a repository on this machine, and for an address that nothing can be told at."""
    to = destination_of(binding.url)
    address = settings.FORGE_ADDRESS.at(ancestors).rstrip("/") or _address(binding.url)
    there = destination_of(address)
    if to is None or there is None or there.scheme not in ("http", "https"):
        return None
    path = _BEFORE_PATH.sub("", binding.url).partition("?")[0].partition("#")[0].strip("/").removesuffix(".git")
    below = _BEFORE_PATH.sub("", address).strip("/")
    if below and path.startswith(f"{below}/"):
        path = path[len(below) + 1 :]
    if any(part in ("", ".", "..") for part in path.split("/")):  # no path of a project, and maybe one of another
        return None
    return Where(address, there.place, path)


def _address(url: str) -> str:
    to = destination_of(url)
    if to is None:
        return ""
    if to.scheme in ("http", "https"):
        return f"{to.scheme}://{to.place}"
    return f"https://[{to.host}]" if ":" in to.host else f"https://{to.host}"


def credential_for(tx: Transaction, ancestors: Sequence[Node], where: Where) -> RepositoryCredential | None:
    remote = remote_of(where.address)
    if remote is None:
        return None
    found = tx.repository_credentials.at([INSTANCE, *(node.id for node in ancestors)])
    return nearest_credential(ancestors, found, remote)


def name_of(credential: RepositoryCredential | None) -> str:
    """Of this one, as it was written last: another where somebody writes it anew."""
    if credential is None:
        return ""
    return f"{credential.node}/{credential.scheme}/{credential.host}/{credential.changed}"


def place_of(
    ancestors: Sequence[Node], where: Where, credential: RepositoryCredential | None, vault: Vault
) -> ForgePlace:
    """Raises NotToldError where there is no credential, none that opens, or the host may not be asked."""
    if credential is None:
        raise NotToldError(
            NO_CREDENTIAL,
            t("There is no credential for {address}.", address=where.address),
            t("Set a token that may write states of commits and comments, as the credential for this host. It is told "
              "then."),
            hindrance=Hindrance.PROJECT,
        )  # fmt: skip
    try:
        check_host(ancestors, where.address)
        secret = vault.open(credential.sealed, credential_place(credential)).decode()
    except PlumblineError as error:
        raise NotToldError(error.code, error.message, error.hint, hindrance=Hindrance.AGAIN) from error
    inner = is_named_itself(where.host, settings.REPOSITORY_HOSTS.at(ancestors))
    return ForgePlace(where.address, where.path, secret, inner)
