"""Puts one more part on a shelf: a file of its own folder, seen beside the files of the package."""

from __future__ import annotations

import importlib
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@contextmanager
def on_shelf(package: str, name: str, text: str, folder: Path, *known: Callable[[], Any]) -> Iterator[str]:
    """``known``: what remembers the parts that it found. Gives the folder of the part."""
    home = importlib.import_module(package)
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.py").write_text(text)
    before = list(home.__path__)
    home.__path__.append(str(folder))
    importlib.invalidate_caches()
    _forget(known)
    try:
        yield str(folder)
    finally:
        home.__path__[:] = before
        sys.modules.pop(f"{package}.{name}", None)
        vars(home).pop(name, None)
        _forget(known)


def _forget(known: tuple[Callable[[], Any], ...]) -> None:
    for each in known:
        each.cache_clear()  # type: ignore[attr-defined]
