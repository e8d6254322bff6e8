"""What tests of a pipeline called, held against the contracts that its reports tell of."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from plumbline.model.report import Calls, Contract, Report, TestRun
from plumbline.reports.interface.coverage import cover
from plumbline.reports.interface.from_tests import calls_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.reported import ReadFile, StoredReport
    from plumbline.reports.interface.coverage import InterfaceCoverage

INTERFACE = ("contract", "calls", "tests")  # tags of contents that say something of an interface


class ContractSeen(NamedTuple):
    """One contract. ``coverage`` None: no report tells what tests called, and that is no data."""

    report: StoredReport
    contract: Contract
    coverage: InterfaceCoverage | None


def contracts_seen(tx: Transaction, reports: Sequence[StoredReport]) -> list[ContractSeen]:
    """Each contract once, by its digest, against all that these reports say was called. What is flagged counts
    nowhere."""
    contracts: dict[str, tuple[StoredReport, Contract]] = {}
    observed: list[Calls] = []
    for report in reports:
        if report.flagged or report.problem or report.holds not in INTERFACE:
            continue
        content = tx.reports.detail(report.id).content
        if isinstance(content, Contract):
            contracts.setdefault(report.digest, (report, content))
        elif isinstance(content, Calls):
            observed.append(content)
    return [
        ContractSeen(report, contract, cover(contract, digest, observed) if observed else None)
        for digest, (report, contract) in contracts.items()
    ]


def operations_tested(seen: Iterable[ContractSeen]) -> tuple[int, int]:
    """Covered, and declared, of all contracts together; 0 declared: no data."""
    known = [one.coverage for one in seen if one.coverage is not None]
    return sum(one.covered for one in known), sum(one.declared for one in known)


def called_by(runs: Sequence[TestRun]) -> Calls | None:
    """What the properties of test reports say that their cases called; None where they say nothing."""
    calls = tuple(call for run in runs for call in calls_of(run).calls)
    return Calls(calls=calls) if calls else None


def tell_of_calls(files: Iterable[ReadFile]) -> bool:
    """Whether any of these files says what was called, so that a contract is of use."""
    said = (one.content.content for one in files if isinstance(one.content, Report))
    return any(isinstance(one, Calls) or (isinstance(one, TestRun) and calls_of(one).calls) for one in said)


def has_contract(files: Iterable[ReadFile]) -> bool:
    return any(isinstance(one.content, Report) and isinstance(one.content.content, Contract) for one in files)
