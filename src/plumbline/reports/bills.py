"""What all bills of materials have to keep: each component once, known dependencies, no circles, sound package URLs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.kernel import t
from plumbline.reports import purls

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from plumbline.model.report import Component, Defect
    from plumbline.reports.defects import Defects

_MILD = frozenset(("no-version", "not-read", "cycle"))  # allowed by the formats
_WITHOUT_VERSION = frozenset(("container", "data", "device", "file", "machine-learning-model", "operating-system"))


def strict(defects: Iterable[Defect]) -> bool:
    """Whether a bill with these defects is valid by the rules of its format."""
    return all(defect.code in _MILD for defect in defects)


def check(components: Iterable[Component], defects: Defects) -> None:
    """Write down what is wrong with the components of one bill; nothing of it makes the bill unreadable."""
    refs: set[str] = set()
    for component in components:
        if not component.name:
            defects.add("no-name", t("A component has no name."), component.ref)
        if not component.version and component.kind not in _WITHOUT_VERSION:
            defects.add("no-version", t("The component '{name}' has no version.", name=component.name), component.ref)
        if component.ref in refs:
            defects.add("duplicate-id", t("Another entry has the same identifier."), component.ref)
        if component.ref:
            refs.add(component.ref)
        wrong = purls.fault(component.purl) if component.purl else ""
        if wrong == "two-versions":
            defects.add(wrong, t("The package URL '{purl}' has two '@'.", purl=component.purl), component.ref)
        elif wrong:
            defects.add(wrong, t("'{purl}' is no package URL.", purl=component.purl), component.ref)


def check_graph(depends_on: Mapping[str, Collection[str]], refs: Collection[str], defects: Defects) -> None:
    """``refs``: everything that the bill names, its subject too."""
    for ref, targets in depends_on.items():
        for name in (ref, *targets):
            if name not in refs:
                defects.add("unknown-ref", t("'{ref}' is depended on or depends, and is not listed.", ref=name), ref)
    for ref in _in_a_circle(depends_on):
        defects.add("cycle", t("'{ref}' depends on itself, by way of others or directly.", ref=ref), ref)


def _in_a_circle(depends_on: Mapping[str, Collection[str]]) -> Iterable[str]:
    """Those at which a walk along the dependencies comes back to where it is; without recursion, for long chains."""
    done: set[str] = set()
    for start in depends_on:
        if start in done:
            continue
        way, walk = {start}, [(start, iter(depends_on[start]))]
        while walk:
            ref, rest = walk[-1]
            target = next(rest, None)
            if target is None:
                walk.pop()
                way.discard(ref)
                done.add(ref)
            elif target in way:
                yield target
            elif target not in done:
                way.add(target)
                walk.append((target, iter(depends_on.get(target, ()))))
