"""A bundle that was computed again, as an outside assessor sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from plumbline.cli.display.grades import summary_lines
from plumbline.cli.display.table import table
from plumbline.flow.assessments.account import sample, tellers
from plumbline.kernel import t
from plumbline.maturity import moment, reservations
from plumbline.trace import read_seen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plumbline.cli.display.words import Paint
    from plumbline.flow.assessments.replay import Replayed
    from plumbline.model.event import EntryText


def replay_lines(found: Replayed, count: int, seed: int, paint: Paint, width: int) -> Iterator[str]:
    """``count``: so many events are drawn with this seed."""
    if found.same:
        yield str(t("The same result from {count} events: {result}", count=len(found.events), result=found.result))
    yield from (str(one) for one in found.differences)
    yield ""
    yield from summary_lines(found.computed, paint, width=width)
    yield ""
    yield from (str(one) for one in found.unlike_shipped)
    yield from _teller_lines(found, width)
    for one in found.documents:
        place = t("in the file") if one.there else t("not in the file")
        yield str(t("Document {digest} of {statement} by {person}: {place}", digest=one.digest[:19],
                    statement=one.statement, person=one.person, place=place))  # fmt: skip
    if count:
        yield from _sample_lines(found, count, seed)


def _teller_lines(found: Replayed, width: int) -> Iterator[str]:
    head = (t("whose word"), t("as"), t("events"), t("from"), t("until"))
    rows = [
        (one.word or t("nobody known; it counts for nothing"), ", ".join(one.sources), one.events, moment(one.first),
         moment(one.last))
        for one in tellers(found.events)
    ]  # fmt: skip
    yield from table(head, rows, right=frozenset({2}), limit=60, width=width)


def _sample_lines(found: Replayed, count: int, seed: int) -> Iterator[str]:
    drawn = sample(found.events, count, seed)
    yield ""
    yield str(t("{count} of {all} events, drawn at random; --seed {seed} draws the same again:", count=len(drawn),
                all=len(found.events), seed=seed))  # fmt: skip
    for one in drawn:
        yield str(t("entry {seq}, received {time}", seq=one.seq, time=moment(one.received)))
        yield f"  {one.body.decode()}"
        if one.sender:
            yield f"  {one.sender.decode()}"


def replay_json(found: Replayed, count: int, seed: int) -> dict[str, Any]:
    made = found.computed
    return {
        "subject": found.subject, "result": found.result, "same": found.same, "computed": made.digest,
        "differences": [str(one) for one in found.differences],
        "level": made.level, "shown": made.shown, "showable": made.showable, "ceiling": made.ceiling,
        "items": [
            {"item": one.id, "level": one.level, "label": one.label, "showable": one.showable, "ceiling": one.ceiling,
             "applies": one.applies}
            for one in made.every_item()
        ],
        "reservations": list(reservations(made)),
        "overlays": msgspec.to_builtins(made.overlays), "exempted": msgspec.to_builtins(made.exempted),
        "unlike_shipped": [str(one) for one in found.unlike_shipped],
        "tellers": msgspec.to_builtins(tellers(found.events)), "documents": msgspec.to_builtins(found.documents),
        "seed": seed if count else None,
        "sample": [_event(one) for one in sample(found.events, count, seed)],
    }  # fmt: skip


def _event(one: EntryText) -> dict[str, Any]:
    seen = read_seen(one.body, one.sender)
    return {
        "entry": one.seq, "received": one.received, "body": one.body.decode(), "sender": one.sender.decode(),
        "word": seen.word if seen else "",
    }  # fmt: skip
