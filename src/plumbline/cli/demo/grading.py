"""The last chapter of the demo: what the ledger tells is graded, reported and computed again elsewhere."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from base64 import b64encode
from typing import TYPE_CHECKING, Any

from plumbline.cli.demo.reviews import FACT
from plumbline.kernel import PlumblineError, t

if TYPE_CHECKING:
    from pathlib import Path

    from plumbline.cli.demo.client import Client
    from plumbline.cli.demo.people import Staff

SYSTEM = "harbour-bank/retail/loans/quotes"
PACK = "continuous-delivery"
TOPIC = "statement-branch-model-purpose-of-each-branch-merge-policy"
RULES = "One long-lived branch, main. Work reaches it by branches that live for days, after a review.\n"


def grade(staff: Staff, folder: Path) -> dict[str, Any]:
    """A statement is written and accepted, the system is graded, and report and bundle are kept in ``folder``."""
    maintainer, assessor = staff.clients["maintainer"], staff.clients["assessor"]
    statements = f"/api/v1/nodes/{staff.nodes[SYSTEM]}/statements"
    document = b64encode(RULES.encode()).decode()
    made = maintainer.ask("POST", statements, {"topic": TOPIC, "text": RULES, "files": [document]})["id"]
    assessor.ask("POST", f"{statements}/review", {"statement": made, "decision": "accepted"})
    record: dict[str, Any] = assessor.ask("POST", f"/api/v1/nodes/{staff.nodes[SYSTEM]}/assessments", {"pack": PACK})
    for name in ("report.pdf", "report.html", "bundle"):
        answer = assessor.send("GET", f"/api/v1/assessments/{record['seq']}/{name}")
        if answer.status != 200:
            raise PlumblineError("demo-no-report", t("The server made no {name}: {status}", name=name,
                                                     status=answer.status))  # fmt: skip
        (folder / name_of(name)).write_bytes(answer.body)
    return record


def decided(auditor: Client, record: dict[str, Any], level: str) -> tuple[int, int]:
    """How many demands of a level are decided from records alone, and how many there are."""
    demands = [one for at, one in _verdicts(auditor, record)[1] if at == level and one["kind"] == "demand"]
    from_records = [
        one
        for one in demands
        if one["outcome"] in ("met", "not_met") and all(finding["probe"] != "statement" for finding in one["findings"])
    ]
    return len(from_records), len(demands)


def _verdicts(client: Client, record: dict[str, Any]) -> tuple[dict[str, Any], list[tuple[str, dict[str, Any]]]]:
    """The assessment, and every verdict of it with its level."""
    made = client.get(f"/api/v1/assessments/{record['seq']}")["assessment"]
    items = [item for area in made["groups"] for sub in area["groups"] for item in sub["items"]]
    found = [(level["level"], one) for item in items for level in item["levels"] for one in level["verdicts"]]
    return made | {"items": len(items)}, found


def name_of(what: str) -> str:
    return {"bundle": "assessment.zip"}.get(what, what)


def graded(auditor: Client, record: dict[str, Any]) -> str:
    """What is wrong with the grade: every criterion that is met opens to events that are in the ledger."""
    made, verdicts = _verdicts(auditor, record)
    met = [one for _, one in verdicts if one["outcome"] == "met"]
    if made["items"] != 49 or not met or made["digest"] != record["result"]:
        return f"{made['items']} items, {len(met)} met"
    known = set(_ids(auditor))
    for one in met:
        cited = [event for finding in one["findings"] for event in finding["fact"]["cited"]]
        if not cited or any((event["source"], event["id"]) not in known for event in cited):
            return str(one["criterion"])
    return ""


def reviewed(auditor: Client, record: dict[str, Any]) -> str:
    """What is wrong with the facts about reviews: what the forge told is on record, and a forge that was heard of for
    the first time today is not judged by its first day."""
    findings = [finding for _, one in _verdicts(auditor, record)[1] for finding in one["findings"]]
    found = [one for one in findings if one["fact"]["name"] == FACT]
    wrong = [one["outcome"] for one in found if one["outcome"] != "unknown" or not one["fact"]["asked_days"]]
    if not found or wrong:
        return f"{FACT}: {', '.join(wrong)}"
    sources = {source for source, _ in _ids(auditor)}
    return "" if any(":forge:" in source for source in sources) else f"{FACT}: {sorted(sources)}"


def _ids(auditor: Client) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    after = 0
    while True:
        page = auditor.get(f"/api/v1/ledger/entries?limit=200&after={after}")
        found += [(one["source"], one["id"]) for one in page["entries"]]
        after = page["next"]
        if not after:
            return found


def reported(folder: Path) -> str:
    """What is wrong with the reports."""
    pdf, html = (folder / "report.pdf").read_bytes(), (folder / "report.html").read_text(encoding="utf-8")
    if not pdf.startswith(b"%PDF-") or len(pdf) < 50_000:
        return "report.pdf"
    return "" if "cd.1.1.1" in html and "cd.7.2.4" in html else "report.html"


def replayed(data: Path, folder: Path, record: dict[str, Any]) -> str:
    """What is wrong when another process computes the grade again, with nothing but the file and the public key."""
    plumb = [sys.executable, "-m", "plumbline"]
    shown = subprocess.run(
        [*plumb, "ledger", "checkpoint", "--show-key", "--data", str(data)], capture_output=True, text=True, check=False
    )
    bundle = folder / name_of("bundle")
    with tempfile.TemporaryDirectory() as elsewhere:
        done = subprocess.run(
            [*plumb, "assess", "replay", str(bundle), "--key", shown.stdout.strip(), "--json"],
            capture_output=True, text=True, check=False, cwd=elsewhere,
        )  # fmt: skip
    if done.returncode != 0:
        return (done.stdout + done.stderr).strip()[:500]
    told = json.loads(done.stdout)
    return "" if told["same"] and told["computed"] == record["result"] else done.stdout.strip()[:500]
