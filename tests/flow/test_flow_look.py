"""Looks at repositories make what nobody told, once; a fault with one of them stops no other."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "adapters"))
from local_repositories import commit, make_repository, run_git
from tests.crash.world import World, ahead

from plumbline.flow.pipelines.look import due_looks, look_at
from plumbline.kernel import PlumblineError
from plumbline.model.server import Delivery, Outcome, Webhook, WebhookKind

pytestmark = pytest.mark.slow
CONFIGURATION = "a: {script: [make]}\n"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "home", {".gitlab-ci.yml": CONFIGURATION})


def looked(world: World, seconds: int = 61) -> list[Delivery]:
    """What a look after so many seconds finds, carried out."""
    ahead(world, seconds)
    found = world.look()
    world.carry_out()
    return [world.delivery(one.id) for one in found]


def pipelines(world: World) -> list[str]:
    with world.store.view() as tx:
        return [one.sha for one in reversed(tx.pipelines.newest(1000))]


def hook(world: World, project: int, before: str, after: str, **more: str) -> Delivery:
    name = more.get("name", f"{before}-{after}")
    told = Webhook(
        forge="git", delivery=name, kind=WebhookKind.PUSH, ref=more.get("ref", "main"), before=before, after=after
    )
    return world.tell(project, told)


def test_the_first_look_only_remembers(world: World, home: Path) -> None:
    world.add_project(home, poll=60)
    assert looked(world, 0) == []
    assert due_looks(world.server) == []
    sha = commit(home, {"x": "1"})
    [told] = looked(world)
    assert (told.outcome, told.forge, pipelines(world)) == (Outcome.PIPELINE, "poll", [sha])
    made = world.pipeline(told.pipeline)
    assert made.change.branch == "main"


def test_two_servers_look_once(world: World, home: Path) -> None:
    world.add_project(home, poll=60)
    looked(world, 0)
    sha = commit(home, {"x": "1"})
    ahead(world, 61)
    [look] = due_looks(world.server)
    assert len(look_at(world.server, look)) == 1
    assert look_at(world.server, look) == []
    world.carry_out()
    assert pipelines(world) == [sha]


def test_a_project_with_a_webhook_is_looked_at_too(world: World, home: Path) -> None:
    """Some forges tell nothing of a push of many refs, and messages are lost."""
    number = world.add_project(home)
    looked(world, 0)
    told, lost = commit(home, {"x": "1"}), ""
    hook(world, number, run_git(home, "rev-parse", "HEAD~1"), told)
    for ref in "abcd":
        run_git(home, "branch", ref)
    lost = commit(home, {"x": "2"})
    assert looked(world, 500) == []
    found = looked(world, 200)
    assert sorted((one.ref, one.before, one.sha) for one in found) == [
        *((ref, "", told) for ref in "abcd"), ("main", told, lost),
    ]  # fmt: skip
    assert looked(world, 700) == []
    assert sorted(pipelines(world)) == sorted([told, *[told] * 4, lost])


def test_how_often_is_a_setting(world: World, home: Path) -> None:
    number = world.add_project(home)
    looked(world, 0)
    for value, due in ((0, False), (60, True)):
        with world.store.change() as tx:
            node = tx.tree.get(number)
            assert node is not None
            tx.tree.save(msgspec.structs.replace(node, settings={"repository.look": value}))
        ahead(world, 100)
        assert bool(due_looks(world.server)) is due


def test_what_a_webhook_told_is_not_told_by_a_look(world: World, home: Path) -> None:
    number, first = world.add_project(home, poll=60), run_git(home, "rev-parse", "HEAD")
    looked(world, 0)
    second = commit(home, {"x": "1"})
    hook(world, number, first, second)
    assert looked(world) == []
    third = commit(home, {"x": "2"})
    [found] = looked(world)
    late = hook(world, number, second, third)  # the look was faster than the message
    assert (late.reason, late.pipeline) == ("told-before", found.pipeline)
    assert pipelines(world) == [second, third]


def test_a_look_that_saw_two_pushes_as_one(world: World, home: Path) -> None:
    number, first = world.add_project(home, poll=60), run_git(home, "rev-parse", "HEAD")
    looked(world, 0)
    second = commit(home, {"x": "1"})
    third = commit(home, {"x": "2"})
    looked(world)
    assert hook(world, number, first, second).outcome is Outcome.PIPELINE
    assert hook(world, number, second, third).reason == "told-before"
    assert pipelines(world) == [third, second]
    assert looked(world) == []


def test_a_branch_that_came_back_is_two_pushes(world: World, home: Path) -> None:
    """Of which one was told, and the other one lost; the look before saw the first commit too."""
    number, first = world.add_project(home, poll=60), run_git(home, "rev-parse", "HEAD")
    looked(world, 0)
    second = commit(home, {"x": "1"})
    hook(world, number, first, second)
    run_git(home, "update-ref", "refs/heads/main", first)
    [back] = looked(world)
    assert (back.before, back.sha, back.outcome) == (second, first, Outcome.PIPELINE)
    assert pipelines(world) == [second, first]
    assert looked(world) == []
    run_git(home, "update-ref", "refs/heads/main", second)
    assert [one.sha for one in looked(world)] == [second]


def test_what_was_told_and_failed_is_made_by_a_look(world: World, home: Path, tmp_path: Path) -> None:
    number, first = world.add_project(home, poll=60), run_git(home, "rev-parse", "HEAD")
    looked(world, 0)
    second = commit(home, {"x": "1"})
    home.rename(tmp_path / "away")
    hook(world, number, first, second)
    for _ in range(12):
        ahead(world, 3600)
        world.carry_out()
    (tmp_path / "away").rename(home)
    assert [one.outcome for one in looked(world)] == [Outcome.PIPELINE]
    assert looked(world) == []


def test_what_is_told_and_waits_is_left_to_itself(world: World, home: Path) -> None:
    number, first = world.add_project(home, poll=60), run_git(home, "rev-parse", "HEAD")
    looked(world, 0)
    second = commit(home, {"x": "1"})
    told = Webhook(forge="git", delivery="d", kind=WebhookKind.PUSH, ref="main", before=first, after=second)
    world.receive(number, told)
    ahead(world, 61)
    assert world.look() == []
    world.carry_out()
    assert looked(world) == []
    assert pipelines(world) == [second]


def test_an_annotated_tag_is_one_push(world: World, home: Path) -> None:
    """A forge tells the id of the tag, and a look sees the commit."""
    number = world.add_project(home, poll=60)
    looked(world, 0)
    run_git(home, "tag", "-m", "One", "v1")
    tag = run_git(home, "rev-parse", "v1")
    told = Webhook(forge="git", delivery="d", kind=WebhookKind.TAG, ref="v1", after=tag)
    world.receive(number, told)
    looked(world)
    assert len(pipelines(world)) == 1
    again = world.tell(number, msgspec.structs.replace(told, delivery="e"))
    assert again.reason == "told-before"
    assert looked(world) == []


def test_a_name_that_is_too_long_stops_no_other(world: World, home: Path) -> None:
    world.add_project(home, poll=60)
    looked(world, 0)
    commit(home, {"x": "1"})
    long = "/".join(["修" * 80] * 5)
    run_git(home, "branch", long)
    assert sorted((one.outcome, one.reason) for one in looked(world)) == [
        (Outcome.PIPELINE, ""), (Outcome.REFUSED, "webhook-unreadable"),
    ]  # fmt: skip
    assert looked(world) == []


def test_long_names_that_begin_alike_are_told_apart(world: World, home: Path) -> None:
    world.add_project(home, poll=60)
    names = ["修复" * 30 + end for end in ("甲", "乙")]
    for name in names:
        run_git(home, "branch", name)
    looked(world, 0)
    run_git(home, "branch", "-D", *names)
    looked(world)
    assert len({entry.id for entry in world.events("branch.deleted")}) == 2
    assert len({entry.id for entry in world.events("delivery.accepted")}) == 2


def test_what_is_gone_is_told_once(world: World, home: Path) -> None:
    number, sha = world.add_project(home, poll=60), run_git(home, "rev-parse", "HEAD")
    for name in ("one", "two"):
        run_git(home, "branch", name)
    run_git(home, "tag", "v1")
    looked(world, 0)
    run_git(home, "branch", "-D", "one", "two")
    run_git(home, "tag", "-d", "v1")
    hook(world, number, sha, "", ref="one")
    found = looked(world)
    assert sorted((one.event, one.ref, one.before, one.outcome) for one in found) == [
        ("push", "two", sha, Outcome.NOTHING), ("tag", "v1", sha, Outcome.NOTHING),
    ]  # fmt: skip
    told, seen = world.events("branch.deleted")
    assert (told.subject, seen.id) == ("one", f"branch.deleted:{number}:two:{sha}")
    hook(world, number, sha, "", ref="two")  # the look was faster than the message
    assert len(world.events("branch.deleted")) == 2
    assert looked(world) == []


def test_a_name_that_is_not_utf8_stops_no_other(world: World, home: Path) -> None:
    world.add_project(home, poll=60)
    looked(world, 0)
    sha = commit(home, {"x": "1"})
    odd = os.fsencode(home / ".git" / "refs" / "heads") + b"/caf\xe9"
    with open(odd, "w") as file:
        file.write(f"{sha}\n")
    found = looked(world)
    assert sorted((one.outcome, one.reason) for one in found) == [
        (Outcome.PIPELINE, ""), (Outcome.REFUSED, "webhook-unreadable"),
    ]  # fmt: skip
    assert looked(world) == []
    later = commit(home, {"x": "2"})
    assert [one.sha for one in looked(world)] == [later]
    os.unlink(odd)
    assert [one.outcome for one in looked(world)] == [Outcome.REFUSED]
    assert looked(world) == []


def test_a_fault_counts_as_a_look_and_the_next_one_waits_longer(world: World, home: Path, tmp_path: Path) -> None:
    world.add_project(home, poll=60)
    looked(world, 0)
    sha = commit(home, {"x": "1"})
    home.rename(tmp_path / "away")
    ahead(world, 61)
    for wait in (120, 240, 480):
        [look] = due_looks(world.server)
        with pytest.raises(PlumblineError) as caught:
            look_at(world.server, look)
        assert caught.value.code == "repository-vanished"
        ahead(world, wait - 1)
        assert due_looks(world.server) == []
        ahead(world, 1)
    with world.store.view() as tx:
        binding = tx.bindings.get(look.project)
    assert binding is not None
    assert (binding.faults, "cannot be fetched" in binding.fault) == (3, True)
    (tmp_path / "away").rename(home)
    assert [one.sha for one in looked(world, 1)] == [sha]
    ahead(world, 61)
    assert due_looks(world.server)


def test_a_time_in_the_future_is_due(world: World, home: Path) -> None:
    """The clock was ahead once."""
    world.add_project(home, poll=60)
    world.late = 30 * 24 * 3600 * 1_000_000
    world.look()
    world.late = 0
    sha = commit(home, {"x": "1"})
    assert [one.sha for one in looked(world, 0)] == [sha]


def test_a_commit_that_meets_a_fault_stops_no_other(world: World, home: Path) -> None:
    """Anybody who may push may write any date, and any number of parents, into a commit."""
    world.add_project(home, poll=60)
    looked(world, 0)
    tree, parent = run_git(home, "rev-parse", "HEAD^{tree}"), run_git(home, "rev-parse", "HEAD")
    lines = [f"tree {tree}", f"parent {parent}", "author A <a@b> 1 +0000", "committer A <a@b> 99999999999999999 +0000"]
    odd = subprocess.run(
        ["git", "hash-object", "-t", "commit", "-w", "--literally", "--stdin"],
        cwd=home, input="\n".join([*lines, "", "odd", ""]), capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    run_git(home, "branch", "odd", odd)
    sha = commit(home, {"x": "1"})
    looked(world)
    assert sha in pipelines(world)
    assert looked(world) == []


def test_clocks_that_differ_a_little_do_not_look_twice(world: World, home: Path) -> None:
    world.add_project(home, poll=60)
    looked(world, 0)
    ahead(world, -40)  # another server
    assert due_looks(world.server) == []
    ahead(world, 100)
    assert due_looks(world.server)


def test_a_first_look_that_came_to_no_end_tells_nothing_later(
    world: World, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else every branch that there is would be built."""
    world.add_project(home, poll=60)

    def killed(_project: int) -> dict[str, str]:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(world.server.projects, "remote_heads", killed)
        with pytest.raises(KeyboardInterrupt):
            looked(world, 0)
    assert looked(world, 3700) == []
    sha = commit(home, {"x": "1"})
    assert [one.sha for one in looked(world)] == [sha]
