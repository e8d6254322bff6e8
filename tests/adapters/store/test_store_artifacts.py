"""Repositories, artifacts, tags, uploads and robots, on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from plumbline.kernel import PlumblineError
from plumbline.model.artifact import Artifact, Kind, Origin
from plumbline.model.registry import Link, Part, RepositoryBlob, Robot, Tag, Upload
from plumbline.model.tree import Node, NodeKind

if TYPE_CHECKING:
    from plumbline.adapters.store import Store
    from plumbline.model.registry import Repository

ONE, TWO, THREE = (f"sha256:{each * 64}" for each in "123")


@pytest.fixture
def home(store: Store) -> Repository:
    """The repository ``web`` of a project."""
    with store.change() as tx:
        bank = tx.tree.add(Node(id=0, kind=NodeKind.ORGANISATION, name="Bank", path="Bank"))
        pay = tx.tree.add(Node(id=0, kind=NodeKind.PROJECT, name="pay", path="Bank/pay", parent=bank.id))
        return tx.repositories.take(pay.id, "web", 5)


def artifact(home: Repository, digest: str, **more: object) -> Artifact:
    return Artifact(project=home.project, repository=home.address, kind=Kind.OCI, digest=digest, size=3, **more)


def test_repositories_are_found_by_the_path_of_their_project_whatever_its_case(store: Store, home: Repository) -> None:
    with store.view() as tx:
        assert tx.repositories.projects_at(["bank/pay/web", "bank/pay", "bank"]) == [(home.project, "Bank/pay")]
        assert tx.repositories.get(home.project, "web") == home
        assert (home.address, home.path, home.created) == ("bank/pay/web", "Bank/pay", 5)
        assert tx.repositories.get(home.project, "") is None
        assert tx.repositories.of(None) == tx.repositories.of([home.project]) == [home]
        assert tx.repositories.of([]) == []
    with store.change() as tx:
        assert tx.repositories.take(home.project, "web", 9) == home


def test_an_artifact_is_there_once_with_what_it_is_made_of(store: Store, home: Repository) -> None:
    links = [Link(digest=TWO, part=Part.LAYER, size=2), Link(digest=THREE, part=Part.LAYER, size=1, here=False)]
    origin = Origin(commit="a" * 40, pipeline=1, job=2, person=3, address="10.0.0.1", by="mei")
    made = artifact(home, ONE, annotations={"a": "é\0"}, origin=origin, media_type="a/b", subject=THREE, created=7)
    with store.change() as tx:
        added = tx.artifacts.add(home.id, made, links)
        assert added is not None
        assert tx.artifacts.add(home.id, made, links) is None
    with store.view() as tx:
        assert tx.artifacts.find(home.id, Kind.OCI, ONE) == added == tx.artifacts.get(added.id)
        assert sorted(one.digest for one in tx.artifacts.links(added.id)) == [TWO, THREE]
        assert tx.artifacts.known(home.id, [ONE, TWO]) == {ONE}
        assert tx.artifacts.parents(home.id, TWO) == [added]
        assert tx.artifacts.referrers(home.id, THREE) == [added]
        assert tx.artifacts.of_digest(ONE) == [(home.id, added)]
        assert tx.artifacts.of_job(2) == [added]


def test_tags_go_with_the_last_artifact_they_mean(store: Store, home: Repository) -> None:
    with store.change() as tx:
        added = tx.artifacts.add(home.id, artifact(home, ONE))
        assert added is not None
        for name in ("b", "A", "a", "B_"):
            tx.artifacts.put_tag(Tag(repository=home.id, name=name, digest=ONE, moved=1))
        tx.artifacts.put_tag(Tag(repository=home.id, name="a", digest=TWO, moved=2, by="mei"))
    with store.view() as tx:
        assert [tag.name for tag in tx.artifacts.tags(home.id)] == ["A", "a", "b", "B_"]
        assert tx.artifacts.tag(home.id, "a") == Tag(repository=home.id, name="a", digest=TWO, moved=2, by="mei")
        assert tx.artifacts.tags_of(home.id, ONE) == ["A", "B_", "b"]
    with store.change() as tx:
        assert tx.artifacts.remove(added.id)
        assert not tx.artifacts.remove(added.id)
        assert [tag.name for tag in tx.artifacts.tags(home.id)] == ["a"]
        assert tx.artifacts.remove_tag(home.id, "a")
        assert not tx.artifacts.remove_tag(home.id, "a")


def test_bytes_that_something_is_made_of_stay(store: Store, home: Repository) -> None:
    with store.change() as tx:
        for digest in (ONE, TWO):
            tx.repositories.put_blob(RepositoryBlob(repository=home.id, digest=digest, size=4, used=1))
        tx.artifacts.add(home.id, artifact(home, THREE), [Link(digest=ONE, part=Part.LAYER, size=4)])
        assert tx.repositories.blobs(home.id, [ONE, THREE]) == {ONE: 4}
        assert [one.digest for one in tx.repositories.unused_blobs(5, 9)] == [TWO]
        tx.repositories.use_blobs(home.id, [TWO], 6)
        assert tx.repositories.unused_blobs(5, 9) == []
        assert not tx.repositories.remove_blob(home.id, ONE, 99)
        assert not tx.repositories.remove_blob(home.id, TWO, 5)
        assert tx.repositories.remove_blob(home.id, TWO, 7)
        assert (tx.repositories.holds_bytes(ONE), tx.repositories.holds_bytes(TWO)) == (True, False)


def test_uploads_and_fallbacks(store: Store, home: Repository) -> None:
    upload = Upload(id="u", repository=home.id, owner="person:1", begun=1, used=1)
    with store.change() as tx:
        tx.repositories.add_upload(upload)
        tx.repositories.use_upload("u", 3)
        assert [one.id for one in tx.repositories.old_uploads(4, 9)] == ["u"]
        assert tx.repositories.old_uploads(3, 9) == []
        tx.artifacts.put_fallback(home.id, ONE, "sha256-1", TWO, b"index")
        tx.artifacts.put_fallback(home.id, ONE, "sha256-1", THREE, b"newer")
        assert tx.artifacts.fallback(home.id, tag="sha256-1") == (THREE, b"newer")
        assert tx.artifacts.fallback(home.id, digest=TWO) is None
        tx.artifacts.remove_fallback(home.id, ONE)
        assert tx.artifacts.fallback(home.id, tag="sha256-1") is None
        assert tx.repositories.remove_upload("u")
        assert tx.repositories.upload("u") is None


def test_robots(store: Store, home: Repository) -> None:
    robot = Robot(project=home.project, name="puller", token="t", digest=b"d", scopes=("artifact.download",), owner=1,
                  created=1, expires=9)  # fmt: skip
    with store.change() as tx:
        made = tx.robots.add(robot)
        with pytest.raises(PlumblineError, match="puller"):
            tx.robots.add(robot)
        tx.robots.used(made.id, 4)
        assert tx.robots.revoke(made.id, 5)
        assert not tx.robots.revoke(made.id, 6)
        found = tx.robots.of_token("t")
        assert found == tx.robots.get(made.id)
        assert found is not None
        assert (found.used, found.revoked, found.scopes) == (4, 5, ("artifact.download",))
        assert tx.robots.of(home.project) == [found]


def test_all_of_it_goes_with_its_project(store: Store, home: Repository) -> None:
    with store.change() as tx:
        tx.artifacts.add(home.id, artifact(home, ONE), [Link(digest=TWO, part=Part.LAYER, size=1)])
        tx.repositories.put_blob(RepositoryBlob(repository=home.id, digest=TWO, size=1, used=1))
        tx.tree.remove(home.project)
        assert tx.repositories.of(None) == []
        assert tx.artifacts.of_digest(ONE) == []
        assert not tx.repositories.holds_bytes(TWO)
