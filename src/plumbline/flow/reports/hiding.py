"""Take secrets out of all that a report says, before any of it is signed, stored, told or shown.

The values of a job's masked variables may stand anywhere in a file: in the name of a test (its parameters), a path, an
address. What a scanner found to be a secret may stand in its own title or message.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

import msgspec

from plumbline.kernel import Text
from plumbline.model.report import Finding, Findings, Report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from plumbline.model.report import Unreadable

_SHORTEST = 4  # characters of a found secret: shorter ones are words of their own
_KEPT = frozenset({"secret"})  # goes no further than its digest


def hide_in(content: Report | Unreadable, hide: Callable[[str], str]) -> Report | Unreadable:
    """The same with ``hide`` over every text. Looks through all of them at once first: most files have nothing."""
    every = "\n".join(_texts(content))
    if hide(every) == every:
        return content
    changed: Report | Unreadable = _changed(content, hide)
    return changed


def without_found(report: Report) -> Report:
    """The same scan; what a finding says is the secret stands in none of its texts."""
    found = report.content
    if not isinstance(found, Findings):
        return report
    findings = tuple(_without_own(one) if len(one.secret) >= _SHORTEST else one for one in found.findings)
    return msgspec.structs.replace(report, content=msgspec.structs.replace(found, findings=findings))


def _without_own(finding: Finding) -> Finding:
    changed: Finding = _changed(finding, lambda text: text.replace(finding.secret, "***"))
    return changed


def _texts(value: Any) -> Iterator[str]:
    if type(value) is str:
        if value:
            yield value
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            if name not in _KEPT:
                yield from _texts(getattr(value, name))
    elif isinstance(value, tuple):
        for one in value:
            if type(one) is not int:
                yield from _texts(one)
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from _texts(key)
            yield from _texts(one)
    elif isinstance(value, Text):
        yield from map(str, _values(value))


def _values(text: Text) -> Iterator[object]:
    for one in text.values.values():
        if isinstance(one, Text):
            yield from _values(one)
        else:
            yield one


def _changed(value: Any, hide: Callable[[str], str]) -> Any:
    if isinstance(value, Enum | bool | int | float) or value is None:
        return value
    if type(value) is str:
        return hide(value)
    if isinstance(value, msgspec.Struct):
        names = (name for name in value.__struct_fields__ if name not in _KEPT)
        return msgspec.structs.replace(value, **{name: _changed(getattr(value, name), hide) for name in names})
    if isinstance(value, tuple):
        return tuple(_changed(one, hide) for one in value)
    if isinstance(value, dict):
        return {_changed(key, hide): _changed(one, hide) for key, one in value.items()}
    return value.map(hide) if isinstance(value, Text) else value
