"""Say which repository a project has."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from plumbline.access import SECRET_BYTES, settings, use_cases, write_secret
from plumbline.evidence.vocabulary import own_platform as events
from plumbline.flow.tree.stale import check_unchanged
from plumbline.flow.unit_of_work import not_found
from plumbline.kernel import ErrorKind, PlumblineError, t, without_password
from plumbline.model.forge import HookWanted
from plumbline.model.repository_address import destination_of, is_inner_name, is_named, is_named_itself
from plumbline.model.repository_credential import remote_of
from plumbline.model.server import Binding
from plumbline.model.tree import Node, NodeKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.access import Actor
    from plumbline.flow.tree.tools import TreeTools
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.kernel import Text
    from plumbline.model.forge import ForgeKind
    from plumbline.model.server import Delivery

_REMOTE = re.compile(  # a user or a host that begins with a dash would be an option of git's or ssh's
    r"(https?|ssh|git)://([^\s/@?#-][^\s/@?#]*@)?(\[[0-9A-Fa-f:.]+\]|[^\s/@?#:\[\]-][^\s/@?#:\[\]]*)(:\d*)?(/\S*)?"
    r"|[A-Za-z0-9_.][A-Za-z0-9_.-]*@[A-Za-z0-9][A-Za-z0-9.-]*:[^\s-]\S*"
)
_SIGNING = "whsec_"
_LOCAL = re.compile(r"(file://)?/[^\x00-\x1f]*")


class RepositoryWrite(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of a project's repository. ``external`` and ``config_path``: None leaves them as they are.
    ``signing_token``: what GitLab made to sign its messages; it takes the place of the secret."""

    kind: str
    url: str
    external: str | None = None
    default_branch: str = ""
    config_path: str | None = None
    poll: int = 0
    new_secret: bool = False
    signing_token: str = ""
    seen: Mapping[str, object] = {}  # kind, url, branch and poll as they were shown to the actor; None: not bound


class Bound(NamedTuple):
    binding: Binding
    secret: str  # of its webhook, where a new one was made: shown once
    installed: str  # the path of the hook that was written


class RepositoryBoundError(PlumblineError):
    """Another project has the repository. ``node``: that project, where whoever asked may see it; 0: they may not."""

    def __init__(self, url: str, holder: Node | None) -> None:
        self.node = holder.id if holder is not None else 0
        shown = without_password(url)
        message = (
            t("Another project has the repository {url}.", url=shown)
            if holder is None
            else t("{path} has the repository {url} already.", path=holder.path, url=shown)
        )
        hint = t("A repository belongs to one project: go on with that one, or give it another repository first.")
        super().__init__("repository-bound", message, hint, kind=ErrorKind.REFUSED)


def is_local(url: str) -> bool:
    """Whether it names a repository on the server's own machine."""
    return _LOCAL.fullmatch(url) is not None


def check_host(ancestors: Sequence[Node], url: str) -> None:
    """Whether the server may read repositories there for the project at the first of ``ancestors``.

    Raises PlumblineError ``repository-host-refused``. A path on the server is a matter of who may name one.
    """
    hosts = settings.REPOSITORY_HOSTS.at(ancestors)
    if is_local(url):
        return
    to = destination_of(url)
    if to is not None and is_inner_name(to.host) and not is_named_itself(to.place, hosts):
        raise _wrong(
            "repository-host-refused",
            t("{host} is this machine, or one beside it that others do not reach.", host=to.host),
            t("An administrator who means it names the host, without a wildcard, in the setting '{setting}'.",
              setting=settings.REPOSITORY_HOSTS.key),
        )  # fmt: skip
    if hosts and (to is None or not is_named(to.place, hosts)):
        raise _wrong(
            "repository-host-refused",
            t("The server does not read repositories at {url}.", url=without_password(url)),
            t("It reads those at {names}; an administrator sets this ('{setting}').", names=", ".join(hosts),
              setting=settings.REPOSITORY_HOSTS.key),
        )  # fmt: skip


def secret_place(project: int) -> str:
    """What the sealed secret of a project's webhook is bound to."""
    return f"binding/{project}/secret"


def hook_path(binding: Binding) -> str:
    """Where a forge sends its webhooks, below the server's address."""
    return f"/hooks/{binding.kind}/{binding.project}"


def view_repository(actor: Actor, tools: TreeTools, project: int) -> Binding | None:
    """The repository of a project, without what is secret; None where none is bound.

    Raises PlumblineError ``not-found``, ``not-allowed``.
    """
    with tools.units.view(actor) as unit:
        unit.require(use_cases.VIEW_REPOSITORY, project)
        found = unit.tx.bindings.get(project)
    if found is None:
        return None
    return msgspec.structs.replace(found, url=without_password(found.url), secret=b"")


def bind_repository(
    actor: Actor, tools: TreeTools, project: int, given: RepositoryWrite, *, hook_host: str | None = None
) -> Bound:
    """Give a project its repository. ``hook_host``: write the hook of a plain repository on this machine too, for a
    server that the caller reached there.

    Raises PlumblineError ``not-found``, ``not-allowed``, ``not-a-project``, ``unknown-forge``,
    ``repository-address-wrong``, ``repository-address-password``, ``repository-host-refused``, ``signing-token-wrong``,
    ``repository-bound``, ``hook-not-possible``, ``hook-exists`` or ``repository-vanished``.
    """
    with tools.units.change(actor) as unit:
        binding, secret = bind_within(unit, tools, project, given)
        return Bound(binding, secret, "" if hook_host is None else _install_hook(tools, binding, hook_host))


def write_hook(actor: Actor, tools: TreeTools, project: int) -> str:
    """Write the hook of a plain repository on the server's own machine, so that every push to it is told; its path.

    Raises PlumblineError ``not-found``, ``not-allowed``, ``hook-not-possible``, ``hook-exists`` or
    ``repository-vanished``.
    """
    with tools.units.change(actor) as unit:
        node = unit.require(use_cases.BIND_REPOSITORY, project)[0]
        unit.require_also(use_cases.BIND_REPOSITORY)
        binding = unit.tx.bindings.get(project)
        if binding is None:
            raise not_found(t("Project {project} has no repository.", project=project))
        unit.record(node.path, events.NodeChanged(path=node.path, fields=("hook",), by=unit.actor.name))
        return _install_hook(tools, binding, "")


def may_write_hook(actor: Actor, tools: TreeTools, binding: Binding) -> bool:
    """Whether :func:`write_hook` would be allowed, and possible; for showing only what can be done."""
    if not _forge_named(tools, binding.kind).hook or not is_local(binding.url):
        return False
    with tools.units.view(actor) as unit:
        try:
            unit.require(use_cases.BIND_REPOSITORY, binding.project)
            unit.require_also(use_cases.BIND_REPOSITORY)
        except PlumblineError:
            return False
        return True


def hook_lines(tools: TreeTools, binding: Binding, secret: str) -> str:
    """Lines for a shell that set up the webhook; empty: its kind of forge has none, or its path at the forge is not
    known. ``secret``: or words that stand for it."""
    forge = _forge_named(tools, binding.kind)
    to = destination_of(binding.url)
    path = re.sub(r"^[a-z+]+://[^/]*|^[^/:]*:(?!//)", "", binding.url, flags=re.IGNORECASE) if to is not None else ""
    path = path.strip("/").removesuffix(".git")
    if not forge.hook and (to is None or not path):
        return ""
    host = to.place if to is not None and to.scheme == "https" else to.host if to is not None else ""
    return forge.lines(HookWanted(binding.url, host, path, tools.url + hook_path(binding), secret))


def renew_webhook(actor: Actor, tools: TreeTools, project: int, signing_token: str = "") -> str:
    """A new secret of a project's webhook, shown once; empty with a signing token, which the forge made.

    Raises PlumblineError as :func:`bind_repository`.
    """
    with tools.units.change(actor) as unit:
        node = unit.require(use_cases.RENEW_WEBHOOK, project)[0]
        before = unit.tx.bindings.get(project)
        if before is None:
            raise not_found(t("Project {project} has no repository.", project=project))
        return _put(unit, tools, node, before, new_secret=not signing_token, signing_token=signing_token)[1]


def list_deliveries(actor: Actor, tools: TreeTools, project: int, limit: int) -> Sequence[Delivery]:
    """What forges told of a project, the newest first. Raises PlumblineError ``not-found``, ``not-allowed``."""
    with tools.units.view(actor) as unit:
        unit.require(use_cases.LIST_DELIVERIES, project)
        return unit.tx.deliveries.newest(project, limit)


def bind_within(unit: UnitOfWork, tools: TreeTools, project: int, given: RepositoryWrite) -> tuple[Binding, str]:
    """As :func:`bind_repository`, in a unit that does more."""
    node = unit.require(use_cases.BIND_REPOSITORY, project)[0]
    if is_local(given.url):  # whoever names a path reads what the server may read
        unit.require_also(use_cases.BIND_REPOSITORY)
    before = unit.tx.bindings.get(project)
    check_unchanged(given.seen, _seen(before))
    kept = before if before is not None and before.url == given.url else None
    if kept is None:
        unit.tx.merge_requests.forget(project)
    binding = Binding(
        project=project,
        kind=given.kind,
        url=given.url,
        external=given.external if given.external is not None else before.external if before else "",
        default_branch=given.default_branch,
        config_path=given.config_path if given.config_path is not None else before.config_path if before else "",
        secret=before.secret if before else b"",
        poll=given.poll,
        polled=kept.polled if kept else 0,
        heads=kept.heads if kept else {},
        heard=kept.heard if kept else 0,
    )
    return _put(unit, tools, node, binding, new_secret=given.new_secret, signing_token=given.signing_token)


def _seen(binding: Binding | None) -> dict[str, object]:
    """What pages show of a binding, by the names that people see."""
    if binding is None:
        return {}
    return {
        "kind": binding.kind,
        "url": without_password(binding.url),
        "branch": binding.default_branch,
        "poll": str(binding.poll),
    }


def _put(
    unit: UnitOfWork, tools: TreeTools, node: Node, binding: Binding, *, new_secret: bool, signing_token: str
) -> tuple[Binding, str]:
    """The secret of its webhook where a new one was made; else empty."""
    _need_project(node)
    forge = _forge_named(tools, binding.kind)
    _check_address(unit.tx.tree.ancestors(node.id), binding.url)
    _check_free(unit, binding)
    secret, sealed = "", binding.secret
    if signing_token:
        _check_signing_token(forge, signing_token)
        sealed = tools.vault.seal(signing_token.encode(), secret_place(node.id))
    elif new_secret or not sealed:
        secret = write_secret(tools.secret(SECRET_BYTES))
        sealed = tools.vault.seal(secret.encode(), secret_place(node.id))
    kept = msgspec.structs.replace(binding, secret=sealed)
    unit.tx.bindings.put(kept)
    unit.record(node.path, events.NodeChanged(path=node.path, fields=("repository",), by=unit.actor.name))
    to = destination_of(kept.url)
    host = to.place if to is not None else "local"
    unit.record(node.path, events.RepositoryBound(path=node.path, forge=kept.kind, host=host, by=unit.actor.name))
    return kept, secret


def _check_address(ancestors: Sequence[Node], url: str) -> None:
    if not (_REMOTE.fullmatch(url) or is_local(url)):
        raise _wrong(
            "repository-address-wrong",
            t("{url} is not the address of a repository.", url=url),
            t("Write https://host/path.git, ssh://git@host/path.git, git@host:path.git, or a path on the server."),
        )
    check_host(ancestors, url)
    remote = remote_of(url)
    if remote is not None and remote.password:
        raise _wrong(
            "repository-address-password",
            t("The address has a password in it, where everybody who sees the project could read it."),
            t("Write the address without it, and set a credential for {host} instead.", host=str(remote)),
        )


def _check_free(unit: UnitOfWork, binding: Binding) -> None:
    """Raises :class:`RepositoryBoundError`; before anything is written, so that it can say who has it."""
    holder = unit.tx.bindings.holder(binding.url, binding.project)
    if holder is not None:
        seen = unit.may(use_cases.VIEW_NODE, holder)
        raise RepositoryBoundError(binding.url, unit.tx.tree.get(holder) if seen else None)


def _forge_named(tools: TreeTools, name: str) -> ForgeKind:
    found = tools.forges.get(name)
    if found is None:
        raise _wrong(
            "unknown-forge",
            t("There is no kind of forge named {forge}.", forge=name),
            t("Write one of these: {names}.", names=", ".join(tools.forges)),
        )
    return found


def _check_signing_token(forge: ForgeKind, token: str) -> None:
    try:
        key = b64decode(token.removeprefix(_SIGNING), validate=True)
    except ValueError:
        key = b""
    if not forge.signs or not token.startswith(_SIGNING) or not 24 <= len(key) <= 64:
        raise _wrong(
            "signing-token-wrong",
            t("This is not a signing token of {forge}.", forge=forge.title),
            t("Copy the whole of what the forge made for the webhook: whsec_ and what follows. A forge that makes none "
              "signs with the secret that is made here."),
        )  # fmt: skip


def _install_hook(tools: TreeTools, binding: Binding, host: str) -> str:
    """Write the post-receive hook, which tells this server of every push; its path. ``host``: where the caller reached
    the server, for one that has no address of its own."""
    if not _forge_named(tools, binding.kind).hook or not is_local(binding.url):
        raise _wrong(
            "hook-not-possible",
            t("A hook can only be written into a plain repository on the server's own machine."),
            t("Leave `hook` out, and add the webhook in the settings of the forge."),
        )
    secret = tools.vault.open(binding.secret, secret_place(binding.project))
    return tools.install_hook(binding, secret, (tools.url or f"http://{host}") + hook_path(binding))


def _need_project(node: Node) -> None:
    if node.kind is not NodeKind.PROJECT:
        raise _wrong("not-a-project", t("{path} is not a project.", path=node.path), t("Add a project below it."))


def _wrong(code: str, message: Text, hint: Text) -> PlumblineError:
    return PlumblineError(code, message, hint, kind=ErrorKind.CONFIGURATION)
