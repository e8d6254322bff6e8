"""What git shows to private repositories: set at a node of the tree, used by the projects there and below. A secret
goes in and never comes out."""

from __future__ import annotations

import re
from base64 import b64decode
from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec

from plumbline.access import nearest_credential, use_cases
from plumbline.evidence.vocabulary import own_platform as events
from plumbline.flow.tree.bind_repository import check_host
from plumbline.flow.tree.read_tree import place_of
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.repository_credential import RemoteScheme, RepositoryLogin, host_name, remote_of
from plumbline.model.tree import INSTANCE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.access import Actor
    from plumbline.flow.tree.tools import TreeTools
    from plumbline.kernel import Text
    from plumbline.model.ports.transaction import Store
    from plumbline.model.ports.vault import Vault
    from plumbline.model.repository_credential import RepositoryCredential
    from plumbline.model.server import Binding

LONGEST_PASSWORD = 4096  # characters
LONGEST_KEY = 32768  # of a private key, and of the lines of known hosts
_KEY = re.compile(
    r"-----BEGIN (?P<kind>[A-Z0-9 ]*)PRIVATE KEY-----\n(?P<body>.+)\n-----END [A-Z0-9 ]*PRIVATE KEY-----\n", re.DOTALL
)
_KEY_TYPE = re.compile(r"(ssh|ecdsa|sk-ssh|sk-ecdsa)-[a-z0-9@.-]+")
_MARKERS = ("@cert-authority", "@revoked")


def credential_place(credential: RepositoryCredential) -> str:
    """What a sealed secret is bound to: all that says who gets it. Whoever changes a row in the database, so that it
    names another host or other host keys, has a row that does not open."""
    known = f"#{sha256(credential.known_hosts.encode()).hexdigest()}" if credential.known_hosts else ""
    named = f"{credential.scheme}/{credential.username}@{credential.host}"
    return f"repository-credential/{credential.node}/{named}{known}"


def list_repository_credentials(actor: Actor, tools: TreeTools, node: int) -> Sequence[RepositoryCredential]:
    """Those set at a node or above it, by host and scheme. Raises PlumblineError ``not-found``, ``not-allowed``."""
    with tools.units.view(actor) as unit:
        ancestors = unit.require(use_cases.LIST_CREDENTIALS, node)
        return unit.tx.repository_credentials.at([INSTANCE, *(each.id for each in ancestors)])


def put_repository_credential(
    actor: Actor, tools: TreeTools, credential: RepositoryCredential, secret: str
) -> RepositoryCredential:
    """Add or replace. Raises PlumblineError ``not-found``, ``not-allowed``, ``credential-host-wrong``,
    ``credential-username-wrong``, ``credential-password-wrong``, ``credential-key-wrong`` or ``known-hosts-wrong``."""
    with tools.units.change(actor) as unit:
        place = place_of(unit.require(use_cases.WRITE_CREDENTIAL, credential.node))
        checked, secret = _checked(credential, secret)
        bound = msgspec.structs.replace(checked, changed=unit.now, changed_by=actor.person.id)
        stored = msgspec.structs.replace(bound, sealed=tools.vault.seal(secret.encode(), credential_place(bound)))
        unit.tx.repository_credentials.put(stored)
        unit.record(f"{place}:{stored.host}", events.RepositoryCredentialWritten(
            node=place, scheme=stored.scheme.value, host=stored.host, by=actor.name))  # fmt: skip
        return stored


def remove_repository_credential(actor: Actor, tools: TreeTools, node: int, scheme: RemoteScheme, host: str) -> bool:
    """False where there is none. Raises PlumblineError ``not-found``, ``not-allowed``."""
    host = host_name(scheme, host)
    with tools.units.change(actor) as unit:
        place = place_of(unit.require(use_cases.REMOVE_CREDENTIAL, node))
        if not unit.tx.repository_credentials.remove(node, scheme.value, host):
            return False
        unit.record(f"{place}:{host}", events.RepositoryCredentialRemoved(
            node=place, scheme=scheme.value, host=host, by=actor.name))  # fmt: skip
        return True


def login_of(store: Store, vault: Vault, binding: Binding) -> RepositoryLogin | None:
    """What git shows to the repository of a project; None where nothing is set for its host. PlumblineError where no
    key of the vault opens it, or ``repository-host-refused``."""
    remote = remote_of(binding.url)
    with store.view() as tx:
        ancestors = tx.tree.ancestors(binding.project)
        check_host(ancestors, binding.url)
        if remote is None:
            return None
        found = tx.repository_credentials.at([INSTANCE, *(node.id for node in ancestors)])
    credential = nearest_credential(ancestors, found, remote)
    if credential is None:
        return None
    return RepositoryLogin(
        scheme=credential.scheme,
        host=credential.host,
        username=credential.username or ("" if remote.scheme is RemoteScheme.SSH else remote.username),
        secret=vault.open(credential.sealed, credential_place(credential)).decode(),
        known_hosts=credential.known_hosts,
        place=next((node.path for node in ancestors if node.id == credential.node), "/"),
    )


def installation_login(store: Store, vault: Vault, url: str) -> RepositoryLogin | None:
    """What git shows to a repository of the installation itself; None where nothing is set for its host at the top.
    PlumblineError where no key of the vault opens it."""
    remote = remote_of(url)
    if remote is None:
        return None
    with store.view() as tx:
        credential = nearest_credential((), tx.repository_credentials.at([INSTANCE]), remote)
    if credential is None:
        return None
    return RepositoryLogin(
        scheme=credential.scheme,
        host=credential.host,
        username=credential.username or ("" if remote.scheme is RemoteScheme.SSH else remote.username),
        secret=vault.open(credential.sealed, credential_place(credential)).decode(),
        known_hosts=credential.known_hosts,
        place="/",
    )


def _checked(credential: RepositoryCredential, secret: str) -> tuple[RepositoryCredential, str]:
    """As they are kept."""
    host = host_name(credential.scheme, credential.host)
    known, secret = _lines(credential.known_hosts), _lines(secret)
    if credential.scheme is RemoteScheme.SSH:
        _check_key(secret)
        _check_known_hosts(known)
    else:
        secret, known = secret.strip("\n"), ""
        _check_password(secret)
    if not host:
        raise _wrong(
            "credential-host-wrong",
            t("'{host}' is not the name of a host.", host=credential.host[:200]),
            t("Write git.bank.example, or git.bank.example:8443 where the port is not the usual one."),
        )
    if credential.username.startswith("-") or not credential.username.isprintable():
        raise _wrong("credential-username-wrong", t("The user name has signs that no user name has."),
                     t("Write it as the forge shows it."))  # fmt: skip
    return msgspec.structs.replace(credential, host=host, known_hosts=known), secret


def _check_password(secret: str) -> None:
    """Git hands it on as one line."""
    if not secret or len(secret) > LONGEST_PASSWORD or any(sign in secret for sign in "\n\r\0"):
        raise _wrong(
            "credential-password-wrong",
            t("A password or token is one line of 1 to {count} characters.", count=LONGEST_PASSWORD),
            t("Copy it again from the forge. A private key belongs to a credential for ssh."),
        )


def _check_key(secret: str) -> None:
    found = _KEY.fullmatch(secret) if len(secret) <= LONGEST_KEY else None
    if found is None:
        raise _wrong(
            "credential-key-wrong",
            t("This is not a private key."),
            t("Make a pair with `ssh-keygen -t ed25519 -N '' -f deploy`, and write the whole content of `deploy`."),
        )
    if _has_passphrase(found["kind"], found["body"]):
        raise _wrong(
            "credential-key-wrong",
            t("The private key is protected by a passphrase, which nobody could type here."),
            t("Make a pair of its own for this server, without one: `ssh-keygen -t ed25519 -N '' -f deploy`."),
        )


def _has_passphrase(kind: str, body: str) -> bool:
    """As the formats of OpenSSH and PEM say it; of a key that is neither ssh itself tells more."""
    if kind.strip() == "OPENSSH":
        try:
            return not b64decode(body[:64]).startswith(b"openssh-key-v1\0\0\0\0\4none")
        except ValueError:
            return False
    return "ENCRYPTED" in f"{kind}{body}"


def _check_known_hosts(lines: str) -> None:
    if len(lines) > LONGEST_KEY or "\0" in lines:
        raise _wrong("known-hosts-wrong", t("The lines of known hosts are longer than {count} characters.",
                     count=LONGEST_KEY), t("Give those of this one host."))  # fmt: skip
    for number, line in enumerate(lines.splitlines(), 1):
        words = line.split()
        if words and words[0] in _MARKERS:
            del words[0]
        if not words or words[0].startswith("#"):
            continue
        if len(words) < 3 or not _KEY_TYPE.fullmatch(words[1]):
            raise _wrong(
                "known-hosts-wrong",
                t("Line {number} of the known hosts is not a host with its key.", number=number),
                t("Take the lines that `ssh-keyscan HOST` prints (with `-p PORT` where the port is not 22)."),
            )


def _lines(text: str) -> str:
    """As files on a server are: each line ends, and without what a form of a browser adds."""
    lines = text.replace("\r\n", "\n").strip("\n")
    return f"{lines}\n" if lines else ""


def _wrong(code: str, message: Text, hint: Text) -> PlumblineError:
    return PlumblineError(code, message, hint, kind=ErrorKind.CONFIGURATION)
