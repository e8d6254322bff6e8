"""Everything that may be allowed or refused, one word each."""

from __future__ import annotations

from enum import StrEnum

from plumbline.kernel import Text, t


class Permission(StrEnum):
    """``<thing>.<verb>``. Those whose verb is one of :data:`READING_VERBS` change nothing."""

    PROJECT_VIEW = "project.view"
    PROJECT_CREATE = "project.create"
    PROJECT_SETTINGS = "project.settings"
    PROJECT_ARCHIVE = "project.archive"
    TREE_WRITE = "tree.write"
    PIPELINE_VIEW = "pipeline.view"
    PIPELINE_RUN = "pipeline.run"
    PIPELINE_CANCEL = "pipeline.cancel"
    JOB_PLAY = "job.play"
    JOB_RETRY = "job.retry"
    ARTIFACT_DOWNLOAD = "artifact.download"
    ARTIFACT_WRITE = "artifact.write"
    ARTIFACT_DELETE = "artifact.delete"
    REPORT_WRITE = "report.write"
    TEST_QUARANTINE = "test.quarantine"
    FINDING_DECIDE = "finding.decide"
    CONTRACT_WRITE = "contract.write"
    POLICY_WRITE = "policy.write"
    GATE_EVALUATE = "gate.evaluate"
    COLLECTION_CLOSE = "collection.close"
    WAIVER_ASK = "waiver.ask"
    WAIVER_AGREE = "waiver.agree"
    SCHEDULE_WRITE = "schedule.write"
    VARIABLE_VIEW = "variable.view"
    VARIABLE_WRITE = "variable.write"
    RUNNER_VIEW = "runner.view"
    RUNNER_MANAGE = "runner.manage"
    INCIDENT_WRITE = "incident.write"
    ASSESSMENT_VIEW = "assessment.view"
    ASSESSMENT_RUN = "assessment.run"
    STATEMENT_WRITE = "statement.write"
    STATEMENT_REVIEW = "statement.review"
    EXCEPTION_GRANT = "exception.grant"
    LEDGER_READ = "ledger.read"
    LEDGER_EXPORT = "ledger.export"
    LEDGER_WRITE = "ledger.write"
    PEOPLE_VIEW = "people.view"
    PEOPLE_MANAGE = "people.manage"
    ROLE_GRANT = "role.grant"
    TOKEN_VIEW = "token.view"  # noqa: S105
    TOKEN_MANAGE = "token.manage"  # noqa: S105
    INSTANCE_VIEW = "instance.view"
    INSTANCE_MANAGE = "instance.manage"

    @property
    def reads(self) -> bool:
        return self.value.partition(".")[2] in READING_VERBS

    @property
    def meaning(self) -> Text:
        return _MEANINGS[self]


READING_VERBS = frozenset({"view", "read", "download", "export"})

_P = Permission
_MEANINGS: dict[Permission, Text] = {
    _P.PROJECT_VIEW: t("see projects and the tree they stand in"),
    _P.PROJECT_CREATE: t("register projects"),
    _P.PROJECT_SETTINGS: t("change settings of projects and of nodes above them"),
    _P.PROJECT_ARCHIVE: t("archive projects and take them back; with that of the installation, delete them"),
    _P.TREE_WRITE: t("add, rename and move nodes of the organisation tree"),
    _P.PIPELINE_VIEW: t("see pipelines, jobs and their logs"),
    _P.PIPELINE_RUN: t("start pipelines"),
    _P.PIPELINE_CANCEL: t("cancel pipelines and jobs"),
    _P.JOB_PLAY: t("start manual and delayed jobs"),
    _P.JOB_RETRY: t("run jobs again"),
    _P.ARTIFACT_DOWNLOAD: t("download artifacts"),
    _P.ARTIFACT_WRITE: t("push artifacts and packages, and name them"),
    _P.ARTIFACT_DELETE: t("delete artifacts that nothing refers to"),
    _P.REPORT_WRITE: t("add reports that were made elsewhere"),
    _P.TEST_QUARANTINE: t("put test cases into quarantine, with an owner and an end"),
    _P.FINDING_DECIDE: t("decide what becomes of findings"),
    _P.CONTRACT_WRITE: t("write contracts: which evidence has to be there before anything goes on"),
    _P.POLICY_WRITE: t("write policies: what gates check"),
    _P.GATE_EVALUATE: t("have gates evaluated"),
    _P.COLLECTION_CLOSE: t("close a collection of evidence before its time"),
    _P.WAIVER_ASK: t("ask for a line of a policy or contract to be waived"),
    _P.WAIVER_AGREE: t("agree with what somebody else asked to be waived, or end it"),
    _P.SCHEDULE_WRITE: t("write pipeline schedules and triggers"),
    _P.VARIABLE_VIEW: t("see which variables and repository credentials there are, without secret values"),
    _P.VARIABLE_WRITE: t("write variables and repository credentials"),
    _P.RUNNER_VIEW: t("see runners"),
    _P.RUNNER_MANAGE: t("register, pause and remove runners"),
    _P.INCIDENT_WRITE: t("open, work on and close incidents"),
    _P.ASSESSMENT_VIEW: t("see assessments"),
    _P.ASSESSMENT_RUN: t("run assessments"),
    _P.STATEMENT_WRITE: t("put statements on file that stand as evidence once somebody else accepted them"),
    _P.STATEMENT_REVIEW: t("accept or reject statements of others"),
    _P.EXCEPTION_GRANT: t("waive criteria of an assessment, or agree that they do not apply"),
    _P.LEDGER_READ: t("read the ledger"),
    _P.LEDGER_EXPORT: t("export the ledger with its proofs"),
    _P.LEDGER_WRITE: t("send events from other tools to the ledger"),
    _P.PEOPLE_VIEW: t("see who there is and which roles they have"),
    _P.PEOPLE_MANAGE: t("add people, switch them off and invite them anew"),
    _P.ROLE_GRANT: t("grant and revoke roles"),
    _P.TOKEN_VIEW: t("see everybody's API tokens, without their secrets"),
    _P.TOKEN_MANAGE: t("revoke everybody's API tokens"),
    _P.INSTANCE_VIEW: t("see the state of the installation"),
    _P.INSTANCE_MANAGE: t("change settings of the installation, keys and backups"),
}

READING = frozenset(permission for permission in Permission if permission.reads)
EVERY = frozenset(Permission)
