"""The rules that a run of SARIF lists, in the driver and in its extensions, and which one a result means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from plumbline.model.report import Severity
from plumbline.reports.identifiers import all_named
from plumbline.reports.severities import by_score
from plumbline.reports.values import at, listed, mapped, maps, real, text, texts

if TYPE_CHECKING:
    from collections.abc import Mapping

LEVELS = {"error": Severity.HIGH, "warning": Severity.MEDIUM, "note": Severity.LOW, "none": Severity.INFO}


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """``level`` and ``score`` as they are said; a result without a level takes its rule's."""

    id: str
    title: str = ""
    level: str = ""
    score: str = ""  # security-severity, a number of CVSS as text
    identifiers: tuple[str, ...] = ()
    secret: bool = False
    tags: tuple[str, ...] = ()
    messages: Mapping[str, Any] = {}


class Rules:
    """The rules of one run."""

    def __init__(self, run: dict[str, Any]) -> None:
        driver = mapped(at(run, "tool", "driver"))
        self.driver = [_rule(entry) for entry in listed(driver.get("rules"))]
        extensions = list(maps(at(run, "tool", "extensions")))
        self._extensions = [[_rule(entry) for entry in listed(part.get("rules"))] for part in extensions]
        self._names = [text(part.get("name")) for part in extensions]
        self.all = [*self.driver, *(rule for part in self._extensions for rule in part)]
        self._by_id = {rule.id: rule for rule in reversed(self.all) if rule.id}

    def of(self, result: dict[str, Any]) -> Rule:
        """The rule of a result; one with an empty id where the result does not say any."""
        name = result.get("ruleId")
        if type(name) is str and name in self._by_id and "rule" not in result:
            return self._by_id[name]
        reference = mapped(result.get("rule"))
        said = text(name) or text(reference.get("id"))
        index = reference.get("index", result.get("ruleIndex"))
        listed_here = self._component(mapped(reference.get("toolComponent")))
        if type(index) is int and 0 <= index < len(listed_here):
            found = listed_here[index]
            if not said or found.id == said or said.startswith(found.id + "/"):
                return found if not said or found.id == said else msgspec.structs.replace(found, id=said)
        return self._named(said)

    def _named(self, said: str) -> Rule:
        """A rule by its id, or by the beginning of a hierarchical one such as ``CA1000/1``."""
        part = said
        while part:
            if part in self._by_id:
                found = self._by_id[part]
                return found if part == said else msgspec.structs.replace(found, id=said)
            part = part.rpartition("/")[0]
        return Rule(id=said, identifiers=all_named((said,)))

    def _component(self, reference: dict[str, Any]) -> list[Rule]:
        index, name = reference.get("index"), reference.get("name")
        if type(index) is int:
            return self._extensions[index] if 0 <= index < len(self._extensions) else self.driver
        if type(name) is str and name in self._names:
            return self._extensions[self._names.index(name)]
        return self.driver


def _rule(entry: Any) -> Rule:
    rule = mapped(entry)
    properties = mapped(rule.get("properties"))
    tags = texts(properties.get("tags"))
    name = text(rule.get("id"), 400)
    score = properties.get("security-severity")
    targets = (text(at(each, "target", "id")) for each in maps(rule.get("relationships")))
    title = text(at(rule, "shortDescription", "text")) or text(rule.get("name"))
    return Rule(
        id=name,
        title=title or text(at(rule, "fullDescription", "text")),
        level=text(at(rule, "defaultConfiguration", "level")),
        score=text(score) if real(score) is not None else "",
        identifiers=all_named((name, *tags, *texts(properties.get("cwe")), *_weaknesses(targets, rule))),
        secret=any(tag.lower() in ("secret", "secrets", "secret-scanning") for tag in tags),
        tags=tags,
        messages=mapped(rule.get("messageStrings")),
    )


def _weaknesses(targets: Any, rule: dict[str, Any]) -> list[str]:
    """Targets of relationships; those into the taxonomy CWE are bare numbers in some tools."""
    found = list(targets)
    taxonomies = [text(at(each, "target", "toolComponent", "name")) for each in maps(rule.get("relationships"))]
    return [
        f"CWE-{name}" if taxonomy.upper() == "CWE" and name.isdigit() else name
        for name, taxonomy in zip(found, taxonomies, strict=True)
    ]


def severity_of(level: str, score: str) -> Severity:
    """The score decides where there is one: error is high, warning medium, note low, none info; else CVSS's bands."""
    number = real(score) if score else None
    if number is not None and by_score(number) is not Severity.UNKNOWN:
        return by_score(number)
    return LEVELS.get(level, Severity.UNKNOWN)
