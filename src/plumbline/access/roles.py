"""What each role may do. A role holds at a node and at every node below it; several roles add up."""

from __future__ import annotations

import msgspec

from plumbline.access.permissions import EVERY, READING, Permission
from plumbline.kernel import Text, t
from plumbline.model.person import Role

_P = Permission


class RoleSpec(msgspec.Struct, frozen=True, kw_only=True):
    role: Role
    title: Text
    why: Text
    permissions: frozenset[Permission]


_VIEWER = frozenset(
    {
        _P.PROJECT_VIEW,
        _P.PIPELINE_VIEW,
        _P.ASSESSMENT_VIEW,
    }
)
_DEVELOPER = _VIEWER | {
    _P.PIPELINE_RUN,
    _P.PIPELINE_CANCEL,
    _P.JOB_PLAY,
    _P.JOB_RETRY,
    _P.ARTIFACT_DOWNLOAD,
    _P.ARTIFACT_WRITE,
    _P.REPORT_WRITE,
    _P.TEST_QUARANTINE,
    _P.GATE_EVALUATE,
    _P.WAIVER_ASK,
    _P.RUNNER_VIEW,
    _P.LEDGER_READ,
    _P.LEDGER_WRITE,
}
_MAINTAINER = _DEVELOPER | {
    _P.PROJECT_CREATE,
    _P.PROJECT_SETTINGS,
    _P.ARTIFACT_DELETE,
    _P.FINDING_DECIDE,
    _P.CONTRACT_WRITE,
    _P.POLICY_WRITE,
    _P.COLLECTION_CLOSE,
    _P.SCHEDULE_WRITE,
    _P.VARIABLE_VIEW,
    _P.VARIABLE_WRITE,
    _P.PEOPLE_VIEW,
    _P.ROLE_GRANT,
    _P.ASSESSMENT_RUN,
    _P.STATEMENT_WRITE,
    _P.STATEMENT_REVIEW,
}
_RELEASE_MANAGER = _VIEWER | {
    _P.ARTIFACT_DOWNLOAD,
    _P.GATE_EVALUATE,
    _P.COLLECTION_CLOSE,
    _P.WAIVER_ASK,
    _P.WAIVER_AGREE,
    _P.STATEMENT_WRITE,
    _P.LEDGER_READ,
}
_SECURITY = _VIEWER | {
    _P.ARTIFACT_DOWNLOAD,
    _P.REPORT_WRITE,
    _P.FINDING_DECIDE,
    _P.CONTRACT_WRITE,
    _P.POLICY_WRITE,
    _P.GATE_EVALUATE,
    _P.COLLECTION_CLOSE,
    _P.WAIVER_ASK,
    _P.WAIVER_AGREE,
    _P.VARIABLE_VIEW,
    _P.STATEMENT_WRITE,
    _P.STATEMENT_REVIEW,
    _P.EXCEPTION_GRANT,
    _P.PEOPLE_VIEW,
    _P.TOKEN_VIEW,
    _P.LEDGER_READ,
}
_OPERATOR = _VIEWER | {
    _P.PIPELINE_CANCEL,
    _P.JOB_PLAY,
    _P.JOB_RETRY,
    _P.ARTIFACT_DOWNLOAD,
    _P.RUNNER_VIEW,
    _P.RUNNER_MANAGE,
    _P.INCIDENT_WRITE,
    _P.STATEMENT_WRITE,
    _P.LEDGER_READ,
    _P.LEDGER_WRITE,
    _P.INSTANCE_VIEW,
}
_ASSESSOR = _VIEWER | {
    _P.ASSESSMENT_RUN,
    _P.STATEMENT_WRITE,
    _P.STATEMENT_REVIEW,
    _P.EXCEPTION_GRANT,
    _P.PEOPLE_VIEW,
    _P.LEDGER_READ,
    _P.LEDGER_EXPORT,
}
# An administrator runs the installation and may have a grade computed, which follows from the records alone; judging a
# statement or an exemption is others' business.
_ADMIN = EVERY - {
    _P.FINDING_DECIDE,
    _P.WAIVER_AGREE,
    _P.STATEMENT_REVIEW,
    _P.EXCEPTION_GRANT,
}

ROLES: dict[Role, RoleSpec] = {
    spec.role: spec
    for spec in (
        RoleSpec(
            role=Role.VIEWER,
            title=t("viewer"),
            why=t("sees how work goes, changes nothing"),
            permissions=_VIEWER,
        ),
        RoleSpec(
            role=Role.DEVELOPER,
            title=t("developer"),
            why=t("writes the changes and runs their pipelines"),
            permissions=_DEVELOPER,
        ),
        RoleSpec(
            role=Role.MAINTAINER,
            title=t("maintainer"),
            why=t("looks after projects: settings, variables, schedules and who works on them"),
            permissions=_MAINTAINER,
        ),
        RoleSpec(
            role=Role.RELEASE_MANAGER,
            title=t("release manager"),
            why=t("decides what is released and when, and neither builds nor deploys it"),
            permissions=_RELEASE_MANAGER,
        ),
        RoleSpec(
            role=Role.SECURITY,
            title=t("security"),
            why=t("judges findings and writes the rules of gates"),
            permissions=_SECURITY,
        ),
        RoleSpec(
            role=Role.OPERATOR,
            title=t("operator"),
            why=t("deploys what was approved and keeps it running"),
            permissions=_OPERATOR,
        ),
        RoleSpec(
            role=Role.ASSESSOR,
            title=t("assessor"),
            why=t("grades the practice and signs for it"),
            permissions=_ASSESSOR,
        ),
        RoleSpec(
            role=Role.AUDITOR,
            title=t("auditor"),
            why=t("reads everything, writes nothing"),
            permissions=READING,
        ),
        RoleSpec(
            role=Role.ADMIN,
            title=t("administrator"),
            why=t("runs the installation, and leaves releases, findings and grades to others"),
            permissions=_ADMIN,
        ),
    )
}


def roles_with(permission: Permission) -> tuple[RoleSpec, ...]:
    """The roles that include a permission, in the order of :class:`Role`."""
    return tuple(spec for spec in ROLES.values() if permission in spec.permissions)
