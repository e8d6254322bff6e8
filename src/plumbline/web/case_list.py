"""The list of test cases of a pipeline: what its address chooses, its columns, and its words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.flow.reports.seen_tests import CaseChange, CaseOrder, CaseSeen, TestFilter
from plumbline.flow.reports.view_tests import view_tests
from plumbline.kernel import t
from plumbline.model.report import CaseOutcome, Layer
from plumbline.web.files import FORMS, MOST
from plumbline.web.lists import PAGE, Column, ListKind, listing_of
from plumbline.web.reported import LAYERS, OUTCOMES

if TYPE_CHECKING:
    from collections.abc import Callable
    from enum import StrEnum
    from typing import TypeVar

    from plumbline.flow.reports.seen_tests import TestsSeen
    from plumbline.kernel import Text
    from plumbline.web.lists import Listing
    from plumbline.web.page import Ask, Raw

    E = TypeVar("E", bound=StrEnum)

CHANGES: dict[CaseChange, Text] = {
    CaseChange.NEW_FAILURE: t("newly failing"),
    CaseChange.STILL_FAILING: t("still failing"),
    CaseChange.FIXED: t("fixed"),
    CaseChange.NEWLY_SKIPPED: t("newly skipped"),
    CaseChange.ADDED: t("added"),
}
ORDERS: dict[CaseOrder, Text] = {
    CaseOrder.GRAVITY: t("what failed first"),
    CaseOrder.SLOWEST: t("the slowest first"),
    CaseOrder.NAME: t("by name"),
}
BAD = "bad"  # of the filter: failed, or came to no verdict
_OUTCOMES: dict[str, tuple[CaseOutcome, ...]] = {
    BAD: (CaseOutcome.FAILED, CaseOutcome.ERROR),
    **{one.value: (one,) for one in CaseOutcome},
}


def _words_of(row: CaseSeen) -> str:
    return row.words.message if row.words is not None else ""


_KIND: ListKind[CaseSeen] = ListKind(
    "tests",
    (
        Column("outcome", t("Result"), lambda row: str(OUTCOMES[row.outcome])),
        Column("name", t("Case"), lambda row: row.case.title),
        Column("file", t("File"), lambda row: row.case.file, shown=False),
        Column("change", t("Against the base"), lambda row: str(CHANGES.get(row.change, ""))),
        Column("layer", t("Layer"), lambda row: str(LAYERS[row.layer])),
        Column("job", t("Job"), lambda row: row.series),
        Column("seconds", t("Took"), lambda row: row.seconds, number=True, unit="s"),
        Column("failed", t("Before"), lambda row: f"{row.failed_of[0]}/{row.failed_of[1]}" if row.failed_of[1] else "",
               number=True),
        Column("message", t("Message"), _words_of, shown=False),
    ),
    ("q", "outcome", "change", "layer", "marked", "job", "order"),
)  # fmt: skip


def case_list(ask: Ask, pipeline: int) -> tuple[Listing[CaseSeen], TestsSeen] | Raw:
    """As the address asks for it, with all else that is known of the tests; or the list as a file."""
    listing = listing_of(ask, _KIND)
    wanted = _chosen(listing.chosen)
    if ask.text("file") in FORMS:
        every = view_tests(ask.actor, ask.tools.reports, pipeline, msgspec.structs.replace(wanted, limit=MOST + 1))
        found = listing.file(ask, every.cases)
        assert found is not None
        return found
    offset = _number(listing.here)
    seen = view_tests(
        ask.actor, ask.tools.reports, pipeline, msgspec.structs.replace(wanted, offset=offset, limit=PAGE)
    )
    end = offset + len(seen.cases)
    return listing.with_rows(seen.cases, seen.found, str(end) if end < seen.found else ""), seen


def choices(seen: TestsSeen) -> list[tuple[str, Text, Text, list[tuple[str, Text | str]]]]:
    """What the filters of the list offer: the name of each, its title, what holds where nothing is chosen, and its
    values with their words."""
    jobs = {one.run.job: one.run.series for one in seen.runs if one.run.job}
    orders = [(one.value, said) for one, said in ORDERS.items() if one is not CaseOrder.GRAVITY]
    found: list[tuple[str, Text, list[tuple[str, Text | str]]]] = [
        ("outcome", t("Result"), [(BAD, t("failed or error")), *((one.value, OUTCOMES[one]) for one in CaseOutcome)]),
        ("change", t("Against the base"), [(one.value, said) for one, said in CHANGES.items()]),
        ("layer", t("Layer"), [(one.value or "-", said) for one, said in LAYERS.items()]),
        ("marked", t("Marked"), [("flaky", t("flaky")), ("quarantined", t("in quarantine"))]),
        ("job", t("Job"), [(str(number), name) for number, name in jobs.items()]),
    ]
    offered = [(name, title, t("any"), values) for name, title, values in found if values]
    return [*offered, ("order", t("Order"), ORDERS[CaseOrder.GRAVITY], [*orders])]


def figures(seen: TestsSeen, address: Callable[..., str]) -> list[tuple[Text, int, str]]:
    """The numbers above the list, each with the address of its rows."""
    totals = seen.totals
    found = [
        (t("Cases"), totals.total, address()),
        (t("Failed"), totals.bad, address(outcome=BAD)),
        (t("Newly failing"), totals.new_failures, address(change=CaseChange.NEW_FAILURE.value)),
        (t("Still failing"), totals.still_failing, address(change=CaseChange.STILL_FAILING.value)),
        (t("Fixed"), totals.fixed, address(change=CaseChange.FIXED.value)),
        (t("Skipped"), totals.skipped, address(outcome=CaseOutcome.SKIPPED.value)),
        (t("Flaky"), totals.flaky, address(marked="flaky")),
        (t("In quarantine"), totals.quarantined, address(marked="quarantined")),
    ]
    held_against = any(one.base is not None for one in seen.runs)
    changes = ("Newly failing", "Still failing", "Fixed")
    return [one for one in found if held_against or one[0].msgid not in changes]


def _chosen(chosen: dict[str, str]) -> TestFilter:
    layer = chosen.get("layer", "")
    change = _one(CaseChange, chosen.get("change", ""))
    return TestFilter(
        outcomes=_OUTCOMES.get(chosen.get("outcome", ""), ()),
        layers=tuple(one for one in Layer if layer and (one.value or "-") == layer),
        changes=(change,) if change else (),
        flaky=chosen.get("marked") == "flaky",
        quarantined=chosen.get("marked") == "quarantined",
        words=chosen.get("q", ""),
        job=_number(chosen.get("job", "")),
        order=_one(CaseOrder, chosen.get("order", "")) or CaseOrder.GRAVITY,
    )


def _one(kind: type[E], text: str) -> E | None:
    return next((one for one in kind if one.value == text), None)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else 0
