"""Find the parts on a shelf: every module of a package that defines ``PART``. There is no list to edit."""

from __future__ import annotations

import importlib
from typing import Any


def shelf(package: str) -> dict[str, Any]:
    """Import every module of ``package`` and return its ``PART`` by module name, in alphabetical order.

    A module whose name begins with ``_`` is a helper, not a part. A module without ``PART`` is a bug and raises
    AttributeError.
    """
    import pkgutil

    home = importlib.import_module(package)
    names = sorted(info.name for info in pkgutil.iter_modules(home.__path__) if not info.name.startswith("_"))
    return {name: importlib.import_module(f"{package}.{name}").PART for name in names}
