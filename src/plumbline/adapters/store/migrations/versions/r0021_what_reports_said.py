"""What reports said: test runs, cases, coverage, measures, scans and findings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    _report()
    _test_case()
    _test_set()
    _test_run()
    _test_result()
    _test_flaky()
    _test_quarantine()
    _coverage()
    _measure()
    _scan()
    _finding()
    _finding_decision()


def _report() -> None:
    op.create_table(
        "report",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("project", sa.BigInteger(), nullable=False),
        sa.Column("pipeline", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("job", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("series", sa.Text(), server_default="", nullable=False),
        sa.Column("commit", sa.Text(), server_default="", nullable=False),
        sa.Column("ref", sa.Text(), server_default="", nullable=False),
        sa.Column("trunk", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("format", sa.Text(), server_default="", nullable=False),
        sa.Column("holds", sa.Text(), server_default="", nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("tool", sa.Text(), server_default="", nullable=False),
        sa.Column("tool_version", sa.Text(), server_default="", nullable=False),
        sa.Column("format_version", sa.Text(), server_default="", nullable=False),
        sa.Column("strict", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("about", sa.Text(), server_default="", nullable=False),
        sa.Column("flagged", sa.Text(), server_default="", nullable=False),
        sa.Column("counts", sa.Text(), server_default="{}", nullable=False),
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        sa.Column("message", sa.Text(), server_default="", nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), server_default="", nullable=False),
        sa.Column("made", sa.Text(), server_default="", nullable=False),
        sa.Column("created", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("detail", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["project"], ["tree_node.id"], name=op.f("fk_report_project"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint(
            "project",
            "pipeline",
            "job",
            "commit",
            "kind",
            "digest",
            name=op.f("uq_report_project_pipeline_job_commit_kind_digest"),
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_report_digest"), "report", ["digest"])
    op.create_index(op.f("ix_report_pipeline"), "report", ["pipeline"])
    op.create_index(op.f("ix_report_project_created"), "report", ["project", "created"])
    op.create_index(op.f("ix_report_project_holds_id"), "report", ["project", "holds", "id"])


def _test_case() -> None:
    op.create_table(
        "test_case",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("project", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("file", sa.Text(), server_default="", nullable=False),
        sa.Column("class_name", sa.Text(), server_default="", nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parameters", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["project"], ["tree_node.id"], name=op.f("fk_test_case_project"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_test_case")),
        sa.UniqueConstraint("project", "digest", name=op.f("uq_test_case_project_digest")),
        sqlite_autoincrement=True,
    )


def _test_set() -> None:
    op.create_table(
        "test_set",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("project", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("cases", sa.LargeBinary(), nullable=False),
        sa.Column("layers", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["project"], ["tree_node.id"], name=op.f("fk_test_set_project"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_test_set")),
        sa.UniqueConstraint("project", "digest", name=op.f("uq_test_set_project_digest")),
        sqlite_autoincrement=True,
    )


def _test_run() -> None:
    op.create_table(
        "test_run",
        sa.Column("report", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("project", sa.BigInteger(), nullable=False),
        sa.Column("pipeline", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("job", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("series", sa.Text(), server_default="", nullable=False),
        sa.Column("commit", sa.Text(), server_default="", nullable=False),
        sa.Column("ref", sa.Text(), server_default="", nullable=False),
        sa.Column("trunk", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("total", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("passed", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("failed", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("errors", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("skipped", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("retried", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("milliseconds", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("created", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("cases", sa.BigInteger(), nullable=False),
        sa.Column("outcomes", sa.LargeBinary(), nullable=False),
        sa.Column("times", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["cases"], ["test_set.id"], name=op.f("fk_test_run_cases"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["project"], ["tree_node.id"], name=op.f("fk_test_run_project"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["report"], ["report.id"], name=op.f("fk_test_run_report"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("report", name=op.f("pk_test_run")),
    )
    op.create_index(op.f("ix_test_run_cases"), "test_run", ["cases"])
    op.create_index(op.f("ix_test_run_pipeline"), "test_run", ["pipeline"])
    op.create_index(op.f("ix_test_run_project_commit"), "test_run", ["project", "commit"])
    op.create_index(op.f("ix_test_run_project_series_report"), "test_run", ["project", "series", "report"])
    op.create_index(op.f("ix_test_run_project_trunk_report"), "test_run", ["project", "trunk", "report"])


def _test_result() -> None:
    op.create_table(
        "test_result",
        sa.Column("report", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("case", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("retries", sa.Text(), server_default="", nullable=False),
        sa.Column("message", sa.Text(), server_default="", nullable=False),
        sa.Column("details", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["case"], ["test_case.id"], name=op.f("fk_test_result_case"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["report"], ["report.id"], name=op.f("fk_test_result_report"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("report", "case", name=op.f("pk_test_result")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_test_result_case_report"), "test_result", ["case", "report"])


def _test_flaky() -> None:
    op.create_table(
        "test_flaky",
        sa.Column("case", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("commit", sa.Text(), nullable=False),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("project", sa.BigInteger(), nullable=False),
        sa.Column("created", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["case"], ["test_case.id"], name=op.f("fk_test_flaky_case"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["project"], ["tree_node.id"], name=op.f("fk_test_flaky_project"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("case", "commit", "series", name=op.f("pk_test_flaky")),
    )
    op.create_index(op.f("ix_test_flaky_project_created"), "test_flaky", ["project", "created"])


def _test_quarantine() -> None:
    op.create_table(
        "test_quarantine",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("project", sa.BigInteger(), nullable=False),
        sa.Column("case", sa.BigInteger(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("created", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("by", sa.Text(), server_default="", nullable=False),
        sa.Column("ended", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("ended_by", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["case"], ["test_case.id"], name=op.f("fk_test_quarantine_case"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["project"], ["tree_node.id"], name=op.f("fk_test_quarantine_project"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_test_quarantine")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_test_quarantine_case"), "test_quarantine", ["case"])
    op.create_index(op.f("ix_test_quarantine_project_until"), "test_quarantine", ["project", "until"])


def _coverage() -> None:
    op.create_table(
        "coverage",
        sa.Column("report", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("project", sa.BigInteger(), nullable=False),
        sa.Column("pipeline", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("series", sa.Text(), server_default="", nullable=False),
        sa.Column("commit", sa.Text(), server_default="", nullable=False),
        sa.Column("ref", sa.Text(), server_default="", nullable=False),
        sa.Column("trunk", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("lines", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("lines_hit", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("branches", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("branches_hit", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("functions", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("functions_hit", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("changed", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("changed_hit", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("base", sa.Text(), server_default="", nullable=False),
        sa.Column("created", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("files", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["project"], ["tree_node.id"], name=op.f("fk_coverage_project"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["report"], ["report.id"], name=op.f("fk_coverage_report"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("report", name=op.f("pk_coverage")),
    )
    op.create_index(op.f("ix_coverage_pipeline"), "coverage", ["pipeline"])
    op.create_index(op.f("ix_coverage_project_commit"), "coverage", ["project", "commit"])
    op.create_index(op.f("ix_coverage_project_series_report"), "coverage", ["project", "series", "report"])
    op.create_index(op.f("ix_coverage_project_trunk_report"), "coverage", ["project", "trunk", "report"])


def _measure() -> None:
    op.create_table(
        "measure",
        sa.Column("report", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("project", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("unit", sa.Text(), server_default="", nullable=False),
        sa.Column("numerator", sa.Float(), nullable=True),
        sa.Column("denominator", sa.Float(), nullable=True),
        sa.Column("samples", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["project"], ["tree_node.id"], name=op.f("fk_measure_project"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["report"], ["report.id"], name=op.f("fk_measure_report"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("report", "name", name=op.f("pk_measure")),
    )
    op.create_index(op.f("ix_measure_project_name_report"), "measure", ["project", "name", "report"])


def _scan() -> None:
    op.create_table(
        "scan",
        sa.Column("report", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("project", sa.BigInteger(), nullable=False),
        sa.Column("pipeline", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("job", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("series", sa.Text(), server_default="", nullable=False),
        sa.Column("commit", sa.Text(), server_default="", nullable=False),
        sa.Column("ref", sa.Text(), server_default="", nullable=False),
        sa.Column("trunk", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("tool", sa.Text(), server_default="", nullable=False),
        sa.Column("tool_version", sa.Text(), server_default="", nullable=False),
        sa.Column("rules", sa.Text(), server_default="", nullable=False),
        sa.Column("scope", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("ended", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("new", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("existing", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("fixed", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("unseen", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("created", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("told", sa.LargeBinary(), nullable=False),
        sa.Column("sightings", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["project"], ["tree_node.id"], name=op.f("fk_scan_project"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["report"], ["report.id"], name=op.f("fk_scan_report"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("report", name=op.f("pk_scan")),
    )
    op.create_index(op.f("ix_scan_pipeline"), "scan", ["pipeline"])
    op.create_index(op.f("ix_scan_project_commit"), "scan", ["project", "commit"])
    op.create_index(op.f("ix_scan_project_kind_tool_report"), "scan", ["project", "kind", "tool", "report"])


def _finding() -> None:
    op.create_table(
        "finding",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("project", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("tool", sa.Text(), server_default="", nullable=False),
        sa.Column("rule", sa.Text(), server_default="", nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("message", sa.Text(), server_default="", nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("severity_said", sa.Text(), server_default="", nullable=False),
        sa.Column("path", sa.Text(), server_default="", nullable=False),
        sa.Column("line", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("identifiers", sa.Text(), server_default="[]", nullable=False),
        sa.Column("package", sa.Text(), server_default="", nullable=False),
        sa.Column("fixed_in", sa.Text(), server_default="[]", nullable=False),
        sa.Column("object", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("trunk", sa.Boolean(), nullable=False),
        sa.Column("commit", sa.Text(), server_default="", nullable=False),
        sa.Column("author", sa.Text(), server_default="", nullable=False),
        sa.Column("first", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("last", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("first_report", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("last_report", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("ref", sa.Text(), server_default="", nullable=False),
        sa.Column("due", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("until", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("known", sa.LargeBinary(), nullable=False),
        sa.Column("standing", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["project"], ["tree_node.id"], name=op.f("fk_finding_project"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_finding_project_kind_tool"), "finding", ["project", "kind", "tool"])
    op.create_index(op.f("ix_finding_project_state_severity"), "finding", ["project", "state", "severity"])


def _finding_decision() -> None:
    op.create_table(
        "finding_decision",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("finding", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("approver", sa.Text(), server_default="", nullable=False),
        sa.Column("needs_approval", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("until", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("created", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("approved", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("ended", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("ended_by", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["finding"], ["finding.id"], name=op.f("fk_finding_decision_finding"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding_decision")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_finding_decision_finding"), "finding_decision", ["finding"])
    op.create_index(op.f("ix_finding_decision_until"), "finding_decision", ["until"])
