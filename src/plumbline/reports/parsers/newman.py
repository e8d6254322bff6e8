"""Newman's JSON report: each request of a Postman collection, with the assertions that were held against its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plumbline.kernel import t
from plumbline.model.report import Call, Calls, Report
from plumbline.reports.interface.observed import (
    LONGEST_TEST,
    MOST_CALLS,
    calls_in,
    inside,
    is_call,
    listed_at,
    status_of,
    text_at,
    too_many,
    unread,
)
from plumbline.reports.parser import Parser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plumbline.reports.parser import Marks, Source

_DEEPEST = 20  # folders in folders


def _marks(marks: Marks) -> bool:
    run = inside(marks.document, "run") if marks.shape == "json" else {}
    return isinstance(run.get("executions"), list) and isinstance(inside(marks.document).get("collection"), dict)


def _read(source: Source, marks: Marks) -> Report:
    del source
    titles = dict(_titles(listed_at(marks.document, "collection", "item"), "", 0))
    calls: list[Call] = []
    wrong = 0
    executions = listed_at(marks.document, "run", "executions")
    for one in executions[:MOST_CALLS]:
        verb, name = text_at(one, "request", "method"), _address(inside(one, "request").get("url"))
        if not is_call(verb, name):
            wrong += 1
            continue
        item = inside(one, "item")
        test = titles.get(text_at(item, "id")) or text_at(item, "name")
        asserted, skipped = _asserted(listed_at(one, "assertions"))
        call = Call(
            verb=verb,
            name=name,
            status=status_of(inside(one, "response").get("code")),
            test=test[:LONGEST_TEST],
            asserted=asserted,
            skipped=skipped,
        )
        calls += calls_in(call, text_at(one, "request", "body", "raw"))
    cut = (too_many(),) if len(executions) > MOST_CALLS else ()
    return Report(
        format="newman",
        content=Calls(calls=tuple(calls)),
        tool="newman",
        strict=not wrong,
        defects=(*unread(wrong, "run/executions"), *cut),
    )


def _asserted(assertions: list[Any]) -> tuple[bool, bool]:
    """Whether something was held against the answer, and whether all that would have been was skipped."""
    ran = [one for one in assertions if isinstance(one, dict) and not one.get("skipped")]
    return bool(ran), bool(assertions) and not ran


def _titles(items: list[Any], above: str, depth: int) -> Iterator[tuple[str, str]]:
    """The id of each request, with the names of the folders that it is in and its own."""
    for item in items if depth < _DEEPEST else ():
        name = f"{above}{text_at(item, 'name')}"
        if "item" in inside(item):
            yield from _titles(listed_at(item, "item"), f"{name} / ", depth + 1)
        elif text_at(item, "id"):
            yield text_at(item, "id"), name


def _address(url: Any) -> str:
    """The path that was asked for, with the values of its variables in their places."""
    if isinstance(url, str):
        return url
    values = {f":{text_at(one, 'key')}": text_at(one, "value") for one in listed_at(url, "variable")}
    parts = [part for part in listed_at(url, "path") if isinstance(part, str)]
    return "/" + "/".join(values.get(part) or part for part in parts) if isinstance(url, dict) else ""


PART = Parser(
    name="newman",
    title=t("Requests of a Postman collection (Newman)"),
    marks=_marks,
    read=_read,
    paths=("newman/*.json", "**/newman-report*.json"),
    reference="https://github.com/postmanlabs/newman#json-reporter-options",
)
