"""``plumb pack`` as a person uses it: a catalogue in, a grade out, and the grade in the words of others."""

from __future__ import annotations

import json
from contextlib import closing

import jsonschema
import pytest
import yaml
from tests.maturity.frameworks.catalogues import BINDING, GEMARA, oscal
from tests.maturity.frameworks.log_schema import ENFORCEMENT_LOG, EVALUATION_LOG

from plumbline.adapters.store import StoreSettings, open_store
from plumbline.model.contract import Subjects
from plumbline.model.gate import CheckResult, Evaluation, GateAct, Outcome
from plumbline.model.tree import Node, NodeKind
from plumbline.model.words import Words

pytestmark = pytest.mark.slow

PIPELINE = "build: {script: [make]}\n"


@pytest.fixture
def home(plumb):
    made = plumb(PIPELINE)
    (made.folder / "harbour.yaml").write_text(GEMARA)
    (made.folder / "ours.yml").write_text(BINDING)
    (made.folder / "harbour.json").write_text(oscal())
    return made


def run(home, *arguments, status=0):
    done = home("pack", *arguments)
    assert done.returncode == status, (done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    return done.stdout if status == 0 else done.stderr


def test_a_catalogue_becomes_a_model_that_grades_and_is_exported(home):
    told = run(home, "import", "harbour.yaml", "--format", "gemara", "--binding", "ours.yml", "-o", "pack.json")
    assert "bound: 2 of 4" in told
    assert "bound to nothing, and so unknown (2): MO-01.02, LI-01.02" in told
    assert "retired, asked of nobody (3): MO-01.03, LI-02, LI-02.01" in told
    done = home("assess", ".", "--pack", "pack.json", "--json")
    assert done.returncode == 0, done.stderr
    (home.folder / "made.json").write_text(done.stdout)
    run(home, "export", "--assessment", "made.json", "--pack", "pack.json", "-o", "log.yaml")
    log = yaml.safe_load((home.folder / "log.yaml").read_text())
    jsonschema.validate(log, EVALUATION_LOG)
    assert log["result"] != "Passed"
    shown = home("assess", ".", "--pack", "pack.json", "--items", "--html", "report.html")
    assert shown.returncode == 0, shown.stderr
    assert "2 of 4 requirements" in (home.folder / "report.html").read_text()


def test_a_changed_assessment_or_another_model_is_refused(home):
    run(home, "import", "harbour.yaml", "--format", "gemara", "--binding", "ours.yml", "-o", "pack.json")
    run(home, "import", "harbour.yaml", "--format", "gemara", "-o", "bare.json")
    made = json.loads(home("assess", ".", "--pack", "pack.json", "--json").stdout)
    (home.folder / "made.json").write_text(json.dumps(made))
    assert "another pack" in run(
        home, "export", "--assessment", "made.json", "--pack", "bare.json", "-o", "log.yaml", status=2
    )
    made["groups"][0]["items"][0]["levels"][0]["verdicts"][0]["outcome"] = "met"
    (home.folder / "made.json").write_text(json.dumps(made))
    assert "its digest is another" in run(
        home, "export", "--assessment", "made.json", "--pack", "pack.json", "-o", "log.yaml", status=2
    )
    assert not (home.folder / "log.yaml").exists()


def test_a_model_that_is_kept_grades_what_the_ledger_tells(home):
    open_store(StoreSettings(data=str(home.data), create=True)).close()
    assert home("observe", "--data", str(home.data)).returncode == 0
    run(home, "import", "harbour.yaml", "--format", "gemara", "--levels", "small,large", "--keep", "--data", home.data)
    node = json.loads(home("assess", ".", "--json").stdout)["scope"]["subject"]
    done = home("assess", "now", node, "--pack", "harbour", "--data", str(home.data))
    assert done.returncode == 0, (done.stdout, done.stderr)
    assert "Harbour Rules" in done.stdout
    run(home, "export", "-o", "log.yaml", "--data", home.data)
    jsonschema.validate(yaml.safe_load((home.folder / "log.yaml").read_text()), EVALUATION_LOG)
    taken = run(home, "import", "harbour.yaml", "--format", "gemara", "--id", "continuous-delivery", "--keep",
                "--data", home.data, status=2)  # fmt: skip
    assert "cannot be kept" in taken


def test_an_oscal_catalogue_is_read_by_the_same_command(home):
    told = run(home, "import", "harbour.json", "--format", "oscal", "--id", "port")
    assert "port version 1.1: Harbour Rules!, 2 items, 3 criteria" in told
    assert "bound: 0 of 3" in told


@pytest.mark.parametrize(
    ("arguments", "says", "status"),
    [
        (("import", "harbour.yaml", "--format", "oscal"), "harbour.yaml:1: This is not JSON", 2),
        (("import", "gone.yaml", "--format", "gemara"), "gone.yaml cannot be used", 2),
        (("import", "harbour.yaml", "--format", "gemara", "--binding", "ospz"), "did you mean osps?", 2),
        (("import", "harbour.yaml", "--format", "gemara", "--binding", "osps"), "binds 'osps-baseline'", 2),
        (("import", "harbour.yaml", "--format", "gemara", "--levels", "smal"), "did you mean small?", 2),
        (("import", "harbour.yaml", "--format", "gemarra"), "did you mean gemara?", 2),
        (("export", "--format", "vsa", "-o", "x"), "--gate", 2),
        (("export", "--assessment", "harbour.json", "-o", "x"), "--pack", 2),
        (("export", "--assessment", "harbour.json", "--pack", "continuous-delivery", "-o", "x"), "no assessment", 2),
    ],
)
def test_what_is_wrong_is_said_with_its_cure(home, arguments, says, status):
    assert says in run(home, *arguments, status=status)


def test_what_a_gate_did_is_written_in_both_forms(home):
    checks = tuple(
        CheckResult(check=name, title=Words(en=name, zh=name), outcome=outcome, judged=judged, waiver=waiver)
        for name, outcome, judged, waiver in (
            ("tests", Outcome.PASS, Outcome.PASS, ""),
            ("review", Outcome.WAIVED, Outcome.FAIL, "w1"),
        )
    )
    with closing(open_store(StoreSettings(data=str(home.data), create=True))) as store, store.change() as tx:
        project = tx.tree.add(Node(id=0, kind=NodeKind.PROJECT, name="p", path="p")).id
        tx.evaluations.add(
            Evaluation(
                uid="e1", project=project, path="p", act=GateAct.MERGE, subjects=Subjects(commit="a" * 40),
                policy="red", version=1, policy_digest=f"sha256:{'0' * 64}", node="p", outcome=Outcome.WAIVED,
                checks=checks, at=1_790_000_000_000_000,
            )
        )  # fmt: skip
    run(home, "export", "--format", "enforcement-log", "--gate", "e1", "-o", "log.yaml", "--data", home.data)
    log = yaml.safe_load((home.folder / "log.yaml").read_text())
    jsonschema.validate(log, ENFORCEMENT_LOG)
    assert log["disposition"] == "Tolerated"
    run(home, "export", "--format", "vsa", "--gate", "e1", "-o", "vsa.json", "--data", home.data)
    said = json.loads((home.folder / "vsa.json").read_text())
    assert said["subject"] == [{"digest": {"gitCommit": "a" * 40}}]
    assert said["predicate"]["verificationResult"] == "FAILED"
    gone = run(home, "export", "--format", "vsa", "--gate", "e2", "-o", "x", "--data", home.data, status=2)
    assert "no gate evaluation 'e2'" in gone
