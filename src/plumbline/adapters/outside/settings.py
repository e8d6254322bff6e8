"""``checkpoints.toml`` in the data folder: where checkpoints go, whose word of them counts, whose are cosigned here."""

from __future__ import annotations

import os
import tomllib
from hashlib import sha256
from ipaddress import ip_address
from threading import Lock
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import msgspec

from plumbline.adapters.outside.file import FileCourier
from plumbline.adapters.outside.git import GitCourier
from plumbline.adapters.outside.http import HttpCourier
from plumbline.adapters.outside.mail import MailCourier, MailSettings
from plumbline.adapters.outside.witness import WitnessCourier
from plumbline.evidence import VerifyingKey, parse_key
from plumbline.evidence.cosignature import WitnessKey, parse_witness_key
from plumbline.kernel import ErrorKind, PlumblineError, Text, t
from plumbline.model.ready import ready

if TYPE_CHECKING:
    from collections.abc import Callable

    from plumbline.model.repository_credential import RepositoryLogin

FILE = "checkpoints.toml"
FOLDER = "outside"  # in the data folder: copies of repositories that are pushed
_MOST_SECRET = 8 << 10  # bytes of a file with a password
_SECURITY = {"starttls": 587, "tls": 465, "none": 25}

_Line = Annotated[str, msgspec.Meta(min_length=1, max_length=1000, pattern=r"^[^\x00-\x1f]+$")]
_Lines = Annotated[tuple[_Line, ...], msgspec.Meta(min_length=1)]


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class FilePart(_Part, frozen=True, kw_only=True):
    path: _Line


class GitPart(_Part, frozen=True, kw_only=True):
    repository: _Line | None = None  # a folder
    remote: _Line | None = None
    branch: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,100}$")] = "checkpoints"


class HttpPart(_Part, frozen=True, kw_only=True):
    url: _Line
    token_file: _Line | None = None


class MailPart(_Part, frozen=True, kw_only=True):
    to: _Lines
    sender: _Line = msgspec.field(name="from")
    host: _Line
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] | None = None
    security: str = "starttls"
    user: str = ""
    password_file: _Line | None = None


class WitnessPart(_Part, frozen=True, kw_only=True):
    url: _Line
    key: _Line


class WitnessedPart(_Part, frozen=True, kw_only=True):
    key: _Line


class Content(_Part, frozen=True, kw_only=True):
    """All of the file. ``every``: seconds."""

    every: Annotated[int, msgspec.Meta(ge=60, le=31 * 86_400)] = 3600
    file: tuple[FilePart, ...] = ()
    git: tuple[GitPart, ...] = ()
    http: tuple[HttpPart, ...] = ()
    mail: tuple[MailPart, ...] = ()
    witness: tuple[WitnessPart, ...] = ()
    witnessed: tuple[WitnessedPart, ...] = ()


AnyCourier = FileCourier | GitCourier | HttpCourier | MailCourier | WitnessCourier


class SetUp(msgspec.Struct, frozen=True, kw_only=True):
    """What the file says, ready for use."""

    every: int = 3600  # seconds
    couriers: tuple[AnyCourier, ...] = ()
    witnesses: tuple[WitnessKey, ...] = ()
    witnessed: tuple[VerifyingKey, ...] = ()


class OutsideFile:
    """Reads the file when it changed. ``login``: what git proves itself with at an address, None: by the machine's own
    means."""

    def __init__(self, folder: str, login: Callable[[str], RepositoryLogin | None] = lambda _: None) -> None:
        self._folder = folder
        self._path = os.path.join(folder, FILE)
        self._login = login
        self._lock = Lock()
        self._known: tuple[tuple[int, int, int], SetUp] | None = None

    def read(self) -> SetUp:
        """Nothing is set up where there is no file. Raises PlumblineError ``checkpoints-file-wrong``."""
        try:
            with open(self._path, "rb") as file:
                info = os.fstat(file.fileno())
                stamp = (info.st_ino, info.st_mtime_ns, info.st_size)
                with self._lock:
                    if self._known is None or self._known[0] != stamp:
                        self._known = stamp, self._made(tomllib.load(file))
                    return self._known[1]
        except FileNotFoundError:
            return SetUp()
        except OSError as error:
            raise self._wrong(error.strerror or error) from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
            raise self._wrong(error) from error

    def _made(self, found: object) -> SetUp:
        said = msgspec.convert(found, ready(Content))
        witnesses = [WitnessCourier(self._safe(part.url), parse_witness_key(part.key)) for part in said.witness]
        couriers: tuple[AnyCourier, ...] = (
            *witnesses,  # first, so that the others get what they signed
            *(FileCourier(self._at(part.path)) for part in said.file),
            *(self._git(part) for part in said.git),
            *(HttpCourier(self._safe(part.url), self._secret(part.token_file)) for part in said.http),
            *(self._mail(part) for part in said.mail),
        )
        return SetUp(
            every=said.every,
            couriers=couriers,
            witnesses=tuple(parse_witness_key(part.key) for part in said.witness),
            witnessed=tuple(parse_key(part.key) for part in said.witnessed),
        )

    def _git(self, part: GitPart) -> GitCourier:
        if part.repository is None and part.remote is None:
            raise self._wrong(t("[[git]] needs a repository (a folder), a remote (an address), or both"))
        name = f"{sha256((part.remote or '').encode()).hexdigest()[:16]}.git"
        folder = self._at(part.repository) if part.repository else os.path.join(self._folder, FOLDER, name)
        return GitCourier(folder, part.remote or "", part.branch, self._login)

    def _mail(self, part: MailPart) -> MailCourier:
        if part.security not in _SECURITY:
            raise self._wrong(t("security of [[mail]] is one of: {names}", names=", ".join(_SECURITY)))
        if part.security == "none" and part.user and not _is_here(part.host):
            raise self._wrong(t("[[mail]] would send a password in the open: take starttls or tls"))
        settings = MailSettings(
            host=part.host,
            port=part.port or _SECURITY[part.security],
            security=part.security,
            sender=part.sender,
            to=part.to,
            user=part.user,
        )
        return MailCourier(settings, self._secret(part.password_file))

    def _safe(self, url: str) -> str:
        """What others on the way cannot read or answer in the place of the right one."""
        parts = urlsplit(url)
        good = parts.scheme == "https" or (parts.scheme == "http" and _is_here(parts.hostname or ""))
        if not good or not parts.hostname or parts.username or parts.password:
            raise self._wrong(
                t("{url} is no address that begins with https:// and has no password in it", url=parts.hostname or "?")
            )
        return url

    def _secret(self, path: str | None) -> Callable[[], str]:
        if path is None:
            return lambda: ""
        full = self._at(path)

        def read() -> str:
            try:
                with open(full, encoding="utf-8", errors="replace") as file:
                    return file.read(_MOST_SECRET).strip()
            except OSError as error:
                raise self._wrong(t("{path} cannot be used: {reason}", path=full,
                                    reason=error.strerror or error)) from error  # fmt: skip

        return read

    def _at(self, path: str) -> str:
        return os.path.normpath(os.path.join(self._folder, os.path.expanduser(path)))

    def _wrong(self, reason: object) -> PlumblineError:
        shown = reason if isinstance(reason, Text) else str(reason)
        return PlumblineError(
            "checkpoints-file-wrong",
            t("{path}: {reason}", path=self._path, reason=shown),
            t("docs/operations.md has an example of the file."),
            kind=ErrorKind.CONFIGURATION,
        )


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
