"""Copies of repositories that are somewhere else, for as long as they are looked at."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

from plumbline.adapters.git.command import git
from plumbline.kernel import ErrorKind, PlumblineError, t, without_password

if TYPE_CHECKING:
    from collections.abc import Iterator

_SCHEME = re.compile(r"(?:https?|ssh|git|file|git\+ssh|ssh\+git)://", re.IGNORECASE)
_SCP = re.compile(r"[\w.-]+@[\w.-]+:(?!/?$).+|[\w-]+(?:\.[\w-]+)+:[^\\].*")


def is_remote(place: str) -> bool:
    """Whether this is the address of a repository and no folder."""
    return bool(_SCHEME.match(place)) or (bool(_SCP.fullmatch(place)) and not os.path.exists(place))


@contextmanager
def cloned(url: str) -> Iterator[str]:
    """A bare copy in a temporary folder, gone afterwards. Raises PlumblineError ``clone-failed``."""
    shown = without_password(url)
    name = re.sub(r"[^\w.-]", "-", shown.rstrip("/").rpartition("/")[2].removesuffix(".git")) or "repository"
    folder = tempfile.mkdtemp(prefix="plumbline-observe-")
    try:
        target = os.path.join(folder, f"{name.lstrip('-.') or 'repository'}.git")
        try:
            git(["-c", "protocol.ext.allow=never", "clone", "--bare", "--quiet", "--", url, target], folder)
        except PlumblineError as error:
            if error.code == "git-missing":
                raise
            words = str(error.message.values.get("words", "")).partition("\n")[0].replace(url, shown)
            raise PlumblineError(
                "clone-failed",
                t("{url} cannot be cloned: {words}", url=shown, words=words),
                t("check the address and that `git clone` works with it, or clone it yourself and give the folder"),
                kind=ErrorKind.ENVIRONMENT,
            ) from error
        yield target
    finally:
        shutil.rmtree(folder, ignore_errors=True)
