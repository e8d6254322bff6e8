"""What is kept in files for a time, and what of it is to be removed."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Table, Text, UniqueConstraint

from plumbline.adapters.store.schema.columns import belongs, key, metadata, number, text

artifacts = Table(
    "job_artifacts",
    metadata,
    belongs("job", "job", primary_key=True, autoincrement=False),
    belongs("project", "tree_node"),
    belongs("pipeline", "pipeline", index=True),
    number("size"),
    Column("ended", BigInteger, nullable=False),
    number("expires"),  # 0: as the setting says
    number("gone"),  # when they were let go; 0: they are there
    number("kept_by"),  # the person who wants them kept for ever; 0: nobody
    Index(None, "project", "gone", "expires", "ended"),
)

# What an attempt at a job left, as long as it is kept: the bytes are in the store of blobs, under their digest.
file = Table(
    "job_file",
    metadata,
    belongs("job", "job", primary_key=True, autoincrement=False),
    Column("name", Text, primary_key=True),
    text("kind", None),  # archive, or the key under artifacts:reports
    number("files"),
    number("size"),
    text("digest", None, index=True),
)

leftover = Table(
    "leftover",
    metadata,
    key(),
    text("kind", None),  # artifacts, logs, caches
    text("name", None),
    number("size"),
    number("stamp"),  # when the file was last used, in nanoseconds; 0: it goes anyhow
    number("due", index=True),  # not before
    UniqueConstraint("kind", "name"),
    sqlite_autoincrement=True,
)
