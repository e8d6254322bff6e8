"""Forged evidence, through every door: it fills nothing that it may not fill."""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from collection_world import GRACE, SAST, UNIT, Due, unit_of
from report_world import tools

from plumbline.access import SIGNED_OUT
from plumbline.evidence import Sender, sent_by, write_event
from plumbline.evidence.vocabulary import own_delivery
from plumbline.flow.ledger.send_event import send_event
from plumbline.flow.reports.add_report import Brought, add_report
from plumbline.flow.sources.prove import Delivery
from plumbline.flow.sources.receive_events import receive_events
from plumbline.flow.sources.register import register_source, revoke_source
from plumbline.flow.sources.tools import SourceTools
from plumbline.kernel import PlumblineError
from plumbline.model.report import Unreadable
from plumbline.model.server import Webhook, WebhookKind
from plumbline.model.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SCAN = "dev.cdeventsx.sonar-scan.finished.0.1.0"
FROM_SONAR = SAST[:-1] + ", made_by: ['source:sonar']}"
NAME = "https://sonar.bank.example"
JUNIT = b'<testsuite name="t"><testcase classname="a" name="b" time="0.1"/></testsuite>'


@pytest.fixture
def due(tmp_path: Path) -> Iterator[Due]:
    made = Due(tmp_path)
    yield made
    made.close()


class Sonar:
    """A registered source, and what it sends."""

    def __init__(self, due: Due, **more: Any) -> None:
        self.due = due
        self.tools = SourceTools(due.server.units, due.store.ledger, due.vault, secrets.token_bytes)
        given = Source(**{"name": "sonar", "node": due.project, "speaks_as": (NAME,), **more})
        self.made = register_source(due.ada, self.tools, given)

    def send(self, body: bytes, secret: str = "") -> list[str]:
        headers = {"authorization": f"Bearer {secret or self.made.secret}", "content-type": "application/json"}
        taken = receive_events(SIGNED_OUT, self.tools, Delivery(headers, body))
        return [one.error.code if one.error else "" for one in taken]


def scan(commit: str, *, number: int = 1, kind: str = SCAN, at: datetime | None = None, **content: Any) -> bytes:
    said = {"kind": "sast", "tool": "sonarqube", "outcome": "success", "toolVersion": "10", "commit": commit,
            "rules": f"sha256:{'1' * 64}", "covers": ["src/a.py"], "rulesVersion": "10", **content}  # fmt: skip
    said["findings"] = dict.fromkeys(("critical", "high", "medium", "low", "info", "unknown"), 1)
    time = (at or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ")
    context = {"specversion": "0.5.1", "id": f"s{number}", "source": NAME, "type": kind, "timestamp": time}
    return json.dumps({"context": context, "subject": {"id": f"scan-{number}", "content": said}}).encode()


def state(due: Due, pipeline: int, need: str = "sast") -> str:
    return due.slots(pipeline)[need]


def test_a_registered_source_fills_what_its_word_is_asked_for(due: Due) -> None:
    due.save(FROM_SONAR)
    pipeline, sonar = due.start(due.project), Sonar(due)
    assert sonar.send(scan(pipeline.sha)) == [""]
    assert state(due, pipeline.id) == "filled"
    assert sonar.send(scan(pipeline.sha)) == [""]  # twice the same is once
    assert len(due.seen(pipeline.id).slots[0].evidence) == 1
    assert sonar.send(scan(pipeline.sha, tool="another")) == ["event-id-reused"]


def test_a_source_fills_nothing_where_our_own_word_is_asked_for(due: Due) -> None:
    due.save(SAST)
    pipeline = due.start(due.project)
    assert Sonar(due).send(scan(pipeline.sha)) == [""]
    assert state(due, pipeline.id) == "open"
    due.turn(24 * 3600 + 60)
    assert state(due, pipeline.id) == "refused_origin"


def test_evidence_of_another_commit_fills_nothing(due: Due) -> None:
    due.save(FROM_SONAR)
    pipeline = due.start(due.project)
    assert Sonar(due).send(scan("f" * 40)) == [""]
    due.turn(24 * 3600 + 60)
    assert state(due, pipeline.id) == "wrong_subject"


def test_a_clock_of_next_year_is_refused_and_one_of_last_year_counts_by_its_coming(due: Due) -> None:
    due.save(FROM_SONAR)
    pipeline, sonar = due.start(due.project), Sonar(due)
    year = timedelta(days=365)
    assert sonar.send(scan(pipeline.sha, at=datetime.now(UTC) + year)) == ["event-to-come"]
    assert state(due, pipeline.id) == "open"
    assert sonar.send(scan(pipeline.sha, number=2, at=datetime.now(UTC) - year)) == [""]
    assert state(due, pipeline.id) == "filled"


def test_a_source_that_was_switched_off_in_between_tells_nothing_more(due: Due) -> None:
    due.save(FROM_SONAR)
    pipeline, sonar = due.start(due.project), Sonar(due)
    revoke_source(due.ada, sonar.tools, sonar.made.source.id)
    with pytest.raises(PlumblineError) as error:
        sonar.send(scan(pipeline.sha))
    assert error.value.code == "source-unknown"
    due.turn(24 * 3600 + 60)
    assert state(due, pipeline.id) == "missing"


def test_a_source_of_another_project_fills_nothing_here(due: Due) -> None:
    due.save(FROM_SONAR)
    elsewhere = due.add_project(due.home / "x", "other")
    pipeline, sonar = due.start(due.project), Sonar(due, node=elsewhere)
    assert sonar.send(scan(pipeline.sha)) == [""]
    assert state(due, pipeline.id) == "open"


def test_events_that_persons_send_fill_nothing(due: Due) -> None:
    due.save(FROM_SONAR, UNIT)
    pipeline, sources = due.start(due.project), Sonar(due, speaks_as=("https://elsewhere.example",)).tools
    send_event(due.ada, sources, scan(pipeline.sha))
    own = scan(pipeline.sha, number=2, kind="dev.cdeventsx.plumbline-scan.finished.0.1.0")
    with pytest.raises(PlumblineError) as error:
        send_event(due.ada, sources, own)
    assert error.value.code == "event-reserved"
    with pytest.raises(PlumblineError) as error:
        send_event(due.ada, sources, scan(pipeline.sha, number=3).replace(NAME.encode(), b"/plumbline"))
    assert error.value.code == "event-reserved"
    due.turn(24 * 3600 + 60)
    assert "filled" not in due.slots(pipeline.id).values()


def test_a_closing_that_somebody_makes_up_is_refused(due: Due) -> None:
    """A client tells evidence, never that it is complete."""
    due.save(UNIT)
    due.start(due.project)
    sonar = Sonar(due)
    made_up = scan("a" * 40, kind="dev.cdeventsx.sonar-collection.closed.0.1.0")
    assert sonar.send(made_up) == [""]
    assert sonar.send(scan("a" * 40, number=2, kind="dev.cdeventsx.plumbline-collection.closed.0.1.0")) == [
        "event-reserved"
    ]
    [seen] = due.seen(due.pipeline(1).id).slots
    assert seen.state == "open"


def test_a_report_that_a_person_adds_fills_nothing_but_where_it_may(due: Due) -> None:
    due.save(UNIT)
    pipeline = due.start(due.project).id
    add_report(due.ada, tools(due), Brought(kind="junit", name="j.xml", data=JUNIT, pipeline=pipeline))
    due.turn(24 * 3600 + 60)
    assert state(due, pipeline, "unit") == "refused_origin"
    due.save(UNIT[:-1] + ", made_by: [person]}")
    allowed = due.start(due.project).id
    data = JUNIT.replace(b'"b"', b'"c"')
    add_report(due.ada, tools(due), Brought(kind="junit", name="j.xml", data=data, pipeline=allowed))
    assert state(due, allowed, "unit") == "filled"


def test_what_a_job_leaves_that_is_empty_or_no_report_fills_nothing(due: Due) -> None:
    due.save(UNIT)
    empty = due.ran(unit_of())
    assert state(due, empty, "unit") != "filled"
    from report_world import read

    broken = due.ran(read(Unreadable(code="not-xml", message="x"), "junit"))
    due.turn(GRACE)
    assert state(due, empty, "unit") in ("missing", "unreadable")
    assert state(due, broken, "unit") in ("missing", "unreadable")


def test_a_webhook_tells_no_scans_and_no_tests(due: Due) -> None:
    due.save(FROM_SONAR, UNIT)
    pipeline = due.start(due.project)
    told = Webhook(
        forge="git", delivery="d1", kind=WebhookKind.PUSH, ref="main", before="0" * 40, after=pipeline.sha,
        push_options=("ci.skip",),
    )  # fmt: skip
    due.receive(due.project, told)
    assert set(due.slots(pipeline.id).values()) == {"open"}


def test_evidence_without_a_sender_or_of_an_unknown_one_has_nobodys_word(due: Due) -> None:
    due.save(FROM_SONAR)
    pipeline = due.start(due.project)
    content = own_delivery.ScanFinished(kind="sast", tool="x", outcome="success", commit=pipeline.sha)
    draft = write_event(content, id="1", source="urn:plumbline:x", subject="s", time=due.clock(), project="bank/core")
    body = draft.body.replace(b"urn:plumbline:x", NAME.encode()).replace(b"plumbline-scan", b"sonar-scan")
    forged = type(draft)(source=NAME, id="1", type=SCAN, subject="s", body=body, scope="bank/core")
    due.store.ledger.append([sent_by(forged, Sender(person="ada", door="http"))])
    due.turn(24 * 3600 + 60)
    assert state(due, pipeline.id) in ("refused_origin", "missing")
