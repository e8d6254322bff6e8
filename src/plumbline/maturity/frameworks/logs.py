"""An assessment as an evaluation log, and what a gate did as an enforcement log, both in Gemara's form."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any

from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.maturity.frameworks.results import Result, results, together
from plumbline.model.gate import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.maturity.frameworks.results import RequirementResult
    from plumbline.maturity.pack import PackFile
    from plumbline.model.assessment import Assessment, Finding
    from plumbline.model.gate import CheckResult, Evaluation

SCHEMA = "v1.0.0"  # of logs about what was not imported from this form
_LOG = "evaluation"  # how an enforcement log calls the evaluation log that it rests on
_SECOND = 1_000_000


def evaluation_log(made: Assessment, pack: PackFile, version: str) -> dict[str, Any]:
    """``version``: of the program. Raises PlumblineError ``nothing-evaluated``."""
    found = list(results(made, pack))
    if not found:
        raise _nothing()
    catalogue = pack.pack.framework.id if pack.pack.framework else pack.pack.id
    controls = [
        _control(catalogue, list(group), made.scope.end) for _, group in groupby(found, key=lambda one: one.item.id)
    ]
    return {
        "metadata": {
            "id": f"evaluation-{made.digest[7:19]}",
            "type": "EvaluationLog",
            "gemara-version": (pack.pack.framework and pack.pack.framework.schema) or SCHEMA,
            "date": _moment(made.scope.end),
            "description": f"Assessment {made.digest} of {made.scope.subject} with the pack {made.pack} "
            f"{made.pack_version} ({made.pack_digest}), up to entry {made.scope.as_of}",
            "author": _author(version),
            "mapping-references": [_catalogue(pack)],
        },
        "target": _target(made.scope.subject),
        "result": str(together(Result(one["result"]) for one in controls)),
        "evaluations": controls,
    }


def _nothing() -> PlumblineError:
    return PlumblineError(
        "nothing-evaluated",
        t("Nothing was evaluated: there is nothing to write."),
        t("Give the pack that the assessment was made with."),
        kind=ErrorKind.REFUSED,
    )


def _catalogue(pack: PackFile) -> dict[str, str]:
    one, framework = pack.pack, pack.pack.framework
    if framework is None:
        return {"id": one.id, "title": one.name.en, "version": one.version}
    return {"id": framework.id, "title": framework.title, "version": one.version,
            "description": f"{framework.form} {framework.digest}"}  # fmt: skip


def _control(catalogue: str, found: Sequence[RequirementResult], end: int) -> dict[str, Any]:
    item = found[0].item
    result = together(one.result for one in found)
    counted = {word: sum(one.result is word for one in found) for word in Result}
    return {
        "name": item.name.en,
        "result": str(result),
        "message": ", ".join(f"{number} {word}" for word, number in counted.items() if number),
        "control": {"reference-id": catalogue, "entry-id": item.id},
        "assessment-logs": [_requirement(catalogue, one, end) for one in found],
    }


def _requirement(catalogue: str, one: RequirementResult, end: int) -> dict[str, Any]:
    findings = one.verdict.findings
    log = {
        "requirement": {"reference-id": catalogue, "entry-id": one.criterion.id},
        "description": one.criterion.text.en,
        "result": str(one.result),
        "message": _message(one),
        "applicability": list(one.criterion.applies_to or (one.level,)),
        "steps": [_step(finding) for finding in findings] or ["none: this requirement is bound to no fact"],
        "steps-executed": sum(finding.lack is None for finding in findings),
        "start": _moment(end),
        "end": _moment(end),
    }
    if one.result not in (Result.PASSED, Result.NOT_APPLICABLE):
        log["recommendation"] = one.criterion.remedy.en
    return log


def _step(finding: Finding) -> str:
    limit = f" {finding.op} {finding.limit:g} {finding.unit}" if finding.limit is not None else ""
    return f"{finding.rule} {finding.fact.name}{limit}"


def _message(one: RequirementResult) -> str:
    said = [_said(finding) for finding in one.verdict.findings] or ["bound to no fact"]
    if one.result is Result.NOT_APPLICABLE:
        said.insert(0, f"does not apply: {one.verdict.reason or 'the item is switched off'}")
    if one.waived:
        said.insert(0, f"set aside by a waiver, which changes nothing of the result: {one.verdict.reason}")
    return "; ".join(said)


def _said(finding: Finding) -> str:
    if finding.lack is not None:
        return f"{finding.fact.name}: {finding.lack}"
    measured = f"{finding.measured:g} {finding.unit}".strip() if finding.measured is not None else "-"
    return f"{finding.fact.name}: {measured}, {finding.outcome}, {finding.fact.events} events"


def enforcement_log(one: Evaluation, version: str) -> dict[str, Any]:
    """What a gate did about one evaluation of its policy. ``Clear`` only where it passed, and every check that decided
    did. Raises PlumblineError ``nothing-evaluated``."""
    deciding = [check for check in one.checks if not check.advisory]
    disposition = _disposition(one, deciding)
    if not one.checks:
        raise _nothing()
    shown = deciding if disposition == "Clear" else list(one.checks)
    justification: dict[str, Any] = {"assessments": [_finding(check) for check in shown]}
    waivers = sorted({check.waiver for check in one.checks if check.waiver})
    if waivers:
        justification["exceptions"] = [{"reference-id": "waivers", "remarks": waiver} for waiver in waivers]
    references = [
        {"id": "policy", "title": one.policy, "version": str(one.version),
         "description": f"{one.policy_digest}, kept at {one.node}"},
        {"id": _LOG, "title": f"gate evaluation {one.uid}", "version": one.event or one.uid},
    ]  # fmt: skip
    if waivers:
        references.append({"id": "waivers", "title": "Waivers of two persons", "version": one.event or one.uid})
    return {
        "metadata": {
            "id": f"enforcement-{one.uid}",
            "type": "EnforcementLog",
            "gemara-version": SCHEMA,
            "date": _moment(one.at),
            "description": f"What the {one.act} gate of {one.path} did by the policy {one.policy} {one.version}",
            "author": _author(version),
            "mapping-references": references,
        },
        "target": _target(one.path),
        "disposition": disposition,
        "actions": [
            {
                "disposition": disposition,
                "method": {"reference-id": "policy", "entry-id": str(one.act)},
                "message": f"{one.outcome}{': ' + one.reason if one.reason else ''}",
                "start": _moment(one.at),
                "end": _moment(one.at),
                "steps": [f"{one.policy}/{check.check}" for check in one.checks],
                "justification": justification,
            }
        ],
    }


def _disposition(one: Evaluation, deciding: Sequence[CheckResult]) -> str:
    if one.outcome is Outcome.PASS and deciding and _every_passed(deciding):
        return "Clear"
    if one.outcome is Outcome.FAIL:
        return "Enforced"
    return "Tolerated" if one.outcome is Outcome.WAIVED else "Undetermined"


def _every_passed(checks: Sequence[CheckResult]) -> bool:
    """Without the help of a waiver."""
    return all(one.outcome is Outcome.PASS and one.judged is Outcome.PASS for one in checks)


_RESULTS = {
    Outcome.PASS: Result.PASSED,
    Outcome.FAIL: Result.FAILED,
    Outcome.NO_DATA: Result.NOT_RUN,
    Outcome.ERROR: Result.UNKNOWN,
    Outcome.WAIVED: Result.FAILED,
}


def _finding(check: CheckResult) -> dict[str, Any]:
    """By what was judged, not by what a waiver made of it."""
    finding: dict[str, Any] = {
        "result": str(_RESULTS[check.judged]),
        "log": {"reference-id": _LOG, "entry-id": check.check},
    }
    if check.maps:
        finding["log"]["remarks"] = ", ".join(check.maps)
    return finding


def _author(version: str) -> dict[str, str]:
    return {"id": "plumbline", "name": "Plumbline", "type": "Software", "version": version}


def _target(path: str) -> dict[str, str]:
    return {"id": path or "-", "name": path or "-", "type": "Software"}


def _moment(micros: int) -> str:
    return datetime.fromtimestamp(micros // _SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
