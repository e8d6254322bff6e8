"""Pipelines and jobs on the server, what starts them and what they wait for."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table, Text, UniqueConstraint

from plumbline.adapters.store.schema.columns import belongs, data, flag, key, metadata, number, text

pipeline = Table(
    "pipeline",
    metadata,
    key(),
    belongs("project", "tree_node"),
    Column("iid", BigInteger, nullable=False),
    text("name"),
    text("event", None),
    text("ref"),
    text("full_ref"),  # the branch, the tag or the merge request of that name
    text("sha"),
    text("state", None),
    text("message"),
    text("title"),  # first line of the commit's message, as far as it is looked for
    text("uid", None, unique=True),  # by which events name it
    data("change"),
    data("plan"),  # without what stands in `variables`
    data("variables"),  # of the pipeline, sealed
    number("upstream"),  # the trigger job that started it; 0: none
    number("depth"),  # of child pipelines
    number("by"),
    number("schedule"),  # that asked for it; 0: none did
    number("canceled_by"),
    number("created"),
    number("started"),
    number("finished"),
    number("version"),
    flag("trunk"),  # of the default branch, and no child of another one of the project
    number("logs_gone"),  # when those of its jobs were let go; 0: they are there
    text("who"),  # who wrote the commit and who brought it, to be found by a part of it
    UniqueConstraint("project", "iid"),
    Index(None, "project", "id"),
    Index(None, "project", "ref", "id"),
    Index(None, "project", "title", "id"),
    Index(None, "project", "trunk", "id"),
    Index(None, "project", "logs_gone", "finished"),
    Index(None, "state", "id"),
    Index(None, "sha"),
    Index(None, "upstream"),
    Index(None, "event", "id"),
    Index(None, "by", "id"),
    Index(None, "who", "id"),
    sqlite_autoincrement=True,
)

job = Table(
    "job",
    metadata,
    key(),
    belongs("pipeline", "pipeline", index=True),
    text("name", None),
    text("stage", None),
    Column("attempt", Integer, nullable=False),
    text("state", None),
    text("reason"),
    flag("allow_failure"),
    text("tags", "[]"),  # JSON
    number("queued"),
    number("started"),
    number("finished"),
    text("lease_owner"),
    number("lease_until"),
    number("fence"),
    text("resource_group"),
    number("due"),  # when a delayed job starts
    Column("interruptions", Integer, nullable=False, server_default="0"),  # attempts that ended with their process
    number("by"),  # on whose behalf it runs, where that is not who started the pipeline
    text("pressed"),  # what they did to it: play, retry
    number("canceled_by"),
    text("inputs", "{}"),  # JSON
    data("record"),
    UniqueConstraint("pipeline", "name", "attempt"),
    Index(None, "state", "queued", "id"),
    sqlite_autoincrement=True,
)

# Every name that a job of a project had, with its newest attempt: few enough to look through, however many jobs.
job_name = Table(
    "job_name",
    metadata,
    belongs("project", "tree_node", primary_key=True, autoincrement=False),
    Column("name", Text, primary_key=True),
    Column("job", BigInteger, nullable=False),
)

resource = Table(
    "resource_group",
    metadata,
    belongs("project", "tree_node", primary_key=True, autoincrement=False),
    Column("name", Text, primary_key=True),
    text("mode", "unordered"),
    number("job", index=True),  # that holds it; 0: free
)

schedule = Table(
    "schedule",
    metadata,
    key(),
    belongs("project", "tree_node", index=True),
    text("title"),
    text("cron", None),
    text("time_zone"),
    text("ref"),
    data("variables"),
    Column("active", Boolean(create_constraint=False), nullable=False),
    number("owner"),
    number("next"),
    number("last"),
    number("pipeline"),  # that it started then; 0: none
    text("message"),  # why it started none
    Index(None, "active", "next"),
    sqlite_autoincrement=True,
)

merge_request = Table(
    "merge_request",
    metadata,
    belongs("project", "tree_node", primary_key=True, autoincrement=False),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    text("branch", None),
    flag("own"),  # its branch is in the project's repository, not in a fork
    flag("is_open"),
    number("changed"),  # by the forge's clock
    Index(None, "project", "branch"),
)

deployment = Table(
    "environment_deployment",
    metadata,
    belongs("job", "job", primary_key=True, autoincrement=False),
    belongs("project", "tree_node"),
    text("environment", None),
    text("subject", None),  # by which events name it
    text("commit"),
    text("intent", None),
    text("leaves"),  # subject of the deployment that a rollback goes back from
    text("outcome"),  # empty while it runs
    number("started"),
    number("finished"),
    number("stopped"),  # when the environment was stopped after it
    Index(None, "project", "environment", "finished"),
)

delivery = Table(
    "delivery",
    metadata,
    key(),
    number("project"),
    text("forge", None),
    text("name", None),  # the forge's id of it
    text("body"),  # SHA-256 of the message as it came
    text("address"),
    number("received"),
    text("event"),
    text("ref"),
    text("before"),
    text("sha"),
    text("host"),  # that it is fetched from
    data("told"),  # what it said; nothing once that was carried out
    number("pipeline"),
    text("outcome"),
    text("reason"),
    text("message"),
    number("settled"),  # when it got its outcome; 0: it waits, or is carried out
    flag("newest"),  # its commit was where the ref stood
    number("due"),
    number("tries"),
    number("begun"),
    text("lease_owner"),
    number("lease_until"),
    number("fence"),
    UniqueConstraint("forge", "project", "name", "body"),
    Index(None, "project", "id"),
    Index(None, "project", "ref", "id"),
    Index(None, "settled", "project", "ref", "id"),
    Index(None, "settled", "due", "id"),
    sqlite_autoincrement=True,
)
