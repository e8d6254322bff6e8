"""What is known of artifacts: repositories, their tags and parts, uploads that go on, robots and jobs that come in. The
bytes are in the store of blobs."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Table, Text, UniqueConstraint, func

from plumbline.adapters.store.schema.columns import belongs, data, flag, key, metadata, number, text
from plumbline.adapters.store.schema.tree import node

_BYTES = Text().with_variant(Text(collation="C"), "postgresql")  # compared by bytes

Index("ix_tree_node_address", func.lower(node.c.path))  # repositories are called by it

repository = Table(
    "artifact_repository",
    metadata,
    key(),
    belongs("project", "tree_node"),
    text("name", None),  # what follows the path of the project
    number("created"),
    UniqueConstraint("project", "name"),
    sqlite_autoincrement=True,
)

artifact = Table(
    "artifact",
    metadata,
    key(),
    belongs("repository", "artifact_repository"),
    text("kind", None),
    text("digest", None, index=True),
    text("name"),
    text("version"),
    number("size"),
    text("media_type"),
    text("artifact_type"),
    text("subject"),
    number("created"),
    text("commit"),
    number("pipeline"),
    number("job", index=True),
    number("person"),
    text("address"),
    text("by"),
    text("annotations", "{}"),  # JSON
    number("touched"),  # when it was pushed last, or a tag was given to it or taken from it
    UniqueConstraint("repository", "kind", "digest", "name", "version"),
    Index(None, "repository", "subject", "created"),
    sqlite_autoincrement=True,
)

link = Table(
    "artifact_link",
    metadata,
    belongs("artifact", "artifact", primary_key=True, autoincrement=False),
    Column("digest", Text, primary_key=True),
    Column("part", Text, primary_key=True),
    number("size"),
    text("media_type"),
    flag("here"),
    Index(None, "digest"),
)

tag = Table(
    "artifact_tag",
    metadata,
    belongs("repository", "artifact_repository", primary_key=True, autoincrement=False),
    Column("name", _BYTES, primary_key=True),
    text("digest", None),
    number("moved"),
    text("by"),
    Index(None, "repository", "digest"),
)

blob = Table(
    "repository_blob",
    metadata,
    belongs("repository", "artifact_repository", primary_key=True, autoincrement=False),
    Column("digest", Text, primary_key=True),
    number("size"),
    number("used"),
    Index(None, "digest"),
    Index(None, "used"),
)

# An index of the referrers of one digest, for clients that look for it under a tag.
fallback = Table(
    "artifact_fallback",
    metadata,
    belongs("repository", "artifact_repository", primary_key=True, autoincrement=False),
    Column("subject", Text, primary_key=True),
    text("tag", None),
    text("digest", None),
    data("content"),
    Index(None, "repository", "tag"),
    Index(None, "repository", "digest"),
)

upload = Table(
    "artifact_upload",
    metadata,
    Column("id", Text, primary_key=True),
    belongs("repository", "artifact_repository"),
    text("owner", None),
    number("begun"),
    number("used", index=True),
)

# Who had bytes of a digest on which day: once for each, however often.
pull = Table(
    "artifact_pull",
    metadata,
    belongs("project", "tree_node", primary_key=True, autoincrement=False),
    Column("digest", Text, primary_key=True),
    Column("who", Text, primary_key=True),
    Column("day", BigInteger, primary_key=True, autoincrement=False),
    number("at"),
)

robot = Table(
    "robot",
    metadata,
    key(),
    belongs("project", "tree_node"),
    text("name", None),
    text("token", None, unique=True),
    data("digest"),
    text("scopes", "[]"),  # JSON
    number("owner"),
    number("created"),
    number("expires"),
    number("used"),
    number("revoked"),
    UniqueConstraint("project", "name"),
    sqlite_autoincrement=True,
)
