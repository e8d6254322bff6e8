"""What a repository tells, as events: valid, the same every time, and once in the ledger."""

from __future__ import annotations

import json
from contextlib import closing

import msgspec
import pytest
from jsonschema import Draft202012Validator
from tests.adapters.local_repositories import commit as commit_files
from tests.adapters.local_repositories import make_repository, run_git
from tests.observation.histories import commit, history, sha

from plumbline.adapters.store import StoreSettings, open_store
from plumbline.evidence import json_schema, timestamp
from plumbline.flow.assessments.observe import (
    MOST_NAMED,
    Recorded,
    observe,
    observe_tree,
    plan_of,
    record_observed,
)
from plumbline.flow.assessments.repository_names import source_of
from plumbline.flow.assessments.rewriting import find_rewritten
from plumbline.observation import observe_history
from plumbline.wiring.observation import observed, open_observation, record_observation

pytestmark = pytest.mark.slow

PIPELINE = "stages: [build, ship]\na: {stage: build, script: x}\nb: {stage: ship, script: x, environment: prod}\n"
COMMITS = (
    commit("a", at=1_000, paths="a.py", author=""),
    commit("t", "a", 2_000, f"ABC-1\n\nReviewed-by: Bob <b@x>\nThis reverts commit {sha('a')}.", "b.py"),
    commit("m", "a t", 3_000, "Merge branch 'topic' into 'main'"),
    commit("late", "m", 10**15, "x", author="x[bot]"),
    commit("early", "late", -5, "Do (#4)"),
)


def told(raw, tree=None, plan=None):
    return list(observe(observe_history(raw), tree, plan, project="group/应用", source=source_of("group/应用")))


def kinds(drafts):
    return [draft.type.removeprefix("dev.cdeventsx.plumbline-").removeprefix("dev.cdevents.") for draft in drafts]


@pytest.fixture
def raw():
    return history(*COMMITS, head="early", tags="v1.0=m@4000", branches="main=early topic=t")


def test_every_event_is_valid_by_its_schema(raw):
    tree = observe_tree(sha("early"), 5, [".gitlab-ci.yml", "bad\udcff.py"], lambda _: b"")
    drafts = told(raw, tree)
    assert len(set(kinds(drafts))) == 6
    for draft in drafts:
        event = json.loads(draft.body)
        Draft202012Validator(json_schema(draft.type)).validate(event)
        assert (event["context"]["id"], event["context"]["source"]) == (draft.id, draft.source)
        assert (event["subject"]["id"], draft.scope) == (draft.subject, "group/应用")
    assert len({draft.id for draft in drafts}) == len(drafts)


def test_what_the_events_say(raw):
    drafts = told(raw)
    assert kinds(drafts) == [
        *["commit.observed.0.1.0"] * 5,
        *["change.merged.0.3.0"] * 2,
        "release.released.0.1.0",
        "branch.observed.0.1.0",
        "repository.observed.0.1.0",
    ]
    events = [json.loads(draft.body) for draft in drafts]
    [said] = events[1]["subject"]["content"]["commits"]
    assert said == {
        "sha": sha("t"),
        "authored": "1970-01-01T00:33:20.000000Z",
        "committed": "1970-01-01T00:33:20.000000Z",
        "author": "Ada",
        "parents": [sha("a")],
        "reviewers": ["Bob <b@x>"],
        "workItems": ["ABC-1"],
        "reverts": [sha("a")],
        "files": 1,
        "kinds": ["code"],
        "bot": False,
    }
    assert events[1]["context"]["id"] == f"commit:{sha('t')}"
    merge = events[5]["customData"]
    assert [one["sha"] for one in merge["commits"]] == [sha("t")]
    assert (merge["target"], merge["branch"], merge["mergedAs"], merge["squash"]) == ("main", "topic", sha("m"), False)
    release = events[7]["subject"]["content"]
    assert release == {"version": "1.0", "artifacts": [], "tag": "v1.0", "commit": sha("m"), "commits": 3}
    repository = events[-1]["subject"]["content"]
    assert (repository["commits"], repository["tags"], repository["shallow"]) == (5, 1, False)
    assert repository["heads"] == {"main": sha("early"), "topic": sha("t")}


def test_a_huge_merge_names_some_of_its_commits():
    side = [commit("c0", "a", 2)] + [commit(f"c{at}", f"c{at - 1}", 2 + at) for at in range(1, MOST_NAMED + 50)]
    raw = history(commit("a", at=1), *side, commit("m", f"a c{MOST_NAMED + 49}", 9999), head="m")
    [merge] = [json.loads(draft.body)["customData"] for draft in told(raw) if "merged" in draft.type]
    assert (len(merge["commits"]), merge["more"]) == (MOST_NAMED, 50)


def test_a_shallow_history_does_not_count_what_a_release_has(raw):
    drafts = told(msgspec.structs.replace(raw, shallow=True))
    [release] = [json.loads(one.body) for one in drafts if "release" in one.type]
    assert "commits" not in release["subject"]["content"]


@pytest.fixture
def folder(tmp_path):
    return make_repository(tmp_path / "app", {".gitlab-ci.yml": PIPELINE, "a.py": "", "tests/test_a.py": ""})


def pipeline(folder):
    with open_observation(str(folder)) as found:
        *_, tree = observed(found).events
    return json.loads(tree.body)["subject"]["content"]["pipeline"]


def test_the_engine_tells_what_the_pipeline_is(folder):
    assert pipeline(folder) == {"problems": 0, "jobs": 2, "stages": ["build", "ship"], "environments": ["prod"]}
    commit_files(folder, {".gitlab-ci.yml": "a: {script: 3}\nb: [", "x": ""})
    assert pipeline(folder)["problems"] > 0
    commit_files(folder, {".gitlab-ci.yml": "include: {project: elsewhere/x, file: y.yml}\n"})
    assert pipeline(folder)["problems"] > 0


def test_no_pipeline_is_no_plan(tmp_path):
    folder = make_repository(tmp_path / "app", {"a.py": ""})
    with open_observation(str(folder)) as found:
        assert plan_of(found.repository, found.change, found.paths, found.time) is None
        *_, tree = observed(found).events
    assert "pipeline" not in json.loads(tree.body)["subject"]["content"]


def events(folder, ref=None):
    with open_observation(str(folder), ref) as found:
        return list(observed(found).events)


def test_the_same_again_is_the_same_and_only_once_in_the_ledger(folder, tmp_path):
    assert events(folder) == events(folder)
    store = open_store(StoreSettings(data=str(tmp_path / "data"), create=True))
    try:
        assert record_observed(store.ledger, events(folder)) == Recorded(new=3)
        assert record_observed(store.ledger, events(folder)) == Recorded(known=3)
        commit_files(folder, {"b.py": ""})
        assert record_observed(store.ledger, events(folder)) == Recorded(new=3, known=1)
        [first, *rest] = events(folder)
        other = msgspec.structs.replace(first, body=first.body.replace(b'"files":3', b'"files":4'))
        assert record_observed(store.ledger, [other, *rest]) == Recorded(known=3, different=1)
    finally:
        store.close()


def test_another_revision_has_its_own_tree(folder):
    first = run_git(folder, "rev-parse", "HEAD")
    commit_files(folder, {"b.go": "", "uncommitted": ""})
    (folder / "more.py").write_text("")
    *_, old = events(folder, first)
    *_, new = events(folder)
    assert json.loads(old.body)["subject"]["content"]["files"] == 3
    assert json.loads(new.body)["subject"]["content"]["files"] == 5


def test_a_link_out_of_the_repository_is_not_followed(tmp_path):
    folder = make_repository(tmp_path / "app", {"a.py": ""})
    (folder / "pyproject.toml").symlink_to("../outside.toml")
    commit_files(folder, {"b.py": ""})
    with open_observation(str(folder)) as found:
        assert found.read("pyproject.toml") is None
        assert found.read("nowhere") is None
        list(observed(found).events)


@pytest.mark.parametrize("project", ["group/app", "目录/é \udcff", "a-very-long-group/" * 20 + "app"])
def test_a_rewritten_history_is_found_by_its_project_among_the_observations_of_others(project, tmp_path):
    before = observe_history(history(commit("a"), commit("b", "a"), head="b", branches="main=b"))
    after = observe_history(history(commit("a"), commit("c", "a"), head="c", branches="main=c"))
    store = open_store(StoreSettings(data=str(tmp_path / "store"), create=True))
    try:
        for name in (project, f"{project}2", "other"):
            record_observed(store.ledger, observe(before, None, None, project=name, source=source_of(name)))
        found = find_rewritten(store.ledger, after, source_of(project))
        assert found is not None
        assert (found.before, found.after, found.older) == (sha("b"), sha("c"), False)
        assert find_rewritten(store.ledger, before, source_of(project)) is None
        assert find_rewritten(store.ledger, after, source_of(f"{project}3")) is None
    finally:
        store.close()


NOW = 1_800_000_000_000_000


def states(store, *words):
    """What the ledger says of branches and heads, in its order."""
    found = [(entry.type.split(".")[2:4], json.loads(entry.body)) for entry in store.ledger.read()]
    kinds = {f"{subject.removeprefix('plumbline-')}.{what}" for (subject, what), _ in found}
    assert kinds
    return [
        (event["subject"]["id"], event["context"]["timestamp"], event["subject"]["content"])
        for (subject, what), event in found
        if f"{subject.removeprefix('plumbline-')}.{what}" in words
    ]


@pytest.fixture
def store(tmp_path):
    with closing(open_store(StoreSettings(data=str(tmp_path / "kept")))) as made:
        yield made


def look(store, folder, now, *, certain=True):
    with open_observation(str(folder), title="group/app") as seen:
        found = observed(seen, "group/app")
        record_observation(store.ledger, found.history, found.events, "group/app", certain=certain, now=now)


def test_a_deleted_branch_is_told_and_so_is_its_return(folder, store):
    run_git(folder, "branch", "topic", "HEAD")
    run_git(folder, "checkout", "-q", "topic")
    commit_files(folder, {"topic.txt": "1"})
    run_git(folder, "checkout", "-q", "main")
    tip = run_git(folder, "rev-parse", "topic")
    look(store, folder, NOW)
    for at in (1, 2, 3):
        run_git(folder, "branch", "-D", "-q", "topic")
        look(store, folder, NOW + at * 10)
        look(store, folder, NOW + at * 10 + 1)  # told once
        run_git(folder, "branch", "topic", tip)
        look(store, folder, NOW + at * 10 + 5)
    assert len(states(store, "branch.deleted")) == 3
    seen = states(store, "branch.observed")
    assert len(seen) == 4
    assert all(content == seen[0][2] for _, _, content in seen)
    run_git(folder, "branch", "-D", "-q", "topic")
    look(store, folder, NOW + 50, certain=False)  # a copy that somebody did not bring up to date
    assert len(states(store, "branch.deleted")) == 3


def test_a_state_that_returns_is_told_again_and_is_the_newest(folder, store):
    first = run_git(folder, "rev-parse", "HEAD")
    look(store, folder, NOW)
    second = commit_files(folder, {"x": "1"})
    look(store, folder, NOW + 1)
    for at, head in enumerate((first, second, first)):
        run_git(folder, "reset", "-q", "--hard", head)
        look(store, folder, NOW + 10 + at)
        look(store, folder, NOW + 20 + at)
    told = states(store, "repository.observed")
    assert [content["head"] for _, _, content in told] == [first, second, first, second, first]
    times = [time for _, time, _ in told]
    assert times == sorted(set(times))
    assert [content["commit"] for _, _, content in states(store, "tree.inspected")] == [
        first, second, first, second, first,
    ]  # fmt: skip
    assert len(states(store, "repository.rewritten")) == 2  # set back twice


def test_another_state_at_the_same_commit_is_of_the_moment(folder, store):
    look(store, folder, NOW)
    run_git(folder, "branch", "topic")
    look(store, folder, NOW + 1)
    (_, before, _), (_, after, content) = states(store, "repository.observed")
    assert before < after == timestamp(NOW + 1)
    assert set(content["heads"]) == {"main", "topic"}
