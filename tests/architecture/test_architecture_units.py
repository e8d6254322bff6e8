"""Who opens the store: units of work, which fail without a check, and the few that act for the server itself."""

from __future__ import annotations

import ast
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "plumbline"
DOORS = ("api", "web", "http", "registry", "runner")
# Files of flow that open a transaction for nobody, each with its reason.
FOR_THE_SERVER = {
    "flow/unit_of_work.py": "opens it for whoever acts, and holds them to a check",
    "flow/artifacts/guests.py": "finds out which robot or job acts",
    "flow/people/identify.py": "finds out who acts",
    "flow/people/invitations.py": "makes the set-up link that the server itself prints",
    "flow/people/sign_in.py": "sweeps sessions that are over",
    "flow/artifacts/at_machine.py": "is called by whoever operates the machine",
    "flow/artifacts/attest.py": "says of what was built how it was built, by the server's own records",
    "flow/artifacts/found_attestations.py": "reads what is about an artifact that somebody may verify",
    "flow/artifacts/pulls.py": "notes who was handed what, after they were allowed to have it",
    "flow/artifacts/record_attestation.py": "keeps what the server itself says of an artifact",
    "flow/artifacts/verify.py": "is called by whoever operates the machine, too",
    "flow/dealt_with.py": "keeps how far each turn of the server is in the ledger",
    "flow/contracts/closing.py": "closes by the clock what was waited for long enough",
    "flow/contracts/late.py": "marks by the clock what came late",
    "flow/contracts/statements.py": "keeps what the server itself states of a run",
    "flow/contracts/view_statement.py": "is called by whoever operates the machine, too",
    "flow/gates/authors.py": "finds out who wrote what somebody may let through",
    "flow/gates/due.py": "finds what is to be judged anew, by the server's own records",
    "flow/gates/evaluate.py": "looks up what somebody may have judged, or what the clock has judged",
    "flow/gates/facts_of.py": "looks up what is known of what is judged",
    "flow/gates/signals.py": "looks up what is known of what is judged",
    "flow/gates/turns.py": "has judged what the ledger tells of",
    "flow/gates/waiver_turns.py": "announces and ends waivers by the clock",
    "flow/pipelines/claim_jobs.py": "acts for a runner of this server",
    "flow/pipelines/needs_of_others.py": "asks for a job of this server; access says whether its pipeline may",
    "flow/pipelines/create_pipeline.py": "starts what a webhook, the clock or another pipeline asks for",
    "flow/pipelines/carry_out.py": "acts for messages that proved themselves",
    "flow/pipelines/due.py": "acts by the clock, with what the owner of a schedule may",
    "flow/pipelines/look.py": "looks at repositories by the clock",
    "flow/pipelines/receive_webhook.py": "acts for a message that proved itself",
    "flow/pipelines/recover.py": "takes up what a dead server left",
    "flow/pipelines/runner_heartbeats.py": "acts for a runner of this server",
    "flow/reports/finding_key.py": "gives the server its key for findings of secrets",
    "flow/reports/retention.py": "removes by the clock what is over",
    "flow/storage/cleanup.py": "removes what is over",
    "flow/storage/registry_retention.py": "finds and removes what is over",
    "flow/storage/reencrypt.py": "is called by whoever operates the machine",
    "flow/storage/retention.py": "finds what is over",
    "flow/tree/repository_credentials.py": "opens the credential that git shows, for the server",
    "flow/tree/variables.py": "opens the variables that a job is given, for the server",
    "flow/gates/telling_turn.py": "tells forges what is put down for them",
    "flow/ledger/import_events.py": "is called by whoever operates the machine",
    "flow/ledger/verify_now.py": "says how far a verification is that somebody may ask for",
    "flow/ledger/verify_onwards.py": "remembers how far the ledger was verified",
    "flow/ledger/key_rotation.py": "is called by whoever operates the machine",
    "flow/ledger/outside.py": "takes checkpoints outside by the clock, and remembers how far",
    "flow/assessments/metrics.py": "computes metrics by the clock",
    "flow/assessments/assess_ledger.py": "is called by whoever operates the machine",
    "flow/assessments/report.py": "is called by whoever operates the machine",
    "flow/assessments/hearing.py": "finds what is connected, for an assessment that somebody may make",
}


def opens(path: Path) -> bool:
    """Whether a file calls ``change`` or ``view`` of a store."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("change", "view"):
            owner = node.func.value
            name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
            if name.lstrip("_") == "store":
                return True
    return False


def names_a_store(path: Path) -> list[int]:
    return [
        node.lineno
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr.lstrip("_") == "store"
    ]


def test_only_these_files_open_the_store() -> None:
    found = {str(path.relative_to(SOURCE)) for path in (SOURCE / "flow").rglob("*.py") if opens(path)}
    assert found == set(FOR_THE_SERVER)


def test_doors_never_see_the_store() -> None:
    files = [path for door in DOORS for path in (SOURCE / door).rglob("*.py")]
    assert {str(path.relative_to(SOURCE)): lines for path in files if (lines := names_a_store(path))} == {}


def test_nobody_is_assumed() -> None:
    """No verb has a person by default: who acts is said by whoever calls it."""
    wrong = []
    for path in (SOURCE / "flow").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
                continue
            arguments = [*node.args.posonlyargs, *node.args.args]
            given = arguments[len(arguments) - len(node.args.defaults) :]
            given += [one for one, value in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True) if value]
            wrong += [
                f"{path.relative_to(SOURCE)}:{node.lineno} {node.name}({one.arg}=...)"
                for one in given
                if one.arg in ("actor", "person", "by")
            ]
    assert wrong == []
