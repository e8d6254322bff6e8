"""``plumb assess`` as a person and a program use it: over a repository, and over a ledger."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import time
import zipfile

import pytest
from tests.maturity.small_pack import TEXT as SMALL

from plumbline.adapters.store import StoreSettings, open_store
from plumbline.flow.assessments.assess import assess
from plumbline.kernel import PlumblineError
from plumbline.model.tree import Node
from plumbline.wiring.assessments import Mirror, assess_repository, load_pack, refresh_from
from plumbline.wiring.observation import observed, open_observation

pytestmark = pytest.mark.slow

PIPELINE = "stages: [build, ship]\na: {stage: build, script: x}\nb: {stage: ship, script: x, environment: prod}\n"
ITEMS = [item.id for item in load_pack().pack.every_item()]
OVERLAY = """\
format: 1
overlay: {id: ours, version: '3', of: continuous-delivery}
criteria:
  cd.1.1.1-1a:
    at: {deployments-whose-source-revision-is-unknown: {value: 70}}
"""


def run(plumb, *arguments, status=0, **environment):
    done = plumb("assess", *arguments, **environment)
    assert done.returncode == status, (done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    return done.stdout if status == 0 else done.stderr


@pytest.fixture
def repository(plumb):
    made = plumb(PIPELINE)
    made.git("commit", "--allow-empty", "-q", "-m", "Second (#4)")
    made.git("tag", "v1.0")
    return made


@pytest.fixture
def ledger(repository):
    """A repository that was observed into the ledger of its data folder."""
    open_store(StoreSettings(data=str(repository.data), create=True)).close()
    assert repository("observe", "--data", str(repository.data)).returncode == 0
    return repository


# a repository by itself
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_item_twice_the_same_in_both_languages(repository, language):
    first = run(repository, str(repository.folder), "--items", "--language", language)
    assert [line.split()[0] for line in first.splitlines() if line.startswith("cd.") and line.count(".") > 2][:49]
    assert len(ITEMS) == 49
    assert all(f"\n{item} " in first for item in ITEMS)
    assert ("版本控制系统" in first) == (language == "zh")
    assert run(repository, "--items", "--language", language) == first


def test_what_the_history_shows_comes_first_then_what_git_can_speak_to(repository):
    repository.git("commit", "--allow-empty", "-q", "-m", "feat: third (#5)")
    shown = run(repository)
    assert shown.startswith("What your history shows: local/project, ")
    assert "conventional messages 33.3 % 3 ···········█ no published band" in " ".join(shown.split())
    assert "\x1b" not in shown
    speaks = shown.partition("\nWhat that says of continuous delivery\n")[2]
    decided = [line.split()[0] for line in speaks.splitlines() if line.startswith("cd.")]
    assert decided == [
        "cd.4.1.2",
        "cd.4.2.2",
    ]  # its pipeline deploys, and declares neither tests before nor shared steps
    assert "\nGit shows nothing of 47 items, which is never a pass: `--items` lists all.\n" in speaks
    assert "What your history shows" not in run(repository, "--explain", "cd.1.1.1")


def test_events_told_while_git_still_reads_are_the_same(repository):
    repository.git("revert", "--no-edit", "HEAD~1")
    made = assess_repository(str(repository.folder), "continuous-delivery")
    with open_observation(str(repository.folder)) as seen:
        events = [(draft.body, None) for draft in observed(seen).events]
    assert assess(load_pack(), events, made.assessment.scope).digest == made.assessment.digest
    assert made.assessment.scope.as_of == len(events)


def test_figures_for_programs(repository):
    told = json.loads(run(repository, "--json"))["history"]
    found = {one["key"]: one for one in told["figures"]}
    assert (found["commits"]["value"], found["numbered-merges"]["value"], found["numbered-merges"]["unit"]) == (
        2,
        50,
        "%",
    )
    assert (found["signed-tags"]["value"], found["signed-tags"]["sample"]) == (0, 1)
    assert found["lead-time-median"]["band"]["key"] == "under-an-hour"
    assert all(len(one["months"]) in (0, 12) for one in told["figures"])


def test_as_json_with_its_digest(repository):
    made = json.loads(run(repository, "--json"))
    assert made["digest"].startswith("sha256:")
    assert json.loads(run(repository, "--json"))["digest"] == made["digest"]
    assert f"result {made['digest'][:19]}" in run(repository)


def test_what_is_missing_for_a_level(repository):
    third = run(repository, "--level", "3")
    assert "\nMissing for level 3 comprehensive\ncd.1.1.1 version control system\n" in third
    assert " cd.1.1.1-3a " in third
    assert " cd.1.1.1-4a " not in third
    assert "\nMissing for level 1 initial\nnothing is missing\n" in run(repository, "--level", "1")
    for wrong in ("9", "9" * 5000):
        assert "there are: 1, 2, 3, 4, 5" in run(repository, "--level", wrong, status=2)


@pytest.mark.slow
def test_one_item_by_any_of_its_names(repository):
    by_id = run(repository, "--explain", "cd.1.1.1")
    assert "cd.1.1.1-2a one version control system" in by_id
    for name in ("version control system", "版本控制系统", " CD.1.1.1-2A "):
        assert run(repository, "--explain", name) == by_id
    assert "has no item ''" in run(repository, "--explain", "", status=2)
    assert "has no item 'cd.9'" in run(repository, "--explain", "cd.9", status=2)


@pytest.mark.slow
def test_reports_as_files(repository):
    run(repository, "--html", "report.html", "--pdf", "report.pdf")
    assert (repository.folder / "report.pdf").read_bytes().startswith(b"%PDF-")
    report = (repository.folder / "report.html").read_text()
    assert "cd.1.1.1" in report
    day = subprocess.run(
        ["git", "log", "--max-parents=0", "--format=%cd", "--date=format:%Y-%m-%d"],
        cwd=repository.folder, capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    said = re.search(r"1 source told (\d+) events", report)
    assert said is not None
    row = re.sub(r"<[^>]+>", " ", report).partition(said[0])[2].split()
    assert (day in row, said[1] in row) == (True, True)  # since when, and how much
    assert "no/where.html cannot be used" in run(repository, "--html", "no/where.html", status=3)


@pytest.mark.slow
def test_an_overlay_changes_a_threshold(repository):
    (repository.folder / "ours.yaml").write_text(OVERLAY)
    assert "wanted > 50 %" in run(repository, "--explain", "cd.1.1.1")
    assert "wanted > 70 %" in run(repository, "--explain", "cd.1.1.1", "--overlay", "ours.yaml")
    plain, laid = (json.loads(run(repository, "--json", *more)) for more in ((), ("--overlay", "ours.yaml")))
    assert plain["pack_digest"] != laid["pack_digest"]
    (repository.folder / "ours.yaml").write_text(OVERLAY.replace("cd.1.1.1-1a", "cd.9.9.9-1a"))
    assert "ours.yaml:4" in run(repository, "--overlay", "ours.yaml", status=2)


@pytest.mark.slow
def test_other_models(repository):
    assert "site reliability" in run(repository, "--pack", "site-reliability")
    assert "there are: continuous-delivery" in run(repository, "--pack", "no-such", status=2)
    (repository.folder / "binary.yaml").write_bytes(b"\x00\xff\xfe" * 100)
    (repository.folder / "nul.yaml").write_bytes(b"\x00\x01")
    (repository.folder / "folder.yaml").mkdir()
    (repository.folder / "deep.yaml").write_text("[" * 100_000)
    assert "deep.yaml:1: nested more than 100 levels deep" in run(repository, "--pack", "deep.yaml", status=2)
    for wrong in ("binary.yaml", "nul.yaml", "folder.yaml", "absent.yaml", "."):
        run(repository, "--pack", wrong, status=2)


def test_a_file_of_another_framework_also_with_the_line_ends_of_windows(repository):
    text = repository.folder / "own.yaml"
    source = SMALL.encode()
    text.write_bytes(source)
    first = json.loads(run(repository, "--pack", "own.yaml", "--json"))
    assert first["pack"] == "lighthouse"
    text.write_bytes(source.replace(b"\n", b"\r\n"))
    assert json.loads(run(repository, "--pack", "own.yaml", "--json"))["digest"] == first["digest"]
    text.write_bytes(b"\xef\xbb\xbf" + source)
    assert json.loads(run(repository, "--pack", "own.yaml", "--json"))["digest"] == first["digest"]


def test_the_models_that_come_along(repository):
    lines = run(repository, "packs").splitlines()
    assert lines[0].startswith("continuous-delivery version 1: continuous delivery, 49 items")
    assert len(lines) == 12
    (repository.folder / "ours.yaml").write_text(OVERLAY)
    assert "continuous-delivery" in run(repository, "packs", "continuous-delivery", "ours.yaml")


@pytest.mark.slow
def test_the_folder_it_is_called_in_and_a_folder_named_as_a_command(repository):
    here = run(repository)
    assert run(repository, ".") == here
    assert run(repository, "--language", "en") == run(repository, "--language=en", ".") == here
    assert "持续交付" in run(repository, "--language", "zh", "packs")
    (repository.folder / "packs").mkdir()
    assert run(repository, "./packs") == here
    assert "Commands:" in run(repository, "--help")
    assert "--overlay" in run(repository, ".", "--help")
    assert "has no item 'packs'" in run(repository, "--explain", "packs", status=2)


# what is no whole repository
@pytest.mark.slow
def test_what_is_no_repository(repository, tmp_path):
    assert "not inside a git repository" in run(repository, str(tmp_path / "data"), status=2)
    assert str(tmp_path / "nowhere") in run(repository, str(tmp_path / "nowhere"), status=2)
    run(repository, str(repository.folder / "\udcff"), status=2)
    (tmp_path / "empty").mkdir()
    subprocess.run(["git", "init", "-q", str(tmp_path / "empty")], check=True)
    assert "has no commits yet" in run(repository, str(tmp_path / "empty"), status=2)


def test_a_repository_that_lost_an_object(repository):
    ask = ["git", "rev-parse", "HEAD~1"]
    name = subprocess.run(ask, cwd=repository.folder, check=True, capture_output=True, text=True).stdout.strip()
    lost = repository.folder / ".git" / "objects" / name[:2] / name[2:]
    lost.unlink()
    done = repository("assess")
    assert done.returncode not in (0, 1)
    assert "Traceback" not in done.stderr
    assert name[:7] in done.stderr


def test_a_cut_history_is_told(repository, tmp_path):
    cut = tmp_path / "cut"
    subprocess.run(["git", "clone", "-q", "--depth", "1", f"file://{repository.folder}", str(cut)], check=True)
    assert "shallow" in run(repository, str(cut))
    done = repository("assess", str(cut), "--json")
    assert json.loads(done.stdout)["digest"]
    assert "shallow" in done.stderr
    assert "shallow" not in run(repository)


def test_a_folder_and_files_with_names_from_everywhere(repository, tmp_path):
    (repository.folder / "准绳 测试.py").write_text("")
    (repository.folder / "line\nfeed").write_text("")
    repository.git("add", ".")
    repository.git("commit", "-q", "-m", "名字")
    there = tmp_path / "目录 with space"
    shutil.copytree(repository.folder, there)
    assert "目录" in run(repository, str(there))
    assert "cd.7.2.4" in run(repository, str(there / ".git"), "--items")


def test_an_address_that_nobody_answers(repository):
    said = run(repository, "https://user:secret@localhost:9/x.git", status=3)
    assert "cannot be cloned" in said
    assert "secret" not in said


# a ledger
NODE = "local/project"


@pytest.mark.slow
def test_what_the_ledger_tells_is_recorded_and_listed(ledger):
    assert "cd.1.1.1" in run(ledger, "now", NODE, "--dry-run")
    assert json.loads(run(ledger, "list", "--json")) == []
    made = json.loads(run(ledger, "now", NODE, "--json"))
    [record] = json.loads(run(ledger, "list", "--json"))
    assert record["result"] == made["digest"]
    assert record["path"] == NODE
    assert made["digest"][7:19] in run(ledger, "list", "local")
    assert "tells nothing about 'other'" in run(ledger, "list", "other", "--json", status=2)


@pytest.mark.slow
def test_a_name_that_no_event_knows_is_not_assessed(ledger):
    for name in ("local/projekt", "", "\udcff", "x" * 3000, "local/project/"):
        assert "The ledger tells nothing about" in run(ledger, "now", name, status=2)
    assert "The ledger tells nothing about" in run(ledger, "now", "local/proj", "--dry-run", status=2)
    assert json.loads(run(ledger, "list", "--json")) == []
    run(ledger, "now", "local")


def test_without_an_assessment_there_is_nothing_to_export(ledger):
    assert "The ledger has no assessment" in run(ledger, "export", "-o", "x.zip", status=2)
    assert "The ledger has no assessment" in run(ledger, "compare", "1", "2", status=2)
    assert not (ledger.folder / "x.zip").exists()


def public_key(ledger, name="data"):
    from plumbline.wiring.stores import ledger_key

    found = ledger_key(str(ledger.data.parent / name), create=True)
    return str(found.verifier)


@pytest.fixture
def bundle(ledger):
    run(ledger, "now", NODE)
    assert "Wrote a.zip: local/project" in run(ledger, "export", "-o", "a.zip")
    return ledger.folder / "a.zip"


@pytest.mark.slow
def test_computed_again_offline_with_the_right_key(ledger, bundle):
    key = public_key(ledger)
    [record] = json.loads(run(ledger, "list", "--json"))
    found = json.loads(run(ledger, "replay", "a.zip", "--key", key, "--json"))
    expected = {
        "subject": NODE, "result": record["result"], "computed": record["result"], "same": True, "differences": [],
        "level": record["grade"], "showable": record["showable"], "unlike_shipped": [], "documents": [], "sample": [],
    }  # fmt: skip
    assert {name: found[name] for name in expected} == expected
    assert len(found["items"]) == 49
    assert [(one["word"], one["events"]) for one in found["tellers"]] == [("own", 6)]
    (ledger.folder / "key.pub").write_text(key + "\n")
    assert f"The same result from 6 events: {record['result']}" in run(ledger, "replay", "a.zip", "--key", "key.pub")
    drawn = run(ledger, "replay", "a.zip", "--key", "key.pub", "--sample", "2", "--seed", "5", "--report", "r.html")
    assert "2 of 6 events, drawn at random; --seed 5 draws the same again:" in drawn
    again = run(ledger, "replay", "a.zip", "--key", key, "--json", "--sample", "2", "--seed", "5")
    assert all(one["body"] in drawn for one in json.loads(again)["sample"])
    assert "cd.1.1.1" in drawn
    assert (ledger.folder / "r.html").read_text().startswith("<!doctype html>")
    assert "ends in .pdf or .html" in run(ledger, "replay", "a.zip", "--key", key, "--report", "r.doc", status=2)
    (ledger.data.parent / "other").mkdir()
    open_store(StoreSettings(data=str(ledger.data.parent / "other"), create=True)).close()
    run(ledger, "replay", "a.zip", "--key", public_key(ledger, "other"), status=2)
    run(ledger, "replay", "a.zip", "--key", "nonsense", status=2)


@pytest.mark.slow
def test_what_is_no_file_is_written_to_and_never_replaced(ledger, bundle):
    pipe, link = ledger.folder / "pipe", ledger.folder / "link.zip"
    os.mkfifo(pipe)
    link.symlink_to(bundle)
    with open(ledger.folder / "got", "wb") as got:
        reader = subprocess.Popen(["cat", str(pipe)], stdout=got)
        run(ledger, "export", "-o", "pipe")
        assert reader.wait(timeout=60) == 0
    assert (ledger.folder / "got").read_bytes().startswith(b"PK")
    assert pipe.is_fifo()
    bundle.write_bytes(b"")
    run(ledger, "export", "-o", "link.zip")
    assert link.is_symlink()
    assert bundle.read_bytes().startswith(b"PK")
    assert not list(ledger.folder.glob("*.part"))


def changed(bundle, member, before, after):
    """The bundle as somebody who knows ZIP would change it."""
    target = bundle.with_name("changed.zip")
    with zipfile.ZipFile(bundle) as old, zipfile.ZipFile(target, "w") as new:
        for one in old.infolist():
            data = old.read(one)
            new.writestr(one, data.replace(before, after) if one.filename == member else data)
    return str(target)


@pytest.mark.slow
def test_what_was_changed_is_named(ledger, bundle):
    key = ("--key", public_key(ledger))
    done = ledger("assess", "replay", changed(bundle, "events.jsonl", b"Tester", b"Toaster"), *key)
    assert done.returncode == 1
    assert "Event 1 is not what the ledger has" in done.stdout
    done = ledger("assess", "replay", changed(bundle, "pack.json", b'"value":50', b'"value":51'), *key, "--json")
    assert done.returncode == 1
    assert any("cd." in line for line in json.loads(done.stdout)["differences"])
    whole = bundle.read_bytes()
    half = len(whole) // 2
    bundle.write_bytes(bytes([*whole[:half], whole[half] ^ 1, *whole[half + 1 :]]))
    assert "a part was changed" in run(ledger, "replay", "a.zip", *key, status=2)


@pytest.mark.slow
def test_a_bundle_that_was_cut_short_is_refused(ledger, bundle):
    whole = bundle.read_bytes()
    for size in (0, len(whole) // 2, len(whole) - 1):
        bundle.with_name("cut.zip").write_bytes(whole[:size])
        assert "cut short" in run(ledger, "replay", "cut.zip", "--key", public_key(ledger), status=2)


@pytest.mark.slow
def test_what_changed_between_two(ledger):
    run(ledger, "now", NODE)
    overlays = ledger.data / "overlays"
    overlays.mkdir()
    (overlays / "continuous-delivery.yaml").write_text(OVERLAY)
    run(ledger, "now", NODE)
    after, before = (str(one["seq"]) for one in json.loads(run(ledger, "list", "--json")))
    assert "rule: cd.1.1.1-1a" in run(ledger, "compare", before, after)
    assert run(ledger, "compare", before, before) == "Nothing changed.\n"


def mirror(store, name, folder):
    """Of a project with this name below the node `group`."""
    with store.change() as tx:
        group = tx.tree.at("group") or tx.tree.add(Node(id=0, kind="organisation", name="group", path="group"))
        path = f"group/{name}"
        node = tx.tree.add(Node(id=0, kind="project", name=name, path=path, parent=group.id))
        return Mirror(node.id, path, str(folder), path, 0)


@pytest.mark.slow
def test_a_cut_history_in_the_ledger_is_told(ledger, tmp_path):
    cut = tmp_path / "cut"
    subprocess.run(["git", "clone", "-q", "--depth", "1", f"file://{ledger.folder}", str(cut)], check=True)
    assert "shallow" not in run(ledger, "now", NODE)
    store = open_store(StoreSettings(data=str(ledger.data)))
    refresh_from(store, [mirror(store, "cut", cut)], store.clock())
    store.close()
    assert "history of group/cut" in run(ledger, "now", "group")


def test_a_mirror_without_commits_is_told_by_the_name_of_its_project(ledger, tmp_path):
    subprocess.run(["git", "init", "-q", "--bare", tmp_path / "7.git"], check=True)
    store = open_store(StoreSettings(data=str(ledger.data)))
    try:
        with pytest.raises(PlumblineError) as refused:
            refresh_from(store, [mirror(store, "empty", tmp_path / "7.git")], store.clock())
    finally:
        store.close()
    assert (refused.value.code, "group/empty" in str(refused.value)) == ("no-commits", True)
    assert str(tmp_path) not in str(refused.value)


def test_an_address_without_commits_is_told_as_it_was_given(plumb, tmp_path):
    subprocess.run(["git", "init", "-q", "--bare", tmp_path / "far.git"], check=True)
    said = run(plumb(PIPELINE), f"file://{tmp_path}/far.git", status=2)
    assert f"file://{tmp_path}/far.git has no commits yet" in said


def test_a_refreshed_mirror_that_was_rewritten_leaves_an_event(ledger):
    store = open_store(StoreSettings(data=str(ledger.data)))
    try:
        app = mirror(store, "app", ledger.folder)
        refresh_from(store, [app], store.clock())
        ledger.git("reset", "-q", "--hard", "HEAD~1")
        refresh_from(store, [app], store.clock())
        size = store.ledger.size()
        refresh_from(store, [app], store.clock())
        assert store.ledger.size() == size
        bodies = [one.body for one in store.ledger.of_scope("group/app", size)]
        assert sum(b"repository.rewritten.0.1.0" in one for one in bodies) == 1
    finally:
        store.close()


@pytest.mark.slow
def test_interrupted_it_ends_at_once_and_leaves_nothing(ledger):
    process = ledger.start("assess", "now", NODE)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert "Traceback" not in err
    run(ledger, "now", NODE)


def test_a_tag_made_after_the_newest_commit_is_inside_its_own_window(repository, monkeypatch):
    before = json.loads(run(repository, "--json"))["scope"]["end"]
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2034-01-01T00:00:00Z")
    repository.git("tag", "-a", "v2.0", "-m", "later")
    after = json.loads(run(repository, "--json"))["scope"]["end"]
    assert before < after == 2_019_686_400_000_000
