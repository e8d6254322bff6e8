"""Events for facts to be computed from: written as the product writes them."""

from __future__ import annotations

import msgspec
from tests.maturity.fact_maker import DAY, END

from plumbline.evidence import Sender, write_event, write_sender
from plumbline.evidence.vocabulary import own_delivery, own_operations
from plumbline.facts import Evidence
from plumbline.trace import read_seen

SENDER = write_sender(Sender(source="quality"))
TOOL = "https://quality.example/"


def event(content, id_, *, subject="", time=END - DAY, project="acme/shop", source="/plumbline"):
    return write_event(content, id=id_, source=source, subject=subject or id_, time=time, project=project)


def measured(measure, value, id_="m1", *, unit="count", time=END - DAY, project="acme/shop", **shares):
    content = own_delivery.MeasurementRecorded(measure=measure, value=value, unit=unit, **shares)
    return told_by_a_tool(event(content, id_, time=time, project=project, source=TOOL))


def told_by_a_tool(draft, tool="quality"):
    """The same under the tool's own name, as a registered source sends it."""
    ours = draft.type.encode()
    type_ = draft.type.replace("plumbline-", f"{tool}-")
    return msgspec.structs.replace(draft, type=type_, body=draft.body.replace(ours, type_.encode()), sender=SENDER)


def attested(topic, id_="s1", person="wang.li", **others):
    project, time = others.pop("project", "acme/shop"), others.pop("time", END - DAY)
    content = own_operations.StatementAttested(topic=topic, statement="We do.", person=person, **others)
    return event(content, id_, subject=f"statement:{id_}", time=time, project=project)


def reviewed(statement="s1", decision="accepted", person="chen.yu", *, id_="", time=END - DAY + 1, project="acme/shop"):
    content = own_operations.StatementReviewed(statement=f"statement:{statement}", decision=decision, person=person)
    return event(content, id_ or f"review-{statement}-{person}", time=time, project=project)


def corrected(draft, id_="c1", time=END - DAY + 2):
    content = own_operations.LedgerCorrected(
        corrects=draft.id, corrects_source=draft.source, reason="It was another project.", person="chen.yu"
    )
    return event(content, id_, time=time)


def evidence(*drafts, end=END):
    return Evidence([read_seen(one.body, one.sender) for one in drafts], end)
