"""The contracts of a pipeline's interfaces, and which of their operations its tests call."""

from __future__ import annotations

import msgspec

from plumbline.access import use_cases
from plumbline.api.call import Call
from plumbline.api.fields import Count, Id
from plumbline.api.route import route
from plumbline.flow.reports import view_contracts as flow
from plumbline.flow.reports.interface import ContractSeen
from plumbline.kernel import t
from plumbline.reports.interface.coverage import Drift, OperationCoverage, Standing


class TestedOperation(msgspec.Struct, frozen=True, kw_only=True):
    """``tests``: those that cover it. ``others``: called it and do not, each with why not. ``more``: not named here."""

    verb: str
    name: str
    standing: Standing
    tests: list[str]
    others: dict[str, Standing]
    more: Count
    calls: Count
    statuses: list[int]


class UndeclaredOperation(msgspec.Struct, frozen=True, kw_only=True):
    """Called and answered, and not declared."""

    verb: str
    name: str
    calls: Count
    tests: list[str]


class ContractView(msgspec.Struct, frozen=True, kw_only=True):
    """``known`` false: no report tells what tests called, and so nothing is known of its coverage."""

    report: Id
    file: str
    digest: str
    title: str
    version: str
    style: str
    known: bool
    covered: Count
    declared: Count
    operations: list[TestedOperation]
    drift: list[UndeclaredOperation]


class ContractList(msgspec.Struct, frozen=True, kw_only=True):
    contracts: list[ContractView]


@route("GET", "/pipelines/{pipeline}/contracts",
       t("The contracts of a pipeline's interfaces, with the tests of each operation."),
       use_case=use_cases.VIEW_REPORTS)  # fmt: skip
def list_contracts(call: Call, pipeline: Id) -> ContractList:
    return ContractList(contracts=[_view(one) for one in flow.view_contracts(call.actor, call.tools.reports, pipeline)])


def _view(seen: ContractSeen) -> ContractView:
    report, contract, coverage = seen
    return ContractView(
        report=report.id,
        file=report.name,
        digest=report.digest,
        title=contract.title,
        version=contract.version,
        style=contract.style,
        known=coverage is not None,
        covered=coverage.covered if coverage is not None else 0,
        declared=len(contract.operations),
        operations=[_operation(one) for one in coverage.operations] if coverage is not None else [],
        drift=[_drift(one) for one in coverage.drift] if coverage is not None else [],
    )


def _operation(one: OperationCoverage) -> TestedOperation:
    return TestedOperation(
        verb=one.operation.verb,
        name=one.operation.name,
        standing=one.standing,
        tests=[_readable(test) for test in one.tests],
        others={_readable(test): standing for test, standing in one.others},
        more=one.more,
        calls=one.calls,
        statuses=list(one.statuses),
    )


def _drift(one: Drift) -> UndeclaredOperation:
    return UndeclaredOperation(
        verb=one.operation.verb, name=one.operation.name, calls=one.calls, tests=[_readable(test) for test in one.tests]
    )


def _readable(test: str) -> str:
    """The key of a test case, for people."""
    return " ".join(part for part in test.split("\x1f") if part)


PART = (list_contracts,)
