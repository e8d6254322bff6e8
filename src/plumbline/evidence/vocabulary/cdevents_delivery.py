"""CDEvents 0.5.1, testing, continuous deployment and operations: the content of each type."""

from __future__ import annotations

from typing import ClassVar, Literal

from msgspec import UNSET, field

from plumbline.evidence.vocabulary.fields import Content, Maybe, NonEmpty, Outcome, Part, Reference, Uri, UriReference

Severity = Literal["low", "medium", "high", "critical"]


class TestTrigger(Part, frozen=True, kw_only=True):
    type: Maybe[Literal["manual", "pipeline", "event", "schedule", "other"]] = UNSET
    uri: Maybe[Uri] = UNSET


class TestCase(Part, frozen=True, kw_only=True):
    id: NonEmpty
    version: Maybe[str] = UNSET
    name: Maybe[str] = UNSET
    type: Maybe[
        Literal["performance", "functional", "unit", "security", "compliance", "integration", "e2e", "other"]
    ] = UNSET
    uri: Maybe[Uri] = UNSET


class TestSuite(Part, frozen=True, kw_only=True):
    id: NonEmpty
    version: Maybe[str] = UNSET
    name: Maybe[str] = UNSET
    uri: Maybe[Uri] = UNSET


class TestCaseRunQueued(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "dev.cdevents.testcaserun.queued.0.3.0"
    environment: Reference
    trigger: Maybe[TestTrigger] = UNSET
    test_suite_run: Maybe[Reference] = UNSET
    test_case: Maybe[TestCase] = UNSET


class TestCaseRunStarted(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "dev.cdevents.testcaserun.started.0.3.0"
    WRITTEN_HERE: ClassVar[bool] = True
    environment: Reference
    trigger: Maybe[TestTrigger] = UNSET
    test_suite_run: Maybe[Reference] = UNSET
    test_case: Maybe[TestCase] = UNSET


class TestCaseRunFinished(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "dev.cdevents.testcaserun.finished.0.3.0"
    WRITTEN_HERE: ClassVar[bool] = True
    outcome: Outcome
    environment: Reference
    severity: Maybe[Severity] = UNSET
    reason: Maybe[str] = UNSET
    test_suite_run: Maybe[Reference] = UNSET
    test_case: Maybe[TestCase] = UNSET


class TestCaseRunSkipped(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "dev.cdevents.testcaserun.skipped.0.2.0"
    WRITTEN_HERE: ClassVar[bool] = True
    reason: Maybe[str] = UNSET
    environment: Maybe[Reference] = UNSET
    test_suite_run: Maybe[Reference] = UNSET
    test_case: Maybe[TestCase] = UNSET


class TestSuiteRunQueued(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "dev.cdevents.testsuiterun.queued.0.3.0"
    environment: Reference
    trigger: Maybe[TestTrigger] = UNSET
    test_suite: Maybe[TestSuite] = UNSET


class TestSuiteRunStarted(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "dev.cdevents.testsuiterun.started.0.3.0"
    WRITTEN_HERE: ClassVar[bool] = True
    environment: Reference
    trigger: Maybe[TestTrigger] = UNSET
    test_suite: Maybe[TestSuite] = UNSET


class TestSuiteRunFinished(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "dev.cdevents.testsuiterun.finished.0.3.0"
    WRITTEN_HERE: ClassVar[bool] = True
    outcome: Outcome
    environment: Reference
    test_suite: Maybe[TestSuite] = UNSET
    severity: Maybe[Severity] = UNSET
    reason: Maybe[str] = UNSET


class TestOutputPublished(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "dev.cdevents.testoutput.published.0.3.0"
    output_type: Literal["report", "video", "image", "log", "other"]
    format: str  # a media type
    uri: Maybe[Uri] = UNSET
    test_case_run: Maybe[Reference] = UNSET


class EnvironmentCreated(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "dev.cdevents.environment.created.0.3.0"
    name: Maybe[str] = UNSET
    uri: Maybe[Uri] = UNSET


class EnvironmentModified(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "dev.cdevents.environment.modified.0.3.0"
    name: Maybe[str] = UNSET
    uri: Maybe[Uri] = UNSET


class EnvironmentDeleted(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "dev.cdevents.environment.deleted.0.3.0"
    name: Maybe[str] = UNSET


class ServiceDeployed(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "dev.cdevents.service.deployed.0.3.0"
    environment: Reference
    artifact_id: NonEmpty  # a package URL


class ServiceUpgraded(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "dev.cdevents.service.upgraded.0.3.0"
    environment: Reference
    artifact_id: NonEmpty


class ServiceRolledBack(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "dev.cdevents.service.rolledback.0.3.0"
    environment: Reference
    artifact_id: NonEmpty


class ServiceRemoved(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "dev.cdevents.service.removed.0.3.0"
    environment: Maybe[Reference] = UNSET


class ServicePublished(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "dev.cdevents.service.published.0.3.0"
    environment: Maybe[Reference] = UNSET


class IncidentDetected(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "dev.cdevents.incident.detected.0.3.0"
    environment: Reference
    description: Maybe[str] = UNSET
    service: Maybe[Reference] = UNSET
    artifact_id: Maybe[NonEmpty] = UNSET


class IncidentReported(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "dev.cdevents.incident.reported.0.3.0"
    environment: Reference
    ticket_uri: Uri = field(name="ticketURI")
    description: Maybe[str] = UNSET
    service: Maybe[Reference] = UNSET
    artifact_id: Maybe[NonEmpty] = UNSET


class IncidentResolved(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "dev.cdevents.incident.resolved.0.3.0"
    environment: Reference
    description: Maybe[str] = UNSET
    service: Maybe[Reference] = UNSET
    artifact_id: Maybe[NonEmpty] = UNSET


class TicketCreated(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "dev.cdevents.ticket.created.0.2.0"
    summary: str
    creator: NonEmpty
    uri: UriReference
    ticket_type: Maybe[str] = UNSET
    group: Maybe[str] = UNSET
    assignees: Maybe[tuple[str, ...]] = UNSET
    priority: Maybe[str] = UNSET
    labels: Maybe[tuple[str, ...]] = UNSET
    milestone: Maybe[str] = UNSET


class TicketUpdated(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "dev.cdevents.ticket.updated.0.2.0"
    uri: UriReference
    summary: Maybe[str] = UNSET
    creator: Maybe[NonEmpty] = UNSET
    updated_by: Maybe[str] = UNSET
    ticket_type: Maybe[str] = UNSET
    group: Maybe[str] = UNSET
    assignees: Maybe[tuple[str, ...]] = UNSET
    priority: Maybe[str] = UNSET
    labels: Maybe[tuple[str, ...]] = UNSET
    milestone: Maybe[str] = UNSET


class TicketClosed(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "dev.cdevents.ticket.closed.0.2.0"
    uri: UriReference
    resolution: NonEmpty
    summary: Maybe[str] = UNSET
    creator: Maybe[NonEmpty] = UNSET
    updated_by: Maybe[str] = UNSET
    ticket_type: Maybe[str] = UNSET
    group: Maybe[str] = UNSET
    assignees: Maybe[tuple[str, ...]] = UNSET
    priority: Maybe[str] = UNSET
    labels: Maybe[tuple[str, ...]] = UNSET
    milestone: Maybe[str] = UNSET
