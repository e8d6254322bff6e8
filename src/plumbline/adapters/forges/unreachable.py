"""Why a repository could not be fetched, from git's own words: what is wrong, and how to mend it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.repository_credential import remote_of

if TYPE_CHECKING:
    from plumbline.kernel import Text
    from plumbline.model.repository_credential import Remote, RepositoryLogin

_REFUSED = (
    "Authentication failed for",
    "could not read Username for",
    "could not read Password for",
    "Permission denied (",
    "The requested URL returned error: 401",
    "The requested URL returned error: 403",
    "HTTP Basic: Access denied",
)
_NO_REF = "couldn't find remote ref"
REF_VANISHED = "ref-vanished"
_MOVED = tuple(f"The requested URL returned error: {status}" for status in (301, 302, 303, 307, 308))


def unreachable(url: str, said: str, login: RepositoryLogin | None) -> PlumblineError:
    """``url``: fit to be shown. ``said``: by git, in English, without what is secret.

    The codes: ``host-key-unknown``, ``host-key-changed``, ``repository-refused``, ``repository-moved``,
    ``repository-vanished``; ``ref-vanished`` where it is there, and has not what was asked for by name.
    """
    remote = remote_of(url)
    message = t("The repository {url} cannot be fetched: {reason}", url=url, reason=said)
    if remote is not None and "Host key verification failed" in said:
        return _host_key(remote, said)
    if remote is not None and any(words in said for words in _REFUSED):
        return PlumblineError("repository-refused", message, _credential(remote, login), kind=ErrorKind.REFUSED)
    if any(words in said for words in _MOVED):
        hint = t(
            "The server sends git to another address, which is not followed. Write that address in the project's "
            "settings; often only .git is missing at its end."
        )
        return PlumblineError("repository-moved", message, hint, kind=ErrorKind.REFUSED)
    if _NO_REF in said:
        return PlumblineError(REF_VANISHED, message, kind=ErrorKind.REFUSED)
    hint = t("Check that it is still there, that this server may read it, and its address in the project's settings.")
    return PlumblineError("repository-vanished", message, hint)


def _credential(remote: Remote, login: RepositoryLogin | None) -> Text:
    if login is None:
        return t(
            "There is no credential for {host}. Set one at the project or above it: a token, or an SSH key.",
            host=str(remote),
        )
    return t(
        "The credential for {host} that is set at {place} was not accepted. Check that it still holds, and that it may "
        "read this repository; then write it anew.",
        host=str(remote),
        place=login.place,
    )


def _host_key(remote: Remote, said: str) -> PlumblineError:
    name, colon, port = remote.host.rpartition(":")
    scan = f"ssh-keyscan -p {port} {name.strip('[]')}" if colon and port.isdecimal() else f"ssh-keyscan {remote.host}"
    if "IDENTIFICATION HAS CHANGED" in said:
        return PlumblineError(
            "host-key-changed",
            t("{host} shows another key than the one that is known: it has a new one, or somebody stands in between.",
              host=str(remote)),
            t("Ask who runs it. If the key is new, put the lines of `{command}` into known_hosts of the credential.",
              command=scan),
            kind=ErrorKind.REFUSED,
        )  # fmt: skip
    return PlumblineError(
        "host-key-unknown",
        t("The key of {host} is not known, so nothing tells whether it is the right server.", host=str(remote)),
        t("Put the lines of `{command}` into known_hosts of the credential, after comparing their fingerprints "
          "(`{command} | ssh-keygen -lf -`) with those that its operator publishes.", command=scan),
        kind=ErrorKind.REFUSED,
    )  # fmt: skip
