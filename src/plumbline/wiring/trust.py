"""Whose settings count for a run on this machine: the user's, and what of the repository's narrows or is trusted."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from plumbline.adapters.executors import executors
from plumbline.adapters.repository_trust import TrustedFiles
from plumbline.adapters.user_files import CONFIG_NAME, read_config, read_file, set_by
from plumbline.kernel import ErrorKind, PlumblineError, Text, t

if TYPE_CHECKING:
    from plumbline.adapters.user_files import UserConfig


class TrustChange(NamedTuple):
    """What ``plumb trust`` did. ``changed`` False: there was nothing to take back."""

    path: str
    names: tuple[str, ...]  # that the file sets
    changed: bool


def trust_repository(repository: str, data: str, *, forget: bool) -> TrustChange:
    """Trust the settings of a repository as they are now, or no longer. ``data``: the data folder.

    Raises PlumblineError ``nothing-to-trust``.
    """
    from plumbline.adapters.git import open_repository

    path = os.path.join(open_repository(repository).folder, CONFIG_NAME)
    content = read_file(path)
    if content is None:
        raise PlumblineError(
            "nothing-to-trust",
            t("there is no {path}", path=path),
            t("only the settings of a repository are trusted; its pipelines run without that"),
            kind=ErrorKind.CONFIGURATION,
        )
    trusted = _trusted(data)
    if forget:
        return TrustChange(path, (), trusted.remove(path, content))
    names = set_by(path, content)
    trusted.add(path, content)
    return TrustChange(path, names, True)


def read_settings(repository: str, data: str) -> tuple[UserConfig, tuple[Text, ...]]:
    """What counts, and what a person should know of what does not. Raises PlumblineError."""
    found = read_config(repository, _trusted(data), _isolating)
    if not found.ignored:
        return found.config, ()
    told = t(
        "{path} is not trusted, so this of it is ignored: {names}. Read the file; `plumb trust` accepts it as it is.",
        path=found.path,
        names=", ".join(found.ignored),
    )
    return found.config, (told,)


def _trusted(data: str) -> TrustedFiles:
    return TrustedFiles(f"{data}/local/trusted")


def _isolating() -> set[str]:
    """The ways to run jobs that keep them away from the machine."""
    return {name for name, part in executors().items() if part.isolates and part.place is not None}
