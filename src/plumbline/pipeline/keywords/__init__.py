"""The keywords of ``.gitlab-ci.yml``, one module each. A part is imported when its keyword is first met."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plumbline.pipeline.keyword import Keyword

_MODULES = {info.name.rstrip("_"): info.name for info in pkgutil.iter_modules(__path__)}
_found: dict[str, Keyword] = {}


def find(name: str) -> Keyword | None:
    """The keyword of this name, or None."""
    known = _found.get(name)
    if known is not None:
        return known
    module = _MODULES.get(name.lstrip("$"))
    if module is None:
        return None
    part: Keyword = importlib.import_module(f"{__name__}.{module}").PART
    if part.name != name:
        return None
    _found[name] = part
    return part


def parts() -> dict[str, Keyword]:
    """Every keyword by name, in alphabetical order."""
    found: list[Keyword] = [importlib.import_module(f"{__name__}.{module}").PART for module in _MODULES.values()]
    return {part.name: part for part in sorted(found, key=lambda part: part.name)}
