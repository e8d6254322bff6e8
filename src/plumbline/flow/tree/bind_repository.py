"""Say which repository a project has."""

from __future__ import annotations

import re
from base64 import b64decode
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import msgspec

from plumbline.access import SECRET_BYTES, settings, write_secret
from plumbline.evidence.vocabulary import own_platform as events
from plumbline.kernel import ErrorKind, PlumblineError, t, without_password
from plumbline.model.repository_credential import remote_of
from plumbline.model.server import Binding
from plumbline.model.tree import Node, NodeKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.access import Actor
    from plumbline.flow.event_writer import EventWriter
    from plumbline.flow.service import ServerTools
    from plumbline.kernel import Text
    from plumbline.model.ports.transaction import Transaction

_REMOTE = re.compile(  # a user or a host that begins with a dash would be an option of git's or ssh's
    r"(https?|ssh|git)://([^\s/@?#-][^\s/@?#]*@)?(\[[0-9A-Fa-f:.]+\]|[^\s/@?#:\[\]-][^\s/@?#:\[\]]*)(:\d*)?(/\S*)?"
    r"|[A-Za-z0-9_.][A-Za-z0-9_.-]*@[A-Za-z0-9][A-Za-z0-9.-]*:[^\s-]\S*"
)
_SIGNING = "whsec_"
_LOCAL = re.compile(r"(file://)?/[^\x00-\x1f]*")


def is_local(url: str) -> bool:
    """Whether it names a repository on the server's own machine."""
    return _LOCAL.fullmatch(url) is not None


def check_host(ancestors: Sequence[Node], url: str) -> None:
    """Whether the server may read repositories there for the project at the first node of ``line``.

    Raises PlumblineError ``repository-host-refused``. A path on the server is a matter of who may name one.
    """
    hosts = settings.REPOSITORY_HOSTS.at(ancestors)
    if not hosts or is_local(url):
        return
    remote = remote_of(url)
    if remote is None or not any(fnmatchcase(remote.host, host.lower()) for host in hosts):
        raise _wrong(
            "repository-host-refused",
            t("The server does not read repositories at {url}.", url=without_password(url)),
            t("It reads those at {names}; an administrator sets this ('{setting}').", names=", ".join(hosts),
              setting=settings.REPOSITORY_HOSTS.key),
        )  # fmt: skip


def secret_place(project: int) -> str:
    """What the sealed secret of a project's webhook is bound to."""
    return f"binding/{project}/secret"


def bind_repository(
    tools: ServerTools,
    tx: Transaction,
    moment: EventWriter,
    by: Actor,
    node: Node,
    binding: Binding,
    *,
    new_secret: bool = False,
    signing_token: str = "",
) -> tuple[Binding, str]:
    """Give a project its repository. The secret of its webhook where a new one was made, shown once; else empty.
    ``signing_token``: what GitLab made to sign its messages; it takes the place of the secret.

    Raises PlumblineError ``not-a-project``, ``repository-address-wrong``, ``repository-address-password``,
    ``repository-host-refused``, ``signing-token-wrong`` or ``repository-bound``.
    """
    _need_project(node)
    if not (_REMOTE.fullmatch(binding.url) or is_local(binding.url)):
        raise _wrong(
            "repository-address-wrong",
            t("{url} is not the address of a repository.", url=binding.url),
            t("Write https://host/path.git, ssh://git@host/path.git, git@host:path.git, or a path on the server."),
        )
    check_host(tx.tree.ancestors(node.id), binding.url)
    remote = remote_of(binding.url)
    if remote is not None and remote.password:
        raise _wrong(
            "repository-address-password",
            t("The address has a password in it, where everybody who sees the project could read it."),
            t("Write the address without it, and set a credential for {host} instead.", host=str(remote)),
        )
    before = tx.bindings.get(node.id)
    secret, sealed = "", before.secret if before else b""
    if signing_token:
        _check_signing_token(binding.kind, signing_token)
        sealed = tools.vault.seal(signing_token.encode(), secret_place(node.id))
    elif new_secret or not sealed:
        secret = write_secret(tools.secret(SECRET_BYTES))
        sealed = tools.vault.seal(secret.encode(), secret_place(node.id))
    kept = binding
    if before is not None and before.url == binding.url:
        kept = msgspec.structs.replace(binding, heads=before.heads, polled=before.polled)
    kept = msgspec.structs.replace(kept, project=node.id, secret=sealed)
    tx.bindings.put(kept)
    content = events.NodeChanged(path=node.path, fields=("repository",), by=by.person.name)
    moment.record(tx, node.path, content)
    return kept, secret


def _check_signing_token(kind: str, token: str) -> None:
    try:
        key = b64decode(token.removeprefix(_SIGNING), validate=True)
    except ValueError:
        key = b""
    if kind != "gitlab" or not token.startswith(_SIGNING) or not 24 <= len(key) <= 64:
        raise _wrong(
            "signing-token-wrong",
            t("This is not a signing token of GitLab."),
            t("Copy the whole of what GitLab made for the webhook: whsec_ and what follows. Other forges sign with the "
              "secret that is made here."),
        )  # fmt: skip


def install_hook(tools: ServerTools, binding: Binding, host: str) -> str:
    """Write the post-receive hook of a plain repository on this machine, which tells this server of every push; the
    path of the hook. ``host``: where the caller reached the server, for one that has no address of its own.

    Raises PlumblineError ``hook-not-possible``, ``hook-exists`` or ``repository-vanished``.
    """
    if binding.kind != "git" or not is_local(binding.url):
        raise _wrong(
            "hook-not-possible",
            t("A hook can only be written into a plain repository on the server's own machine."),
            t("Leave `hook` out, and add the webhook in the settings of the forge."),
        )
    address = tools.pipelines.url or f"http://{host}"
    secret = tools.vault.open(binding.secret, secret_place(binding.project))
    return tools.install_hook(binding, secret, f"{address}/hooks/git/{binding.project}")


def _need_project(node: Node) -> None:
    if node.kind is not NodeKind.PROJECT:
        raise _wrong("not-a-project", t("{path} is not a project.", path=node.path), t("Add a project below it."))


def _wrong(code: str, message: Text, hint: Text) -> PlumblineError:
    return PlumblineError(code, message, hint, kind=ErrorKind.CONFIGURATION)
