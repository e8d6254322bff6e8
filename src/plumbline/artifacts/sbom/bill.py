"""One bill of materials out of the lock files of a repository.

1. A file is what its name says, or it is said why it is not that; nothing is guessed.
2. What cannot be read makes the bill incomplete, with the reason; it never makes it shorter without a word.
3. The same files give the same bill, in whatever order they come.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cache
from hashlib import sha256
from posixpath import basename, dirname, join
from typing import TYPE_CHECKING

import msgspec

from plumbline.artifacts.sbom.lockfile import MOST_BYTES, Locked, LockError, LockFile, merged
from plumbline.kernel import shelf, t
from plumbline.model.report import Component, Components, Defect

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

INSTALLED = ("node_modules", "vendor", "site-packages", "__pycache__")  # folders of what tools put there
_MOST_DEFECTS = 100  # of one file that are listed


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """A lock file that is in a bill, or should be. ``digest`` of its bytes; ``packages``: how many it pins."""

    path: str
    digest: str
    kind: str
    packages: int
    complete: bool


class Bill(msgspec.Struct, frozen=True, kw_only=True):
    """``complete``: every file shows that nothing is missing. ``defects``: why not; ``where`` begins with the path."""

    components: Components
    files: tuple[Read, ...] = ()
    defects: tuple[Defect, ...] = ()

    @property
    def complete(self) -> bool:
        return bool(self.components.complete)


@cache
def lock_files() -> dict[str, LockFile]:
    found: dict[str, LockFile] = shelf("plumbline.artifacts.sbom.locks")
    return found


def kind_of(path: str) -> str:
    """The part of the shelf that a file of this name belongs to; empty: none."""
    name = basename(path)
    kinds = lock_files().items()
    return next((kind for kind, part in kinds if any(fnmatchcase(name, each) for each in part.names)), "")


def wanted(paths: Iterable[str]) -> list[str]:
    """Of the paths of a repository, those that a bill is made of and those read beside them, sorted."""
    every = set(paths)
    found = {path for path in every if kind_of(path) and not _is_foreign(path)}
    beside = {join(dirname(path), name) for path in found for name in lock_files()[kind_of(path)].beside}
    return sorted(found | (beside & every))


def make_bill(files: Mapping[str, bytes], subject: Component | None = None) -> Bill:
    """``files`` by their path. ``subject``: what it is the bill of; None: what a single lock file says."""
    texts, defects = _texts(files)
    known = {path: kind for path in sorted(files) if (kind := kind_of(path))}
    known = {path: kind for path, kind in known.items() if not _covered(path, known)}
    read: list[Read] = []
    every: list[Locked] = []
    for path, kind in known.items():
        locked = _locked(path, kind, texts, defects)
        every.append(locked)
        defects += [_at(path, one) for one in locked.defects[:_MOST_DEFECTS]]
        digest = f"sha256:{sha256(files[path]).hexdigest()}"
        read.append(Read(path=path, digest=digest, kind=kind, packages=len(locked.components),
                         complete=locked.complete))  # fmt: skip
    if not read:
        defects.append(Defect("no-lock-file", t("There is no lock file whose form is known.")))
    complete = bool(read) and all(one.complete for one in every)
    return Bill(components=_components(every, subject, complete=complete), files=tuple(read), defects=tuple(defects))


def _components(every: list[Locked], subject: Component | None, *, complete: bool) -> Components:
    if subject is None:
        subject = every[0].subject if len(every) == 1 else None
    asked = [one.direct for one in every]
    root = subject or Component(name="unknown", ref="unknown")
    direct = {ref for refs in asked for ref in refs or ()}
    root = msgspec.structs.replace(root, depends_on=tuple(sorted(direct - {root.ref})))
    parts = tuple(one for one in merged(part for one in every for part in one.components) if one.ref != root.ref)
    return Components(subject=root, components=parts, complete=complete)


def _texts(files: Mapping[str, bytes]) -> tuple[dict[str, str], list[Defect]]:
    texts: dict[str, str] = {}
    defects: list[Defect] = []
    for path in sorted(files):
        data = files[path]
        if len(data) > MOST_BYTES:
            defects.append(Defect("too-large", t("It is larger than {most} bytes.", most=MOST_BYTES), path))
            continue
        try:
            texts[path] = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            defects.append(Defect("wrong-encoding", t("It is not UTF-8."), path))
    return texts, defects


def _locked(path: str, kind: str, texts: Mapping[str, str], defects: list[Defect]) -> Locked:
    """What a file pins; nothing, and a defect, where it cannot be read."""
    if path not in texts:
        return Locked(complete=False)
    part = lock_files()[kind]
    beside = {name: texts[other] for name in part.beside if (other := join(dirname(path), name)) in texts}
    try:
        if "\0" in texts[path]:
            raise LockError("binary", t("It is not a text."))
        return part.read(texts[path], beside)
    except LockError as error:
        defects.append(Defect(error.code, error.message, path))
    except RecursionError:
        defects.append(Defect("too-deep", t("It is nested too deep."), path))
    return Locked(complete=False)


def _covered(path: str, known: Mapping[str, str]) -> bool:
    """Whether another file of its folder says all that this one says, and more."""
    here, name = dirname(path), basename(path)
    return any(name in lock_files()[kind].covers and dirname(other) == here for other, kind in known.items())


def _is_foreign(path: str) -> bool:
    """Whether a path is of something that was installed, and not of the project."""
    return any(part in INSTALLED or part == ".venv" for part in path.split("/")[:-1])


def _at(path: str, defect: Defect) -> Defect:
    return Defect(defect.code, defect.message, f"{path}: {defect.where}" if defect.where else path)
