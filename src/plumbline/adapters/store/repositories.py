"""Repositories of artifacts in a database, the bytes that were pushed to them, and uploads that go on. Implements the
port ``Repositories``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, exists, func, or_, select, update

from plumbline.adapters.store import rows
from plumbline.adapters.store.schema import artifacts as tables
from plumbline.adapters.store.schema.tree import node
from plumbline.adapters.store.upsert import insert_new, upsert
from plumbline.artifacts.names import address
from plumbline.model.registry import Repository, RepositoryBlob, Upload
from plumbline.model.tree import NodeKind

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import Connection

_repository, _blob, _upload = tables.repository, tables.blob, tables.upload
_artifact, _link = tables.artifact, tables.link
_ALL = select(
    _repository.c.id, _repository.c.project, _repository.c.name, _repository.c.created, node.c.path
).join(node, node.c.id == _repository.c.project)  # fmt: skip
_GET = _ALL.where(_repository.c.project == bindparam("project"), _repository.c.name == bindparam("name"))
_BY_ID = _ALL.where(_repository.c.id == bindparam("id"))
_BLOB = rows.query(RepositoryBlob, _blob).where(
    _blob.c.repository == bindparam("repository"), _blob.c.digest == bindparam("digest")
)
_UPLOAD = rows.query(Upload, _upload).where(_upload.c.id == bindparam("id"))
_LOOKED_UP = 300  # at once
_AMONG = 500  # projects


class SqlRepositories:
    """Inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._on = connection

    def projects_at(self, addresses: Sequence[str]) -> Sequence[tuple[int, str]]:
        wanted = select(node.c.id, node.c.path).where(
            func.lower(node.c.path).in_(addresses), node.c.kind == NodeKind.PROJECT.value
        )
        return sorted(((row.id, row.path) for row in self._on.execute(wanted)), key=lambda one: -len(one[1]))

    def get(self, project: int, name: str) -> Repository | None:
        row = self._on.execute(_GET, {"project": project, "name": name}).first()
        return None if row is None else _made(row)

    def by_id(self, id: int) -> Repository | None:  # noqa: A002
        row = self._on.execute(_BY_ID, {"id": id}).first()
        return None if row is None else _made(row)

    def take(self, project: int, name: str, at: int) -> Repository:
        found = self.get(project, name)
        if found is None:
            self._on.execute(_repository.insert().values(project=project, name=name, created=at))
            found = self.get(project, name)
            assert found is not None
        return found

    def of(self, projects: Sequence[int] | None) -> Sequence[Repository]:
        if projects is None:
            found = [_made(row) for row in self._on.execute(_ALL)]
        else:
            parts = (projects[at : at + _AMONG] for at in range(0, len(projects), _AMONG))
            found = [
                _made(row) for part in parts for row in self._on.execute(_ALL.where(_repository.c.project.in_(part)))
            ]
        return sorted(found, key=lambda one: one.address)

    def blob(self, repository: int, digest: str) -> RepositoryBlob | None:
        return rows.first(self._on, RepositoryBlob, _BLOB, repository=repository, digest=digest)

    def blobs(self, repository: int, digests: Collection[str]) -> dict[str, int]:
        asked, found = sorted(set(digests)), dict[str, int]()
        wanted = select(_blob.c.digest, _blob.c.size).where(_blob.c.repository == repository)
        for at in range(0, len(asked), _LOOKED_UP):
            some = wanted.where(_blob.c.digest.in_(asked[at : at + _LOOKED_UP]))
            found |= {row.digest: row.size for row in self._on.execute(some)}
        return found

    def put_blob(self, blob: RepositoryBlob) -> None:
        upsert(self._on, _blob, rows.row_of(blob))

    def use_blobs(self, repository: int, digests: Collection[str], at: int) -> None:
        asked = sorted(set(digests))
        for first in range(0, len(asked), _LOOKED_UP):
            some = asked[first : first + _LOOKED_UP]
            used = update(_blob).where(_blob.c.repository == repository, _blob.c.digest.in_(some))
            self._on.execute(used.values(used=at))

    def unused_blobs(self, before: int, limit: int) -> Sequence[RepositoryBlob]:
        wanted = rows.query(RepositoryBlob, _blob).where(_blob.c.used < before, ~_named())
        return rows.every(self._on, RepositoryBlob, wanted.order_by(_blob.c.used).limit(limit))

    def remove_blob(self, repository: int, digest: str, used_before: int) -> bool:
        one = delete(_blob).where(_blob.c.repository == repository, _blob.c.digest == digest)
        return self._on.execute(one.where(_blob.c.used < used_before, ~_named())).rowcount == 1

    def holds_bytes(self, digest: str) -> bool:
        one = select(1).where(or_(
            exists().where(_blob.c.digest == digest), exists().where(_artifact.c.digest == digest)
        ))  # fmt: skip
        return self._on.execute(one).first() is not None

    def add_upload(self, upload: Upload) -> None:
        insert_new(self._on, _upload, rows.row_of(upload) | {"id": upload.id})

    def upload(self, id: str) -> Upload | None:  # noqa: A002
        return rows.first(self._on, Upload, _UPLOAD, id=id)

    def use_upload(self, id: str, at: int) -> None:  # noqa: A002
        self._on.execute(update(_upload).where(_upload.c.id == id).values(used=at))

    def remove_upload(self, id: str) -> bool:  # noqa: A002
        return self._on.execute(delete(_upload).where(_upload.c.id == id)).rowcount == 1

    def old_uploads(self, before: int, limit: int) -> Sequence[Upload]:
        wanted = rows.query(Upload, _upload).where(_upload.c.used < before)
        return rows.every(self._on, Upload, wanted.order_by(_upload.c.used).limit(limit))


def _named() -> Any:
    """Whether something in the repository of a blob is made of it."""
    here = _artifact.c.repository == _blob.c.repository
    return exists().where(_link.c.digest == _blob.c.digest, _link.c.artifact == _artifact.c.id, here)


def _made(row: Any) -> Repository:
    return Repository(
        id=row.id,
        project=row.project,
        name=row.name,
        address=address(row.path, row.name),
        path=row.path,
        created=row.created,
    )
