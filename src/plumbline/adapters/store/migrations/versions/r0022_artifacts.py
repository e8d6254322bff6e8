"""What is known of artifacts: repositories, tags, parts, uploads; robots and jobs that come in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_BYTES = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_index("ix_tree_node_address", "tree_node", [sa.text("lower(path)")])
    _repositories()
    _artifacts()
    _names()
    _bytes()
    _who()


def _repositories() -> None:
    op.create_table(
        "artifact_repository",
        _key(),
        sa.Column("project", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        _number("created"),
        sa.ForeignKeyConstraint(
            ["project"], ["tree_node.id"], name=op.f("fk_artifact_repository_project"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_artifact_repository")),
        sa.UniqueConstraint("project", "name", name=op.f("uq_artifact_repository_project_name")),
        sqlite_autoincrement=True,
    )


def _artifacts() -> None:
    op.create_table(
        "artifact",
        _key(),
        sa.Column("repository", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        *(_text(name) for name in ("name", "version")),
        _number("size"),
        *(_text(name) for name in ("media_type", "artifact_type", "subject")),
        _number("created"),
        _text("commit"),
        *(_number(name) for name in ("pipeline", "job", "person")),
        *(_text(name) for name in ("address", "by")),
        sa.Column("annotations", sa.Text(), server_default="{}", nullable=False),
        _of_repository("artifact"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_artifact")),
        sa.UniqueConstraint(
            "repository", "kind", "digest", "name", "version",
            name=op.f("uq_artifact_repository_kind_digest_name_version"),
        ),
        sqlite_autoincrement=True,
    )  # fmt: skip
    for columns in (["digest"], ["job"], ["repository", "subject", "created"]):
        _index("artifact", *columns)
    op.create_table(
        "artifact_link",
        sa.Column("artifact", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        _number("size"),
        _text("media_type"),
        _flag("here"),
        sa.ForeignKeyConstraint(
            ["artifact"], ["artifact.id"], name=op.f("fk_artifact_link_artifact"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("artifact", "digest", "part", name=op.f("pk_artifact_link")),
    )
    _index("artifact_link", "digest")


def _names() -> None:
    op.create_table(
        "artifact_tag",
        _repository(),
        sa.Column("name", _BYTES, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        _number("moved"),
        _text("by"),
        _of_repository("artifact_tag"),
        sa.PrimaryKeyConstraint("repository", "name", name=op.f("pk_artifact_tag")),
    )
    _index("artifact_tag", "repository", "digest")
    op.create_table(
        "artifact_fallback",
        _repository(),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        _of_repository("artifact_fallback"),
        sa.PrimaryKeyConstraint("repository", "subject", name=op.f("pk_artifact_fallback")),
    )
    _index("artifact_fallback", "repository", "tag")
    _index("artifact_fallback", "repository", "digest")


def _bytes() -> None:
    op.create_table(
        "repository_blob",
        _repository(),
        sa.Column("digest", sa.Text(), nullable=False),
        _number("size"),
        _number("used"),
        _of_repository("repository_blob"),
        sa.PrimaryKeyConstraint("repository", "digest", name=op.f("pk_repository_blob")),
    )
    _index("repository_blob", "digest")
    _index("repository_blob", "used")
    op.create_table(
        "artifact_upload",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("repository", sa.BigInteger(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        _number("begun"),
        _number("used"),
        _of_repository("artifact_upload"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_artifact_upload")),
    )
    _index("artifact_upload", "used")


def _who() -> None:
    op.create_table(
        "robot",
        _key(),
        sa.Column("project", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", sa.Text(), server_default="[]", nullable=False),
        *(_number(name) for name in ("owner", "created", "expires", "used", "revoked")),
        sa.ForeignKeyConstraint(["project"], ["tree_node.id"], name=op.f("fk_robot_project"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_robot")),
        sa.UniqueConstraint("token", name=op.f("uq_robot_token")),
        sa.UniqueConstraint("project", "name", name=op.f("uq_robot_project_name")),
        sqlite_autoincrement=True,
    )


def _key() -> sa.Column[int]:
    return sa.Column("id", _KEY, autoincrement=True, nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), server_default="0", nullable=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), server_default=sa.text("false"), nullable=False)


def _repository() -> sa.Column[int]:
    return sa.Column("repository", sa.BigInteger(), autoincrement=False, nullable=False)


def _of_repository(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_repository")
    return sa.ForeignKeyConstraint(["repository"], ["artifact_repository.id"], name=name, ondelete="CASCADE")


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))
