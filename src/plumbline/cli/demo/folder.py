"""The folder of the demo: the server's data, and beside them what the demo itself needs."""

from __future__ import annotations

import fcntl
import os
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from plumbline.kernel import ErrorKind, PlumblineError, t

if TYPE_CHECKING:
    from collections.abc import Iterator

OWN = "demo"  # in the data folder
_MARK = "made-by-plumb-demo"
_PACKAGE = Path(__file__).parents[2]


@contextmanager
def fresh_folder(folder: Path) -> Iterator[Path]:
    """An empty data folder with the demo's own folder in it, which is given; it is ours while this lasts.

    What an earlier demo left is removed, what anybody else put there never: PlumblineError ``demo-folder-taken``, or
    ``demo-running`` where another demo is at work in it.
    """
    own = folder / OWN
    mark = own / _MARK
    if folder.exists() and not mark.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise PlumblineError(
            "demo-folder-taken",
            t("{path} holds something that no demo made.", path=folder),
            t("Name another folder with --data, or remove it yourself."),
            kind=ErrorKind.REFUSED,
        )
    os.makedirs(folder, mode=0o700, exist_ok=True)
    own.mkdir(exist_ok=True)
    with mark.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise PlumblineError(
                "demo-running",
                t("Another demo is running in {path}.", path=folder),
                t("End it, or name another folder with --data."),
                kind=ErrorKind.REFUSED,
            ) from error
        for path in [*folder.iterdir(), *own.iterdir()]:
            if path in (own, mark):
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
        yield own


def sample() -> Path:
    """The files of the small service: beside the installed package, or in the checkout it runs from."""
    for place in (_PACKAGE / "sample", _PACKAGE.parents[1] / "demo" / "sample"):
        if (place / ".gitlab-ci.yml").is_file():
            return place
    raise PlumblineError("demo-incomplete", t("The sample of the demo was not installed."), t("Install it again."))


def checkout() -> Path | None:
    """The repository this program runs from; None where it was installed without one."""
    root = _PACKAGE.parents[1]
    return root if (root / ".git").exists() and (root / ".gitlab-ci.yml").is_file() else None
