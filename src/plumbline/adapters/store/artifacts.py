"""What is known of artifacts, in a database: what they are, how they are called, what they are made of. Implements the
port ``Artifacts``."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import and_, bindparam, delete, exists, func, insert, or_, select, update

from plumbline.adapters.store import rows
from plumbline.adapters.store.schema import artifacts as tables
from plumbline.adapters.store.schema import gates
from plumbline.adapters.store.schema import keeping as kept
from plumbline.adapters.store.schema.tree import node
from plumbline.adapters.store.upsert import insert_new, upsert
from plumbline.artifacts.names import address
from plumbline.kernel import legible
from plumbline.model.artifact import Artifact, Kind, Origin
from plumbline.model.coding import json_of
from plumbline.model.registry import Link, Standing, Tag

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import Connection, Select


_artifact, _link, _tag, _fallback = tables.artifact, tables.link, tables.tag, tables.fallback
_repository = tables.repository
_ORIGIN = ("commit", "pipeline", "job", "person", "address", "by")
_PLAIN = ("digest", "size", "media_type", "artifact_type", "name", "version", "subject", "created")
_ALL = (
    select(_artifact, _repository.c.project, _repository.c.name.label("below"), node.c.path)
    .join(_repository, _repository.c.id == _artifact.c.repository)
    .join(node, node.c.id == _repository.c.project)
)
_BY_ID = _ALL.where(_artifact.c.id == bindparam("id"))
_FIND = _ALL.where(
    _artifact.c.repository == bindparam("repository"),
    _artifact.c.kind == bindparam("kind"),
    _artifact.c.digest == bindparam("digest"),
).limit(1)
_TAG = rows.query(Tag, _tag).where(_tag.c.repository == bindparam("repository"), _tag.c.name == bindparam("name"))
_TAGS = rows.query(Tag, _tag).where(_tag.c.repository == bindparam("repository"))
_LINKS = rows.query(Link, _link).where(_link.c.artifact == bindparam("artifact"))
_decode = msgspec.json.Decoder(dict[str, str]).decode
_LOOKED_UP = 300  # at once
_FEWEST_DIGITS = 6  # of a digest that is looked for


class SqlArtifacts:
    """Inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._on = connection

    def add(self, repository: int, artifact: Artifact, links: Sequence[Link] = ()) -> Artifact | None:
        if self._on.execute(self._same(repository, artifact)).first() is not None:
            return None
        row = {name: legible(value) if type(value := getattr(artifact, name)) is str else value for name in _PLAIN}
        row |= {name: getattr(artifact.origin, name) for name in _ORIGIN}
        row |= {"repository": repository, "kind": artifact.kind.value}
        row["touched"] = artifact.created
        row["annotations"] = json_of(artifact.annotations).decode()
        given = self._on.execute(insert(_artifact).values(row).returning(_artifact.c.id)).scalar_one()
        if links:
            self._on.execute(insert(_link), [{"artifact": given, **rows.row_of(one)} for one in links])
        return msgspec.structs.replace(artifact, id=given)

    def _same(self, repository: int, artifact: Artifact) -> Select[Any]:
        wanted = [_artifact.c[name] == getattr(artifact, name) for name in ("digest", "name", "version")]
        return select(_artifact.c.id).where(
            _artifact.c.repository == repository, _artifact.c.kind == artifact.kind.value, *wanted
        )

    def get(self, id: int) -> Artifact | None:  # noqa: A002
        return self._first(_BY_ID, id=id)

    def find(self, repository: int, kind: Kind, digest: str) -> Artifact | None:
        return self._first(_FIND, repository=repository, kind=kind.value, digest=digest)

    def known(self, repository: int, digests: Collection[str]) -> set[str]:
        wanted = select(_artifact.c.digest).where(
            _artifact.c.repository == repository, _artifact.c.kind == Kind.OCI.value
        )
        return _among(self._on, wanted, _artifact.c.digest, digests)

    def named(self, repository: int, kind: Kind, name: str, version: str | None = None) -> Sequence[Artifact]:
        wanted = self._of(repository, kind).where(_artifact.c.name == name)
        return self._every(wanted if version is None else wanted.where(_artifact.c.version == version))

    def of(self, repository: int, kind: Kind, limit: int, before: int = 0) -> Sequence[Artifact]:
        wanted = self._of(repository, kind).limit(limit)
        return self._every(wanted.where(_artifact.c.id < before) if before else wanted)

    def of_digest(self, digest: str) -> Sequence[tuple[int, Artifact]]:
        found = self._on.execute(_ALL.where(_artifact.c.digest == digest).order_by(_artifact.c.id)).all()
        return [(row.repository, _made(row)) for row in found]

    def of_job(self, job: int) -> Sequence[Artifact]:
        return self._every(_ALL.where(_artifact.c.job == job).order_by(_artifact.c.id))

    def remove(self, id: int) -> bool:  # noqa: A002
        found = self._on.execute(select(_artifact).where(_artifact.c.id == id)).first()
        if found is None:
            return False
        self._on.execute(delete(_artifact).where(_artifact.c.id == id))
        others = exists().where(
            _artifact.c.repository == found.repository,
            _artifact.c.digest == found.digest,
            _artifact.c.kind == Kind.OCI.value,
        )
        if found.kind == Kind.OCI.value:
            self._on.execute(
                delete(_tag).where(_tag.c.repository == found.repository, _tag.c.digest == found.digest, ~others)
            )
        return True

    def touch(self, repository: int, digests: Collection[str], at: int) -> None:
        mine = update(_artifact).where(_artifact.c.repository == repository, _artifact.c.digest.in_(digests))
        self._on.execute(mine.values(touched=at))

    def standing(self, repository: int, kind: Kind) -> Sequence[Standing]:
        here = (_artifact.c.repository == repository, _artifact.c.kind == kind.value)
        columns = (_artifact.c[name] for name in ("id", "digest", "name", "version", "touched", "commit", "subject"))
        found = self._on.execute(select(*columns).where(*here).order_by(_artifact.c.id)).all()
        tags, parts = defaultdict[str, list[str]](list), defaultdict[int, list[str]](list)
        for name, digest in self._on.execute(select(_tag.c.name, _tag.c.digest).where(_tag.c.repository == repository)):
            tags[digest].append(name)
        made_of = select(_link.c.artifact, _link.c.digest).join(_artifact, _artifact.c.id == _link.c.artifact)
        for one, digest in self._on.execute(made_of.where(*here)):
            parts[one].append(digest)
        return [
            Standing(**row._mapping, tags=tuple(sorted(tags[row.digest])), parts=tuple(parts[row.id])) for row in found
        ]

    def bytes_named(self, digests: Collection[str]) -> set[str]:
        statement = gates.collection.c.statement
        columns = (_artifact.c.digest, tables.blob.c.digest, _link.c.digest, kept.file.c.digest, statement)
        return {digest for column in columns for digest in _among(self._on, select(column), column, digests)}

    def pulled(self, project: int, digest: str, who: str, day: int, at: int) -> bool:
        row = {"project": project, "digest": digest, "who": who, "day": day, "at": at}
        return insert_new(self._on, tables.pull, row)

    def pulls(self, project: int, digest: str, limit: int) -> Sequence[tuple[str, int]]:
        mine = tables.pull.c
        last = func.max(mine.at).label("last")
        found = select(mine.who, last).where(mine.project == project, mine.digest == digest).group_by(mine.who)
        return [(row.who, row.last) for row in self._on.execute(found.order_by(last.desc(), mine.who).limit(limit))]

    def search(self, text: str, projects: Sequence[int] | None, limit: int) -> Sequence[Artifact]:
        digits = text.lower().removeprefix("sha256:").removeprefix("sha512:")
        mine = _artifact.c
        wanted = [mine.kind == Kind.GENERIC.value, mine.name.startswith(text, autoescape=True)]
        ways = [and_(*wanted)]
        tagged = select(_tag.c.digest).where(_tag.c.repository == mine.repository, _tag.c.name == text)
        ways.append(mine.digest.in_(tagged))
        if len(digits) >= _FEWEST_DIGITS and set(digits) <= set("0123456789abcdef"):
            ways += [mine.digest.startswith(f"{algorithm}:{digits}") for algorithm in ("sha256", "sha512")]
        found = _ALL.where(or_(*ways)).order_by(mine.id.desc())
        if projects is not None:
            found = found.where(_repository.c.project.in_(projects))
        return self._every(found.limit(limit))

    def links(self, artifact: int) -> Sequence[Link]:
        return rows.every(self._on, Link, _LINKS, artifact=artifact)

    def parents(self, repository: int, digest: str) -> Sequence[Artifact]:
        made_of = select(_link.c.artifact).where(_link.c.digest == digest)
        return self._every(_ALL.where(_artifact.c.repository == repository, _artifact.c.id.in_(made_of)))

    def referrers(self, repository: int, subject: str) -> Sequence[Artifact]:
        about = and_(_artifact.c.repository == repository, _artifact.c.subject == subject)
        return self._every(_ALL.where(about).order_by(_artifact.c.created, _artifact.c.id))

    def tag(self, repository: int, name: str) -> Tag | None:
        return rows.first(self._on, Tag, _TAG, repository=repository, name=name)

    def put_tag(self, tag: Tag) -> None:
        upsert(self._on, _tag, rows.row_of(tag))

    def remove_tag(self, repository: int, name: str) -> bool:
        gone = delete(_tag).where(_tag.c.repository == repository, _tag.c.name == name)
        return self._on.execute(gone).rowcount == 1

    def tags(self, repository: int) -> Sequence[Tag]:
        found = rows.every(self._on, Tag, _TAGS, repository=repository)
        return sorted(found, key=lambda tag: (tag.name.lower(), tag.name))

    def tags_of(self, repository: int, digest: str) -> Sequence[str]:
        wanted = select(_tag.c.name).where(_tag.c.repository == repository, _tag.c.digest == digest)
        return sorted(self._on.execute(wanted).scalars())

    def put_fallback(self, repository: int, subject: str, tag: str, digest: str, content: bytes) -> None:
        upsert(self._on, _fallback, {
            "repository": repository, "subject": subject, "tag": tag, "digest": digest, "content": content,
        })  # fmt: skip

    def remove_fallback(self, repository: int, subject: str) -> None:
        self._on.execute(delete(_fallback).where(_fallback.c.repository == repository, _fallback.c.subject == subject))

    def fallback(self, repository: int, tag: str = "", digest: str = "") -> tuple[str, bytes] | None:
        wanted = select(_fallback.c.digest, _fallback.c.content).where(_fallback.c.repository == repository)
        by = _fallback.c.tag == tag if tag else _fallback.c.digest == digest
        row = self._on.execute(wanted.where(by).order_by(_fallback.c.subject).limit(1)).first()
        return None if row is None else (str(row.digest), bytes(row.content))

    def _of(self, repository: int, kind: Kind) -> Select[Any]:
        own = _ALL.where(_artifact.c.repository == repository, _artifact.c.kind == kind.value)
        return own.order_by(_artifact.c.id.desc())

    def _first(self, wanted: Select[Any], **values: object) -> Artifact | None:
        row = self._on.execute(wanted, values).first()
        return None if row is None else _made(row)

    def _every(self, wanted: Select[Any]) -> list[Artifact]:
        return [_made(row) for row in self._on.execute(wanted).all()]


def _made(row: Any) -> Artifact:
    return Artifact(
        id=row.id,
        project=row.project,
        repository=address(row.path, row.below),
        kind=Kind(row.kind),
        origin=Origin(**{name: getattr(row, name) for name in _ORIGIN}),
        annotations=_decode(row.annotations) if row.annotations != "{}" else {},
        **{name: getattr(row, name) for name in _PLAIN},
    )


def _among(connection: Connection, wanted: Select[Any], column: Any, digests: Collection[str]) -> set[str]:
    """Those of many that are there, asked for in parts."""
    asked, found = sorted(set(digests)), set[str]()
    for at in range(0, len(asked), _LOOKED_UP):
        found.update(connection.execute(wanted.where(column.in_(asked[at : at + _LOOKED_UP]))).scalars())
    return found
