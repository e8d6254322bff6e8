"""Credentials of private repositories. A secret goes in and never comes out."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from plumbline.access import use_cases
from plumbline.api.call import Call
from plumbline.api.fields import MOST_BYTES, Count, Line, NodeId, Time
from plumbline.api.problem import not_found
from plumbline.api.route import SMALL_BODY, route
from plumbline.flow.tree import repository_credentials
from plumbline.flow.tree.repository_credentials import LONGEST_KEY
from plumbline.kernel import t
from plumbline.model.repository_credential import RemoteScheme, RepositoryCredential

Host = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=260,
        pattern=r"^([A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?$",
        description="With its port where that is not the usual one. What is set is sent to this host and no other.",
    ),
]


class RepositoryCredentialView(msgspec.Struct, frozen=True, kw_only=True):
    """Without its secret, which is never shown again."""

    node: NodeId
    scheme: RemoteScheme
    host: str
    username: str
    known_hosts: str
    changed: Time
    changed_by: Count


class RepositoryCredentialList(msgspec.Struct, frozen=True, kw_only=True):
    """Those that are set here or above; of each host the nearest wins."""

    credentials: list[RepositoryCredentialView]


class RepositoryCredentialWrite(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``secret``: a password or token; of ssh a private key without a passphrase. ``username``: empty where the address
    of the repository says it, or any will do. ``known_hosts``: of ssh, the lines that `ssh-keyscan HOST` prints."""

    secret: Annotated[str, Meta(min_length=1, max_length=LONGEST_KEY, pattern=r"^[^\x00]*$")]
    username: Line = ""
    known_hosts: Annotated[str, Meta(max_length=LONGEST_KEY, pattern=r"^[^\x00]*$")] = ""


@route("GET", "/nodes/{node}/repository-credentials",
       t("Which credentials of private repositories hold at a node; 0: in the whole installation."),
       use_case=use_cases.LIST_CREDENTIALS)  # fmt: skip
def list_repository_credentials(call: Call, node: NodeId) -> RepositoryCredentialList:
    found = repository_credentials.list_repository_credentials(call.actor, call.tools.tree, node)
    return RepositoryCredentialList(credentials=[_view(one) for one in found])


@route("PUT", "/nodes/{node}/repository-credentials/{scheme}/{host}",
       t("Set the credential for private repositories of a host at a node; 0: in the whole installation."),
       refusals=(422,), largest=SMALL_BODY + MOST_BYTES * 2 * LONGEST_KEY,
       use_case=use_cases.WRITE_CREDENTIAL)  # fmt: skip
def set_repository_credential(
    call: Call, node: NodeId, scheme: RemoteScheme, host: Host, body: RepositoryCredentialWrite
) -> RepositoryCredentialView:
    given = RepositoryCredential(
        node=node, scheme=scheme, host=host, sealed=b"", username=body.username, known_hosts=body.known_hosts
    )
    return _view(repository_credentials.put_repository_credential(call.actor, call.tools.tree, given, body.secret))


@route("DELETE", "/nodes/{node}/repository-credentials/{scheme}/{host}",
       t("Remove a credential of private repositories from a node."), status=204,
       use_case=use_cases.REMOVE_CREDENTIAL)  # fmt: skip
def delete_repository_credential(call: Call, node: NodeId, scheme: RemoteScheme, host: Host) -> None:
    if not repository_credentials.remove_repository_credential(call.actor, call.tools.tree, node, scheme, host):
        raise not_found(t("There is no credential for {host} here.", host=f"{scheme}://{host}"))


def _view(one: RepositoryCredential) -> RepositoryCredentialView:
    return RepositoryCredentialView(
        node=one.node,
        scheme=one.scheme,
        host=one.host,
        username=one.username,
        known_hosts=one.known_hosts,
        changed=one.changed,
        changed_by=one.changed_by,
    )


PART = (list_repository_credentials, set_repository_credential, delete_repository_credential)
