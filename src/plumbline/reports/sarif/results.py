"""The results of one run of SARIF as findings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plumbline.kernel import t
from plumbline.model.report import Finding, ScanKind
from plumbline.reports.identifiers import all_named
from plumbline.reports.sarif.rules import severity_of
from plumbline.reports.values import LARGEST, LONGEST, at, listed, mapped, maps, text
from plumbline.reports.values import secret as value_of

if TYPE_CHECKING:
    from plumbline.reports.defects import Defects
    from plumbline.reports.sarif.artifacts import Artifacts
    from plumbline.reports.sarif.rules import Rule, Rules

_NO_FINDING = frozenset(("pass", "notApplicable"))
_SHORTEST_SECRET = 4  # what is shorter stands in too many messages by chance


class Results:
    """Reads the results of one run; what is wrong with one goes to ``noted``."""

    def __init__(self, rules: Rules, artifacts: Artifacts, kind: ScanKind, noted: Defects) -> None:
        self._rules, self._artifacts, self._secrets, self._noted = rules, artifacts, kind is ScanKind.SECRET, noted

    def read(self, results: list[Any], run: int) -> list[Finding]:
        found = []
        for number, result in enumerate(results):
            if type(result) is not dict:
                self._note("no-result", t("This entry is no object."), run, number)
            elif result.get("kind") not in _NO_FINDING and result.get("baselineState") != "absent":
                found.append(self._finding(result, run, number))
        return found

    def _finding(self, result: dict[str, Any], run: int, number: int) -> Finding:
        rule = self._rules.of(result)
        if not rule.id:
            self._note("no-rule", t("This finding does not say which rule it is of."), run, number)
        locations = result.get("locations")
        location = mapped(locations[0]) if type(locations) is list and locations else {}
        physical = mapped(location.get("physicalLocation"))
        region = mapped(physical.get("region"))
        path, said = self._artifacts.path(mapped(physical.get("artifactLocation")))
        if said.strip("./") and not path:
            self._note("outside", t("The path '{path}' is not in the repository.", path=said[:200]), run, number)
        line, end, column = self._lines(region, run, number)
        level, score = self._severity(result, rule)
        snippet = self._snippet(region, physical)
        message = self._message(result, rule)
        secret = ""
        if self._secrets or rule.secret:
            secret, snippet = value_of(snippet), ""
            if len(secret) >= _SHORTEST_SECRET:
                message = message.replace(secret, "***")
        own = result.get("properties")
        return Finding(
            rule=rule.id,
            title=rule.title,
            message=message,
            severity=severity_of(level, score),
            severity_said=f"{level}; security-severity {score}" if score else level,
            path=path,
            line=line,
            end_line=end,
            column=column,
            snippet=snippet,
            identifiers=self._identifiers(result, rule),
            package=text(mapped(own).get("purl")) if own else "",
            object="" if path else (said[:LONGEST] or _logical(location)),
            suppressed=_suppressed(result) if "suppressions" in result else "",
            secret=secret,
            tool_fingerprint=_fingerprint(result),
        )

    def _lines(self, region: dict[str, Any], run: int, number: int) -> tuple[int, int, int]:
        if not region:
            return 0, 0, 0
        line, column = region.get("startLine", -1), region.get("startColumn", 0)
        end = region.get("endLine", line)
        if line == -1:
            return 0, 0, 0
        if type(line) is not int or not 0 < line <= LARGEST:
            self._note("no-line", t("Line {line} does not exist.", line=text(line, 40)), run, number)
            return 0, 0, 0
        if type(end) is not int or not line <= end <= LARGEST:
            self._note("no-line", t("A region ends at line {end}, before it begins.", end=text(end, 40)), run, number)
            end = line
        if type(column) is not int or not 0 <= column <= LARGEST:
            self._note("no-column", t("Column {column} does not exist.", column=text(column, 40)), run, number)
            column = 0
        return line, end, column

    def _severity(self, result: dict[str, Any], rule: Rule) -> tuple[str, str]:
        """Level and score; a result without a level takes its rule's, and one without a rule's is a warning."""
        score = rule.score
        own = result.get("properties")
        if own and "security-severity" in mapped(own):
            score = text(own["security-severity"], 20)
        if result.get("kind", "fail") != "fail":
            return "none", score
        level = result.get("level")
        return (level if type(level) is str else rule.level or "warning"), score

    def _snippet(self, region: dict[str, Any], physical: dict[str, Any]) -> str:
        found = at(region, "snippet", "text")
        if found is None and "contextRegion" in physical and not self._secrets:
            found = at(physical, "contextRegion", "snippet", "text")
        return text(found)

    def _message(self, result: dict[str, Any], rule: Rule) -> str:
        said = result.get("message")
        if type(said) is not dict:
            return ""
        found = said.get("text") or said.get("markdown")
        if not found:
            message = mapped(rule.messages.get(text(said.get("id"))))
            found = message.get("text") or message.get("markdown")
        arguments = said.get("arguments")
        if type(found) is str and arguments:
            for index, value in enumerate(listed(arguments)[:20]):
                found = found[:LONGEST].replace(f"{{{index}}}", text(value, 400))
        return text(found)

    def _identifiers(self, result: dict[str, Any], rule: Rule) -> tuple[str, ...]:
        if "taxa" not in result:
            return rule.identifiers
        taxa = [
            f"CWE-{text(taxon.get('id'))}"
            if text(at(taxon, "toolComponent", "name")) == "CWE"
            else text(taxon.get("id"))
            for taxon in maps(result["taxa"])
        ]
        return all_named((*rule.identifiers, *taxa))

    def _note(self, code: str, message: Any, run: int, number: int) -> None:
        self._noted.add(code, message, f"/runs/{run}/results/{number}")


def _logical(location: dict[str, Any]) -> str:
    for each in maps(location.get("logicalLocations")):
        return text(each.get("fullyQualifiedName")) or text(each.get("name"))
    return ""


def _suppressed(result: dict[str, Any]) -> str:
    """Why the tool does not count it; a suppression that is under review or was rejected does not count."""
    for each in maps(result.get("suppressions")):
        if each.get("status", "accepted") == "accepted":
            return text(each.get("justification")) or text(each.get("kind")) or "suppressed"
    return ""


def _fingerprint(result: dict[str, Any]) -> str:
    """The tool's own; never our identity. Some tools write a sentence in its place when nobody is logged in."""
    for key in ("fingerprints", "partialFingerprints"):
        found = result.get(key)
        if type(found) is dict:
            for name in sorted(found):
                value = found[name]
                if type(value) is str and value and " " not in value:
                    return text(f"{name}:{value}", 400)
    return ""
